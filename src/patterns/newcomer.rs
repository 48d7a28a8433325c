//! Newcomer: a subject that nobody knew comes to several places within a short time.
//!
//! ```text
//! place 1   ──────────────┼────s──s─────     s was nowhere before the window
//! place 2   ──────────────┼───────s──s──
//!                              └within┘
//! ```
//! Places count that have rows from long enough before the window: at others, everybody would be new. A subject that goes
//! by one name at all of them is less: that is how somebody looks who serves them all and has moved.

use std::collections::BTreeMap;

use super::seen::{Entry, Seen};
use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::{Finding, Severity};
use crate::value::time::DAY;

pub(super) const LIMITS: &[&str] = &["at-least", "within-days", "history-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    name: Role,
    places: Seen,
    names: Seen,
    /// By place: its first row.
    begins: BTreeMap<u32, i64>,
}

impl State {
    pub(super) fn new(of: Role, name: Role) -> Self {
        Self { of, name, places: Seen::default(), names: Seen::default(), begins: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let of_role = |role: Role| -> Vec<Entry> {
            let shown = rows.iter().filter(|(row, _, _)| rows.batch.id(self.of, *row) != NO_ID);
            let shown = shown.map(|(row, subject, time)| {
                Entry::one(subject, rows.batch.id(role, row), NO_ID, 0, rows.mark(row, time))
            });
            shown.filter(|entry| entry.value != NO_ID).collect()
        };
        let (places, names) = (of_role(self.of), of_role(self.name));
        for entry in &places {
            self.begin(entry.value, entry.first.time);
        }
        self.places.add(&places);
        self.names.add(&names);
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        self.places.merge(&other.places, self.of, None, moves);
        self.names.merge(&other.names, self.name, None, moves);
        for (place, time) in &other.begins {
            self.begin(moves.value(self.of, *place), *time);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let history = finish.since.0.saturating_sub(finish.limit("history-days").saturating_mul(DAY));
        let within = finish.limit("within-days").saturating_mul(DAY);
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX).max(2);
        let mut entries: Vec<Entry> = self.places.entries().to_vec();
        entries.sort_unstable_by_key(|entry| (entry.subject, entry.first));
        let mut matches = Vec::new();
        for own in entries.chunk_by(|one, next| one.subject == next.subject) {
            // The first one is the earliest: nobody knew it if that is in the window.
            if own.len() < at_least || own[0].first.time < finish.since.0 {
                continue;
            }
            let known: Vec<&Entry> = own.iter().filter(|entry| self.begins[&entry.value] <= history).collect();
            let together = |from: &&&Entry| -> Vec<&Entry> {
                let span = from.first.time..from.first.time.saturating_add(within);
                known.iter().filter(|entry| span.contains(&entry.first.time)).copied().collect()
            };
            let found = known.iter().map(|from| together(&from)).find(|visited| visited.len() >= at_least);
            if let Some(visited) = found {
                matches.push(self.describe(&visited, finish));
            }
        }
        matches
    }

    fn begin(&mut self, place: u32, time: i64) {
        self.begins.entry(place).and_modify(|known| *known = time.min(*known)).or_insert(time);
    }

    fn describe(&self, visited: &[&Entry], finish: &Finish<'_>) -> Match {
        let subject = visited[0].subject;
        let mut names: Vec<&str> = self
            .names
            .entries()
            .iter()
            .filter(|entry| entry.subject == subject)
            .map(|entry| finish.text(self.name, entry.value))
            .collect();
        names.sort_unstable();
        let texts = |all: &mut dyn Iterator<Item = &str>| all.take(MARKS_KEPT).collect::<Vec<_>>().join(", ");
        let places = texts(&mut visited.iter().map(|entry| finish.text(self.of, entry.value)));
        let count = visited.iter().map(|entry| u64::from(entry.count)).sum();
        let last = visited.iter().map(|entry| entry.last.time).max().unwrap_or(visited[0].first.time);
        let marks: Vec<Mark> = visited.iter().map(|entry| entry.first).collect();
        Match {
            subject,
            further: Vec::new(),
            anchor: None,
            span: (visited[0].first.time, last),
            count,
            seen: vec![
                fact("organisations", visited.len()),
                fact("their ids", places),
                fact("apps", if names.is_empty() { "not named".to_owned() } else { texts(&mut names.iter().copied()) }),
                fact("events", count),
            ],
            judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
            marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
            marks_total: count,
            principal: None,
            severity: (names.len() == 1).then_some(Severity::Medium),
            weights: Vec::new(),
        }
    }
}
