//! The frozen parameters: how large the invented organisations are, how long they are watched, which seeds count.
//!
//! Limits of detectors were tuned after this; whoever changes a number here, or what is made from it, raises `VERSION`
//! and measures everything anew.

use chrono_tz::Tz;

use super::calendar::{DAY, date};

/// The version of generator and parameters that figures belong to.
pub(crate) const VERSION: u32 = 1;

/// Seeds to look at while limits are tuned begin here; figures are of the others.
pub(crate) const TUNING_SEED: u64 = 1;
/// Seeds that figures are reported of begin here.
pub(crate) const REPORTED_SEED: u64 = 1001;

/// A span of whole days.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: i64,
    pub(crate) days: i64,
}

impl Span {
    pub(crate) const fn end(self) -> i64 {
        self.start + self.days * DAY
    }
}

/// What campaigns are planted into: 45 days before the earliest of them, and 19 for all of them.
pub(crate) const CAMPAIGN: Span = Span { start: date(2025, 6, 17), days: 64 };
/// Days before anything is planted.
pub(crate) const HISTORY: i64 = 45;
/// 45 days of history, and a month in which clocks change in Europe and in America.
pub(crate) const MONTH: Span = Span { start: date(2025, 8, 28), days: 75 };
/// The days of the month that are judged.
pub(crate) const MONTH_DAYS: i64 = 30;

/// How large an organisation is.
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) orgs: usize,
    pub(crate) people: u64,
    pub(crate) apps: usize,
    /// Hundredths by which the number of records of each object is multiplied.
    pub(crate) records: i64,
    /// Hundredths by which what integrations do in a day is multiplied.
    pub(crate) work: i64,
    pub(crate) zones: &'static [Tz],
}

/// A hundred users are a large organisation already where a vendor is concerned that sells to many.
pub(crate) const PROFILES: [Profile; 4] = [
    Profile { name: "small", orgs: 1, people: 20, apps: 5, records: 100, work: 100, zones: &[Tz::Europe__Berlin] },
    Profile {
        name: "medium",
        orgs: 1,
        people: 200,
        apps: 25,
        records: 800,
        work: 100,
        zones: &[Tz::America__New_York, Tz::Europe__London],
    },
    Profile {
        name: "large",
        orgs: 1,
        people: 2000,
        apps: 60,
        records: 6000,
        work: 80,
        zones: &[Tz::America__Los_Angeles, Tz::America__New_York, Tz::Europe__Berlin, Tz::Asia__Tokyo],
    },
    Profile { name: "isv", orgs: 8, people: 6, apps: 3, records: 50, work: 60, zones: &[Tz::America__Chicago] },
];

/// Objects and how many records a small organisation has of each.
pub(crate) const OBJECTS: [(&str, i64); 12] = [
    ("Account", 4_000),
    ("Contact", 12_000),
    ("Lead", 9_000),
    ("Opportunity", 6_000),
    ("Case", 15_000),
    ("Task", 40_000),
    ("Event", 10_000),
    ("Contract", 1_000),
    ("Campaign", 300),
    ("Order__c", 8_000),
    ("Invoice__c", 8_000),
    ("Product2", 700),
];

impl Profile {
    /// How many records there are of an object.
    pub(crate) fn records_of(&self, object: &str) -> i64 {
        let known = OBJECTS.iter().find(|(name, _)| *name == object);
        known.map_or(100, |(_, records)| (records * self.records / 100).max(50))
    }
}
