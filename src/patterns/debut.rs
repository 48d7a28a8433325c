//! Debut: a subject that appears for the first time within the window, where the rows of its kind reach back long enough
//! for that to mean something. What exists, and does not happen, appears when it was created.

use std::collections::BTreeMap;

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{Role, Table};
use crate::finding::FactValue;
use crate::value::Time;
use crate::value::time::DAY;

pub(super) const LIMITS: &[&str] = &["history-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    created: Option<Role>,
    /// By subject.
    appearances: BTreeMap<u32, Appearance>,
    /// How far back each table reaches.
    reach: BTreeMap<Table, i64>,
}

/// Where and when a subject appeared first, and how often in all.
#[derive(Clone, Copy, Debug)]
struct Appearance {
    first: Mark,
    table: Table,
    last: i64,
    count: u64,
}

impl State {
    pub(super) fn new(created: Option<Role>) -> Self {
        Self { created, appearances: BTreeMap::new(), reach: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let table = rows.batch.table;
        let moment = self.created.filter(|_| table.is_inventory()).unwrap_or(Role::Time);
        for row in rows.selected.iter().map(|row| *row as usize) {
            if let Some(time) = rows.batch.number(moment, row) {
                let first = rows.mark(row, time);
                self.add(rows.subjects[row], Appearance { first, table, last: time, count: 1 });
                self.reaches(table, time);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        for (subject, appearance) in &other.appearances {
            self.add(moves.subject(*subject), *appearance);
        }
        for (table, time) in &other.reach {
            self.reaches(*table, *time);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let history = finish.limit("history-days") * DAY;
        let is_new = |appearance: &Appearance| {
            let reach = self.reach.get(&appearance.table).copied().unwrap_or(Time::EARLIEST.0);
            let time = appearance.first.time;
            (finish.since.0..=finish.as_of.0).contains(&time) && reach <= finish.since.0 - history
        };
        let new = self.appearances.iter().filter(|(_, appearance)| is_new(appearance));
        new.map(|(subject, appearance)| describe(*subject, *appearance, finish)).collect()
    }

    fn add(&mut self, subject: u32, appearance: Appearance) {
        let known = self.appearances.entry(subject).or_insert(Appearance { count: 0, ..appearance });
        if (appearance.first, appearance.table) < (known.first, known.table) {
            (known.first, known.table) = (appearance.first, appearance.table);
        }
        known.last = known.last.max(appearance.last);
        known.count += appearance.count;
    }

    fn reaches(&mut self, table: Table, time: i64) {
        self.reach.entry(table).and_modify(|known| *known = time.min(*known)).or_insert(time);
    }
}

fn describe(subject: u32, appearance: Appearance, finish: &Finish<'_>) -> Match {
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (appearance.first.time, appearance.last),
        count: appearance.count,
        seen: vec![
            fact("first seen", Time(appearance.first.time)),
            fact("first seen in", FactValue::Words(appearance.table.name())),
            fact("events", i64::try_from(appearance.count).unwrap_or(i64::MAX)),
        ],
        judged_by: vec![fact("history days", finish.limit("history-days")), fact("window start", finish.since)],
        marks: vec![appearance.first],
        marks_total: appearance.count,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
