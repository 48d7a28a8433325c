//! Roles that are another role's values under a coarser name: each distinct value is named once.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::batch::{Batch, Column, NO_ID, Role};
use crate::dictionary::Dictionary;

/// The names of one role's values, by the values' ids; [`NO_ID`] for those that have none.
#[derive(Debug)]
pub(super) struct Named {
    of: Role,
    pub(super) to: Role,
    name: fn(&str) -> Option<Cow<'_, str>>,
    known: HashMap<u32, u32, FixedState>,
}

impl Named {
    pub(super) fn new(of: Role, to: Role, name: fn(&str) -> Option<Cow<'_, str>>) -> Self {
        Self { of, to, name, known: HashMap::default() }
    }

    /// Gives names to the rows that have none yet.
    pub(super) fn fill(&mut self, batch: &mut Batch, dictionary: &mut Dictionary) {
        if matches!(batch.column(self.of), Column::Absent) {
            return;
        }
        for row in 0..batch.rows() {
            let id = batch.id(self.of, row);
            if id != NO_ID && batch.id(self.to, row) == NO_ID {
                let name = self.name(id, dictionary);
                batch.set_id_if_absent(self.to, row, name);
            }
        }
    }

    fn name(&mut self, id: u32, dictionary: &mut Dictionary) -> u32 {
        *self.known.entry(id).or_insert_with(|| {
            let name = (self.name)(dictionary.text(self.of.domain(), id)).map(Cow::into_owned);
            name.map_or(NO_ID, |name| dictionary.id(self.to.domain(), &name))
        })
    }
}
