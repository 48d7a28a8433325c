//! What every kind of receiver has in common: it is given a batch of records, and says what became of it.

use std::collections::BTreeSet;
use std::time::Duration;

/// One record on its way: a line, without a line break in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The finding's id.
    pub(super) id: uuid::Uuid,
    /// A digest of what the finding says.
    pub(super) digest: u64,
    /// The record in the receiver's format.
    pub(super) text: String,
}

/// How much a receiver takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Most {
    /// Bytes of all records together, what stands between and around them included.
    pub(super) bytes: usize,
    /// Records.
    pub(super) records: usize,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was taken; with a remark where the receiver made one.
    Taken(Option<String>),
    /// It was taken, and counts only when the receiver confirms this number.
    Unconfirmed(u64),
    /// Each record has an outcome of its own, in the order of the batch.
    Each(Vec<Fate>),
    /// This record will never be taken, and none of the others was: send them without it.
    Without(usize, Refusal),
    /// It will never be taken as it is: the fault of one of its records, or of all.
    Refused(Refusal),
    /// It is more than the receiver takes at once.
    TooLarge(Refusal),
    /// It may be taken later, not before so long.
    Again(Option<Duration>, String),
    /// Nothing will be taken until somebody changes a setting.
    Stop(String),
}

/// What became of one record of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was taken, or had been before.
    Taken,
    /// It may be taken later.
    Again(String),
    /// It will never be taken.
    Refused(Refusal),
}

/// A receiver's no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status; 0 where there is none.
    pub(super) status: u16,
    /// What it said, shortened.
    pub(super) says: String,
}

/// A receiver of batches; used by several threads at a time.
pub(super) trait Receiver: Send + Sync {
    /// How much it takes at once.
    fn most(&self) -> Most;

    /// Bytes that a record takes in a batch besides its own.
    fn around(&self) -> usize {
        1
    }

    /// Sends a batch, once.
    fn send(&self, batch: &[Record]) -> Outcome;

    /// Which of these numbers have been confirmed; an error where it cannot say.
    fn confirmed(&self, numbers: &[u64]) -> Result<BTreeSet<u64>, String> {
        Ok(numbers.iter().copied().collect())
    }
}
