//! Which tokens users hold, for findings about a user: what is at stake.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use super::known;
use crate::batch::{Batch, NO_ID, Role, Table};
use crate::dictionary::{Domain, Moved};

/// The token, the user and the app of every row of `tokens`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    held: Vec<(u32, u32, u32)>,
    /// So many of them are sorted, each once: the same tokens come in snapshot after snapshot.
    sorted: usize,
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
                self.held.push((user, token, batch.id(Role::App, row)));
            }
        }
        self.leave_out_copies();
    }

    pub(super) fn merge(&mut self, other: &Self, strings: &Moved) {
        self.held.extend(other.held.iter().map(|(user, token, app)| {
            (strings.id(Domain::User, *user), strings.id(Domain::Token, *token), strings.id(Domain::App, *app))
        }));
        self.leave_out_copies();
    }

    pub(super) fn by_user(mut self) -> HashMap<u32, Holding, FixedState> {
        self.sort();
        let mut by_user: HashMap<u32, Holding, FixedState> = HashMap::default();
        let mut last = None;
        for (user, token, app) in self.held {
            let holding = by_user.entry(user).or_default();
            // A token that goes by two apps is one token all the same.
            holding.tokens += u64::from(last != Some((user, token)));
            last = Some((user, token));
            if app != NO_ID {
                holding.apps.insert(app);
            }
        }
        by_user
    }

    /// Keeps the list from growing beyond twice what is in it.
    fn leave_out_copies(&mut self) {
        const FEW: usize = 1 << 16;
        if self.held.len() > FEW + 2 * self.sorted {
            self.sort();
        }
    }

    fn sort(&mut self) {
        self.held.sort_unstable();
        self.held.dedup();
        self.sorted = self.held.len();
    }
}
