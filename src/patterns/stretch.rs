//! Stretches of rows that windows cover. Windows slide and are half-open, `[t, t + within)`; those that are full and
//! overlap in a row are one stretch.

use std::ops::Range;

use super::{Finish, Mark};
use crate::value::time::DAY;

/// What a window holds, as rows come in at its end and leave at its start.
pub(super) trait Window<T> {
    fn enter(&mut self, row: &T);
    fn leave(&mut self, row: &T);
    fn is_full(&self) -> bool;
}

/// The stretches of rows that are sorted by time, as ranges of their places.
pub(super) fn stretches<T>(
    rows: &[T],
    mark: impl Fn(&T) -> Mark,
    within: i64,
    mut window: impl Window<T>,
) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    for (start, first) in rows.iter().enumerate() {
        let until = mark(first).time.saturating_add(within);
        while let Some(row) = rows.get(end).filter(|row| mark(row).time < until) {
            window.enter(row);
            end += 1;
        }
        if window.is_full() {
            match found.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => found.push(start..end),
            }
        }
        if start < end {
            window.leave(first);
        } else {
            end = start + 1;
        }
    }
    found
}

/// Whether one of some stretches, given by their last rows, ended shortly before the window: what happens again and again
/// is a habit. The limit `quiet-days` says how long before still counts; 0 turns the question off.
pub(super) fn is_habit(mut ends: impl Iterator<Item = i64>, finish: &Finish<'_>) -> bool {
    let since = finish.since.0;
    let from = since.saturating_sub(finish.limit("quiet-days").saturating_mul(DAY));
    ends.any(|end| (from..since).contains(&end))
}
