//! Rare hour: a person is active at an hour of the day at which that person hardly ever is. Work days and weekends are apart,
//! the hours before and behind count too, and days are those of UTC. Hours in a row are one match.
//!
//! Of an hour of the week only the last one is kept: more of it than one in a window would not be rare.

use std::cmp::Ordering;

use super::activity::Activity;
use super::{Active, Finish, Mark, Match, Moves, Past, Rows, fact};
use crate::apps::Principal;
use crate::finding::Finding;
use crate::folded::{Folded, Part};
use crate::value::Time;
use crate::value::time::HOUR;

pub(super) const LIMITS: &[&str] = &["history-days", "history-hours", "rare-percent"];

const HOURS_OF_WEEK: i64 = 7 * 24;
const NEVER: i64 = i64::MIN;

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    activity: Activity,
    /// The last hour of each hour of the week.
    latest: Folded<Hour>,
}

#[derive(Clone, Copy, Debug)]
struct Hour {
    subject: u32,
    /// Hours since 1970.
    number: i64,
    events: u64,
    first: Mark,
    last: i64,
}

/// The hours in which a subject was active before the window.
struct Habit {
    /// By the hour of the day, on work days and on weekends.
    active: [[u64; 24]; 2],
    hours: u64,
    first_day: i64,
}

impl State {
    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            self.activity.observe(subject, time);
            let number = time.div_euclid(HOUR);
            self.latest.add(Hour { subject, number, events: 1, first: rows.mark(row, time), last: time });
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let hours = other.latest.into_parts().into_iter();
        self.latest.extend(hours.map(|hour| Hour { subject: moves.subject(hour.subject), ..hour }));
        self.activity.merge(other.activity, moves);
    }

    pub(super) fn past(&self) -> Past {
        Past { active: self.activity.past(), ..Past::default() }
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.activity.recall(past, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let histories = self.activity.histories();
        let mut hours = self.latest.into_whole();
        hours.retain(|hour| hour.last >= finish.since.0);
        let mut matches = Vec::new();
        for hours in hours.chunk_by(|one, next| one.subject == next.subject) {
            let subject = hours[0].subject;
            let past = histories.before(subject, finish.since.day());
            if finish.principal(subject, past.principal) != Some(Principal::Person) {
                continue;
            }
            let habit = Habit::of(histories.days_before(subject, finish.since.day()));
            if habit.is_known(finish) {
                let rare = hours.iter().filter(|hour| habit.is_rare(hour.number, finish));
                let mut rare: Vec<Hour> = rare.copied().collect();
                rare.sort_unstable_by_key(|hour| hour.number);
                let in_a_row = rare.chunk_by(|one, next| one.number + 1 == next.number);
                matches.extend(in_a_row.map(|rare| describe(subject, rare, &habit, finish)));
            }
        }
        matches
    }
}

impl Part for Hour {
    type Key = (u32, i64);

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        (self.subject, self.number.rem_euclid(HOURS_OF_WEEK))
    }

    fn absorb(&mut self, other: &Self) {
        match self.number.cmp(&other.number) {
            Ordering::Less => *self = *other,
            Ordering::Equal => {
                self.events += other.events;
                self.first = self.first.min(other.first);
                self.last = self.last.max(other.last);
            }
            Ordering::Greater => {}
        }
    }
}

impl Habit {
    fn of(days: &[Active]) -> Self {
        let mut habit = Self { active: [[0; 24]; 2], hours: 0, first_day: NEVER };
        for &Active { day, hours, .. } in days {
            if habit.first_day == NEVER {
                habit.first_day = i64::from(day);
            }
            let active = &mut habit.active[usize::from(is_weekend(i64::from(day)))];
            for (hour, count) in active.iter_mut().enumerate() {
                *count += u64::from(hours >> hour & 1);
            }
            habit.hours += u64::from(hours.count_ones());
        }
        habit
    }

    fn is_known(&self, finish: &Finish<'_>) -> bool {
        let hours = i64::try_from(self.hours).unwrap_or(i64::MAX);
        let begins = i64::from(finish.since.day()).saturating_sub(finish.limit("history-days"));
        self.first_day != NEVER && self.first_day <= begins && hours >= finish.limit("history-hours")
    }

    fn is_rare(&self, number: i64, finish: &Finish<'_>) -> bool {
        let percent = u64::try_from(finish.limit("rare-percent")).unwrap_or(0);
        self.near(number) * 100 < percent * self.hours
    }

    /// How many active hours there were at about this one.
    fn near(&self, number: i64) -> u64 {
        let active = &self.active[usize::from(is_weekend(number.div_euclid(24)))];
        let hour = usize::try_from(number.rem_euclid(24)).unwrap_or(0);
        [23, 0, 1].iter().map(|step| active[(hour + step) % 24]).sum()
    }
}

/// Days since 1970, which began on a Thursday.
fn is_weekend(day: i64) -> bool {
    matches!(day.rem_euclid(7), 2 | 3)
}

fn describe(subject: u32, rare: &[Hour], habit: &Habit, finish: &Finish<'_>) -> Match {
    let span = (rare[0].first.time, rare.iter().map(|hour| hour.last).max().unwrap_or(rare[0].last));
    let count = rare.iter().map(|hour| hour.events).sum();
    let near = rare.iter().map(|hour| habit.near(hour.number)).max().unwrap_or(0);
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span,
        count,
        seen: vec![fact("hour", Time(rare[0].number * HOUR)), fact("hours", rare.len()), fact("events", count)],
        judged_by: vec![
            fact("active hours before", habit.hours),
            fact("at about this hour", near),
            fact("rare percent", finish.limit("rare-percent")),
        ],
        marks: rare.iter().map(|hour| hour.first).take(Finding::EVIDENCE_KEPT).collect(),
        marks_total: count,
        principal: Some(Principal::Person),
        severity: None,
        weights: Vec::new(),
    }
}
