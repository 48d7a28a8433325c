//! Which tokens users hold, for findings about a user: what is at stake.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use super::known;
use crate::batch::{Batch, NO_ID, Role, Table};
use crate::dictionary::{Domain, Moved};

/// The user and the app of every token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    tokens: HashMap<u32, BTreeSet<(u32, u32)>, FixedState>,
}

/// What one user holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    /// Tokens.
    pub(crate) tokens: u64,
    /// The apps that they are for.
    pub(crate) apps: BTreeSet<u32>,
}

impl Holdings {
    pub(super) fn observe(&mut self, batch: &Batch) {
        if batch.table != Table::Tokens {
            return;
        }
        for row in 0..batch.rows() {
            if let (Some(token), Some(user)) = (known(batch, Role::Token, row), known(batch, Role::User, row)) {
                self.tokens.entry(token).or_default().insert((user, batch.id(Role::App, row)));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, strings: &Moved) {
        #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
        for (token, holders) in other.tokens {
            let own = self.tokens.entry(strings.id(Domain::Session, token)).or_default();
            own.extend(
                holders.into_iter().map(|(user, app)| (strings.id(Domain::User, user), strings.id(Domain::App, app))),
            );
        }
    }

    pub(super) fn by_user(&self) -> HashMap<u32, Holding, FixedState> {
        let mut by_user: HashMap<u32, Holding, FixedState> = HashMap::default();
        #[expect(clippy::iter_over_hash_type, reason = "counting is commutative")]
        for holders in self.tokens.values() {
            let mut last = None;
            for (user, app) in holders {
                let holding = by_user.entry(*user).or_default();
                // Holders are in order of users: a token that goes by two apps is one token all the same.
                holding.tokens += u64::from(last != Some(*user));
                last = Some(*user);
                if *app != NO_ID {
                    holding.apps.insert(*app);
                }
            }
        }
        by_user
    }
}
