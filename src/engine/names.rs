//! Which username belongs to which user id, as the rows themselves say.

use super::known;
use crate::batch::{Batch, NO_ID, Role};
use crate::dictionary::{Dictionary, Domain, Moved};

/// Usernames by user.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By the user's id in the dictionary.
    of_user: Vec<u32>,
}

impl Names {
    /// The username of a user, if a row has told it.
    pub fn of<'d>(&self, user: u32, dictionary: &'d Dictionary) -> Option<&'d str> {
        let name = *self.of_user.get(user as usize)?;
        dictionary.role_text(Role::Username, name)
    }

    pub(super) fn observe(&mut self, batch: &Batch, dictionary: &Dictionary) {
        for row in 0..batch.rows() {
            if let (Some(user), Some(name)) = (known(batch, Role::User, row), known(batch, Role::Username, row)) {
                self.add(user, name, dictionary);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, strings: &Moved, dictionary: &Dictionary) {
        for (user, name) in (0..).zip(&other.of_user) {
            if *name != NO_ID {
                let user = strings.id(Domain::User, user);
                self.add(user, strings.id(Domain::Text, *name), dictionary);
            }
        }
    }

    /// Of several usernames the first in the alphabet stays, so that order does not matter.
    fn add(&mut self, user: u32, name: u32, dictionary: &Dictionary) {
        let place = user as usize;
        if self.of_user.len() <= place {
            self.of_user.resize(place + 1, NO_ID);
        }
        let own = &mut self.of_user[place];
        if *own == name {
            return;
        }
        let text = |id: u32| dictionary.text(Domain::Text, id);
        if *own == NO_ID || text(name) < text(*own) {
            *own = name;
        }
    }
}
