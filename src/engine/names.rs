//! Which username belongs to which user id, as the rows themselves say: the first row that says it, in order of exports
//! and records.

use super::known;
use crate::batch::{Batch, Column, NO_ID, Role};
use crate::dictionary::{Dictionary, Domain, Moved};

/// Usernames by user.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By the user's id in the dictionary: the name, and where it stands.
    of_user: Vec<(u32, (u32, u64))>,
}

impl Names {
    /// The username of a user, if a row has told it.
    pub fn of<'d>(&self, user: u32, dictionary: &'d Dictionary) -> Option<&'d str> {
        let (name, _) = *self.of_user.get(user as usize)?;
        dictionary.role_text(Role::Username, name)
    }

    pub(super) fn observe(&mut self, batch: &Batch) {
        if matches!(batch.column(Role::Username), Column::Absent) {
            return;
        }
        for row in 0..batch.rows() {
            if let (Some(user), Some(name)) = (known(batch, Role::User, row), known(batch, Role::Username, row)) {
                self.add(user, name, (batch.export, batch.offsets[row]));
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, strings: &Moved) {
        for (user, (name, place)) in (0..).zip(&other.of_user) {
            if *name != NO_ID {
                self.add(strings.id(Domain::User, user), strings.id(Domain::Text, *name), *place);
            }
        }
    }

    /// What another one has learned of the same dictionary's users.
    pub(super) fn join(&mut self, other: &Self) {
        for (user, (name, place)) in (0..).zip(&other.of_user) {
            if *name != NO_ID {
                self.add(user, *name, *place);
            }
        }
    }

    /// Whether a user's name is known from a place before this one.
    pub(crate) fn is_known_before(&self, user: u32, place: (u32, u64)) -> bool {
        self.of_user.get(user as usize).is_some_and(|(_, known)| *known < place)
    }

    pub(crate) fn add(&mut self, user: u32, name: u32, place: (u32, u64)) {
        let index = user as usize;
        if self.of_user.len() <= index {
            self.of_user.resize(index + 1, (NO_ID, (u32::MAX, u64::MAX)));
        }
        let own = &mut self.of_user[index];
        if place < own.1 {
            *own = (name, place);
        }
    }
}
