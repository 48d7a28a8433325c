//! Loosening: what holds an app back is loosened, and soon after it comes from a network, or is used by somebody, that it
//! never knew.
//!
//! ```text
//! networks   ──a──a──a──a──────a────b──     b is new
//! policy     ──────────────✂────────────
//!             └ history-days ┘└within┘
//! ```
//! Who is new by a grant alone makes it less: that is what loosening may be for. An app without a past stays silent.

use std::collections::BTreeMap;

use super::seen::{Entry, Seen};
use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role, Table};
use crate::finding::{Finding, Severity};
use crate::value::time::{DAY, SECOND};

pub(super) const LIMITS: &[&str] = &["within", "history-days"];
pub(super) const ROLES: &[Role] = &[Role::Change, Role::Network, Role::User, Role::Created];

#[derive(Clone, Debug)]
pub(crate) struct State {
    loosens: fn(&str) -> bool,
    /// By subject: the changes, and their words.
    changes: BTreeMap<u32, Vec<(Mark, u32)>>,
    networks: Seen,
    /// Users by their first grant.
    grants: Seen,
}

impl State {
    pub(super) fn new(loosens: fn(&str) -> bool) -> Self {
        Self { loosens, changes: BTreeMap::new(), networks: Seen::default(), grants: Seen::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        match rows.batch.table {
            Table::SetupChanges => {
                for (row, subject, time) in rows.iter() {
                    let change = rows.batch.id(Role::Change, row);
                    if rows.dictionary.role_text(Role::Change, change).is_some_and(self.loosens) {
                        self.changes.entry(subject).or_default().push((rows.mark(row, time), change));
                    }
                }
            }
            Table::Tokens => self.grants.observe(entries(rows, Role::User, Role::Created)),
            _ => self.networks.observe(entries(rows, Role::Network, Role::Time)),
        }
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        for (subject, changes) in &other.changes {
            let own = self.changes.entry(moves.subject(*subject)).or_default();
            own.extend(changes.iter().map(|(mark, change)| (*mark, moves.value(Role::Change, *change))));
        }
        self.networks.merge(&other.networks, Role::Network, None, moves);
        self.grants.merge(&other.grants, Role::User, None, moves);
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Vec<Match> {
        let mut matches = Vec::new();
        for (subject, mut changes) in std::mem::take(&mut self.changes) {
            changes.sort_unstable_by_key(|(mark, _)| *mark);
            let networks = of_subject(&self.networks, subject, finish);
            let grants = of_subject(&self.grants, subject, finish);
            let began = networks.iter().chain(&grants).map(|entry| entry.first.time).min().unwrap_or(i64::MAX);
            for (place, change) in changes.iter().enumerate() {
                let start = change.0.time;
                // What follows several changes follows the last of them.
                let next = changes.get(place + 1).map_or(i64::MAX, |(mark, _)| mark.time);
                let end = start.saturating_add(finish.limit("within").saturating_mul(SECOND)).min(next);
                let news = |entries: &[Entry]| -> Vec<Entry> {
                    entries.iter().filter(|entry| (start..end).contains(&entry.first.time)).copied().collect()
                };
                let (networks, grants) = (news(&networks), news(&grants));
                let has_past = began <= start.saturating_sub(finish.limit("history-days").saturating_mul(DAY));
                if has_past && !(networks.is_empty() && grants.is_empty()) {
                    matches.push(describe(subject, *change, &networks, &grants, finish));
                }
            }
        }
        matches
    }
}

/// What rows show, by one of their times.
fn entries(rows: &Rows<'_>, of: Role, by: Role) -> impl Iterator<Item = Entry> {
    rows.selected.iter().map(|row| *row as usize).filter_map(move |row| {
        let (value, time) = (rows.batch.id(of, row), rows.batch.number(by, row)?);
        (value != NO_ID).then(|| Entry::one(rows.subjects[row], value, NO_ID, 0, rows.mark(row, time)))
    })
}

/// What a subject showed up to "now", in order.
fn of_subject(seen: &Seen, subject: u32, finish: &Finish<'_>) -> Vec<Entry> {
    let is_own = |entry: &&Entry| entry.subject == subject && entry.first.time <= finish.as_of.0;
    let mut own: Vec<Entry> = seen.entries().iter().filter(is_own).copied().collect();
    own.sort_unstable_by_key(|entry| entry.first);
    own
}

fn describe(
    subject: u32,
    (change, words): (Mark, u32),
    networks: &[Entry],
    grants: &[Entry],
    finish: &Finish<'_>,
) -> Match {
    let mut marks: Vec<Mark> = networks.iter().chain(grants).map(|entry| entry.first).collect();
    marks.sort_unstable();
    let (first, last) = (marks[0].time, marks[marks.len() - 1].time);
    let shown = networks.iter().take(MARKS_KEPT).map(|entry| finish.text(Role::Network, entry.value));
    let shown = shown.collect::<Vec<_>>().join(", ");
    marks.insert(0, change);
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (change.time, last),
        count: marks.len() as u64,
        seen: vec![
            fact("change", finish.text(Role::Change, words).to_owned()),
            fact("new networks", networks.len()),
            fact("networks", if shown.is_empty() { "none".to_owned() } else { shown }),
            fact("new users", grants.len()),
            fact("minutes until the first", (first - change.time) / (60 * SECOND)),
        ],
        judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
        marks_total: marks.len() as u64,
        marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
        principal: None,
        severity: networks.is_empty().then_some(Severity::Medium),
        weights: Vec::new(),
    }
}
