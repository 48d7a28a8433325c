//! Deviation: a day's sum far above the subject's own other days, by median and median absolute deviation, which one
//! backfill cannot move. Whole numbers throughout, so that sums do not depend on order.
//!
//! A day is compared with days of its weekday, if there are enough of them. Of several logs the highest sum counts,
//! each against its own history. A small day counts if it is far above all days before. A subject that has no history in
//! a log that has one is judged by fixed numbers, and by what anybody else ever had.

use std::collections::BTreeMap;

use super::daily::{Daily, Day, Logs, alike, before, count, doubled_median, quarters};
use super::{Finish, Match, fact};
use crate::batch::Role;
use crate::finding::{Fact, Severity};
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &[
    "baseline-days",
    "deviations",
    "at-least",
    "ratio",
    "like-days",
    "known-peak",
    "far-at-least",
    "far-times",
    "cold-at-least",
    "cold-low",
    "cold-medium",
];

pub(super) fn judge(daily: Daily, finish: &Finish<'_>) -> Vec<Match> {
    let found = daily.finish(finish);
    let first_day = finish.since.day();
    let least = finish.limit("baseline-days");
    let has_history = |log: u32| found.covered(log, i32::MIN..first_day) >= least;
    let past = found.subjects().flat_map(|(_, logs)| logs).flat_map(|(_, days)| before(days, first_day));
    let record = past.map(|day| day.sum).max().unwrap_or(0);
    let judge = |(subject, mut logs): (u32, Logs<'_>)| {
        if logs.iter().any(|(_, days)| count(before(days, first_day)) >= least) {
            logs.retain(|(_, days)| count(before(days, first_day)) >= least);
            return judge_warm(subject, &logs, finish);
        }
        logs.retain(|(log, _)| has_history(*log));
        judge_cold(subject, &logs, record, finish)
    };
    found.subjects().flat_map(judge).collect()
}

/// What a day was compared with, in quarters.
struct Usual {
    median_x4: i128,
    deviation_x4: i128,
    /// The greatest sum of a day before.
    greatest: i64,
    days: i64,
    of: &'static str,
}

impl Usual {
    fn of(number: i32, past: &[Day], finish: &Finish<'_>) -> Self {
        let days = alike(past, |day| day.number, number, finish.limit("like-days"));
        let sums: Vec<i128> = days.iter().map(|day| i128::from(day.sum)).collect();
        // Doubled once for the median and once more for the deviation from it, so that halves stay whole.
        let median_x2 = doubled_median(sums.clone());
        let deviation_x4 = doubled_median(sums.iter().map(|sum| (2 * sum - median_x2).abs()).collect());
        let greatest = past.iter().map(|day| day.sum).max().unwrap_or(0);
        let of = if days.len() < past.len() { "days of the same weekday" } else { "all days before" };
        Self { median_x4: 2 * median_x2, deviation_x4, greatest, days: count(&days), of }
    }

    fn is_exceeded(&self, day: &Day, finish: &Finish<'_>) -> bool {
        let sum_x4 = 4 * i128::from(day.sum);
        sum_x4 > self.median_x4 + i128::from(finish.limit("deviations")) * self.deviation_x4
            && sum_x4 >= i128::from(finish.limit("ratio")) * self.median_x4
    }

    fn facts(&self) -> Vec<Fact> {
        vec![
            fact("median", quarters(self.median_x4)),
            fact("deviation", quarters(self.deviation_x4)),
            fact("baseline days", self.days),
            fact("compared with", self.of),
            fact("greatest before", self.greatest),
        ]
    }
}

fn judge_warm(subject: u32, logs: &Logs<'_>, finish: &Finish<'_>) -> Vec<Match> {
    let first_day = finish.since.day();
    let mut highest: BTreeMap<i32, (&Day, Usual)> = BTreeMap::new();
    for &(_, days) in logs {
        let past = before(days, first_day);
        let greatest = past.iter().map(|day| day.sum).max().unwrap_or(0);
        let high = days[past.len()..].iter().filter(|day| is_much(day.sum, greatest, finish));
        let high = high.map(|day| (day, Usual::of(day.number, past, finish)));
        for (day, usual) in high.filter(|(day, usual)| usual.is_exceeded(day, finish)) {
            if highest.get(&day.number).is_none_or(|(known, _)| known.sum < day.sum) {
                highest.insert(day.number, (day, usual));
            }
        }
    }
    let known_peak = i128::from(finish.limit("known-peak"));
    let matches = highest.values().map(|(day, usual)| {
        let is_known = 100 * i128::from(day.sum) <= known_peak * i128::from(usual.greatest);
        let severity = is_known.then(|| finish.detector.severity.min(Severity::Low));
        describe(subject, day, Time::of_day(day.number), usual.facts(), severity, finish)
    });
    matches.collect()
}

/// Whether a sum is worth a look at all: for anybody, or for a subject that never had so much by far.
fn is_much(sum: i64, greatest: i64, finish: &Finish<'_>) -> bool {
    let (far, times) = (finish.limit("far-at-least"), finish.limit("far-times"));
    let is_far = far > 0 && sum >= far && i128::from(sum) >= i128::from(times) * i128::from(greatest.max(0));
    sum > 0 && (sum >= finish.limit("at-least") || is_far)
}

/// The highest day of a subject that has not been there for long. `record` is the greatest sum that anybody had on a day
/// before the window.
fn judge_cold(subject: u32, logs: &Logs<'_>, record: i64, finish: &Finish<'_>) -> Vec<Match> {
    let at_least = finish.limit("cold-at-least");
    let since = finish.since.day();
    let days = logs.iter().flat_map(|&(_, days)| days[before(days, since).len()..].iter().map(move |day| (days, day)));
    let days = days.filter(|(_, day)| at_least > 0 && day.sum >= at_least);
    let mut highest: Option<(&[Day], &Day)> = None;
    for (days, day) in days {
        if highest.is_none_or(|(_, known)| (day.sum, known.number) > (known.sum, day.number)) {
            highest = Some((days, day));
        }
    }
    let Some((days, day)) = highest else { return Vec::new() };
    let began = logs.iter().filter_map(|(_, days)| days.first()).map(|day| day.number).min().unwrap_or(day.number);
    let usual = Usual { of: "fixed limits, for want of history", ..Usual::of(day.number, before(days, since), finish) };
    let severity = match day.sum {
        sum if sum >= finish.limit("cold-medium") || sum > record => Severity::Medium,
        sum if sum >= finish.limit("cold-low") => Severity::Low,
        _ => Severity::Info,
    };
    let judged_by = usual.facts().into_iter().chain([fact("greatest of anybody before", record)]).collect();
    vec![describe(subject, day, Time::of_day(began), judged_by, Some(severity), finish)]
}

fn describe(
    subject: u32,
    day: &Day,
    anchor: Time,
    judged_by: Vec<Fact>,
    severity: Option<Severity>,
    finish: &Finish<'_>,
) -> Match {
    let objects = finish.subjects.part(subject, Role::Objects).map(|objects| (Role::Objects, objects));
    let mut seen =
        vec![fact("day", Time::of_day(day.number).date_text()), fact("rows", day.sum), fact("events", day.events)];
    seen.extend(objects.map(|(role, objects)| fact(role.name_in_words(), finish.text(role, objects))));
    Match {
        subject,
        further: objects.into_iter().collect(),
        anchor: Some(anchor.date_text().into()),
        span: day.span(),
        count: u64::from(day.events),
        seen,
        judged_by,
        marks: day.marks().collect(),
        marks_total: u64::from(day.events),
        principal: finish.principal(subject, None),
        severity,
        weights: Vec::new(),
    }
}
