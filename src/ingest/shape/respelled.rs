//! Spellings that are not kept: the string that each of them stands for.

use crate::batch::NO_ID;
use crate::dictionary::Strings;
use crate::ingest::Texts;

/// The cells of a role that were met in another spelling than the one that is kept.
#[derive(Debug, Default)]
pub(super) struct Respelled {
    cells: Strings,
    /// By the cell's number: the id of what it stands for.
    means: Vec<u32>,
}

impl Respelled {
    /// For each of many cells, the id of what it stands for; [`NO_ID`] where there is none or it is not known.
    pub(super) fn find_all(&self, texts: &Texts<'_>, ids: &mut Vec<u32>) {
        self.cells.find_all(texts, ids);
        for id in ids.iter_mut() {
            *id = self.means.get(*id as usize).copied().unwrap_or(NO_ID);
        }
    }

    /// The id of what a cell stands for, if that is known.
    pub(super) fn find(&self, cell: &str) -> Option<u32> {
        self.means.get(self.cells.find(cell.as_bytes())? as usize).copied()
    }

    /// Forgets all cells when there are too many.
    pub(super) fn keep_at_most(&mut self, most: usize) {
        if self.means.len() >= most {
            *self = Self::default();
        }
    }

    /// A cell that was not known stands for this.
    pub(super) fn add(&mut self, cell: &str, id: u32) {
        if self.cells.id(cell) as usize == self.means.len() {
            self.means.push(id);
        }
    }
}
