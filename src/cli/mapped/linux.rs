//! Mappings that outlive their files.
//!
//! When a file is cut short, or its disk fails, touching what is gone raises `SIGBUS`, which ends a process. The handler
//! here puts zeros in the place of what is gone, from there to the end of the mapping, and notes where that is; reading
//! goes on, and whoever reads asks [`Mapped::gone`] before it trusts what it has.
//!
//! # Invariants
//!
//! 1. `bytes` is valid for reads as long as the [`Mapped`] lives: the mapping is removed by its `Drop` alone, the handler
//!    replaces pages of it and removes none, and what `release` drops is fetched again when it is touched.
//! 2. A slot of [`MAPS`] holds a range of addresses only while that mapping lives, so the handler never writes over memory
//!    of others: a slot is filled after mapping and emptied before unmapping.
//! 3. The handler calls nothing but `mmap`, `sigaction` and `raise`, and touches atomics and `errno`, which it puts back: it may run
//!    anywhere.
//! 4. Whoever changes a file in place changes `bytes` under its readers, whatever the type says. Readers are safe code over
//!    bytes, with each index checked: they may find nonsense, and no memory but the file's. Nothing here or in the readers
//!    keeps what it learned of bytes to skip a check of them.

#![allow(unsafe_code)]

use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, mem, ptr};

use libc::{c_int, c_void, siginfo_t};
use memmap2::{Mmap, MmapOptions, UncheckedAdvice};

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Mapped {
    map: Mmap,
    slot: &'static Slot,
}

/// What the handler knows of one mapping.
#[derive(Debug)]
struct Slot {
    /// Its address; [`FREE`] or [`TAKEN`] if there is none.
    start: AtomicUsize,
    len: AtomicUsize,
    /// The offset from which on there is nothing but zeros; [`WHOLE`] if there is none.
    gone: AtomicUsize,
}

const FREE: usize = 0;
const TAKEN: usize = 1;
const WHOLE: usize = usize::MAX;

/// So many files are mapped at a time; others are read.
static MAPS: [Slot; 64] = [const {
    Slot { start: AtomicUsize::new(FREE), len: AtomicUsize::new(0), gone: AtomicUsize::new(WHOLE) }
}; 64];

impl Mapped {
    /// Maps the first `len` bytes of a file; `None` if that cannot be done and the file has to be read.
    pub(crate) fn new(file: &File, len: u64) -> Option<Self> {
        let len = usize::try_from(len).ok().filter(|&len| len > 0)?;
        handle_bus_errors()?;
        let slot = Slot::take()?;
        // SAFETY: see invariants 1 and 4.
        let Ok(map) = (unsafe { MmapOptions::new().len(len).map(file) }) else {
            slot.start.store(FREE, Ordering::Release);
            return None;
        };
        slot.gone.store(WHOLE, Ordering::Relaxed);
        slot.len.store(len, Ordering::Relaxed);
        slot.start.store(map.as_ptr().addr(), Ordering::Release);
        Some(Self { map, slot })
    }

    /// The file. What is gone of it is zeros.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// From where on the file has turned out to be gone.
    pub(crate) fn gone(&self) -> Option<usize> {
        Some(self.slot.gone.load(Ordering::Acquire)).filter(|&gone| gone != WHOLE)
    }

    /// Gives back the memory of a part that is not needed any more. It comes again when it is touched.
    pub(crate) fn release(&self, part: Range<usize>) {
        // SAFETY: the mapping is of a file and read-only, so nothing is lost (invariant 1). Advice that is not taken does
        // no harm.
        let _ = unsafe { self.map.unchecked_advise_range(UncheckedAdvice::DontNeed, part.start, part.len()) };
    }
}

/// Whether a byte of a file is in memory already; false if the system does not tell.
pub(crate) fn is_cached(file: &File, place: u64) -> bool {
    let Ok(place) = libc::off_t::try_from(place) else { return false };
    let mut byte = 0_u8;
    let buffer = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: there is one buffer, of one byte.
    let count = unsafe { libc::preadv2(file.as_raw_fd(), &raw const buffer, 1, place, libc::RWF_NOWAIT) };
    count == 1
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // Before the mapping goes (invariant 2), which it does after this.
        self.slot.start.store(FREE, Ordering::SeqCst);
    }
}

impl Slot {
    fn take() -> Option<&'static Self> {
        let free = |slot: &&Self| {
            slot.start.compare_exchange(FREE, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        MAPS.iter().find(free)
    }

    /// The addresses of the mapping, if there is one.
    fn addresses(&self) -> Option<Range<usize>> {
        let start = self.start.load(Ordering::Acquire);
        (start > TAKEN).then(|| start..start + self.len.load(Ordering::Relaxed))
    }
}

/// What was done about bus errors before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();
/// Bytes of a page of this machine; `None` if bus errors cannot be handled.
static HANDLED: OnceLock<Option<usize>> = OnceLock::new();

/// Sees to it that bus errors come to the handler; `None` if they cannot.
fn handle_bus_errors() -> Option<usize> {
    *HANDLED.get_or_init(|| {
        // SAFETY: a `sigaction` of zeros is one, and both calls get valid pointers to one. The handler stands invariant 3,
        // and finds `BEFORE` filled: it is asked for first.
        unsafe {
            let page =
                usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).ok().filter(|page| page.is_power_of_two());
            let mut before: libc::sigaction = mem::zeroed();
            if libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut before) != 0 {
                return None;
            }
            let _ = BEFORE.set(before);
            let mut action: libc::sigaction = mem::zeroed();
            action.sa_sigaction = on_bus_error as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            page.filter(|_| libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut()) == 0)
        }
    })
}

extern "C" fn on_bus_error(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the system gives a valid `siginfo_t` to a handler with SA_SIGINFO, and a fault has an address.
    let (is_fault, address) = unsafe { ((*info).si_code > 0, (*info).si_addr().addr()) };
    let holds = |slot: &'static Slot| Some((slot, slot.addresses().filter(|all| all.contains(&address))?));
    if is_fault
        && let Some((slot, addresses)) = MAPS.iter().find_map(holds)
        && put_zeros(slot, addresses, address)
    {
        return;
    }
    // Not about a file: as it would have been.
    if let Some(before) = BEFORE.get() {
        // SAFETY: `before` is what `sigaction` gave.
        unsafe {
            libc::sigaction(signal, before, ptr::null_mut());
            libc::raise(signal);
        }
    }
}

/// Puts zeros from the page of `address` on; false if that cannot be done.
fn put_zeros(slot: &Slot, addresses: Range<usize>, address: usize) -> bool {
    let errno = io::Error::last_os_error().raw_os_error();
    // It has been asked for before there was a handler.
    let Some(Some(size)) = HANDLED.get() else { return false };
    let page = address & !(size - 1);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | libc::MAP_NORESERVE;
    // SAFETY: these pages belong to the mapping of the slot (invariant 2), and stay readable (invariant 1).
    let zeros = unsafe {
        let zeros = libc::mmap(
            ptr::with_exposed_provenance_mut(page),
            addresses.end - page,
            libc::PROT_READ,
            flags,
            -1,
            0,
        );
        *libc::__errno_location() = errno.unwrap_or(0);
        zeros
    };
    if zeros == libc::MAP_FAILED {
        return false;
    }
    slot.gone.fetch_min(page - addresses.start, Ordering::AcqRel);
    true
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A page of most machines, and a part of one of others.
    const PAGE: usize = 4096;

    /// Looks at a part of it.
    fn touch(map: &Mapped, part: Range<usize>) {
        for page in map.bytes()[part].chunks(PAGE) {
            std::hint::black_box(page[0]);
        }
    }

    fn file(name: &str, len: usize) -> File {
        let path = std::env::temp_dir().join(format!("kiln-mapped-{}-{name}", std::process::id()));
        let mut file =
            File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(&vec![b'x'; len]).unwrap();
        std::fs::remove_file(&path).unwrap();
        file
    }

    #[test]
    fn a_file_is_its_bytes() {
        let file = file("whole", 3 * PAGE + 5);
        let map = Mapped::new(&file, 3 * PAGE as u64 + 5).unwrap();
        touch(&map, 0..3 * PAGE + 5);
        map.release(0..2 * PAGE);
        assert_eq!(map.gone(), None);
        assert_eq!(map.bytes(), vec![b'x'; 3 * PAGE + 5]);
        assert!(Mapped::new(&file, 0).is_none());
    }

    #[test]
    fn what_is_gone_is_zeros() {
        let file = file("short", 64 * PAGE);
        let map = Mapped::new(&file, 64 * PAGE as u64).unwrap();
        touch(&map, 0..PAGE);
        file.set_len(10 * PAGE as u64 + 7).unwrap();
        touch(&map, 0..11 * PAGE);
        assert_eq!(map.gone(), None, "the rest of a page that is left is zeros anyway");
        touch(&map, 20 * PAGE..21 * PAGE);
        assert_eq!(map.gone(), Some(20 * PAGE));
        assert_eq!(map.bytes()[63 * PAGE], 0);
        touch(&map, 0..64 * PAGE);
        assert_eq!(map.gone(), Some(11 * PAGE));
        map.release(0..64 * PAGE);
        assert!(map.bytes()[11 * PAGE..].iter().all(|&byte| byte == 0));
        assert_eq!(map.bytes()[10 * PAGE + 6], b'x');
    }

    #[test]
    fn threads_may_find_it_out_together() {
        let file = file("threads", 256 * PAGE);
        let map = Mapped::new(&file, 256 * PAGE as u64).unwrap();
        file.set_len(0).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let map = &map;
                scope.spawn(move || {
                    for page in (thread..256).step_by(4).rev() {
                        touch(map, page * PAGE..(page + 1) * PAGE);
                    }
                });
            }
        });
        assert_eq!(map.gone(), Some(0));
        assert!(map.bytes().iter().all(|&byte| byte == 0));
    }

    #[test]
    fn slots_come_back() {
        let file = file("slots", PAGE);
        for _ in 0..3 * MAPS.len() {
            assert!(Mapped::new(&file, PAGE as u64).is_some());
        }
    }
}
