//! Which detectors can run on the exports at hand, and why others cannot.
//!
//! A detector needs rows of a table that it watches, with values in the roles that its pattern cannot do without; some
//! need a past before the window, or a register that says what was granted. What is missing otherwise makes it blind in
//! part. Counts are of whole tables: a detector that runs may still be blind to an app with few rows.

use std::collections::BTreeSet;

use serde::Serialize;

use super::tally::{Filled, Tally};
use crate::apps::{App, Resolution};
use crate::batch::{Role, Table};
use crate::detector::{Detector, Matching};
use crate::engine::{Scan, is_of_now};
use crate::patterns::{self, Ageing, Pattern};
use crate::value::Time;

/// Whether a detector can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ability {
    /// The detector's id.
    pub detector: &'static str,
    /// Whether it can.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
}

/// Whether a detector can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It has all that it looks at.
    Runs,
    /// It runs, and something that it would look at is not there.
    Partly,
    /// It can find nothing.
    Cannot,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Partly => "partly",
            Self::Cannot => "cannot",
        }
    }
}

/// The abilities of the scan's detectors, in their order.
pub(super) fn of(scan: &Scan<'_>, tally: &Tally, apps: &Resolution, since: Time, as_of: Time) -> Vec<Ability> {
    let judge = |detector: &&Detector| {
        if scan.values.is_off(detector.id) {
            let reason = "The settings turn it off.".to_owned();
            return Ability { detector: detector.id, verdict: Verdict::Cannot, reason };
        }
        Question { detector, scan, tally, apps, since, as_of, lacks: Vec::new() }.answer()
    };
    scan.detectors.iter().map(judge).collect()
}

/// A detector and what is known of the exports.
struct Question<'a> {
    detector: &'a Detector,
    scan: &'a Scan<'a>,
    tally: &'a Tally,
    apps: &'a Resolution,
    since: Time,
    as_of: Time,
    /// What is missing, and does not make it impossible.
    lacks: Vec<String>,
}

impl Question<'_> {
    fn answer(mut self) -> Ability {
        let able = self.able_tables();
        let indispensable = match self.detector.watch.pattern {
            Pattern::Rejection => Some(Table::Assertions),
            Pattern::Unmatched { named_in, .. } => Some(named_in),
            Pattern::Holder { listing, .. } | Pattern::Afterlife { listing, .. } => Some(listing),
            Pattern::Loosening { .. } => Some(Table::SetupChanges),
            Pattern::Unlogged { logged_in, .. } => Some(logged_in),
            _ => None,
        };
        let hindrance = if let Some(reason) = self.without_reference() {
            Some(reason)
        } else if able.is_empty() || indispensable.is_some_and(|table| !able.contains(&table)) {
            Some(std::mem::take(&mut self.lacks).join("; "))
        } else {
            self.placeless(&able)
                .or_else(|| self.too_short_a_past(&able))
                .or_else(|| self.empty_window(&able))
                .or_else(|| self.register())
        };
        let (verdict, reason) = match hindrance {
            Some(reason) => (Verdict::Cannot, reason),
            None if self.lacks.is_empty() => (Verdict::Runs, self.what_there_is(&able)),
            None => (Verdict::Partly, self.lacks.join("; ")),
        };
        Ability { detector: self.detector.id, verdict, reason: sentence(&reason) }
    }

    /// The watched tables whose rows can serve; notes what the others lack.
    fn able_tables(&mut self) -> Vec<Table> {
        let mut able = Vec::new();
        for &table in self.detector.watch.tables {
            let Some(filled) = self.tally.filled.get(&table).filter(|filled| filled.rows > 0) else {
                self.lacks.push(format!("there are no rows of {}", table.name()));
                continue;
            };
            let needed = needed(self.detector, table);
            let missing: Vec<Role> = needed.iter().copied().filter(|role| with(filled, *role) == 0).collect();
            if !missing.is_empty() {
                let words: Vec<&str> = missing.iter().map(|role| role.name_in_words()).collect();
                self.lacks.push(format!("no row of {} has a value for {}", table.name(), words.join(" or ")));
                continue;
            }
            able.push(table);
            self.note_what_would_help(table, filled, &needed);
        }
        able
    }

    fn note_what_would_help(&mut self, table: Table, filled: &Filled, needed: &[Role]) {
        let watch = &self.detector.watch;
        let asked: BTreeSet<Role> =
            watch.subject.iter().copied().chain(watch.pattern.roles()).chain(watch.matching.roles()).collect();
        for role in asked {
            let count = with(filled, role);
            let weighs = needed.contains(&role) || watch.subject.contains(&role);
            if count == 0 && self.table_has(table, role) {
                self.lacks.push(format!("no row of {} has a value for {}", table.name(), role.name_in_words()));
            } else if weighs && count > 0 && count * 2 < filled.rows {
                let share = (filled.rows - count) * 100 / filled.rows;
                self.lacks.push(format!(
                    "{share} % of the rows of {} have no value for {}",
                    table.name(),
                    role.name_in_words()
                ));
            }
        }
    }

    /// Whether an export of the table could have the role at all.
    fn table_has(&self, table: Table, role: Role) -> bool {
        let schemas = self.scan.schemas.iter().filter(|schema| schema.table == table);
        schemas.flat_map(|schema| &schema.columns).any(|column| column.role == Some(role))
    }

    /// Travel takes logins that have coordinates, or that name a place which has them.
    fn placeless(&mut self, able: &[Table]) -> Option<String> {
        let Pattern::Travel = self.detector.watch.pattern else { return None };
        let filled = self.tally.filled.get(&Table::Logins).filter(|_| able.contains(&Table::Logins));
        let named = |filled| if able.contains(&Table::Places) { with(filled, Role::Place) } else { 0 };
        let placed = filled.map_or(0, |filled| with(filled, Role::Latitude) + named(filled));
        let rows = filled.map_or(0, |filled| filled.rows);
        if placed == 0 {
            return Some("no row of logins has coordinates, or names a row of places that has them".to_owned());
        }
        if placed * 2 < rows {
            let share = (rows - placed) * 100 / rows;
            self.lacks.push(format!("{share} % of the rows of logins have neither coordinates nor a row of places"));
        }
        None
    }

    fn too_short_a_past(&self, able: &[Table]) -> Option<String> {
        let limit = |name: &str| self.scan.values.get(self.detector.id, name);
        let (days_needed, rows_needed) = (limit("baseline-days"), limit("baseline-events"));
        let (days, rows) = self.days_and_rows(able, i64::MIN, self.since.hours());
        if days < days_needed || rows < rows_needed {
            return Some(format!(
                "before the window, which begins on {}, there are {rows} rows on {days} days, and a baseline needs {} \
                 on {days_needed}",
                self.since.date_text(),
                rows_needed.max(days_needed),
            ));
        }
        let least_days = limit("least-days");
        let (days, _) = self.days_and_rows(able, i64::MIN, i64::MAX);
        (days < least_days).then(|| format!("the rows are of {days} days, and it needs {least_days}"))
    }

    fn empty_window(&self, able: &[Table]) -> Option<String> {
        if is_of_now(self.detector.watch.pattern) || self.scan.values.get(self.detector.id, "any-time") > 0 {
            return None;
        }
        let (_, rows) = self.days_and_rows(able, self.since.hours(), self.as_of.hours() + 1);
        (rows == 0).then(|| format!("there are no rows within the window, {} to {}", self.since, self.as_of))
    }

    /// What was granted must be known to be compared with.
    fn register(&mut self) -> Option<String> {
        let Pattern::Grant { question } = self.detector.watch.pattern else { return None };
        let register = self.scan.register;
        let (is_said, what, otherwise): (fn(&App) -> bool, _, _) = match question {
            patterns::Question::Elsewhere => {
                (|app| app.networks.is_some(), "networks", "exports do not tell where an app belongs")
            }
            _ => (|app| app.scopes.is_some(), "scopes", "exports do not tell what an app was granted"),
        };
        if !register.iter().any(is_said) {
            let why = match register.path {
                Some(_) => format!("the register gives {what} to no app"),
                None => "there is no register of apps".to_owned(),
            };
            return Some(format!("{why}, and {otherwise}"));
        }
        let apps: BTreeSet<&str> = self
            .detector
            .watch
            .tables
            .iter()
            .filter_map(|table| self.tally.filled.get(table))
            .flat_map(|filled| &filled.apps)
            .filter(|app| *app != "Browser")
            .map(|app| self.apps.key(app).unwrap_or(app))
            .collect();
        let granted = |app: &&&str| register.find(app).is_some_and(is_said);
        match apps.len() - apps.iter().filter(granted).count() {
            0 => {}
            all if all == apps.len() => return Some(format!("the register gives {what} to none of the apps seen")),
            some => self.lacks.push(format!("the register gives no {what} to {some} of the {} apps seen", apps.len())),
        }
        None
    }

    /// What the user would have to give besides exports.
    fn without_reference(&self) -> Option<String> {
        let Scan { lists, networks, .. } = self.scan;
        let table = |of: &str| Some(format!("there is no table of {of}; give one with --networks"));
        match self.detector.watch.pattern {
            Pattern::Listed { kind, class, .. } if lists.is_empty(kind, class) => {
                let what = class.word();
                Some(format!("there is no list of {what}s; give one with --{what}s"))
            }
            Pattern::FirstSeen { of: Role::Provider, .. } | Pattern::FirstSeenAmong { of: Role::NetworkClass, .. }
                if !networks.has_providers() =>
            {
                table("providers")
            }
            Pattern::FirstSeen { of: Role::Origin, .. } if !networks.has_origins() => table("countries"),
            _ => None,
        }
    }

    fn what_there_is(&self, able: &[Table]) -> String {
        let rows = |table: &Table| {
            let rows = self.tally.filled.get(table).map_or(0, |filled| filled.rows);
            format!("{rows} rows of {}", table.name())
        };
        let (days, _) = self.days_and_rows(able, i64::MIN, i64::MAX);
        format!("{} on {days} days", able.iter().map(rows).collect::<Vec<_>>().join(" and "))
    }

    /// Distinct UTC days, and rows, between two hours.
    fn days_and_rows(&self, tables: &[Table], from: i64, to: i64) -> (i64, i64) {
        let filled = tables.iter().filter_map(|table| self.tally.filled.get(table));
        let hours: Vec<(&i64, &u64)> = filled.flat_map(|filled| filled.hours.range(from..to)).collect();
        let days: BTreeSet<i64> = hours.iter().map(|(hour, _)| hour.div_euclid(24)).collect();
        let rows: u64 = hours.iter().map(|(_, rows)| **rows).sum();
        (i64::try_from(days.len()).unwrap_or(i64::MAX), i64::try_from(rows).unwrap_or(i64::MAX))
    }
}

fn with(filled: &Filled, role: Role) -> u64 {
    filled.roles.get(&role).copied().unwrap_or(0)
}

/// The roles without which a table's rows are of no use to a detector.
fn needed(detector: &Detector, table: Table) -> Vec<Role> {
    let watch = &detector.watch;
    let mut needed = match watch.pattern {
        Pattern::Debut { created: Some(created) } | Pattern::LookAlike { created: Some(created), .. }
            if table.is_inventory() =>
        {
            vec![created]
        }
        Pattern::FirstSeen { of, .. }
        | Pattern::FirstSeenAmong { of, .. }
        | Pattern::Spread { of }
        | Pattern::Sweep { of }
        | Pattern::Listed { of, .. }
        | Pattern::Alternation { of }
        | Pattern::Breakthrough { of, .. }
        | Pattern::Newcomer { of, .. } => vec![of],
        Pattern::Travel if table == Table::Places => vec![Role::Place, Role::Latitude, Role::Longitude],
        Pattern::Deviation { sum } | Pattern::Creep { sum } | Pattern::Harvest { sum } => vec![sum],
        Pattern::Beside { of, sum } => vec![of, sum],
        Pattern::Holder { held, listing, .. } if listing != table => vec![held],
        Pattern::Afterlife { listing, .. } if listing == table => vec![Role::Modified],
        Pattern::Unlogged { used, .. } if table.is_inventory() => vec![used],
        Pattern::Burst
        | Pattern::Rush
        | Pattern::RareHour
        | Pattern::Revival
        | Pattern::Sequence { .. }
        | Pattern::Unmatched { .. }
        | Pattern::Holder { .. }
        | Pattern::Afterlife { .. }
        | Pattern::Unlogged { .. }
        | Pattern::Debut { .. } => Vec::new(),
        Pattern::LookAlike { name, .. } => vec![name],
        Pattern::Wave { by, outcome, .. } => vec![by, outcome],
        Pattern::Reported { .. } => vec![Role::Score],
        Pattern::Loosening { .. } if table == Table::SetupChanges => vec![Role::Change],
        Pattern::Loosening { .. } if table == Table::Tokens => vec![Role::Created],
        Pattern::Loosening { .. } | Pattern::Travel => vec![Role::Network],
        Pattern::Skew { from, to } | Pattern::Drift { from, to } => vec![from, to],
        Pattern::Age { created, of: Ageing::NeverUsed | Ageing::Alive, .. } => vec![created],
        Pattern::Age { used, .. } => vec![used],
        Pattern::Grant { question } => vec![question.of()],
        Pattern::Rejection if table == Table::Assertions => vec![Role::Outcome],
        Pattern::Rejection => vec![Role::Status],
    };
    // A subject of one role is nobody without it; of several, what is left of it is still somebody.
    if let [role] = watch.subject
        && watch.pattern.looks_up_in() != Some(table)
    {
        needed.push(*role);
    }
    needed.extend(known_roles(&watch.matching));
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// The roles that must have a value for a condition to hold.
fn known_roles(matching: &Matching) -> Vec<Role> {
    match matching {
        Matching::Known(role) => vec![*role],
        Matching::And(all) => all.iter().flat_map(known_roles).collect(),
        _ => Vec::new(),
    }
}

fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
