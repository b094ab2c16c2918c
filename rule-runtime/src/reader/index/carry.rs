//! A run of 2,048 bytes at a time: from the classes of its bytes to bitmaps and lists.
//!
//! In: classes, and what the run before hands on. Out: the run's part of the [`Index`]. Parities are the work of the `parity`
//! module; here is what they are of, and the order of things.

use super::super::classes::{Classes, Vector};
use super::parity::{Run, count, escapes, parities};
use super::{Index, RUN, bits, fetch};

/// What one run hands on to the next.
pub(super) struct Carry<V: Vector> {
    /// 1 if the next byte is escaped.
    escaped: u64,
    /// A string is open: all ones.
    in_string: u64,
    /// The bits of how many brackets are open, modulo eight, the lowest first: all ones if set.
    depth: [u64; 3],
    flaws: V::Eight,
    unbalanced: V::Eight,
    /// What stands directly in objects, of the run before. It is listed while the processor waits for the next one's counts.
    tops: [[u64; 8]; RUN],
    tops_start: usize,
}

/// The strings of a run.
struct Strings<V: Vector> {
    backslash: Run<V>,
    escaped: Run<V>,
    quote: Run<V>,
    /// From an opening quote up to the byte before the closing one.
    inside: Run<V>,
}

/// The brackets of a run outside strings.
struct Brackets<V: Vector> {
    open: Run<V>,
    close: Run<V>,
    /// The bits of how many are open, for a bracket before it; the lowest first.
    count: [Run<V>; 3],
    /// Those that carry beyond these bits.
    beyond: Run<V>,
}

/// What is to be listed of a run.
struct Rare<V: Vector> {
    /// One bit for each 64 bytes with a line feed.
    newlines: u64,
    /// Those that open when seven are open.
    eighth: Run<V>,
    /// The `u` of escapes.
    unicode: Run<V>,
    /// Whether there is any of these, or what is not ASCII.
    any: V::Eight,
}

#[allow(clippy::inline_always)] // Part of indexing, which is compiled once for each instruction set.
impl<V: Vector> Carry<V> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let none = V::load(&[0; 8]);
        Self {
            escaped: 0,
            in_string: 0,
            depth: [0; 3],
            flaws: none,
            unbalanced: none,
            tops: [[0; 8]; RUN],
            tops_start: 0,
        }
    }

    /// Indexes the run with this number. Whoever changes the order of things should measure: the lists of one run are written
    /// between the counts of the next on purpose.
    #[inline(always)]
    pub(super) fn step(
        &mut self,
        run: &[u8; RUN * 512],
        classes: &[Classes; RUN],
        number: usize,
        index: &mut Index,
    ) {
        index.tops.make_room();
        let strings = self.strings(classes);
        self.list_tops(run, 0, index);
        let brackets = self.brackets(run, classes, &strings, index);
        self.tops_start = number * RUN * 512;
        let rare = self.put(classes, &strings, &brackets, number, index);
        list_rare(classes, &rare, number, index);
    }

    /// Adds to the index what is known of all runs together.
    #[inline(always)]
    pub(super) fn end(&self, index: &mut Index) {
        index.tops.make_room();
        for (number, tops) in self.tops.iter().enumerate() {
            index.tops.list(tops, self.tops_start + number * 512);
        }
        index.flawed = V::non_zero(self.flaws) != 0 || self.in_string != 0;
        index.uneven = V::non_zero(self.unbalanced) != 0 || self.depth != [0; 3];
    }

    #[inline(always)]
    fn strings(&mut self, classes: &[Classes; RUN]) -> Strings<V> {
        let none = V::load(&[0; 8]);
        let mut backslash = [none; RUN];
        let mut any = none;
        for i in 0..RUN {
            backslash[i] = V::load(&classes[i].backslash);
            any = V::or(any, backslash[i]);
        }
        let mut escaped = [none; RUN];
        if V::non_zero(any) != 0 || self.escaped != 0 {
            escaped = escapes::<V>(&backslash, &mut self.escaped);
        }
        let mut quote = [none; RUN];
        for i in 0..RUN {
            quote[i] = V::and_not(V::load(&classes[i].quote), escaped[i]);
        }
        let inside = parities::<V>(&quote, &mut self.in_string);
        Strings { backslash, escaped, quote, inside }
    }

    #[inline(always)]
    fn brackets(
        &mut self,
        run: &[u8; RUN * 512],
        classes: &[Classes; RUN],
        strings: &Strings<V>,
        index: &mut Index,
    ) -> Brackets<V> {
        let none = V::load(&[0; 8]);
        let mut open = [none; RUN];
        let mut close = [none; RUN];
        let mut flips = [none; RUN];
        for i in 0..RUN {
            open[i] = V::and_not(V::load(&classes[i].open), strings.inside[i]);
            close[i] = V::and_not(V::load(&classes[i].close), strings.inside[i]);
            flips[i] = V::or(open[i], close[i]);
        }
        let low = count::<V>(&mut flips, &close, &mut self.depth[0]);
        self.list_tops(run, 1, index);
        let middle = count::<V>(&mut flips, &close, &mut self.depth[1]);
        self.list_tops(run, 2, index);
        let high = count::<V>(&mut flips, &close, &mut self.depth[2]);
        self.list_tops(run, 3, index);
        Brackets { open, close, count: [low, middle, high], beyond: flips }
    }

    /// Lists a quarter of what the run before has in objects, and asks for bytes that come later: both fill the time in which
    /// one count waits for the other.
    #[inline(always)]
    fn list_tops(&self, run: &[u8; RUN * 512], eight: usize, index: &mut Index) {
        fetch::<V>(run, eight);
        index.tops.list(&self.tops[eight], self.tops_start + eight * 512);
    }

    /// Writes the bitmaps, and remembers what is wrong.
    #[inline(always)]
    fn put(
        &mut self,
        classes: &[Classes; RUN],
        strings: &Strings<V>,
        brackets: &Brackets<V>,
        number: usize,
        index: &mut Index,
    ) -> Rare<V> {
        let none = V::load(&[0; 8]);
        let mut rare = Rare { newlines: 0, eighth: [none; RUN], unicode: [none; RUN], any: none };
        let (structure, _) = index.structure[number].as_chunks_mut::<8>();
        let (open, _) = index.open[number].as_chunks_mut::<8>();
        let (close, _) = index.close[number].as_chunks_mut::<8>();
        let (quote, _) = index.quote[number].as_chunks_mut::<8>();
        let (backslash, _) = index.backslash[number].as_chunks_mut::<8>();
        let [low, middle, high] = &brackets.count;
        for i in 0..RUN {
            let inside = strings.inside[i];
            let colon = V::and_not(V::load(&classes[i].colon), inside);
            let newline = V::load(&classes[i].newline);
            let control = V::and(V::load(&classes[i].control), inside);
            let flaws = V::or(control, V::and_not(strings.backslash[i], inside));
            self.flaws = V::or(self.flaws, flaws);
            let several = V::or(middle[i], high[i]);
            self.unbalanced = V::or(self.unbalanced, V::and(newline, V::or(low[i], several)));
            let top = V::and(V::or(colon, brackets.close[i]), V::and_not(low[i], several));
            V::store(top, &mut self.tops[i]);
            let both = V::or(brackets.open[i], brackets.close[i]);
            V::store(V::or(both, V::or(colon, newline)), &mut structure[i]);
            V::store(brackets.open[i], &mut open[i]);
            V::store(brackets.close[i], &mut close[i]);
            V::store(strings.quote[i], &mut quote[i]);
            V::store(strings.backslash[i], &mut backslash[i]);
            rare.newlines |= u64::from(V::non_zero(newline)) << (8 * i);
            rare.eighth[i] = V::and(brackets.beyond[i], brackets.open[i]);
            rare.unicode[i] = V::and(strings.escaped[i], V::load(&classes[i].u));
            let non_ascii = V::load(&classes[i].non_ascii);
            rare.any = V::or(rare.any, V::or(V::or(rare.eighth[i], rare.unicode[i]), non_ascii));
        }
        rare
    }
}

/// Lists the line ends, and what hardly ever is there.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn list_rare<V: Vector>(classes: &[Classes; RUN], rare: &Rare<V>, number: usize, index: &mut Index) {
    let first = number * RUN * 8;
    for word in bits(rare.newlines) {
        let newline = classes[word / 8].newline[word % 8];
        index.line_ends.extend(bits(newline).map(|bit| (first + word) * 64 + bit));
    }
    if V::non_zero(rare.any) == 0 {
        return;
    }
    for (i, classes) in classes.iter().enumerate() {
        let first = first + i * 8;
        list_words(V::non_zero(rare.eighth[i]), first, &mut index.deep);
        list_words(V::non_zero(rare.unicode[i]), first, &mut index.unicode_escapes);
        list_words(V::non_zero(V::load(&classes.non_ascii)), first, &mut index.non_ascii);
    }
}

fn list_words(masks: u8, first: usize, words: &mut Vec<usize>) {
    words.extend(bits(masks.into()).map(|word| first + word));
}
