//! Hours with rows, hours without, and the gaps between.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::value::Time;

/// Rows by UTC hour, counted as [`Time::hours`] counts.
pub type ByHour = BTreeMap<i64, u64>;

/// How many hours between the first and the last row have rows, and where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// Hours with at least one row.
    pub present: u64,
    /// Hours between the first and the last row that have none.
    pub missing: u64,
    /// Runs of missing hours, longest first.
    pub gaps: Vec<Gap>,
}

/// Hours without a row that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The start of the first hour without a row.
    pub from: Time,
    /// The start of the next hour that has one.
    pub to: Time,
    /// How many hours lie between.
    pub hours: u64,
}

impl Hours {
    /// What the hours with rows say about those without.
    pub fn of(rows: &ByHour) -> Self {
        let pairs = rows.keys().zip(rows.keys().skip(1));
        let gap = |(before, after): (&i64, &i64)| Gap {
            from: Time::of_hours(before + 1),
            to: Time::of_hours(*after),
            hours: (after - before - 1).unsigned_abs(),
        };
        let mut gaps: Vec<Gap> = pairs.map(gap).filter(|gap| gap.hours > 0).collect();
        gaps.sort_by_key(|gap| (Reverse(gap.hours), gap.from));
        Self { present: rows.len() as u64, missing: gaps.iter().map(|gap| gap.hours).sum(), gaps }
    }
}
