//! The shapes that detectors look for. A pattern is a state machine over rows: it observes batches, merges with others of
//! its kind, and finishes with matches.
//!
//! `merge` is commutative and associative, so that blocks, threads, files and machines are all the same thing: partial
//! states that merge. Patterns know time, subjects and roles; they know nothing of event types and column names. Where
//! order matters they keep marks of matching rows and sort them at the end.

use crate::apps::{Principal, Register};
use crate::batch::{Role, Table};
use crate::detector::{Detector, Matching};
use crate::dictionary::Dictionary;
use crate::finding::{Fact, FactValue, Severity};
use crate::lists::{Class, Kind};
use crate::settings::Values;
use crate::subjects::Subjects;
use crate::value::Time;

mod activity;
mod afterlife;
mod age;
mod alternation;
mod beside;
mod breakthrough;
mod burst;
mod by_subject;
mod creep;
mod daily;
mod debut;
mod deviation;
mod drift;
mod first_seen;
mod grant;
mod harvest;
mod holder;
mod listed;
mod look_alike;
mod loosening;
mod marks;
mod needs;
mod newcomer;
mod past;
mod rare_hour;
mod rejection;
mod remembered;
mod reported;
mod revival;
mod rows;
mod rush;
mod seen;
mod sequence;
mod skew;
mod spread;
mod standing;
mod state;
mod stretch;
mod sweep;
mod travel;
mod unlogged;
mod unmatched;
mod wave;

pub use age::Ageing;
pub use grant::Question;
pub(crate) use marks::{FirstMarks, MARKS_KEPT};
pub(crate) use past::{Active, Past, Shown, Sum};
pub(crate) use rows::{Moves, Rows};
pub use standing::Says;
pub(crate) use state::State;

/// A shape, and what it looks at.
#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    /// A value that the subject never showed before the window: see `first_seen.rs`.
    FirstSeen {
        /// The value.
        of: Role,
        /// Stay silent while this coarser value is known and new too: another detector reports that.
        within: Option<Role>,
        /// A number to add up over the rows with the value.
        sum: Option<Role>,
    },
    /// The same for values that may be lists (`Account, Contact`), where only some are of interest: see
    /// `first_seen/parts.rs`.
    FirstSeenAmong {
        /// The value.
        of: Role,
        /// Whether a value is of interest; those that are not are history all the same.
        interest: fn(&str) -> bool,
        /// Stay silent where the subject showed another value of interest before.
        first_ever: bool,
        /// A number to add up over the rows with the value.
        sum: Option<Role>,
    },
    /// More distinct values at once than a subject should show: see `spread.rs`.
    Spread {
        /// The value.
        of: Role,
    },
    /// A day's sum far above the subject's other days: see `deviation.rs`.
    Deviation {
        /// The number that is added up.
        sum: Role,
    },
    /// Days that lie above a subject's habit by too little to stand out, until they add up: see `creep.rs`.
    Creep {
        /// The number that is added up.
        sum: Role,
    },
    /// Long unused, and in use again: see `revival.rs`.
    Revival,
    /// First this, then that: see `sequence.rs`.
    Sequence {
        /// What the first row satisfies.
        first: &'static Matching,
        /// What the second row satisfies.
        then: &'static Matching,
        /// What both share, if both have it.
        same: Role,
        /// What else of the rows the finding names.
        tell: Role,
    },
    /// Many rows of a subject within a short time: see `burst.rs`.
    Burst,
    /// Many rows of a subject within a short time, and much in them: see `harvest.rs`.
    Harvest {
        /// The number that is added up.
        sum: Role,
    },
    /// Many more rows in a quarter of an hour than the subject's busy ones have: see `rush.rs`.
    Rush,
    /// Several distinct values of a subject within a short time, of which it did not show as many before: see
    /// `sweep.rs`.
    Sweep {
        /// The value.
        of: Role,
    },
    /// Two times of one row too far apart: see `skew.rs`.
    Skew {
        /// The earlier time.
        from: Role,
        /// The later time.
        to: Role,
    },
    /// A skew that grows from day to day: see `drift.rs`.
    Drift {
        /// The earlier time.
        from: Role,
        /// The later time.
        to: Role,
    },
    /// Something unused for too long: see `age.rs`.
    Age {
        /// When it was last used.
        used: Role,
        /// When it began.
        created: Role,
        /// Which age.
        of: Ageing,
    },
    /// What an app may do against what it does: see `grant.rs`.
    Grant {
        /// What to compare.
        question: Question,
    },
    /// Refused assertions, and why: see `rejection.rs`.
    Rejection,
    /// A value that is on a list: see `listed.rs`.
    Listed {
        /// The value.
        of: Role,
        /// What it is to the lists.
        kind: Kind,
        /// What it means to be on those that count.
        class: Class,
    },
    /// A known value and a new one in turns: see `alternation.rs`.
    Alternation {
        /// The value.
        of: Role,
    },
    /// Much at new values, on a day on which the usual work goes on at known ones: see `beside.rs`.
    Beside {
        /// The value.
        of: Role,
        /// The number that is added up.
        sum: Role,
    },
    /// Rows that name an event of another table which is not there: see `unmatched.rs`.
    Unmatched {
        /// The table whose rows are named.
        named_in: Table,
        /// What names them; a row is looked at under the first that it has.
        by: &'static [Role],
    },
    /// Places too far apart for the time between: see `travel.rs`.
    Travel,
    /// Many tries in vain, then a success: see `breakthrough.rs`.
    Breakthrough {
        /// What says how a try ended.
        of: Role,
        /// Whether it says that it was in vain; all other selected rows got through.
        in_vain: fn(&str) -> bool,
    },
    /// A subject that was not there before the window: see `debut.rs`.
    Debut {
        /// When a thing began that rows list but do not tell the history of.
        created: Option<Role>,
    },
    /// The same, under a name that resembles a known one: see `look_alike.rs`.
    LookAlike {
        /// When a thing began that rows list but do not tell the history of.
        created: Option<Role>,
        /// The name.
        name: Role,
        /// Names that are known besides those of the register.
        known: &'static [&'static str],
    },
    /// A person at an hour of the day at which that person hardly ever is: see `rare_hour.rs`.
    RareHour,
    /// Many who try in vain, and some who get through: see `wave.rs`.
    Wave {
        /// Who tries.
        by: Role,
        /// What says how a try ended.
        outcome: Role,
        /// Whether it says that it was in vain; all other selected rows got through.
        in_vain: fn(&str) -> bool,
    },
    /// Another product's findings, by its score: see `reported.rs`.
    Reported {
        /// The kinds that are worth a look whatever their score.
        regardless_of_score: fn(&str) -> bool,
    },
    /// Things of somebody who, by a listing, should not have them: see `holder.rs`.
    Holder {
        /// What tells things apart.
        held: Role,
        /// The table that lists holders.
        listing: Table,
        /// What it must say of them; one of these.
        says: &'static [Says],
    },
    /// Active after a listing says that it ended: see `afterlife.rs`.
    Afterlife {
        /// The table that lists subjects.
        listing: Table,
        /// What it must say of them; one of these.
        says: &'static [Says],
    },
    /// A policy is loosened, and something new comes through: see `loosening.rs`.
    Loosening {
        /// Whether a change of the setup loosens it.
        loosens: fn(&str) -> bool,
    },
    /// Used by a listing, and not by the log: see `unlogged.rs`.
    Unlogged {
        /// When it was used last, by the listing.
        used: Role,
        /// The log that should tell of it.
        logged_in: Table,
    },
    /// New, and soon in several places: see `newcomer.rs`.
    Newcomer {
        /// The places.
        of: Role,
        /// What it may go by there.
        name: Role,
    },
}

/// A place in an export, with the time of the event there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Event time, in microseconds.
    pub time: i64,
    /// The export's index in the run's sorted list.
    pub export: u32,
    /// The record's number; numbers from 2^32 on show as 2^32 - 1, and the offset tells them apart.
    pub record: u32,
    /// Where the record starts.
    pub offset: u64,
}

impl Mark {
    /// A time that is remembered from another run: its row is not at hand. Of two marks of one time, the row counts.
    pub(crate) fn remembered(time: i64) -> Self {
        Self { time, export: REMEMBERED, record: 0, offset: 0 }
    }

    pub(crate) fn is_remembered(&self) -> bool {
        self.export == REMEMBERED
    }
}

/// No run has so many exports.
const REMEMBERED: u32 = u32::MAX;

/// A stretch of a subject's behaviour that has the shape.
#[derive(Clone, Debug)]
pub struct Match {
    /// The subject's id.
    pub subject: u32,
    /// More of the subject than the subject's roles say, for example the address: ids of the dictionary.
    pub further: Vec<(Role, u32)>,
    /// What makes the finding's id apart from detector and subject; the first evidence if nothing is given.
    pub anchor: Option<FactValue>,
    /// Event time of the first and last event.
    pub span: (i64, i64),
    /// How many events.
    pub count: u64,
    /// What was seen.
    pub seen: Vec<Fact>,
    /// The numbers that it was judged by.
    pub judged_by: Vec<Fact>,
    /// Rows behind it, first ones first.
    pub marks: Vec<Mark>,
    /// How many rows stand behind it in all.
    pub marks_total: u64,
    /// Who acts, if the pattern could tell.
    pub principal: Option<Principal>,
    /// A severity of the pattern's own, in place of the detector's.
    pub severity: Option<Severity>,
    /// What adds to the score, and how much.
    pub weights: Vec<(String, i16)>,
}

/// What a pattern needs to finish.
pub(crate) struct Finish<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) limits: &'a Values,
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) subjects: &'a Subjects,
    pub(crate) register: &'a Register,
    /// What users hold, by user.
    pub(crate) holdings: &'a std::collections::HashMap<u32, crate::engine::Holding, foldhash::fast::FixedState>,
    /// Who logs in interactively.
    pub(crate) interactive: &'a crate::engine::Interactive,
    /// The detection window, `[since, as_of]`.
    pub(crate) since: Time,
    pub(crate) as_of: Time,
    /// Local time zone of the organisation, for date boundaries.
    pub(crate) idle_by_date: Option<crate::value::Zone>,
}

impl Finish<'_> {
    /// The limit of this name, in its own unit.
    pub(crate) fn limit(&self, name: &str) -> i64 {
        self.limits.get(self.detector.id, name)
    }

    /// The string of a value in a role's domain.
    pub(crate) fn text(&self, role: Role, id: u32) -> &str {
        self.dictionary.text(role.domain(), id)
    }

    /// Who acts: as the register says, else a machine if either its hours or its logins say so.
    pub(crate) fn principal(&self, subject: u32, by_hours: Option<Principal>) -> Option<Principal> {
        if let Some(principal) = self.registered(subject).and_then(|app| app.principal) {
            return Some(principal);
        }
        let user = self.subjects.part(subject, Role::User);
        match user.and_then(|user| self.interactive.before(user, self.since)) {
            Some(false) => Some(Principal::Integration),
            Some(true) => by_hours.or(Some(Principal::Person)),
            None => by_hours,
        }
    }

    /// A step below the detector's severity where a person acts: what people do by hand is seldom a machine's theft.
    pub(crate) fn milder_for_people(&self, subject: u32) -> Option<Severity> {
        let is_person = self.principal(subject, None) == Some(Principal::Person);
        (is_person && self.detector.severity == Severity::High).then_some(Severity::Medium)
    }

    /// The app among a subject's parts, as the register knows it.
    pub(crate) fn registered(&self, subject: u32) -> Option<&crate::apps::App> {
        let app = self.subjects.part(subject, Role::App)?;
        self.register.find(self.dictionary.role_text(Role::App, app)?)
    }
}

/// A fact with a number or text for its value.
pub(crate) fn fact(name: &'static str, value: impl Into<FactValue>) -> Fact {
    Fact { name, value: value.into() }
}

/// The severity above, short of critical.
pub(crate) fn one_step_up(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Low,
        Severity::Low => Severity::Medium,
        // Critical takes two independent kinds of evidence; one new value is one kind.
        _ => Severity::High,
    }
}
