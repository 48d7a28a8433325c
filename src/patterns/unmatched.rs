//! Unmatched: rows that name an event of another table, which is not there although it should be.
//!
//! ```text
//! logins  ──l──l─────l───┄ margin ┄─┬─┄ margin ┄──l──l──
//! calls   ──────c──c────c───────────x──x──x─────────────     x names a login that is not among them
//! ```
//! It should be there if the other table covers the time: it has rows that can be named, of the subject and on every day
//! (UTC) from a margin before the first row that names the event, and goes on for a margin behind it. Rows so close to the
//! start of all rows may belong to what began before.

use std::collections::BTreeSet;

use super::seen::{Entry, Seen};
use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role, Table};
use crate::finding::Finding;
use crate::value::Time;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "margin"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The table whose rows are named.
    named_in: Table,
    /// One for each role that may name an event; a row is looked at under the first that it has.
    links: Vec<Link>,
}

#[derive(Clone, Debug)]
struct Link {
    role: Role,
    /// Who named what.
    naming: Seen,
    /// By value: whether there is such an event.
    there: Vec<bool>,
    /// By subject: whether it has any event that can be named.
    subjects: Vec<bool>,
    /// The days that have events which can be named, and the first and last of their times.
    days: BTreeSet<i32>,
    span: Option<(i64, i64)>,
}

impl State {
    pub(super) fn new(named_in: Table, by: &[Role]) -> Self {
        Self { named_in, links: by.iter().map(|role| Link::new(*role)).collect() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        if rows.batch.table == self.named_in {
            for (row, subject, time) in rows.iter() {
                for link in &mut self.links {
                    link.note(rows.batch.id(link.role, row), subject, time);
                }
            }
            return;
        }
        let mut naming: Vec<Vec<Entry>> = vec![Vec::new(); self.links.len()];
        for (row, subject, time) in rows.iter() {
            let named = (0..).zip(&self.links).map(|(place, link)| (place, rows.batch.id(link.role, row)));
            if let Some((place, value)) = named.into_iter().find(|(_, value)| *value != NO_ID) {
                let place: usize = place;
                naming[place].push(Entry::one(subject, value, NO_ID, 0, rows.mark(row, time)));
            }
        }
        for (link, naming) in self.links.iter_mut().zip(naming) {
            link.naming.observe(naming);
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (own, theirs) in self.links.iter_mut().zip(other.links) {
            own.merge(&theirs, moves);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let entries = self.links.iter().flat_map(|link| link.naming.entries());
        let Some(first) = entries.map(|entry| entry.first.time).min() else { return Vec::new() };
        let margin = finish.limit("margin") * SECOND;
        let mut unmatched: Vec<(&Link, &Entry)> = Vec::new();
        for link in &self.links {
            let is_unmatched = |entry: &&Entry| {
                let is_there = link.there.get(entry.value as usize).copied().unwrap_or(false);
                let reaches_in = entry.last.time >= finish.since.0;
                !is_there && reaches_in && first <= entry.first.time - margin && link.covers(entry, margin)
            };
            unmatched.extend(link.naming.entries().iter().filter(is_unmatched).map(|entry| (link, entry)));
        }
        unmatched.sort_unstable_by_key(|(_, entry)| (entry.subject, entry.first));
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX);
        let of_subjects = unmatched.chunk_by(|one, next| one.1.subject == next.1.subject);
        of_subjects.filter(|all| all.len() >= at_least).map(|all| describe(all, finish)).collect()
    }
}

impl Link {
    fn new(role: Role) -> Self {
        let (there, subjects) = (Vec::new(), Vec::new());
        Self { role, naming: Seen::default(), there, subjects, days: BTreeSet::new(), span: None }
    }

    /// Takes in an event that can be named.
    fn note(&mut self, value: u32, subject: u32, time: i64) {
        if value == NO_ID {
            return;
        }
        set(&mut self.there, value);
        set(&mut self.subjects, subject);
        self.days.insert(Time(time).day());
        self.reach((time, time));
    }

    fn reach(&mut self, (first, last): (i64, i64)) {
        let (from, to) = self.span.unwrap_or((first, last));
        self.span = Some((from.min(first), to.max(last)));
    }

    fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        self.naming.merge(&other.naming, self.role, None, moves);
        for (value, _) in (0..).zip(&other.there).filter(|(_, is_there)| **is_there) {
            set(&mut self.there, moves.value(self.role, value));
        }
        for (subject, _) in (0..).zip(&other.subjects).filter(|(_, has_any)| **has_any) {
            set(&mut self.subjects, moves.subject(subject));
        }
        self.days.extend(&other.days);
        if let Some(span) = other.span {
            self.reach(span);
        }
    }

    /// Whether the named event would have been seen.
    fn covers(&self, entry: &Entry, margin: i64) -> bool {
        let (first, Some((from, to))) = (entry.first.time, self.span) else { return false };
        let is_of_subject = self.subjects.get(entry.subject as usize).copied().unwrap_or(false);
        let mut days = Time(first - margin).day()..=Time(first).day();
        is_of_subject && from <= first - margin && first + margin <= to && days.all(|day| self.days.contains(&day))
    }
}

fn set(bits: &mut Vec<bool>, place: u32) {
    let place = place as usize;
    if bits.len() <= place {
        bits.resize(place + 1, false);
    }
    bits[place] = true;
}

fn describe(all: &[(&Link, &Entry)], finish: &Finish<'_>) -> Match {
    let first = all[0].1.first.time;
    let last = all.iter().map(|(_, entry)| entry.last.time).max().unwrap_or(first);
    let count = all.iter().map(|(_, entry)| u64::from(entry.count)).sum();
    let shown = all.iter().take(MARKS_KEPT).map(|(link, entry)| finish.text(link.role, entry.value));
    let mut marks: Vec<Mark> = all.iter().flat_map(|(_, entry)| entry.marks()).collect();
    marks.sort_unstable();
    marks.truncate(Finding::EVIDENCE_KEPT);
    Match {
        subject: all[0].1.subject,
        further: Vec::new(),
        anchor: None,
        span: (first, last),
        count,
        seen: vec![
            fact("sessions", all.len()),
            fact("events", count),
            fact(all[0].0.role.name_in_words(), shown.collect::<Vec<_>>().join(", ")),
        ],
        judged_by: vec![fact("at least", finish.limit("at-least")), fact("margin seconds", finish.limit("margin"))],
        marks,
        marks_total: count,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
