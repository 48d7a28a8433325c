//! Points in time: UTC microseconds, and every form in which Salesforce and its exporters write them.

use std::fmt;

use chrono::DateTime;

mod parse;

pub use parse::{NoTime, Zone};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A span of microseconds.
pub type Micros = i64;

/// Microseconds in a second.
pub const SECOND: Micros = 1_000_000;
/// Microseconds in an hour.
pub const HOUR: Micros = 3600 * SECOND;
/// A quarter of an hour.
pub const QUARTER: Micros = 900 * SECOND;
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

    /// Hours since 1970-01-01T00:00:00Z: the number of the UTC hour that holds this time.
    pub fn hours(self) -> i64 {
        self.0.div_euclid(HOUR)
    }

    /// The first microsecond of the UTC hour with this number.
    pub fn of_hours(hours: i64) -> Self {
        Self(hours.saturating_mul(HOUR))
    }

    /// See [`Time::day`]; and the hour of that day, 0 to 23.
    pub fn day_and_hour(self) -> (i32, u32) {
        let hours = self.hours();
        (i32::try_from(hours.div_euclid(24)).unwrap_or(i32::MAX), u32::try_from(hours.rem_euclid(24)).unwrap_or(0))
    }

    /// The time as a calendar date and clock time in UTC.
    pub fn calendar(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The day as `2025-08-17`.
    pub fn date_text(self) -> String {
        let (year, month, day) = civil(i64::from(self.day()));
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// RFC 3339 in UTC with milliseconds, or with microseconds where there are any.
impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        if !(0..10_000).contains(&year) {
            return write!(out, "{}", self.calendar().format("%+"));
        }
        let clock = self.0.rem_euclid(DAY);
        let (seconds, micros) = (clock / SECOND, clock % SECOND);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        put(&mut text[0..4], year);
        put(&mut text[5..7], month);
        put(&mut text[8..10], day);
        put(&mut text[11..13], seconds / 3600);
        put(&mut text[14..16], seconds / 60 % 60);
        put(&mut text[17..19], seconds % 60);
        put(&mut text[20..26], micros);
        let length = if micros % 1000 == 0 {
            text[23] = b'Z';
            24
        } else {
            27
        };
        out.write_str(std::str::from_utf8(&text[..length]).unwrap_or_default())
    }
}

/// Writes a number over zeros, last digit last.
fn put(digits: &mut [u8], mut number: i64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

/// Year, month and day of a day counted from 1970-01-01, by eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
