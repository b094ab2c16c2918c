use super::*;
use crate::event::{Slot, SlotTree};
use crate::set::{Dispatch, Residual, Unit};

const WORDS_OF_SET: usize = 3;
const FIELDS: usize = 6;
const ROWS: usize = 12;

/// The state of a generator, step by step; the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Units, what each asks of the fields, and what slots it needs.
struct Sample {
    /// By unit and field, the rows it stands in beside row 0 of fields it does not ask for.
    asked: Vec<[Option<usize>; FIELDS]>,
    needs: Vec<Vec<Slot>>,
}

impl Sample {
    fn new(random: &mut Random) -> Self {
        let units = WORDS_OF_SET * 64 - 5;
        let asked = (0..units)
            .map(|_| std::array::from_fn(|_| (random.below(3) == 0).then(|| 1 + random.below(ROWS - 1))));
        let asked = asked.collect();
        let needs = (0..units).map(|_| (0..random.below(6)).map(|_| Slot(random.below(90) as u16)).collect());
        Self { asked, needs: needs.collect() }
    }

    fn rows(&self, field: usize) -> Vec<u64> {
        let mut rows = vec![0; ROWS * WORDS_OF_SET];
        for (unit, asked) in self.asked.iter().enumerate() {
            for row in 0..ROWS {
                if asked[field].is_none_or(|asked| asked == row) {
                    rows[row * WORDS_OF_SET + unit / 64] |= 1 << (unit % 64);
                }
            }
        }
        rows
    }

    /// The units that an event with these rows and slots can reach. What asks for more slots than are kept apart is let
    /// through.
    fn reached(&self, event: &[Vec<usize>], has: impl Fn(Slot) -> bool) -> Vec<usize> {
        let reached = |&unit: &usize| {
            let rows = self.asked[unit].iter().zip(event);
            let needs = &self.needs[unit];
            rows.into_iter().all(|(asked, rows)| asked.is_none_or(|asked| rows.contains(&asked)))
                && (needs.is_empty() || needs.len() > 4 || needs.iter().any(|&slot| has(slot)))
        };
        (0..self.asked.len()).filter(reached).collect()
    }
}

/// Follows an event by what is known, and learns what is not; whether it got to the end by that.
fn follow(
    routes: &mut Routes,
    candidates: &mut Candidates,
    set: &RuleSet<'_>,
    rows: &[Vec<u64>],
    event: &[Vec<usize>],
    has: &[u64],
) -> bool {
    if routes.is_empty() {
        candidates.begin(set.dispatch.all);
        routes.start(candidates, set);
    }
    let narrow = |candidates: &mut Candidates, field: usize| {
        let row = |row: usize| &rows[field][row * WORDS_OF_SET..][..WORDS_OF_SET];
        match &event[field][..] {
            [] => candidates.keep(row(0)),
            several => candidates.keep_any(several.iter().map(|&number| row(number))),
        }
    };
    let mut stop = START;
    while let Some(field) = routes.field(stop) {
        let of_event = Rows::of(event[field].iter().map(|&row| row as u16));
        match of_event.map(|rows| routes.next(stop, rows)) {
            Some(Next::Stop(next)) => stop = next,
            Some(Next::Nowhere) => {
                candidates.begin(&[0; WORDS_OF_SET]);
                return true;
            }
            _ => {
                candidates.load(routes.units(stop));
                narrow(candidates, field);
                let next = of_event.and_then(|rows| routes.add(stop, rows, candidates, set));
                let Some(next) = next else {
                    (field + 1..FIELDS).for_each(|field| _ = narrow(candidates, field));
                    candidates.drop_absent(has);
                    return false;
                };
                stop = next;
            }
        }
    }
    routes.load(stop, has, candidates);
    true
}

#[test]
fn routes_lead_where_the_rows_do() {
    let mut random = Random(7);
    let paths: Vec<String> = (0..90).map(|slot| format!("field{slot:02}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let owned = SlotTree::build(&paths).expect("distinct paths");
    for _ in 0..3 {
        let sample = Sample::new(&mut random);
        let clauses: Vec<[&[Slot]; 1]> = sample.needs.iter().map(|needs| [&needs[..]]).collect();
        let asks = |asked: &[Option<usize>; FIELDS]| {
            (0..FIELDS).filter(|&field| asked[field].is_some()).fold(0, |asks, field| asks | 1 << field)
        };
        let unit = |(number, asked): (usize, &[Option<usize>; FIELDS])| {
            let needs: &[&[Slot]] =
                if sample.needs[number].is_empty() { &[] } else { clauses[number].as_slice() };
            Unit { filter: 0, needs, reads: &[], asks: asks(asked), residual: Residual::Always }
        };
        let units: Vec<Unit<'_>> = sample.asked.iter().enumerate().map(unit).collect();
        let all: Vec<u64> = sample.rows(0).chunks(WORDS_OF_SET).fold(vec![0; WORDS_OF_SET], |all, row| {
            all.iter().zip(row).map(|(all, row)| all | row).collect()
        });
        let dispatch = Dispatch {
            words: WORDS_OF_SET as u32,
            all: &all,
            early: FIELDS as u32,
            ..RuleSet::EMPTY.dispatch
        };
        let set = RuleSet { units: &units, dispatch, tree: owned.as_ref(), ..RuleSet::EMPTY };
        let rows: Vec<Vec<u64>> = (0..FIELDS).map(|field| sample.rows(field)).collect();
        let (mut routes, mut candidates) = (Routes::new(&set), Candidates::new(&set));
        let mut known = 0;
        for number in 0..20_000 {
            // Some kinds of events come again and again; others fill the room.
            let mut own =
                Random(if number % 2 == 0 { random.below(50) } else { random.below(usize::MAX) } as u64);
            let event: Vec<Vec<usize>> =
                (0..FIELDS).map(|_| (0..own.below(5)).map(|_| 1 + own.below(ROWS - 1)).collect()).collect();
            let has = [random.below(usize::MAX) as u64, random.below(usize::MAX) as u64];
            known += usize::from(follow(&mut routes, &mut candidates, &set, &rows, &event, &has));
            let is_there = |slot: Slot| has[usize::from(slot.0) / 64] >> (slot.0 % 64) & 1 == 1;
            assert_eq!(candidates.units().collect::<Vec<_>>(), sample.reached(&event, is_there), "{event:?}");
        }
        assert!((2_000..19_000).contains(&known), "{known}");
    }
}

#[test]
fn rows_have_no_order() {
    let rows = |rows: &[u16]| Rows::of(rows.iter().copied());
    assert_eq!(rows(&[3, 1, 2]), rows(&[2, 3, 1]));
    assert_eq!(rows(&[2, 2, 0, 2]), rows(&[2]));
    assert_ne!(rows(&[2]), rows(&[2, 1]));
    assert_eq!(rows(&[0]), rows(&[]));
    assert_eq!(rows(&[1, 2, 3, 4]), None);
}
