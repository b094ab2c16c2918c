//! Indicators on their way into the index.
//!
//! In: indicators one by one, with the rules that ask for them. Out: the index. Knows nothing of where they come from.

use super::{GroupIndex, Indicators, Row, ThreatDef};
use crate::sequence::engine::{Index, KeyBuilder, KeyLimits, hash};
use crate::sequence::{EventRef, KeyDef, KeySource};

/// Values of one field of an indicator that count, and the longest in bytes.
const LIMITS: KeyLimits = KeyLimits { keys: 1024, bytes: 4096 };

/// Collects indicators.
#[derive(Clone, Debug)]
pub struct IndicatorsBuilder<'a> {
    defs: &'a [ThreatDef<'a>],
    indicators: Indicators,
    builder: KeyBuilder,
    /// How many different values the present index has room for.
    room: usize,
    /// The values of the present indicator, entry by entry.
    own: Vec<Vec<u32>>,
}

impl<'a> IndicatorsBuilder<'a> {
    /// No indicators yet. `fingerprint` is that of the set of rules with these definitions.
    pub fn new(defs: &'a [ThreatDef<'a>], fingerprint: u64) -> Self {
        let groups = defs.iter().map(|def| vec![GroupIndex::default(); def.groups.len()]);
        let room = 1024;
        Self {
            defs,
            indicators: Indicators {
                fingerprint,
                values: Vec::new(),
                ends: Vec::new(),
                index: Index::new(room),
                groups: groups.collect(),
                count: 0,
            },
            builder: KeyBuilder::new(),
            room,
            own: Vec::new(),
        }
    }

    /// How many indicators were added that some rule asks for.
    pub fn count(&self) -> u64 {
        self.indicators.count
    }

    /// Adds an indicator for the definitions `defs`. `handle` finds it again.
    pub fn add(&mut self, defs: &[u32], handle: EventRef, source: &impl KeySource) {
        let mut applies = false;
        for &def in defs {
            let Some(threat) = self.defs.get(def as usize) else { continue };
            for (number, group) in threat.groups.iter().enumerate() {
                self.own.resize_with(self.own.len().max(group.entries.len()), Vec::new);
                let complete = (0..).zip(group.entries).all(|(at, entry)| {
                    let key = KeyDef { slot: Some(entry.indicator), optional: false, kind: entry.kind };
                    self.read(at, key, source)
                });
                if complete {
                    applies = true;
                    self.row(def as usize, number, group.entries.len(), handle);
                }
            }
        }
        self.indicators.count += u64::from(applies);
    }

    /// Reads the values of an entry; whether there are any.
    fn read(&mut self, entry: usize, key: KeyDef, source: &impl KeySource) -> bool {
        let Self { indicators, builder, room, own, .. } = self;
        own[entry].clear();
        builder.keys(&[key], source, LIMITS, |value| {
            let number = intern(indicators, room, value);
            own[entry].push(number);
        });
        own[entry].sort_unstable();
        !own[entry].is_empty()
    }

    fn row(&mut self, def: usize, group: usize, entries: usize, handle: EventRef) {
        let group = &mut self.indicators.groups[def][group];
        let row = group.rows.len() as u32;
        group.rows.push(Row { handle, others: group.others.len() as u32 });
        group.postings.extend(self.own[0].iter().map(|&value| (value, row)));
        for values in &self.own[1..entries] {
            group.others.push(values.len() as u32);
            group.others.extend_from_slice(values);
        }
    }

    /// The index.
    pub fn finish(mut self) -> Indicators {
        for group in self.indicators.groups.iter_mut().flatten() {
            group.postings.sort_unstable();
            group.postings.shrink_to_fit();
            group.rows.shrink_to_fit();
            group.others.shrink_to_fit();
        }
        self.indicators.values.shrink_to_fit();
        self.indicators.ends.shrink_to_fit();
        self.indicators
    }
}

/// The number of a value.
fn intern(indicators: &mut Indicators, room: &mut usize, value: &[u8]) -> u32 {
    let own = hash(0, value) as u32;
    if let Some(number) = indicators.number(own, value) {
        return number;
    }
    if indicators.ends.len() == *room {
        *room *= 2;
        let mut index = Index::new(*room);
        for number in 0..indicators.ends.len() as u32 {
            index.insert(hash(0, indicators.value(number)) as u32, number);
        }
        indicators.index = index;
    }
    let number = indicators.ends.len() as u32;
    indicators.values.extend_from_slice(value);
    indicators.ends.push(indicators.values.len() as u32);
    indicators.index.insert(own, number);
    number
}
