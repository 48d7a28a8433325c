//! All exports through so many workers, and what came of it.

use std::collections::BTreeMap;
use std::thread::ScopedJoinHandle;

use super::{Counts, Feed, Problem, Quarantine, Turns};

/// What came of reading all exports.
pub(crate) struct ReadAll<W> {
    /// What each worker has made of its blocks.
    pub(crate) made: Vec<W>,
    /// What became of the rows, by event type.
    pub(crate) counts: BTreeMap<String, Counts>,
    /// Exports that could not be used, or not to their end.
    pub(crate) problems: Vec<Problem>,
}

impl Feed<'_> {
    /// Reads everything. Each worker takes blocks from the feed, and batches from their turns, until there are no more.
    pub(crate) fn read_all<W: Send>(
        &self,
        threads: usize,
        quarantine: &mut dyn Quarantine,
        work: impl Fn(&Turns<'_>) -> W + Sync,
    ) -> ReadAll<W> {
        let turns = Turns::new(quarantine);
        let made = std::thread::scope(|scope| {
            let work = || work(&turns);
            let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(joined).collect()
        });
        let (counts, barren) = turns.finish(self);
        let mut problems = self.problems();
        problems.extend(barren);
        ReadAll { made, counts, problems }
    }
}

/// What a thread has made; its panic, if it has panicked.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
