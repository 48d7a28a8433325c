//! When subjects are active: events by UTC day, and hours of the day. Tells a cold subject from one with a history, and
//! a machine from a person.

use super::by_subject::BySubject;
use super::{Active, Moves, Past};
use crate::apps::Principal;
use crate::value::Time;

/// The activity of all subjects of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    days: BySubject<Days>,
}

#[derive(Clone, Debug, Default)]
struct Days {
    /// The day that was counted last.
    now: Day,
    /// Other days, in order.
    days: Vec<Day>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Day {
    number: i32,
    events: u32,
    /// One bit for each hour of the day that saw an event.
    hours: u32,
}

/// A subject's past before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct History {
    pub(super) events: i64,
    pub(super) active_days: i64,
    /// Nothing for a past of less than two weeks.
    pub(super) principal: Option<Principal>,
}

/// People sleep: who was ever active in all hours but these many in a row is no person.
const NIGHT: u32 = 6;
/// A job that runs at fixed times is active in no more hours than this.
const JOB_HOURS: u32 = 4;
/// A machine has no weekend: it is active on at least this share of all days, in percent.
const EVERY_DAY: i64 = 85;
/// Days of past that it takes to tell.
const LEAST_DAYS: i64 = 14;

impl Activity {
    pub(super) fn observe(&mut self, subject: u32, time: i64) {
        let time = Time(time);
        self.days.of(subject).add(Day { number: time.day(), events: 1, hours: 1 << time.hour() });
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, theirs) in other.days.into_all() {
            let days = theirs.days.into_iter().chain([theirs.now]).filter(|day| day.events > 0);
            for day in days {
                self.days.of(moves.subject(subject)).put(day);
            }
        }
    }

    /// What the next run has to know.
    pub(super) fn past(&self) -> Vec<Active> {
        let of_subject = |(subject, days): (u32, &Days)| {
            let days = days.days.iter().chain([&days.now]).filter(|day| day.events > 0).copied();
            let days: Vec<Day> = days.collect();
            days.into_iter().map(move |day| Active { subject, day: day.number, events: day.events, hours: day.hours })
        };
        // A day that was left and taken up again is there twice: its parts are one day's.
        let mut whole: Vec<Active> = self.days.iter().flat_map(of_subject).collect();
        whole.sort_unstable();
        whole.dedup_by(|next, known| {
            let same = (next.subject, next.day) == (known.subject, known.day);
            if same {
                known.events = known.events.saturating_add(next.events);
                known.hours |= next.hours;
            }
            same
        });
        whole
    }

    /// Takes in what earlier runs have seen: of two accounts of a day, the fuller one counts.
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        for active in &past.active {
            let known = self.days.of(moves.subject(active.subject));
            let now = std::mem::take(&mut known.now);
            known.put(now);
            known.put_fuller(Day { number: active.day, events: active.events, hours: active.hours });
        }
    }

    /// What a subject did in the whole days before this one.
    pub(super) fn before(&self, subject: u32, day: i32) -> History {
        let Some(known) = self.days.get(subject) else {
            return History { events: 0, active_days: 0, principal: None };
        };
        let mut known = known.clone();
        known.put(known.now);
        let past = &known.days[..known.days.partition_point(|known| known.number < day)];
        let events = past.iter().map(|day| i64::from(day.events)).sum();
        let active_days = i64::try_from(past.len()).unwrap_or(i64::MAX);
        let span = match past {
            [first, .., last] => i64::from(last.number - first.number) + 1,
            _ => active_days,
        };
        let principal = (span >= LEAST_DAYS).then(|| {
            let hours = past.iter().fold(0, |hours, day| hours | day.hours);
            let every_day = active_days * 100 >= span * EVERY_DAY;
            let sleepless = longest_gap(hours) < NIGHT || hours.count_ones() <= JOB_HOURS;
            if every_day && sleepless { Principal::Integration } else { Principal::Person }
        });
        History { events, active_days, principal }
    }
}

impl Days {
    fn add(&mut self, day: Day) {
        // Rows of a day come together: the day at hand is counted apart, where no pointer has to be followed.
        if self.now.number == day.number {
            self.now.take(day);
            return;
        }
        let done = std::mem::replace(&mut self.now, day);
        self.put(done);
    }

    fn put_fuller(&mut self, day: Day) {
        let place = self.place_of(day.number);
        match self.days.get_mut(place) {
            Some(known) if known.number == day.number => {
                known.events = known.events.max(day.events);
                known.hours |= day.hours;
            }
            _ => self.days.insert(place, day),
        }
    }

    fn put(&mut self, day: Day) {
        if day.events == 0 {
            return;
        }
        let place = self.place_of(day.number);
        match self.days.get_mut(place) {
            Some(known) if known.number == day.number => known.take(day),
            _ => self.days.insert(place, day),
        }
    }

    /// Where a day is or belongs. Most subjects are active day after day, so that its distance from the first day is
    /// where it is.
    fn place_of(&self, number: i32) -> usize {
        let distance = self.days.first().map_or(0, |first| i64::from(number) - i64::from(first.number));
        match usize::try_from(distance) {
            Ok(place) if self.days.get(place).is_some_and(|known| known.number == number) => place,
            _ => self.days.partition_point(|known| known.number < number),
        }
    }
}

impl Day {
    fn take(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.hours |= other.hours;
    }
}

/// The most hours in a row, around midnight too, that never saw an event.
fn longest_gap(hours: u32) -> u32 {
    let (mut longest, mut run) = (0, 0);
    for hour in 0..48 {
        run = if hours & (1 << (hour % 24)) == 0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest.min(24)
}
