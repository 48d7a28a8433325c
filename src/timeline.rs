//! One order over all tables, with repetition folded: four thousand pages of one query are one line.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde::Serialize;

use crate::batch::Role;
use crate::finding::{Named, Severity};
use crate::history::{Entry, Stamp};
use crate::told::{Told, ToldFinding};
use crate::value::Time;

/// Rows that say the same, one after another, as one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When the first of them happened.
    pub time: Time,
    /// When the last of them did.
    pub until: Time,
    /// How many there are.
    pub count: u64,
    /// What their time means.
    pub stamp: &'static str,
    /// The event type.
    pub log: String,
    /// What happened.
    pub message: String,
    /// Who acted.
    pub user: Option<Named>,
    /// The connected app.
    pub app: Option<Named>,
    /// Where it came from.
    pub address: Option<String>,
    /// The user agent.
    pub client: Option<String>,
    /// The session key, or else the login key.
    pub session: Option<String>,
    /// Rows returned, all together; nothing where no row says so.
    pub rows: Option<i64>,
    /// Whether it was refused or failed.
    pub refused: bool,
    /// The findings that rest on one of the rows: how severe the worst is, and which detectors they are of.
    pub severity: Option<Severity>,
    /// See `severity`.
    pub findings: Vec<String>,
    /// The export that holds the first row.
    pub export: String,
    /// The number of its record there.
    pub record: u64,
}

/// How to fold.
#[derive(Clone, Copy, Debug)]
pub struct Folding {
    /// Rows further apart than this, in microseconds, are lines of their own. Nothing is folded if it is negative.
    pub gap: i64,
}

/// What rows have in common that become one line.
type Key = (Stamp, [Option<u64>; 8]);

/// What of a row tells it from others; times, amounts and identifiers do not.
const ALIKE: [Role; 8] =
    [Role::Log, Role::User, Role::App, Role::SourceIp, Role::Client, Role::Fingerprint, Role::Session, Role::LoginKey];

/// The lines of entries, which are in the order of a history, by their first times.
pub fn lines<'h>(entries: impl Iterator<Item = Entry<'h>>, folding: Folding, told: &Told) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: HashMap<(Key, String), usize, FixedState> = HashMap::default();
    for entry in entries {
        let message = entry.message();
        let key = (key(&entry), message.clone());
        if let Some(place) = open.get(&key)
            && let Some(line) = lines.get_mut(*place)
            && entry.time.0 - line.until.0 <= folding.gap
        {
            line.take(&entry);
            line.rests(told.of(entry.place()));
            continue;
        }
        open.insert(key, lines.len());
        let mut line = Line::of(&entry, message);
        line.rests(told.of(entry.place()));
        lines.push(line);
    }
    lines
}

fn key(entry: &Entry<'_>) -> Key {
    let hash = |text: &str| xxhash_rust::xxh3::xxh3_64(text.as_bytes());
    (entry.stamp, ALIKE.map(|role| entry.text(role).map(hash)))
}

impl Line {
    fn of(entry: &Entry<'_>, message: String) -> Self {
        let owned = |role| entry.text(role).map(str::to_owned);
        let (export, record) = entry.place();
        Self {
            time: entry.time,
            until: entry.time,
            count: 1,
            stamp: entry.stamp.words(),
            log: entry.log().to_owned(),
            message,
            user: entry.user(),
            app: entry.app(),
            address: owned(Role::SourceIp),
            client: owned(Role::Client),
            session: owned(Role::Session).or_else(|| owned(Role::LoginKey)),
            rows: entry.rows(),
            refused: entry.is_refused(),
            severity: None,
            findings: Vec::new(),
            export: export.to_owned(),
            record,
        }
    }

    fn take(&mut self, entry: &Entry<'_>) {
        self.until = self.until.max(entry.time);
        self.count += 1;
        self.refused |= entry.is_refused();
        if let Some(rows) = entry.rows() {
            self.rows = Some(self.rows.unwrap_or(0).saturating_add(rows));
        }
    }

    fn rests<'t>(&mut self, findings: impl Iterator<Item = &'t ToldFinding>) {
        for finding in findings {
            self.severity = self.severity.max(Some(finding.severity));
            if let Err(place) = self.findings.binary_search(&finding.detector) {
                self.findings.insert(place, finding.detector.clone());
            }
        }
    }
}
