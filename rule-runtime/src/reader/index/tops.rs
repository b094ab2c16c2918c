//! The list of what stands directly in the objects of lines, written without a branch for each position.

use super::RUN;

/// Positions, listed without asking how many there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Tops {
    positions: Vec<u32>,
    /// The first ones count; the rest are left from longer lists.
    len: usize,
}

impl Tops {
    #[inline]
    pub(super) fn positions(&self) -> &[u32] {
        &self.positions[..self.len]
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// More than a run has, and than is written when its last masks are listed.
    const ROOM: usize = 2 * RUN * 512;

    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    pub(super) fn make_room(&mut self) {
        if self.positions.len() - self.len < Self::ROOM {
            self.grow();
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.positions.resize(self.positions.len() * 2 + Self::ROOM, 0);
    }

    /// Adds the positions in eight masks. Mostly a mask has two at most, and two are written whether there are or not.
    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    pub(super) fn list(&mut self, masks: &[u64; 8], start: usize) {
        // As much as is needed, and a power of two.
        let Some(free) = self.positions[self.len..].first_chunk_mut::<1024>() else { return };
        let mut len = 0;
        let mut start = start as u32;
        for &mask in masks {
            let mut mask = mask;
            let count = mask.count_ones() as usize;
            free[len % 1024] = start + mask.trailing_zeros();
            mask &= mask.wrapping_sub(1);
            free[(len + 1) % 1024] = start + mask.trailing_zeros();
            if count > 2 {
                for at in len + 2..len + count {
                    mask &= mask.wrapping_sub(1);
                    free[at % 1024] = start + mask.trailing_zeros();
                }
            }
            len += count;
            start += 64;
        }
        self.len += len;
    }
}
