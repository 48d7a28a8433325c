//! Large exports for benchmarks: `api.csv`, `login.csv` and `oauth.csv`, newest row first.
//!
//! The shape follows what real exports look like, not what a detector would like to see: 37 days that end on
//! 2025-08-31, heavy and light users, sessions of about two calls, queries with line breaks. Users and apps
//! do not grow with the number of rows (from a million rows on); sessions do.

mod api;
mod csv;
mod login;
mod oauth;
mod population;

use std::path::Path;

use crate::calendar::{DAY, date};
use csv::CsvFile;
use population::Population;

/// The first and the last millisecond of the data, and where its last seven days begin.
const START: i64 = END + 1 - 37 * DAY;
const END: i64 = date(2025, 9, 1) - 1;
const WINDOW: i64 = END + 1 - 7 * DAY;

/// Writes the three files: `rows` rows of api and of login, a fifth of that of oauth.
pub(crate) fn write(folder: &Path, rows: u64, minimal_quoting: bool) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let population = Population::new(rows);
    let open = |name: &str| CsvFile::create(&folder.join(name), minimal_quoting);
    api::write(open("api.csv")?, &population, rows)?;
    login::write(open("login.csv")?, &population, rows)?;
    oauth::write(open("oauth.csv")?, &population, rows / 5)
}

/// The time of row `row` of `rows`: from the end backwards at an even pace, moved by up to half a minute.
fn time_of(row: u64, rows: u64, random: &mut crate::random::Random) -> i64 {
    let passed = (i128::from(END - START) * i128::from(row) / i128::from(rows)) as i64;
    (END - passed + random.between(-30_000, 30_000)).clamp(START, END)
}
