//! When subjects are active: events by UTC day, and hours of the day. Tells a cold subject from one with a history, and
//! a machine from a person.

use rayon::slice::ParallelSliceMut;

use super::by_subject::BySubject;
use super::{Active, Moves, Past};
use crate::apps::Principal;
use crate::value::Time;

/// The activity of all subjects of a kind.
///
/// Rows of a day come together, so that a subject's day at hand is counted in its place. What was left lies in one list,
/// which is written to at its end only: a list for each subject would be looked for in memory again and again.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    now: BySubject<Day>,
    /// Days that were left. Parts of a day that was taken up again are there apart.
    left: Vec<Active>,
    /// How many there were when they were last put together.
    whole: usize,
}

/// The same, day by day in order.
pub(super) struct Histories {
    days: Vec<Active>,
    /// Where each subject's days begin, and at last where they end.
    starts: Vec<usize>,
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

/// Days are put together when there are this many, and again when there are three times as many as were left of them.
const FEW: usize = 1 << 12;

impl Activity {
    pub(super) fn observe(&mut self, subject: u32, time: i64) {
        let time = Time(time);
        let day = Day { number: time.day(), events: 1, hours: 1 << time.hour() };
        let now = self.now.of(subject);
        if now.number == day.number {
            now.events = now.events.saturating_add(day.events);
            now.hours |= day.hours;
            return;
        }
        let done = std::mem::replace(now, day);
        self.left.extend(done.of(subject));
        if self.left.len() > FEW + 3 * self.whole {
            self.left.sort_unstable_by_key(order);
            put_together(&mut self.left, u32::saturating_add);
            self.whole = self.left.len();
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.left.extend(other.into_days().map(|day| Active { subject: moves.subject(day.subject), ..day }));
    }

    /// What the next run has to know.
    pub(super) fn past(&self) -> Vec<Active> {
        let mut days: Vec<Active> = self.clone().into_days().collect();
        days.par_sort_unstable_by_key(order);
        put_together(&mut days, u32::saturating_add);
        days
    }

    /// Takes in what earlier runs have seen: of two accounts of a day, the fuller one counts.
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        let mut days = self.past();
        days.extend(past.active.iter().map(|day| Active { subject: moves.subject(day.subject), ..*day }));
        days.par_sort_unstable_by_key(order);
        put_together(&mut days, u32::max);
        *self = Self { now: BySubject::default(), whole: days.len(), left: days };
    }

    /// What it takes to ask for the past of many subjects.
    pub(super) fn histories(self) -> Histories {
        let mut days: Vec<Active> = self.into_days().collect();
        days.par_sort_unstable_by_key(order);
        put_together(&mut days, u32::saturating_add);
        let mut starts = Vec::new();
        for (place, day) in days.iter().enumerate() {
            // Subjects without days begin where the next one does.
            starts.resize((day.subject as usize + 1).max(starts.len()), place);
        }
        starts.push(days.len());
        Histories { days, starts }
    }

    /// All days and parts of days, in any order.
    fn into_days(self) -> impl Iterator<Item = Active> {
        self.left.into_iter().chain(self.now.into_all().filter_map(|(subject, day)| day.of(subject)))
    }
}

/// Subject and day, as one number.
fn order(day: &Active) -> u64 {
    u64::from(day.subject) << 32 | u64::from(day.day.cast_unsigned() ^ 1 << 31)
}

/// Makes one of several accounts of a day, where days are in order.
fn put_together(days: &mut Vec<Active>, events: fn(u32, u32) -> u32) {
    days.dedup_by(|next, known| {
        let same = (next.subject, next.day) == (known.subject, known.day);
        if same {
            known.events = events(known.events, next.events);
            known.hours |= next.hours;
        }
        same
    });
}

impl Day {
    fn of(self, subject: u32) -> Option<Active> {
        let Self { number, events, hours } = self;
        (events > 0).then_some(Active { subject, day: number, events, hours })
    }
}

impl Histories {
    /// What a subject did in the whole days before this one.
    pub(super) fn before(&self, subject: u32, day: i32) -> History {
        let past = self.days_before(subject, day);
        let events = past.iter().map(|day| i64::from(day.events)).sum();
        let active_days = i64::try_from(past.len()).unwrap_or(i64::MAX);
        let span = match past {
            [first, .., last] => i64::from(last.day - first.day) + 1,
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

    /// The whole days before this one on which a subject was active.
    pub(super) fn days_before(&self, subject: u32, day: i32) -> &[Active] {
        let days = match self.starts.get(subject as usize..) {
            Some([from, to, ..]) => &self.days[*from..*to],
            _ => &[],
        };
        &days[..days.partition_point(|known| known.day < day)]
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
