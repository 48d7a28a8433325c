//! Whether it stopped: what subjects did after a moment, and whether the exports go far enough to say so.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::batch::{Role, Table};
use crate::finding::Named;
use crate::history::{Entry, History};
use crate::value::Time;

/// What is known of the time after a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Containment {
    /// The moment.
    pub since: Time,
    /// In a word: see [`Verdict`].
    pub verdict: Verdict,
    /// What was done after it, by subject and kind, the worst first.
    pub after: Vec<After>,
    /// How far each log goes after the moment; one that ends before it says nothing.
    pub logs: Vec<LogEnd>,
    /// Tokens that are listed still. A list says what there was when it was made, which it does not say.
    pub tokens_listed: u64,
}

/// Whether it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something succeeded after the moment.
    StillActive,
    /// Only refused attempts were made.
    TriedAndRefused,
    /// Nothing is in the hours that the exports cover after the moment.
    NothingInCoveredHours,
    /// No log goes beyond the moment.
    CannotSay,
}

/// What one app did for one user from one address, in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct After {
    /// The app.
    pub app: Option<Named>,
    /// The user.
    pub user: Option<Named>,
    /// Where it came from.
    pub address: Option<String>,
    /// What was done.
    pub what: String,
    /// How often it succeeded, and how often it was refused.
    pub done: u64,
    /// See `done`.
    pub refused: u64,
    /// Rows returned.
    pub rows: i64,
    /// The first and the last time.
    pub first: Time,
    /// See `first`.
    pub last: Time,
    /// Where the first row stands.
    pub export: String,
    /// See `export`.
    pub record: u64,
}

/// How far a log goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEnd {
    /// The event type.
    pub log: String,
    /// Its last row, whoever it is of; nothing if it has none with a time.
    pub last: Option<Time>,
    /// Whether that is later than the moment.
    pub goes_beyond: bool,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::StillActive => "STILL ACTIVE",
            Self::TriedAndRefused => "still tried, and refused each time",
            Self::NothingInCoveredHours => "nothing in the covered hours",
            Self::CannotSay => "cannot be said: no log goes beyond that moment",
        }
    }
}

/// What kind of event an entry is: logins by how they came, calls by interface and operation.
type Way = (Option<String>, Option<String>, Option<String>, String);

/// Looks at what the entries of a history did after a moment.
pub fn containment(history: &History<'_>, since: Time) -> Containment {
    let mut after: BTreeMap<Way, After> = BTreeMap::new();
    for entry in history.entries() {
        if entry.time <= since || !acts(&entry) {
            continue;
        }
        after.entry(way(&entry)).or_insert_with(|| After::new(&entry)).take(&entry);
    }
    let mut after: Vec<After> = after.into_values().collect();
    after.sort_by_key(|way| (way.done == 0, way.first, std::cmp::Reverse(way.done), way.what.clone()));
    let end =
        |(log, last): (String, Option<Time>)| LogEnd { log, last, goes_beyond: last.is_some_and(|last| last > since) };
    let logs: Vec<LogEnd> = history.ends().into_iter().map(end).collect();
    let verdict = if after.iter().any(|way| way.done > 0) {
        Verdict::StillActive
    } else if !after.is_empty() {
        Verdict::TriedAndRefused
    } else if logs.iter().any(|log| log.goes_beyond) {
        Verdict::NothingInCoveredHours
    } else {
        Verdict::CannotSay
    };
    Containment { since, verdict, after, logs, tokens_listed: history.rows(Table::Tokens) as u64 }
}

/// Whether the subject does something. What is done to it, such as a setup change that blocks it, is no sign of life.
fn acts(entry: &Entry<'_>) -> bool {
    match entry.table() {
        Table::SetupChanges | Table::Anomalies => false,
        Table::Sessions => entry.text(Role::Action) != Some("Logout"),
        _ => true,
    }
}

fn way(entry: &Entry<'_>) -> Way {
    let owned = |role| entry.text(role).map(str::to_owned);
    (owned(Role::App), owned(Role::User), owned(Role::SourceIp), entry.message())
}

impl After {
    fn new(entry: &Entry<'_>) -> Self {
        let (export, record) = entry.place();
        Self {
            app: entry.app(),
            user: entry.user(),
            address: entry.text(Role::SourceIp).map(str::to_owned),
            what: entry.message(),
            done: 0,
            refused: 0,
            rows: 0,
            first: entry.time,
            last: entry.time,
            export: export.to_owned(),
            record,
        }
    }

    fn take(&mut self, entry: &Entry<'_>) {
        if entry.is_refused() {
            self.refused += 1;
        } else {
            self.done += 1;
        }
        self.rows = self.rows.saturating_add(entry.rows().unwrap_or(0));
        self.last = entry.time;
    }
}
