//! Creep: days that lie above a subject's habit, each by too little to stand out, until they add up: a one-sided
//! cumulative sum (CUSUM) of what the logarithm of each day's sum exceeds the usual one by.
//!
//! ```text
//! S ← max(0, S + x − usual − allowance)        x = log2(1 + sum), in hundredths of a doubling
//! ```
//! One day adds no more than its share of the threshold: a single high day is a deviation, not a creep.

use std::collections::BTreeMap;

use super::daily::{Daily, Day, Logs, alike, before, count, doubled_median, quarters};
use super::{Finish, Match, fact};
use crate::finding::Finding;
use crate::value::Time;

pub(super) const LIMITS: &[&str] =
    &["baseline-days", "like-days", "run-days", "least-days", "allowance", "threshold", "least-spread", "at-least"];

pub(super) fn judge(daily: Daily, finish: &Finish<'_>) -> Vec<Match> {
    let judge = |(subject, logs): (u32, Logs<'_>)| {
        let runs = logs.iter().filter_map(|(_, days)| Run::of(days, finish));
        // Of several logs the one that tells of the most; of equal ones the first by name.
        let greatest = runs.reduce(|known, other| if other.excess_x2 > known.excess_x2 { other } else { known });
        greatest.map(|run| run.describe(subject, finish))
    };
    daily.finish(finish).subjects().filter_map(judge).collect()
}

/// The days that added up.
struct Run {
    days: Vec<Day>,
    /// The cumulative sum, and what it takes, in quarters of hundredths.
    sum: i128,
    threshold: i128,
    excess_x2: i128,
    median_x2: i128,
    baseline: i64,
}

impl Run {
    fn of(days: &[Day], finish: &Finish<'_>) -> Option<Self> {
        let run_days = i32::try_from(finish.limit("run-days")).unwrap_or(i32::MAX).max(1);
        let begin = finish.since.day().min(finish.as_of.day().saturating_sub(run_days - 1));
        let past = before(days, begin);
        if count(past) < finish.limit("baseline-days").max(1) {
            return None;
        }
        // What lies above the usual is no more than all of it: most subjects are done here.
        let most: i128 = days[past.len()..].iter().map(|day| i128::from(day.sum.max(0))).sum();
        if most < i128::from(finish.limit("at-least")) {
            return None;
        }
        let measure = Measure::of(past, finish);
        let mut run = Self {
            days: Vec::new(),
            sum: 0,
            threshold: measure.threshold,
            excess_x2: 0,
            median_x2: doubled_median(past.iter().map(|day| i128::from(day.sum)).collect()),
            baseline: count(past),
        };
        for day in &days[past.len()..] {
            run.sum += measure.step(day);
            if run.sum <= 0 {
                (run.sum, run.excess_x2) = (0, 0);
                run.days.clear();
                continue;
            }
            run.days.push(*day);
            run.excess_x2 += measure.excess_x2(day);
            let is_enough = run.excess_x2 >= 2 * i128::from(finish.limit("at-least"));
            if run.sum >= run.threshold && is_enough && day.number >= finish.since.day() {
                return Some(run);
            }
        }
        None
    }

    fn describe(&self, subject: u32, finish: &Finish<'_>) -> Match {
        let (first, last) = (&self.days[0], &self.days[self.days.len() - 1]);
        let events = self.days.iter().map(|day| u64::from(day.events)).sum();
        let sum: i64 = self.days.iter().fold(0, |sum, day| sum.saturating_add(day.sum));
        let marks = self.days.iter().map(|day| day.first);
        Match {
            subject,
            further: Vec::new(),
            anchor: Some(Time::of_day(first.number).date_text().into()),
            span: (first.span().0, last.span().1),
            count: events,
            seen: vec![
                fact("since", Time::of_day(first.number).date_text()),
                fact("days", self.days.len()),
                fact("rows", sum),
                fact("rows above usual", quarters(2 * self.excess_x2)),
            ],
            judged_by: vec![
                fact("median", quarters(2 * self.median_x2)),
                fact("baseline days", self.baseline),
                fact("sum of deviations", quarters(self.sum)),
                fact("threshold", quarters(self.threshold)),
            ],
            marks: marks.take(Finding::EVIDENCE_KEPT).collect(),
            marks_total: events,
            principal: finish.principal(subject, None),
            severity: None,
            weights: Vec::new(),
        }
    }
}

/// What days are measured by: in quarters of hundredths of a doubling.
struct Measure {
    /// Doubled medians of logarithms and of sums, for the seven weekdays.
    usual: BTreeMap<i32, (i128, i128)>,
    allowance: i128,
    threshold: i128,
    most_of_a_day: i128,
}

impl Measure {
    fn of(past: &[Day], finish: &Finish<'_>) -> Self {
        let usual = (0..7).map(|weekday| {
            let like = alike(past, |day| day.number, weekday, finish.limit("like-days"));
            let logarithms = like.iter().map(|day| logarithm(day.sum)).collect();
            let sums = like.iter().map(|day| i128::from(day.sum)).collect();
            (weekday, (doubled_median(logarithms), doubled_median(sums)))
        });
        let mut measure = Self { usual: usual.collect(), allowance: 0, threshold: 0, most_of_a_day: 0 };
        let deviations = past.iter().map(|day| (2 * logarithm(day.sum) - measure.usual_of(day).0).abs()).collect();
        // The median deviation is 0.6745 of a standard deviation; 1.48 is one over that.
        let spread = (doubled_median(deviations) * 148 / 100).max(4 * i128::from(finish.limit("least-spread")));
        measure.allowance = spread * i128::from(finish.limit("allowance")) / 100;
        measure.threshold = (spread * i128::from(finish.limit("threshold")) / 100).max(1);
        let least_days = i128::from(finish.limit("least-days").max(1));
        measure.most_of_a_day = (measure.threshold + least_days - 1) / least_days;
        measure
    }

    fn usual_of(&self, day: &Day) -> (i128, i128) {
        self.usual[&day.number.rem_euclid(7)]
    }

    fn step(&self, day: &Day) -> i128 {
        let above = 2 * (2 * logarithm(day.sum) - self.usual_of(day).0);
        (above - self.allowance).min(self.most_of_a_day)
    }

    fn excess_x2(&self, day: &Day) -> i128 {
        (2 * i128::from(day.sum) - self.usual_of(day).1).max(0)
    }
}

/// The binary logarithm of one more than a number, in whole hundredths, rounded down.
fn logarithm(number: i64) -> i128 {
    const ONE: u128 = 1 << 62;
    let number = u128::from(number.max(0).unsigned_abs()) + 1;
    let whole = number.ilog2();
    // Squaring doubles the logarithm: each time that it passes one, the next binary digit is set.
    let (mut rest, mut digits) = ((number << 62) >> whole, 0_i128);
    for _ in 0..24 {
        rest = (rest * rest) >> 62;
        digits <<= 1;
        if rest >= 2 * ONE {
            rest >>= 1;
            digits += 1;
        }
    }
    i128::from(whole) * 100 + ((digits * 100) >> 24)
}
