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
mod age;
mod alternation;
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
mod listed;
mod marks;
mod past;
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
mod state;
mod stretch;
mod sweep;
mod travel;
mod unmatched;

pub use age::Ageing;
pub use grant::Question;
pub(crate) use marks::{FirstMarks, MARKS_KEPT};
pub(crate) use past::{Active, Past, Shown, Sum};
pub(crate) use rows::{Moves, Rows};
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
    /// Another product's findings, by its score: see `reported.rs`.
    Reported {
        /// The kinds that are worth a look whatever their score.
        regardless_of_score: fn(&str) -> bool,
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

    /// The app among a subject's parts, as the register knows it.
    pub(crate) fn registered(&self, subject: u32) -> Option<&crate::apps::App> {
        let app = self.subjects.part(subject, Role::App)?;
        self.register.find(self.dictionary.role_text(Role::App, app)?)
    }
}

impl Pattern {
    /// The limits that a detector with this pattern must name.
    pub fn limits(self) -> &'static [&'static str] {
        match self {
            Self::FirstSeen { .. } | Self::FirstSeenAmong { .. } => first_seen::LIMITS,
            Self::Spread { .. } => spread::LIMITS,
            Self::Deviation { .. } => deviation::LIMITS,
            Self::Creep { .. } => creep::LIMITS,
            Self::Revival => revival::LIMITS,
            Self::Sequence { .. } => sequence::LIMITS,
            Self::Burst => burst::LIMITS,
            Self::Harvest { .. } => harvest::LIMITS,
            Self::Rush => rush::LIMITS,
            Self::Sweep { .. } => sweep::LIMITS,
            Self::Skew { .. } => skew::LIMITS,
            Self::Drift { .. } => drift::LIMITS,
            Self::Age { of, .. } => of.limits(),
            Self::Grant { .. } => grant::LIMITS,
            Self::Rejection => rejection::LIMITS,
            Self::Listed { .. } => listed::LIMITS,
            Self::Alternation { .. } => alternation::LIMITS,
            Self::Unmatched { .. } => unmatched::LIMITS,
            Self::Travel => travel::LIMITS,
            Self::Reported { .. } => reported::LIMITS,
            Self::Debut { .. } => debut::LIMITS,
            Self::Breakthrough { .. } => breakthrough::LIMITS,
        }
    }

    /// The roles of the values that it remembers from run to run, and of the coarser ones that those lie in.
    pub(crate) fn remembered(self) -> (Option<Role>, Option<Role>) {
        match self {
            Self::FirstSeen { of, within, .. } => (Some(of), within),
            Self::FirstSeenAmong { of, .. } => (Some(of), None),
            Self::Grant { .. } => (Some(Role::Use), None),
            Self::Alternation { of } => (Some(of), None),
            Self::Debut { .. } => (Some(Role::Log), None),
            _ => (None, None),
        }
    }

    /// The roles that it reads, besides those of the subject.
    pub fn roles(self) -> Vec<Role> {
        match self {
            Self::FirstSeen { of, within, sum } => [Some(of), within, sum].into_iter().flatten().collect(),
            Self::FirstSeenAmong { of, sum, .. } => [Some(of), sum].into_iter().flatten().collect(),
            Self::Spread { of }
            | Self::Sweep { of }
            | Self::Listed { of, .. }
            | Self::Alternation { of }
            | Self::Breakthrough { of, .. } => vec![of],
            Self::Unmatched { by, .. } => by.to_vec(),
            Self::Travel => travel::ROLES.to_vec(),
            Self::Harvest { sum } => vec![sum],
            Self::Burst | Self::Rush => Vec::new(),
            Self::Deviation { sum } | Self::Creep { sum } => daily::Daily::roles(Some(sum)),
            Self::Sequence { first, then, same, tell } => {
                first.roles().into_iter().chain(then.roles()).chain([same, tell]).collect()
            }
            Self::Revival => daily::Daily::roles(None),
            Self::Skew { from, to } | Self::Drift { from, to } => vec![from, to],
            Self::Age { used, created, .. } => vec![used, created, Role::UseCount, Role::User, Role::App],
            Self::Grant { .. } => vec![Role::Use],
            Self::Rejection => rejection::ROLES.to_vec(),
            Self::Debut { created } => created.into_iter().chain([Role::Log]).collect(),
            Self::Reported { .. } => reported::ROLES.to_vec(),
        }
    }
}

/// A fact with a number or text for its value.
pub(crate) fn fact(name: &'static str, value: impl Into<FactValue>) -> Fact {
    Fact { name, value: value.into() }
}

/// The severity above, short of critical.
fn one_step_up(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Low,
        Severity::Low => Severity::Medium,
        // Critical takes two independent kinds of evidence; one new value is one kind.
        _ => Severity::High,
    }
}
