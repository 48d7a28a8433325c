//! When subjects are active: events by UTC day, and hours of the day. Tells a cold subject from one with a history, and
//! a machine from a person.

use super::Moves;
use crate::apps::Principal;
use crate::value::Time;

/// The activity of all subjects of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    of: Vec<Days>,
}

#[derive(Clone, Debug, Default)]
struct Days {
    /// The day that was counted last, and its events so far.
    now: (i32, u32),
    /// Other days and their events, by day.
    days: Vec<(i32, u32)>,
    /// One bit for each hour of the day that ever saw an event.
    hours: u32,
}

/// A subject's past before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Past {
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
        let days = self.days_of(subject);
        days.hours |= 1 << time.hour();
        days.add(time.day(), 1);
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, theirs) in (0..).zip(other.of) {
            if theirs.hours == 0 {
                continue;
            }
            let ours = self.days_of(moves.subject(subject));
            ours.hours |= theirs.hours;
            for (day, events) in theirs.days.into_iter().chain([theirs.now]) {
                ours.put(day, events);
            }
        }
    }

    /// What a subject did in the whole days before this one.
    pub(super) fn before(&self, subject: u32, day: i32) -> Past {
        let Some(known) = self.of.get(subject as usize) else {
            return Past { events: 0, active_days: 0, principal: None };
        };
        let mut known = known.clone();
        known.put(known.now.0, known.now.1);
        let past = &known.days[..known.days.partition_point(|(known, _)| *known < day)];
        let events = past.iter().map(|(_, events)| i64::from(*events)).sum();
        let active_days = i64::try_from(past.len()).unwrap_or(i64::MAX);
        let span = match past {
            [(first, _), .., (last, _)] => i64::from(last - first) + 1,
            _ => active_days,
        };
        let principal = (span >= LEAST_DAYS).then(|| {
            let every_day = active_days * 100 >= span * EVERY_DAY;
            let sleepless = longest_gap(known.hours) < NIGHT || known.hours.count_ones() <= JOB_HOURS;
            if every_day && sleepless { Principal::Integration } else { Principal::Person }
        });
        Past { events, active_days, principal }
    }

    fn days_of(&mut self, subject: u32) -> &mut Days {
        let place = subject as usize;
        if self.of.len() <= place {
            self.of.resize_with(place + 1, Days::default);
        }
        &mut self.of[place]
    }
}

impl Days {
    fn add(&mut self, day: i32, events: u32) {
        // Rows of a day come together: the day at hand is counted apart, where no pointer has to be followed.
        if self.now.0 == day {
            self.now.1 = self.now.1.saturating_add(events);
            return;
        }
        let (day, events) = std::mem::replace(&mut self.now, (day, events));
        self.put(day, events);
    }

    fn put(&mut self, day: i32, events: u32) {
        if events == 0 {
            return;
        }
        let place = self.days.partition_point(|(known, _)| *known < day);
        match self.days.get_mut(place) {
            Some(known) if known.0 == day => known.1 = known.1.saturating_add(events),
            _ => self.days.insert(place, (day, events)),
        }
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
