//! Picks for each filter one of its candidates, all different.
//!
//! In: candidates by filter. Out: the first choices in the order of the candidates, as plain back-tracking would find them.
//! A choice is only gone into if the filters after it can still be served, which a matching of filters and events
//! tells: without that, twenty filters over nineteen events would take longer than anyone waits.

/// At most `enough` choices of one candidate for each filter.
pub(super) fn all_different(candidates: &[Vec<u32>], enough: usize) -> Vec<Vec<u32>> {
    let mut search = Search { candidates, chosen: Vec::new(), found: Vec::new(), enough };
    if enough > 0 && search.can_go_on() {
        search.choose();
    }
    search.found
}

struct Search<'c> {
    candidates: &'c [Vec<u32>],
    chosen: Vec<u32>,
    found: Vec<Vec<u32>>,
    enough: usize,
}

impl Search<'_> {
    /// Tries all candidates of the next filter.
    fn choose(&mut self) {
        let Some(candidates) = self.candidates.get(self.chosen.len()) else {
            self.found.push(self.chosen.clone());
            return;
        };
        for &event in candidates {
            if self.found.len() == self.enough {
                return;
            }
            if self.chosen.contains(&event) {
                continue;
            }
            self.chosen.push(event);
            if self.can_go_on() {
                self.choose();
            }
            self.chosen.pop();
        }
    }

    /// Whether the filters that have no event yet can all have one: a matching by augmenting paths.
    fn can_go_on(&self) -> bool {
        let open = &self.candidates[self.chosen.len()..];
        // Event and the open filter that has it.
        let mut taken: Vec<(u32, usize)> = Vec::new();
        (0..open.len()).all(|filter| self.augment(open, filter, &mut taken, &mut Vec::new()))
    }

    fn augment(
        &self,
        open: &[Vec<u32>],
        filter: usize,
        taken: &mut Vec<(u32, usize)>,
        seen: &mut Vec<u32>,
    ) -> bool {
        for &event in &open[filter] {
            if self.chosen.contains(&event) || seen.contains(&event) {
                continue;
            }
            seen.push(event);
            let Some(at) = taken.iter().position(|&(other, _)| other == event) else {
                taken.push((event, filter));
                return true;
            };
            let (_, owner) = taken[at];
            if self.augment(open, owner, taken, seen) {
                // The owner has found another event; its old place is now this filter's.
                taken[at].1 = filter;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_specification() {
        let candidates = [vec![1, 2, 3], vec![4, 5], vec![4, 5, 3]];
        assert_eq!(all_different(&candidates, 1), [[1, 4, 5]]);
        assert_eq!(all_different(&candidates, 3), [[1, 4, 5], [1, 4, 3], [1, 5, 4]]);
    }

    #[test]
    fn no_choice_is_no_choice() {
        assert!(all_different(&[vec![1], vec![1]], 1).is_empty());
        assert!(all_different(&[vec![1], vec![]], 1).is_empty());
        assert!(all_different(&[vec![1], vec![2]], 0).is_empty());
    }

    #[test]
    fn many_filters_over_too_few_events_end_soon() {
        let events: Vec<u32> = (0..199).collect();
        assert!(all_different(&vec![events; 200], 1).is_empty());
    }

    /// Back-tracking without looking ahead.
    fn naive(candidates: &[Vec<u32>], chosen: &mut Vec<u32>, found: &mut Vec<Vec<u32>>) {
        let Some(own) = candidates.get(chosen.len()) else { return found.push(chosen.clone()) };
        for &event in own {
            if !chosen.contains(&event) {
                chosen.push(event);
                naive(candidates, chosen, found);
                chosen.pop();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn looking_ahead_changes_nothing(
            candidates in prop::collection::vec(prop::collection::btree_set(0_u32..7, 0..5), 1..6),
            enough in 0_usize..10,
        ) {
            let candidates: Vec<Vec<u32>> = candidates.into_iter().map(|set| set.into_iter().collect()).collect();
            let mut expected = Vec::new();
            naive(&candidates, &mut Vec::new(), &mut expected);
            expected.truncate(enough);
            prop_assert_eq!(all_different(&candidates, enough), expected);
        }
    }
}
