//! Rows by hour as a strip of characters, a line for each day: readable without colour and on a narrow terminal.

use std::fmt::Write;

use super::hours::ByHour;
use crate::value::Time;

/// From few rows to many.
const SHADES: [char; 9] = ['.', ':', '-', '=', '+', '*', '#', '%', '@'];

/// An hour between the first and the last row that has none.
const MISSING: char = '_';

/// The most lines of a strip; more days are folded.
pub const MOST_LINES: i64 = 40;

/// The width of a line with all that it can say: date, hours, rows, missing hours.
const WIDE: usize = 62;

/// The width of a line with a date and the hours.
const NARROW: usize = 37;

/// A line for each day or block of days, UTC, and a line that says how to read it. Without rows there are no lines.
pub fn lines(rows: &ByHour, width: usize) -> Vec<String> {
    let (Some((first, _)), Some((last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
        return Vec::new();
    };
    let (first, last) = (*first, *last);
    let days = last.div_euclid(24) - first.div_euclid(24) + 1;
    let days_a_line = days.div_euclid(MOST_LINES) + i64::from(days % MOST_LINES > 0);
    let hours_a_shade = if width < NARROW { 2 } else { 1 };
    let strips = strips(rows, days_a_line, hours_a_shade);
    let most = strips.iter().flat_map(|strip| &strip.cells).filter_map(|cell| *cell).max().unwrap_or(1);
    let mut lines = vec![format!("{:10}  {}", "UTC", if hours_a_shade == 1 { SCALE } else { SCALE_OF_PAIRS })];
    for strip in &strips {
        let shades: String = strip.cells.iter().map(|cell| cell.map_or(' ', |rows| shade(rows, most))).collect();
        let mut line = format!("{} |{shades}|", Time::of_hours(strip.first).date_text());
        if width >= WIDE {
            let _ = write!(line, " {:>9}", strip.rows);
            if strip.missing > 0 {
                let _ = write!(line, ", {} h missing", strip.missing);
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    let unit = match (days_a_line, hours_a_shade) {
        (1, 1) => "an hour".to_owned(),
        (1, _) => "two hours".to_owned(),
        (days, 1) => format!("an hour of {days} days"),
        (days, _) => format!("two hours of {days} days"),
    };
    lines.push(format!("{MISSING} no rows  {} few  {} up to {most} in {unit}", SHADES[0], SHADES[SHADES.len() - 1]));
    if days_a_line > 1 {
        lines.push(format!("each line is {days_a_line} days: a gap shows only where all of them have it"));
    }
    lines
}

const SCALE: &str = "0     6     12    18";
const SCALE_OF_PAIRS: &str = "0  6  12 18";

/// One line: the hours of a block of days.
struct Strip {
    first: i64,
    /// For each hour or pair of hours of the day, its rows; nothing outside of the span.
    cells: Vec<Option<u64>>,
    rows: u64,
    missing: u64,
}

fn strips(rows: &ByHour, days_a_line: i64, hours_a_shade: i64) -> Vec<Strip> {
    let (Some((first, _)), Some((last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
        return Vec::new();
    };
    let (first, last) = (*first, *last);
    let length = days_a_line * 24;
    let start = first.div_euclid(24) * 24;
    let count = (last - start).div_euclid(length) + 1;
    let strip = |number: i64| {
        let begin = start + number * length;
        let (from, to) = (begin.max(first), (begin + length - 1).min(last));
        let mut cells = vec![None; usize::try_from(24 / hours_a_shade).unwrap_or(24)];
        let cell_of = |hour: i64| usize::try_from(hour.rem_euclid(24) / hours_a_shade).unwrap_or(0);
        // More than a day covers every hour of the day, so that a day's worth shows which hours lie within.
        for hour in (from..=to).take(24) {
            cells[cell_of(hour)].get_or_insert(0);
        }
        let mut present = 0;
        let mut sum = 0;
        for (hour, rows) in rows.range(from..=to) {
            *cells[cell_of(*hour)].get_or_insert(0) += rows;
            present += 1;
            sum += rows;
        }
        Strip { first: begin, cells, rows: sum, missing: (to - from + 1).unsigned_abs() - present }
    };
    (0..count).map(strip).collect()
}

/// Shades go by powers: each stands for the same factor, so that both a busy and a quiet hour are seen.
fn shade(rows: u64, most: u64) -> char {
    if rows == 0 {
        return MISSING;
    }
    let steps = SHADES.len() as u64 - 1;
    let (rows, most) = (u64::from(rows.ilog2()), u64::from(most.ilog2()).max(1));
    let place = usize::try_from(rows * steps / most).unwrap_or(0);
    SHADES[place.min(SHADES.len() - 1)]
}
