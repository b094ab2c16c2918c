//! Groups of events as bytes, while suppression holds their alerts back.
//!
//! In: a completed sequence or sample. Out: bytes, and the group again. Whoever keeps them knows nothing of groups.

use crate::sequence::{EventRef, Group, GroupEvent, Key, Timestamp};

/// Bytes of one place: whether there is an event, and what is known of it.
const PLACE: usize = 25;

/// Appends a group as bytes: how many places it has, the places, the join key.
pub(super) fn put_group(group: &Group<'_>, out: &mut Vec<u8>) {
    // A sequence has at most 256 stages.
    out.extend((group.events.len() as u16).to_le_bytes());
    for place in group.events {
        out.push(place.is_some().into());
        let event = place.unwrap_or(NOWHERE);
        for number in [event.handle.0, event.time.nanos().cast_unsigned(), event.order] {
            out.extend(number.to_le_bytes());
        }
    }
    out.extend_from_slice(group.key.as_bytes());
}

/// The inverse: the places and the join key. `None` if the bytes are no group.
pub(super) fn get_group(bytes: &[u8]) -> Option<(impl Iterator<Item = Option<GroupEvent>> + Clone, Key<'_>)> {
    let (places, rest) = bytes.split_first_chunk()?;
    let places = usize::from(u16::from_le_bytes(*places));
    let (places, key) = rest.split_at_checked(places * PLACE)?;
    let (places, _) = places.as_chunks::<PLACE>();
    Some((places.iter().map(event), Key::new(key)))
}

fn event(place: &[u8; PLACE]) -> Option<GroupEvent> {
    let (present, numbers) = place.split_first()?;
    let (numbers, _) = numbers.as_chunks::<8>();
    let [handle, time, order] = [0, 1, 2].map(|at| u64::from_le_bytes(numbers[at]));
    let time = Timestamp::from_nanos(time.cast_signed());
    (*present != 0).then_some(GroupEvent { handle: EventRef(handle), time, order })
}

/// Stands where an event had to be missing.
const NOWHERE: GroupEvent = GroupEvent { handle: EventRef(0), time: Timestamp::from_nanos(0), order: 0 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_back() {
        let event = GroupEvent { handle: EventRef(7), time: Timestamp::from_nanos(-3), order: 9 };
        let events = [None, Some(event), Some(NOWHERE)];
        let group = Group { sequence: 0, key: Key::new(b"key"), events: &events, notes: b"" };
        let mut bytes = Vec::new();
        put_group(&group, &mut bytes);
        let (places, key) = get_group(&bytes).expect("a group");
        assert_eq!((places.collect::<Vec<_>>(), key.as_bytes()), (events.to_vec(), &b"key"[..]));
        let shortest = 2 + 3 * PLACE;
        assert!((0..shortest).all(|len| get_group(&bytes[..len]).is_none()));
    }
}
