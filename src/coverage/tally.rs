//! What a worker has counted. Tallies merge in any order; they grow with hours, exports and distinct values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::hours::ByHour;
use crate::batch::{Batch, Column, NO_ID, NO_NUMBER, Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::ingest::{RemarkKind, Survey};
use crate::value::Time;

/// All counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By export, event type and organisation, if rows say which.
    pub(super) parts: BTreeMap<(u32, Arc<str>, Option<String>), Part>,
    pub(super) filled: BTreeMap<Table, Filled>,
    /// Rows later than a given "now".
    pub(super) rows_after: u64,
    /// The newest row's time.
    pub(super) newest: Option<i64>,
}

/// An export's rows of one organisation.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Rows that can be used, repeated ones included.
    pub(super) usable: ByHour,
    /// Rows that are no repetition.
    pub(super) used: ByHour,
    pub(super) span: Option<(i64, i64)>,
    /// Used rows without an app, an address, a user.
    pub(super) without: [u64; WITHOUT.len()],
    /// Of used rows, by column of the schema.
    pub(super) remarks: BTreeMap<(usize, RemarkKind), Texts>,
}

/// The roles whose absence is told.
pub(super) const WITHOUT: [Role; 3] = [Role::App, Role::SourceIp, Role::User];

/// What a table's rows tell, as far as detectors look at them.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) rows: u64,
    /// Rows with a value, by role.
    pub(super) roles: BTreeMap<Role, u64>,
    pub(super) hours: ByHour,
    /// The distinct apps.
    pub(super) apps: BTreeSet<String>,
}

/// Distinct texts with their counts: the first in alphabetical order, and how many rows had others.
///
/// A text is let go only when as many smaller ones are known, which then stay: so the counts of those that remain are
/// whole, in whatever order texts and tallies come.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) kept: BTreeMap<String, u64>,
    pub(super) rows: u64,
}

/// How many distinct texts are kept for a column.
pub(super) const TEXTS_KEPT: usize = 1000;

impl Tally {
    /// Counts a batch as it is after its turn, with the survey of the block that it comes from.
    pub(super) fn observe(&mut self, batch: &Batch, survey: &mut Survey, dictionary: &Dictionary, as_of: Option<Time>) {
        let org_of = |id: u32| dictionary.role_text(Role::Org, id).map(str::to_owned);
        let (usable, remarks) = survey.look_of(&batch.event_type);
        for ((org, hour), rows) in usable {
            *self.part(batch, org_of(org)).usable.entry(hour).or_default() += rows;
        }
        let mut by_org: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for row in 0..batch.rows() {
            by_org.entry(batch.id(Role::Org, row)).or_default().push(row);
        }
        for (org, rows) in &by_org {
            self.part(batch, org_of(*org)).count(batch, rows);
        }
        for remark in remarks {
            let Ok(row) = batch.offsets.binary_search(&remark.offset) else { continue };
            let part = self.part(batch, org_of(batch.id(Role::Org, row)));
            part.remarks.entry((remark.column, remark.kind)).or_default().add(&remark.text, 1);
        }
        let newest = (0..batch.rows()).filter_map(|row| batch.number(Role::Time, row)).max();
        self.newest = self.newest.max(newest);
        self.fill(batch, dictionary, as_of);
    }

    /// Takes another tally in.
    pub(super) fn merge(mut self, other: Self) -> Self {
        for (key, part) in other.parts {
            self.parts.entry(key).or_default().merge(part);
        }
        for (table, filled) in other.filled {
            self.filled.entry(table).or_default().merge(filled);
        }
        self.rows_after += other.rows_after;
        self.newest = self.newest.max(other.newest);
        self
    }

    fn part(&mut self, batch: &Batch, org: Option<String>) -> &mut Part {
        self.parts.entry((batch.export, Arc::clone(&batch.event_type), org)).or_default()
    }

    /// Counts what detectors would see: rows up to "now", and tokens whenever they were used.
    fn fill(&mut self, batch: &Batch, dictionary: &Dictionary, as_of: Option<Time>) {
        let filled = self.filled.entry(batch.table).or_default();
        let limit = as_of.filter(|_| batch.table != Table::Tokens).map_or(i64::MAX, |as_of| as_of.0);
        let is_seen = |row: usize| batch.number(Role::Time, row).is_none_or(|time| time <= limit);
        let seen: Vec<usize> = (0..batch.rows()).filter(|row| is_seen(*row)).collect();
        self.rows_after += (batch.rows() - seen.len()) as u64;
        filled.rows += seen.len() as u64;
        for &role in Role::ALL {
            let count = match batch.column(role) {
                Column::Absent => 0,
                Column::Ids(ids) => seen.iter().filter(|row| ids[**row] != NO_ID).count(),
                Column::Numbers(numbers) => seen.iter().filter(|row| numbers[**row] != NO_NUMBER).count(),
            };
            if count > 0 {
                *filled.roles.entry(role).or_default() += count as u64;
            }
        }
        let mut apps = BTreeSet::new();
        for &row in &seen {
            if let Some(time) = batch.number(Role::Time, row) {
                *filled.hours.entry(Time(time).hours()).or_default() += 1;
            }
            apps.insert(batch.id(Role::App, row));
        }
        for app in apps.into_iter().filter(|app| *app != NO_ID) {
            let name = dictionary.text(Domain::App, app);
            if !filled.apps.contains(name) {
                filled.apps.insert(name.to_owned());
            }
        }
    }
}

impl Part {
    fn count(&mut self, batch: &Batch, rows: &[usize]) {
        for &row in rows {
            for (count, role) in self.without.iter_mut().zip(WITHOUT) {
                *count += u64::from(batch.id(role, row) == NO_ID);
            }
            let Some(time) = batch.number(Role::Time, row) else {
                *self.used.entry(i64::MIN).or_default() += 1;
                continue;
            };
            *self.used.entry(Time(time).hours()).or_default() += 1;
            self.span = joined(self.span, Some((time, time)));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        add_hours(&mut self.usable, &other.usable);
        add_hours(&mut self.used, &other.used);
        self.span = joined(self.span, other.span);
        for (own, others) in self.without.iter_mut().zip(other.without) {
            *own += others;
        }
        for (key, texts) in other.remarks {
            self.remarks.entry(key).or_default().merge(&texts);
        }
    }
}

impl Filled {
    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        for (role, count) in other.roles {
            *self.roles.entry(role).or_default() += count;
        }
        add_hours(&mut self.hours, &other.hours);
        self.apps.extend(other.apps);
    }
}

impl Texts {
    pub(super) fn add(&mut self, text: &str, rows: u64) {
        self.rows += rows;
        if let Some(count) = self.kept.get_mut(text) {
            *count += rows;
            return;
        }
        self.kept.insert(text.to_owned(), rows);
        if self.kept.len() > TEXTS_KEPT {
            self.kept.pop_last();
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (text, rows) in &other.kept {
            self.add(text, *rows);
        }
        self.rows += other.let_go();
    }

    /// Rows whose texts were let go.
    pub(super) fn let_go(&self) -> u64 {
        self.rows - self.kept.values().sum::<u64>()
    }
}

fn add_hours(own: &mut ByHour, other: &ByHour) {
    for (hour, rows) in other {
        *own.entry(*hour).or_default() += rows;
    }
}

fn joined(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}
