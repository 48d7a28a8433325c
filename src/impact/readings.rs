//! Calls put together into readings: a query with its pages, or a bulk job. Rows of one reading are different rows; rows
//! of two may be the same ones.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use crate::batch::Role;
use crate::history::Entry;

/// The readings of one object in one log.
#[derive(Clone, Debug, Default)]
pub(super) struct Readings {
    /// Rows of queries with their pages.
    queries: Vec<i64>,
    /// The query that a page may belong to, by session, else by user and address.
    open: HashMap<u64, usize, FixedState>,
    /// Rows of bulk jobs.
    jobs: BTreeMap<String, i64>,
    /// All rows that were sent.
    sent: i64,
}

/// Several rows of this log tell of one job, and more than one may say how many records there were.
const SAYS_AGAIN: &str = "BulkApi2";

impl Readings {
    pub(super) fn take(&mut self, entry: &Entry<'_>, rows: i64) {
        if let Some(job) = entry.text(Role::Job) {
            let known = self.jobs.entry(job.to_owned()).or_default();
            let new = if entry.log() == SAYS_AGAIN { (*known).max(rows) } else { known.saturating_add(rows) };
            self.sent = self.sent.saturating_add(new - *known);
            *known = new;
            return;
        }
        self.sent = self.sent.saturating_add(rows);
        let holder = entry.holder();
        if let Some(place) = self.open.get(&holder).filter(|_| entry.is_page()) {
            self.queries[*place] = self.queries[*place].saturating_add(rows);
        } else {
            self.open.insert(holder, self.queries.len());
            self.queries.push(rows);
        }
    }

    /// So many different rows at least.
    pub(super) fn least(&self) -> i64 {
        self.queries.iter().chain(self.jobs.values()).copied().max().unwrap_or(0)
    }

    /// So many rows were sent.
    pub(super) fn most(&self) -> i64 {
        self.sent
    }

    pub(super) fn count(&self) -> u64 {
        (self.queries.len() + self.jobs.len()) as u64
    }
}
