//! The shapes that detectors look for. A pattern is a state machine over rows: it observes batches, merges with others of
//! its kind, and finishes with matches.
//!
//! `merge` is commutative and associative, so that blocks, threads, files and machines are all the same thing: partial
//! states that merge. Patterns know time, subjects and roles; they know nothing of event types and column names. Where
//! order matters they keep marks of matching rows and sort them at the end.

use crate::apps::{Principal, Register};
use crate::batch::{Batch, Role};
use crate::detector::Detector;
use crate::dictionary::{Dictionary, Moved};
use crate::error::Error;
use crate::finding::{Fact, FactValue, Severity};
use crate::settings::Values;
use crate::subjects::Subjects;
use crate::value::Time;

mod activity;
mod age;
mod breakthrough;
mod burst;
mod debut;
mod deviation;
mod drift;
mod first_seen;
mod grant;
mod marks;
mod rejection;
mod reported;
mod seen;
mod skew;
mod spread;
mod sweep;

pub use age::Ageing;
pub use grant::Question;
pub(crate) use marks::{FirstMarks, MARKS_KEPT};

/// A shape, and what it looks at.
#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    /// A value that the subject never showed before the window: see `first_seen.rs`.
    FirstSeen {
        /// The value.
        of: Role,
        /// Stay silent while this coarser value is new too: another detector reports that.
        within: Option<Role>,
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
    /// Many rows of a subject within a short time: see `burst.rs`.
    Burst,
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
    /// Many tries in vain, then a success: see `breakthrough.rs`.
    Breakthrough {
        /// What says how a try ended.
        of: Role,
        /// Whether it says that it was in vain; all other selected rows got through.
        in_vain: fn(&str) -> bool,
    },
    /// Many distinct values within a short time: see `sweep.rs`.
    Sweep {
        /// The value.
        of: Role,
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

/// The rows of a batch that a detector looks at.
pub(crate) struct Rows<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) dictionary: &'a Dictionary,
    /// Row numbers.
    pub(crate) selected: &'a [u32],
    /// The subject of every row of the batch.
    pub(crate) subjects: &'a [u32],
}

impl Rows<'_> {
    /// The selected rows: row number, subject, time. Rows without a time are passed over.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, u32, i64)> {
        self.selected.iter().filter_map(|row| {
            let row = *row as usize;
            Some((row, self.subjects[row], self.batch.number(Role::Time, row)?))
        })
    }

    pub(crate) fn mark(&self, row: usize, time: i64) -> Mark {
        let record = u32::try_from(self.batch.records[row]).unwrap_or(u32::MAX);
        Mark { time, export: self.batch.export, record, offset: self.batch.offsets[row] }
    }
}

/// How another state's ids read in ours.
pub(crate) struct Moves<'a> {
    pub(crate) strings: &'a Moved,
    pub(crate) subjects: &'a [u32],
}

impl Moves<'_> {
    pub(crate) fn subject(&self, id: u32) -> u32 {
        self.subjects[id as usize]
    }

    pub(crate) fn value(&self, role: Role, id: u32) -> u32 {
        self.strings.id(role.domain(), id)
    }
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

    /// The app among a subject's parts, as the register knows it.
    pub(crate) fn registered(&self, subject: u32) -> Option<&crate::apps::App> {
        let app = self.subjects.part(subject, Role::App)?;
        self.register.find(self.dictionary.role_text(Role::App, app)?)
    }
}

/// A pattern at work.
#[derive(Clone, Debug)]
pub(crate) enum State {
    FirstSeen(first_seen::State),
    Spread(spread::State),
    Deviation(deviation::State),
    Burst(burst::State),
    Skew(skew::State),
    Drift(drift::State),
    Age(age::State),
    Grant(grant::State),
    Rejection(rejection::State),
    Breakthrough(breakthrough::State),
    Sweep(sweep::State),
    Debut(debut::State),
    Reported(reported::State),
}

impl Pattern {
    /// The state before any row.
    pub(crate) fn start(self, limits: &dyn Fn(&str) -> i64) -> State {
        match self {
            Self::FirstSeen { of, within, sum } => State::FirstSeen(first_seen::State::new(of, within, sum)),
            Self::Spread { of } => State::Spread(spread::State::new(of)),
            Self::Deviation { sum } => State::Deviation(deviation::State::new(sum)),
            Self::Burst => State::Burst(burst::State::default()),
            Self::Skew { from, to } => State::Skew(skew::State::new(from, to, limits)),
            Self::Drift { from, to } => State::Drift(drift::State::new(from, to)),
            Self::Age { used, created, of } => State::Age(age::State::new(used, created, of)),
            Self::Grant { question } => State::Grant(grant::State::new(question)),
            Self::Rejection => State::Rejection(rejection::State::default()),
            Self::Breakthrough { of, in_vain } => State::Breakthrough(breakthrough::State::new(of, in_vain)),
            Self::Sweep { of } => State::Sweep(sweep::State::new(of)),
            Self::Debut { created } => State::Debut(debut::State::new(created)),
            Self::Reported { regardless_of_score } => {
                State::Reported(reported::State::new(regardless_of_score, limits))
            }
        }
    }

    /// The limits that a detector with this pattern must name.
    pub fn limits(self) -> &'static [&'static str] {
        match self {
            Self::FirstSeen { .. } => first_seen::LIMITS,
            Self::Spread { .. } => spread::LIMITS,
            Self::Deviation { .. } => deviation::LIMITS,
            Self::Burst => burst::LIMITS,
            Self::Skew { .. } => skew::LIMITS,
            Self::Drift { .. } => drift::LIMITS,
            Self::Age { of, .. } => of.limits(),
            Self::Grant { .. } => grant::LIMITS,
            Self::Rejection => rejection::LIMITS,
            Self::Breakthrough { .. } => breakthrough::LIMITS,
            Self::Sweep { .. } => sweep::LIMITS,
            Self::Debut { .. } => debut::LIMITS,
            Self::Reported { .. } => reported::LIMITS,
        }
    }

    /// The roles that it reads, besides those of the subject.
    pub fn roles(self) -> Vec<Role> {
        match self {
            Self::FirstSeen { of, within, sum } => [Some(of), within, sum].into_iter().flatten().collect(),
            Self::Spread { of } | Self::Breakthrough { of, .. } | Self::Sweep { of } => vec![of],
            Self::Deviation { sum } => vec![sum],
            Self::Burst => Vec::new(),
            Self::Skew { from, to } | Self::Drift { from, to } => vec![from, to],
            Self::Age { used, created, .. } => vec![used, created, Role::UseCount, Role::User, Role::App],
            Self::Grant { .. } => vec![Role::Use],
            Self::Rejection => rejection::ROLES.to_vec(),
            Self::Debut { created } => created.into_iter().collect(),
            Self::Reported { .. } => reported::ROLES.to_vec(),
        }
    }
}

impl State {
    pub(crate) fn observe(&mut self, rows: &Rows<'_>) {
        match self {
            Self::FirstSeen(state) => state.observe(rows),
            Self::Spread(state) => state.observe(rows),
            Self::Deviation(state) => state.observe(rows),
            Self::Burst(state) => state.observe(rows),
            Self::Skew(state) => state.observe(rows),
            Self::Drift(state) => state.observe(rows),
            Self::Age(state) => state.observe(rows),
            Self::Grant(state) => state.observe(rows),
            Self::Rejection(state) => state.observe(rows),
            Self::Breakthrough(state) => state.observe(rows),
            Self::Sweep(state) => state.observe(rows),
            Self::Debut(state) => state.observe(rows),
            Self::Reported(state) => state.observe(rows),
        }
    }

    /// Takes in a state of the same pattern.
    pub(crate) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        match (self, other) {
            (Self::FirstSeen(own), Self::FirstSeen(other)) => own.merge(other, moves),
            (Self::Spread(own), Self::Spread(other)) => own.merge(other, moves),
            (Self::Deviation(own), Self::Deviation(other)) => own.merge(other, moves),
            (Self::Burst(own), Self::Burst(other)) => own.merge(other, moves),
            (Self::Skew(own), Self::Skew(other)) => own.merge(other, moves),
            (Self::Drift(own), Self::Drift(other)) => own.merge(other, moves),
            (Self::Age(own), Self::Age(other)) => own.merge(&other, moves),
            (Self::Grant(own), Self::Grant(other)) => own.merge(&other, moves),
            (Self::Rejection(own), Self::Rejection(other)) => own.merge(other, moves),
            (Self::Breakthrough(own), Self::Breakthrough(other)) => own.merge(other, moves),
            (Self::Sweep(own), Self::Sweep(other)) => own.merge(other, moves),
            (Self::Debut(own), Self::Debut(other)) => own.merge(&other, moves),
            (Self::Reported(own), Self::Reported(other)) => own.merge(other, moves),
            (own, other) => debug_assert!(false, "states of one detector have one pattern: {own:?} and {other:?}"),
        }
    }

    /// The matches, in any order.
    pub(crate) fn finish(self, finish: &Finish<'_>) -> Result<Vec<Match>, Error> {
        match self {
            Self::FirstSeen(state) => Ok(state.finish(finish)),
            Self::Age(state) => Ok(state.finish(finish)),
            Self::Rejection(state) => state.finish(finish),
            Self::Spread(state) => Ok(state.finish(finish)),
            Self::Deviation(state) => Ok(state.finish(finish)),
            Self::Burst(state) => Ok(state.finish(finish)),
            Self::Skew(state) => Ok(state.finish(finish)),
            Self::Drift(state) => Ok(state.finish(finish)),
            Self::Grant(state) => Ok(state.finish(finish)),
            Self::Breakthrough(state) => Ok(state.finish(finish)),
            Self::Sweep(state) => Ok(state.finish(finish)),
            Self::Debut(state) => Ok(state.finish(finish)),
            Self::Reported(state) => Ok(state.finish(finish)),
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
