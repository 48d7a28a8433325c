//! Deviation: a day's sum far above the subject's own other days, by median and median absolute deviation, which one
//! backfill cannot move. Whole numbers throughout, so that sums do not depend on order.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::{Finish, FirstMarks, Match, Moves, Past, Rows, Sum, fact};
use crate::batch::Role;
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &["baseline-days", "deviations", "at-least"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    sum: Role,
    days: HashMap<(u32, i32), Day, FixedState>,
}

#[derive(Clone, Debug, Default)]
struct Day {
    sum: i64,
    events: u64,
    span: Option<(i64, i64)>,
    marks: Option<FirstMarks>,
}

impl State {
    pub(super) fn new(sum: Role) -> Self {
        Self { sum, days: HashMap::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let day = self.days.entry((subject, Time(time).day())).or_default();
            let sum = rows.batch.number(self.sum, row).unwrap_or(0);
            day.add(sum, 1, (time, time));
            let mark = rows.mark(row, time);
            FirstMarks::add_to(&mut day.marks, mark);
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
        for ((subject, number), theirs) in other.days {
            let day = self.days.entry((moves.subject(subject), number)).or_default();
            if let Some(span) = theirs.span {
                day.add(theirs.sum, theirs.events, span);
            }
            for mark in theirs.marks.iter().flat_map(FirstMarks::as_slice) {
                FirstMarks::add_to(&mut day.marks, *mark);
            }
        }
    }

    pub(super) fn past(&self) -> Past {
        let sum = |((subject, number), day): (&(u32, i32), &Day)| Sum {
            subject: *subject,
            day: *number,
            total: day.sum,
            events: day.events,
        };
        Past { sums: self.days.iter().map(sum).collect(), ..Past::default() }
    }

    /// Of two accounts of a day, the fuller one counts.
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        for sum in &past.sums {
            let day = self.days.entry((moves.subject(sum.subject), sum.day)).or_default();
            day.sum = day.sum.max(sum.total);
            day.events = day.events.max(sum.events);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let mut subjects: BTreeMap<u32, BTreeMap<i32, Day>> = BTreeMap::new();
        #[expect(clippy::iter_over_hash_type, reason = "sorted by the map it goes into")]
        for ((subject, number), day) in self.days {
            subjects.entry(subject).or_default().insert(number, day);
        }
        let judge = |(subject, days): (u32, BTreeMap<i32, Day>)| judge(subject, &days, finish);
        subjects.into_iter().flat_map(judge).collect()
    }
}

impl Day {
    fn add(&mut self, sum: i64, events: u64, span: (i64, i64)) {
        self.sum = self.sum.saturating_add(sum);
        self.events += events;
        self.span = Some(self.span.map_or(span, |own| (own.0.min(span.0), own.1.max(span.1))));
    }
}

fn judge(subject: u32, days: &BTreeMap<i32, Day>, finish: &Finish<'_>) -> Vec<Match> {
    let first_day = finish.since.day();
    let baseline: Vec<i64> = days.range(..first_day).map(|(_, day)| day.sum).collect();
    if i64::try_from(baseline.len()).unwrap_or(i64::MAX) < finish.limit("baseline-days") {
        return Vec::new();
    }
    // Doubled once for the median and once more for the deviation from it, so that halves stay whole.
    let median_x2 = doubled_median(baseline.clone());
    let deviations = baseline.iter().map(|sum| (2 * sum - median_x2).abs()).collect();
    let deviation_x4 = doubled_median(deviations);
    let limit_x4 = 2 * median_x2 + finish.limit("deviations") * deviation_x4;
    let at_least = finish.limit("at-least");
    // A day without rows at hand is remembered, and was judged by the run that read them.
    let at_hand = days.range(first_day..).filter(|(_, day)| day.marks.is_some());
    let high = at_hand.filter(|(_, day)| day.sum > 0 && day.sum >= at_least && 4 * day.sum > limit_x4);
    high.map(|(number, day)| Match {
        subject,
        further: Vec::new(),
        anchor: Some(Time::of_day(*number).date_text().into()),
        span: day.span.unwrap_or_default(),
        count: day.events,
        seen: vec![fact("day", Time::of_day(*number).date_text()), fact("rows", day.sum), fact("events", day.events)],
        judged_by: vec![
            fact("median", quarters(2 * median_x2)),
            fact("deviation", quarters(deviation_x4)),
            fact("baseline days", baseline.len()),
        ],
        marks: day.marks.iter().flat_map(FirstMarks::as_slice).copied().collect(),
        marks_total: day.events,
        principal: None,
        severity: None,
        weights: Vec::new(),
    })
    .collect()
}

/// Twice the median: of an even count, the sum of the two in the middle.
fn doubled_median(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    match values.len() {
        0 => 0,
        count if count % 2 == 0 => values[count / 2 - 1] + values[count / 2],
        count => 2 * values[count / 2],
    }
}

/// A number of quarters as a decimal.
fn quarters(count: i64) -> String {
    let whole = count / 4;
    match count % 4 {
        0 => whole.to_string(),
        1 => format!("{whole}.25"),
        2 => format!("{whole}.5"),
        _ => format!("{whole}.75"),
    }
}
