//! Drift: a skew that grows from day to day. The slope is the median of the slopes between all pairs of daily medians
//! (Theil and Sen), so that a few odd days do not bend it.

use std::collections::BTreeMap;

use super::skew::seconds;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::Role;
use crate::finding::FactValue;
use crate::value::Time;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["least-days", "milliseconds-a-day", "fails-at"];

/// Skews are counted in steps of this many microseconds.
const STEP: i64 = SECOND / 10;

#[derive(Clone, Debug)]
pub(crate) struct State {
    from: Role,
    to: Role,
    days: BTreeMap<(u32, i32), Day>,
}

/// The skews of a day, counted, and the day's first row.
#[derive(Clone, Debug)]
struct Day {
    skews: BTreeMap<i64, u64>,
    first: Mark,
    last: i64,
}

impl State {
    pub(super) fn new(from: Role, to: Role) -> Self {
        Self { from, to, days: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let (Some(from), Some(to)) = (rows.batch.number(self.from, row), rows.batch.number(self.to, row)) else {
                continue;
            };
            let skews = BTreeMap::from([((to - from).div_euclid(STEP), 1)]);
            self.add((subject, Time(time).day()), Day { skews, first: rows.mark(row, time), last: time });
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for ((subject, number), day) in other.days {
            self.add((moves.subject(subject), number), day);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let days: Vec<((u32, i32), Day)> = self.days.into_iter().collect();
        let of_one_subject = days.chunk_by(|((left, _), _), ((right, _), _)| left == right);
        of_one_subject.filter_map(|days| judge(days, finish)).collect()
    }

    fn add(&mut self, key: (u32, i32), day: Day) {
        match self.days.entry(key) {
            std::collections::btree_map::Entry::Vacant(vacant) => drop(vacant.insert(day)),
            std::collections::btree_map::Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.first = known.first.min(day.first);
                known.last = known.last.max(day.last);
                for (skew, count) in day.skews {
                    *known.skews.entry(skew).or_default() += count;
                }
            }
        }
    }
}

impl Day {
    fn count(&self) -> u64 {
        self.skews.values().sum()
    }

    /// The lower median, in microseconds.
    fn median(&self) -> i64 {
        let mut below = self.count().div_ceil(2);
        for (skew, count) in &self.skews {
            if below <= *count {
                return skew * STEP;
            }
            below -= count;
        }
        0
    }
}

fn judge(days: &[((u32, i32), Day)], finish: &Finish<'_>) -> Option<Match> {
    if i64::try_from(days.len()).ok()? < finish.limit("least-days").max(2) {
        return None;
    }
    let points: Vec<(i64, i64)> = days.iter().map(|((_, number), day)| (i64::from(*number), day.median())).collect();
    let slope = slope(&points)?;
    if slope.abs() < finish.limit("milliseconds-a-day") * 1000 {
        return None;
    }
    let (first, last) = (days.first()?, days.last()?);
    let now = last.1.median();
    let (distance, fails_at) = (now * slope.signum(), finish.limit("fails-at") * SECOND);
    let days_left = ((fails_at - distance) / slope.abs().max(1)).max(0);
    let count = days.iter().map(|(_, day)| day.count()).sum();
    let forecast = match days_left {
        _ if now.abs() >= fails_at => "it is past the limit now".to_owned(),
        1 => "it reaches the limit in 1 day".to_owned(),
        left => format!("it reaches the limit in {left} days"),
    };
    Some(Match {
        subject: first.0.0,
        further: Vec::new(),
        anchor: Some(FactValue::Words("")),
        span: (first.1.first.time, last.1.last),
        count,
        seen: vec![
            fact("drift seconds a day", seconds(slope)),
            fact("median seconds", seconds(now)),
            fact("forecast", forecast),
            fact("days", days.len()),
        ],
        judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
        marks: vec![first.1.first, last.1.first],
        marks_total: count,
        principal: None,
        severity: None,
        weights: Vec::new(),
    })
}

/// The lower median of the slopes between all pairs of points, in microseconds a day.
fn slope(points: &[(i64, i64)]) -> Option<i64> {
    let pairs =
        points.iter().enumerate().flat_map(|(at, left)| points[at + 1..].iter().map(move |right| (left, right)));
    let mut slopes: Vec<i64> = pairs
        .filter(|(left, right)| left.0 != right.0)
        .map(|(left, right)| (right.1 - left.1) / (right.0 - left.0))
        .collect();
    slopes.sort_unstable();
    slopes.get(slopes.len().checked_sub(1)? / 2).copied()
}
