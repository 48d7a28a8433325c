//! Lists of indicators held against everything: which of them were met, by whom, and whether that was in their time.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::batch::Role;
use crate::coverage::{Coverage, Gap};
use crate::history::{Entry, History, kind_listed};
use crate::lists::{self, Class, Confidence, Lists};
use crate::value::Time;
use crate::words::name_of;

/// What came of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweep {
    /// In a word: see [`Verdict`].
    pub verdict: Verdict,
    /// How many entries were looked for.
    pub looked_for: usize,
    /// Entries that were met: strong ones in their time first.
    pub hits: Vec<Hit>,
    /// What was looked at: a verdict says nothing of other hours.
    pub covered: Vec<CoveredLog>,
}

/// What a sweep says. It never says that there was no attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something was met that is strong and in its time.
    Hit,
    /// What was met is weak, or was met at another time.
    ToBeLookedAt,
    /// Nothing was met in the hours that the exports cover.
    NoHitInCoveredHours,
    /// There is no login and no call to look at.
    NothingToLookAt,
}

/// An entry of a list that was met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The entry.
    #[serde(flatten)]
    pub entry: lists::Entry,
    /// Events, and those of them in the entry's time.
    pub events: u64,
    /// See `events`.
    pub events_in_time: u64,
    /// The first and the last event.
    pub first: Time,
    /// See `first`.
    pub last: Time,
    /// The values that were met, where the entry stands for several.
    pub values: BTreeSet<String>,
    /// Apps, users and organisations that it was met with.
    pub apps: BTreeSet<String>,
    /// See `apps`.
    pub users: BTreeSet<String>,
    /// See `apps`.
    pub orgs: BTreeSet<String>,
    /// Where the first event stands.
    pub export: String,
    /// See `export`.
    pub record: u64,
}

/// What was looked at of one log of one organisation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoveredLog {
    /// The organisation, as far as rows name it.
    pub org: String,
    /// The event type.
    pub log: String,
    /// Rows.
    pub rows: u64,
    /// From when, and until when.
    pub first: Option<Time>,
    /// See `first`.
    pub last: Option<Time>,
    /// Hours without any row between them, where silence is strange.
    pub missing_hours: Option<u64>,
    /// The longest stretches of such hours.
    pub gaps: Vec<Gap>,
}

/// So many gaps are told.
const GAPS: usize = 5;

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::ToBeLookedAt => "to be looked at: weak indicators, or strong ones at another time",
            Self::NoHitInCoveredHours => "no hit in the covered hours",
            Self::NothingToLookAt => "no login and no call in these exports: nothing can be said",
        }
    }
}

/// Holds a history, which has all rows with something listed, against the lists.
pub fn sweep(history: &History<'_>, lists: &Lists, coverage: &Coverage) -> Sweep {
    let mut hits: BTreeMap<&lists::Entry, Hit> = BTreeMap::new();
    for entry in history.entries() {
        for role in [Role::SourceIp, Role::Client, Role::App, Role::AppName] {
            let (Some(text), Some(kind)) = (entry.text(role), kind_listed(role)) else { continue };
            // An app's name in two columns is one sighting.
            if role == Role::AppName && entry.text(Role::App) == Some(text) {
                continue;
            }
            for listed in lists.find(kind, text) {
                hits.entry(listed).or_insert_with(|| Hit::new(listed, &entry)).take(&entry, text);
            }
        }
    }
    let mut hits: Vec<Hit> = hits.into_values().collect();
    hits.sort_by_key(|hit| (!hit.is_strong(), hit.events_in_time == 0, hit.first, hit.entry.clone()));
    let covered = covered(coverage);
    let verdict = if hits.iter().any(|hit| hit.is_strong() && hit.events_in_time > 0) {
        Verdict::Hit
    } else if !hits.is_empty() {
        Verdict::ToBeLookedAt
    } else if covered.is_empty() {
        Verdict::NothingToLookAt
    } else {
        Verdict::NoHitInCoveredHours
    };
    Sweep { verdict, looked_for: lists.entries().len(), hits, covered }
}

/// The logs that say from where something was done.
fn covered(coverage: &Coverage) -> Vec<CoveredLog> {
    let says_where = coverage.covered.iter().filter(|log| matches!(log.table, "calls" | "logins") && log.used > 0);
    let told = says_where.map(|log| {
        let mut gaps = log.hours.as_ref().map(|hours| hours.gaps.clone()).unwrap_or_default();
        gaps.sort_by_key(|gap| (std::cmp::Reverse(gap.hours), gap.from));
        gaps.truncate(GAPS);
        CoveredLog {
            org: log.org.clone(),
            log: log.event_type.clone(),
            rows: log.used,
            first: log.first,
            last: log.last,
            missing_hours: log.hours.as_ref().map(|hours| hours.missing),
            gaps,
        }
    });
    told.collect()
}

impl Hit {
    fn new(listed: &lists::Entry, entry: &Entry<'_>) -> Self {
        let (export, record) = entry.place();
        Self {
            entry: listed.clone(),
            events: 0,
            events_in_time: 0,
            first: entry.time,
            last: entry.time,
            values: BTreeSet::new(),
            apps: BTreeSet::new(),
            users: BTreeSet::new(),
            orgs: BTreeSet::new(),
            export: export.to_owned(),
            record,
        }
    }

    fn take(&mut self, entry: &Entry<'_>, value: &str) {
        self.events += 1;
        self.events_in_time += u64::from(self.entry.confidence_at(entry.time.0).is_some());
        self.last = entry.time;
        self.values.insert(value.to_owned());
        self.apps.extend(entry.app().map(|app| name_of(Some(&app), "")));
        self.users.extend(entry.user().map(|user| name_of(Some(&user), "")));
        self.orgs.extend(entry.text(Role::Org).map(str::to_owned));
    }

    /// Whether it says something by itself.
    fn is_strong(&self) -> bool {
        self.entry.confidence == Confidence::Strong && self.entry.class == Class::Indicator
    }
}
