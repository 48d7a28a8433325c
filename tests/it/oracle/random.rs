//! Random numbers that are the same on every run and every machine (`SplitMix64`).

use std::ops::RangeInclusive;

use super::rows::Row;

const SEED: u64 = 0x0a7c_1e5d_3b29_f846;

/// A stream of random choices.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// The stream of one case of a test.
    pub(crate) fn of_case(test: &str, number: u64) -> Self {
        let name = test.bytes().fold(SEED, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { state: name ^ number.wrapping_mul(0xd134_2543_de82_ef95) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number within a range.
    pub(crate) fn within(&mut self, range: RangeInclusive<i64>) -> i64 {
        let count = u64::try_from(range.end() - range.start()).unwrap() + 1;
        range.start() + i64::try_from(self.next() % count).unwrap()
    }

    /// An index below a count.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap()
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub(crate) fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// So many times from a start on, with gaps of these lengths.
    pub(crate) fn timeline(&mut self, start: i64, gaps: &[i64], count: usize) -> Vec<i64> {
        let mut time = start;
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            time += self.pick(gaps);
            times.push(time);
        }
        times
    }

    /// Brings items into any order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Deals rows out to at most so many parts; each keeps their order.
    pub(crate) fn parts(&mut self, rows: &[Row], most: usize) -> Vec<Vec<Row>> {
        let mut parts = vec![Vec::new(); 1 + self.below(most)];
        let run_length = self.pick(&[1, 4, 50]);
        let mut part = 0;
        for row in rows {
            if self.below(run_length) == 0 {
                part = self.below(parts.len());
            }
            parts[part].push(row.clone());
        }
        parts
    }
}
