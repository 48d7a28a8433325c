//! What exports tell of somebody, in one order over all tables: the ground that investigations stand on.
//!
//! ```text
//! exports ── who is who ──▶ names, ids, logins, tokens
//!    └────── rows asked for ──▶ sorted by time ──▶ entries ──▶ timeline, profile, impact, …
//! ```
//! Exports are read twice: nobody can say which rows are an app's before it is known which id goes with its name, and
//! which logins are its. What is held are the rows asked for, as ids and numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::slice::ParallelSliceMut;

use crate::apps::Register;
use crate::batch::{Role, Table};
use crate::convert::{Convert, Place, Reading, Row, Tables, convert_some};
use crate::finding::Named;
use crate::ingest::{Counts, Problem, Quarantine};
use crate::value::Time;

mod entry;
mod known;
mod selection;
mod subject;

pub use self::entry::Entry;
pub use self::known::Known;
pub use self::selection::{Filter, NoFilter, Selection};
pub(crate) use self::selection::{Sieve, kind_listed};
pub use self::subject::{Identified, Subject, SubjectKind};

/// What is asked of the exports.
#[derive(Clone, Debug)]
pub struct Inquiry<'a> {
    /// What to read, and how.
    pub convert: Convert<'a>,
    /// Who is who, if the exports were read for that already.
    pub known: Option<Arc<Known>>,
    /// Of whom to tell; of everybody if nobody is named.
    pub subject: Option<Subject>,
    /// Which of the rows, and of which time.
    pub selection: Selection,
    /// The tables to read.
    pub tables: &'a [Table],
    /// The columns to read.
    pub roles: &'a [Role],
}

/// What an entry's time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stamp {
    /// It happened then.
    Happened,
    /// The token was granted then.
    Granted,
    /// The token was last used then.
    LastUsed,
}

impl Stamp {
    /// What a time is, in the words of timelines.
    pub fn words(self) -> &'static str {
        match self {
            Self::Happened => "Event Time",
            Self::Granted => "Creation Time",
            Self::LastUsed => "Last Used Time",
        }
    }
}

/// The rows asked for, in order.
#[derive(Debug)]
pub struct History<'a> {
    /// Who was asked about.
    pub subject: Option<Identified>,
    /// What became of all rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
    tables: Tables,
    moments: Vec<Moment>,
    known: Arc<Known>,
    register: &'a Register,
}

#[derive(Clone, Copy, Debug)]
struct Moment {
    time: Time,
    stamp: Stamp,
    place: Place,
}

/// What histories are made of, if nothing else is said: all tables in which something happens, and what each row says.
pub const TABLES: [Table; 9] = [
    Table::Calls,
    Table::Logins,
    Table::Tokens,
    Table::Assertions,
    Table::Pages,
    Table::Sessions,
    Table::SetupChanges,
    Table::Anomalies,
    Table::Callouts,
];

/// What is read of them. Texts of queries are not: objects, shapes and what a query is for are.
pub const ROLES: &[Role] = &[
    Role::Time,
    Role::User,
    Role::Username,
    Role::App,
    Role::AppName,
    Role::SourceIp,
    Role::Session,
    Role::LoginKey,
    Role::LoginHistoryId,
    Role::Org,
    Role::Client,
    Role::LoginType,
    Role::LoginSubtype,
    Role::Status,
    Role::Country,
    Role::ApiFamily,
    Role::Operation,
    Role::Method,
    Role::Endpoint,
    Role::Objects,
    Role::Fingerprint,
    Role::Shape,
    Role::Probe,
    Role::Selection,
    Role::Columns,
    Role::Rows,
    Role::Processed,
    Role::Bytes,
    Role::Job,
    Role::StatusCode,
    Role::Refusal,
    Role::Action,
    Role::Section,
    Role::Change,
    Role::Target,
    Role::Token,
    Role::Created,
    Role::LastUsed,
    Role::UseCount,
    Role::Outcome,
    Role::Principal,
    Role::Score,
    Role::Reason,
    Role::Log,
];

impl<'a> History<'a> {
    /// Reads the rows. Those that cannot be used go to the quarantine.
    pub fn read(inquiry: &Inquiry<'a>, quarantine: &mut dyn Quarantine) -> Self {
        let Inquiry { convert, tables, .. } = inquiry;
        let known = inquiry.known.clone().unwrap_or_else(|| Arc::new(Known::read(convert, inquiry.selection.until)));
        let mut selection = inquiry.selection.clone();
        let subject =
            inquiry.subject.as_ref().map(|subject| subject.identify(&known, convert.register, &mut selection));
        let roles: Vec<Role> = inquiry.roles.iter().copied().chain(selection.roles()).collect();
        let reading = Reading { tables, roles: &roles, with_origin: false, selection: Some(&selection) };
        let mut tables = convert_some(convert, &reading, quarantine);
        let moments = moments(&tables, &selection);
        Self {
            subject,
            counts: std::mem::take(&mut tables.counts),
            problems: std::mem::take(&mut tables.problems),
            tables,
            moments,
            known,
            register: convert.register,
        }
    }

    /// All entries by time; of one time by table, export and record.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> + Clone {
        self.moments.iter().map(|moment| Entry {
            time: moment.time,
            stamp: moment.stamp,
            history: self,
            row: Row::of(&self.tables, moment.place),
        })
    }

    /// How many rows of a table there are.
    pub fn rows(&self, table: Table) -> usize {
        self.tables.rows(table)
    }

    /// How far each log goes in which somebody does something, whoever it is: its last row, if that has a time.
    pub fn ends(&self) -> BTreeMap<String, Option<Time>> {
        self.known.ends()
    }

    /// The username that goes with a user's id.
    pub fn username(&self, id: &str) -> Option<&str> {
        self.known.username(id)
    }

    /// The app that goes by a text.
    pub fn app(&self, text: &str) -> Named {
        let key = self.known.resolution.key(text).unwrap_or(text);
        self.known.resolution.named(key, self.register)
    }
}

/// The times of rows. A token that was never used has one.
fn moments(tables: &Tables, selection: &Selection) -> Vec<Moment> {
    let is_in = |time: &Time| {
        selection.since.is_none_or(|since| since <= *time) && selection.until.is_none_or(|until| *time <= until)
    };
    let mut moments = Vec::new();
    for table in Table::ALL {
        for place in tables.in_order(table) {
            let row = Row::of(tables, place);
            let stamps = match table {
                Table::Tokens => {
                    [(Stamp::Granted, row.time(Role::Created)), (Stamp::LastUsed, row.time(Role::LastUsed))]
                }
                _ => [(Stamp::Happened, row.time(Role::Time)), (Stamp::Happened, None)],
            };
            let told = stamps.into_iter().filter_map(|(stamp, time)| Some((stamp, time.filter(is_in)?)));
            moments.extend(told.map(|(stamp, time)| Moment { time, stamp, place }));
        }
    }
    // Rows of a table are in order already: the sort keeps what stands first first.
    moments.par_sort_by_key(|moment| moment.time);
    moments
}
