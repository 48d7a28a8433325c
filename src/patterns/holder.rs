//! Holder: things whose holder is, by the listing of all holders, somebody who should not have them.
//!
//! Whom the listing does not name, nothing is said of.

use std::collections::BTreeMap;

use super::seen::{Entry, Seen};
use super::standing::{Says, Standing, Standings};
use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, NO_NUMBER, Role, Table};
use crate::finding::{FactValue, Finding};
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &["at-least"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    held: Role,
    listing: Table,
    standings: Standings,
    things: Seen,
    apps: Seen,
}

impl State {
    pub(super) fn new(held: Role, listing: Table, says: &'static [Says]) -> Self {
        let (things, apps) = (Seen::default(), Seen::default());
        Self { held, listing, standings: Standings::new(says), things, apps }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        if rows.batch.table == self.listing {
            self.standings.observe(rows);
            return;
        }
        let of_role = |role: Role| -> Vec<Entry> {
            let selected = rows.selected.iter().map(|row| *row as usize);
            let shown = selected.map(|row| {
                let time = rows.batch.number(Role::Time, row).unwrap_or(Time::EARLIEST.0);
                Entry::one(rows.subjects[row], rows.batch.id(role, row), NO_ID, 0, rows.mark(row, time))
            });
            shown.filter(|entry| entry.value != NO_ID).collect()
        };
        self.things.add(&of_role(self.held));
        self.apps.add(&of_role(Role::App));
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        self.standings.merge(&other.standings, moves);
        self.things.merge(&other.things, self.held, None, moves);
        self.apps.merge(&other.apps, Role::App, None, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX).max(1);
        let standings = self.standings.that_hold();
        let things = by_subject(&self.things, &standings);
        let apps = by_subject(&self.apps, &standings);
        let mut matches = Vec::new();
        for (subject, mut things) in things {
            let Some((words, standing)) = standings.get(&subject).filter(|_| things.len() >= at_least) else {
                continue;
            };
            things.sort_unstable_by_key(|entry| entry.last);
            let apps = apps.get(&subject).map_or(&[][..], Vec::as_slice);
            matches.push(describe(subject, &words.join(" and "), *standing, &things, apps, finish));
        }
        matches
    }
}

/// What the subjects in question showed.
fn by_subject<T>(seen: &Seen, asked: &BTreeMap<u32, T>) -> BTreeMap<u32, Vec<Entry>> {
    let mut by_subject: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
    for entry in seen.entries().iter().filter(|entry| asked.contains_key(&entry.subject)) {
        by_subject.entry(entry.subject).or_default().push(*entry);
    }
    by_subject
}

fn describe(
    subject: u32,
    words: &str,
    standing: Standing,
    things: &[Entry],
    apps: &[Entry],
    finish: &Finish<'_>,
) -> Match {
    let name = |entry: &Entry| {
        let app = finish.text(Role::App, entry.value);
        finish.register.find(app).map_or(app, |app| app.name.as_str())
    };
    let mut names: Vec<&str> = apps.iter().map(name).collect();
    names.sort_unstable();
    let shown = names.iter().take(MARKS_KEPT).copied().collect::<Vec<_>>().join(", ");
    let modified = Some(standing.modified).filter(|modified| *modified != NO_NUMBER);
    let since = modified.map_or(FactValue::Words("unknown"), |time| Time(time).into());
    let marks: Vec<Mark> = std::iter::once(standing.mark).chain(things.iter().map(|entry| entry.last)).collect();
    Match {
        subject,
        further: Vec::new(),
        anchor: Some(words.to_owned().into()),
        span: (modified.map_or(finish.as_of.0, |time| time.min(finish.as_of.0)), finish.as_of.0),
        count: things.len() as u64,
        seen: vec![
            fact("standing", words.to_owned()),
            fact("since at the latest", since),
            fact("tokens", things.len()),
            fact("apps", shown),
        ],
        judged_by: vec![fact("at least", finish.limit("at-least")), fact("as of", finish.as_of)],
        marks_total: marks.len() as u64,
        marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
