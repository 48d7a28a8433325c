//! Points in time: UTC microseconds, and every form in which Salesforce and its exporters write them.

use std::fmt;

use chrono::{DateTime, Datelike, Timelike};

mod parse;

pub use parse::{NoTime, Zone};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A span of microseconds.
pub type Micros = i64;

/// Microseconds in a second.
pub const SECOND: Micros = 1_000_000;
/// Microseconds in a day.
pub const DAY: Micros = 86_400 * SECOND;

impl Time {
    /// The earliest time that a row may carry: 2000-01-01, when Salesforce was a year old.
    pub const EARLIEST: Self = Self(946_684_800 * SECOND);
    /// The first time that no row may carry: 2100-01-01.
    pub const LATEST: Self = Self(4_102_444_800 * SECOND);

    /// Reads a time in any form that Salesforce or its exporters write (see [`NoTime`] for what is refused).
    ///
    /// `zone` settles texts without a zone, or with an abbreviation such as `PDT`, which names no single zone.
    ///
    /// # Errors
    /// Says why the text is no time.
    pub fn parse(text: &[u8], zone: Option<Zone>) -> Result<Self, NoTime> {
        parse::time(text, zone)
    }

    /// Days since 1970-01-01 of the UTC day that holds this time.
    pub fn day(self) -> i32 {
        i32::try_from(self.0.div_euclid(DAY)).unwrap_or(i32::MAX)
    }

    /// The first microsecond of the UTC day with this number.
    pub fn of_day(day: i32) -> Self {
        Self(i64::from(day) * DAY)
    }

    /// The first microsecond of the UTC day that holds this time.
    pub fn day_start(self) -> Self {
        Self::of_day(self.day())
    }

    /// Hour of the UTC day, 0 to 23.
    pub fn hour(self) -> u32 {
        u32::try_from(self.0.rem_euclid(DAY) / (3600 * SECOND)).unwrap_or(0)
    }

    /// The time as a calendar date and clock time in UTC.
    pub fn calendar(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The day as `2025-08-17`.
    pub fn date_text(self) -> String {
        let date = self.calendar();
        format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

/// RFC 3339 in UTC with milliseconds, or with microseconds where there are any.
impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.calendar();
        write!(
            out,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )?;
        let micros = self.0.rem_euclid(SECOND);
        if micros % 1000 == 0 { write!(out, ".{:03}Z", micros / 1000) } else { write!(out, ".{micros:06}Z") }
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
