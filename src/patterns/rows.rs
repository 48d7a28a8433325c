//! What patterns are shown: the rows that a detector looks at, and how the ids of another state read.

use super::Mark;
use crate::batch::{Batch, Role};
use crate::dictionary::{Dictionary, Moved};

/// The rows of a batch that a detector looks at.
pub(crate) struct Rows<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) dictionary: &'a Dictionary,
    /// Row numbers.
    pub(crate) selected: &'a [u32],
    /// The subject of every row of the batch.
    pub(crate) subjects: &'a [u32],
}

impl Rows<'_> {
    /// The selected rows: row number, subject, time. Rows without a time are passed over.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, u32, i64)> {
        self.selected.iter().filter_map(|row| {
            let row = *row as usize;
            Some((row, self.subjects[row], self.batch.number(Role::Time, row)?))
        })
    }

    pub(crate) fn mark(&self, row: usize, time: i64) -> Mark {
        let record = u32::try_from(self.batch.records[row]).unwrap_or(u32::MAX);
        Mark { time, export: self.batch.export, record, offset: self.batch.offsets[row] }
    }
}

/// How another state's ids read in ours.
#[derive(Clone, Copy)]
pub(crate) struct Moves<'a> {
    pub(crate) strings: &'a Moved,
    pub(crate) subjects: &'a [u32],
}

impl Moves<'_> {
    pub(crate) fn subject(&self, id: u32) -> u32 {
        self.subjects[id as usize]
    }

    pub(crate) fn value(&self, role: Role, id: u32) -> u32 {
        self.strings.id(role.domain(), id)
    }
}
