//! When subjects are active: events by UTC day, and hours of the day. Tells a cold subject from one with a history, and
//! a machine from a person.

use rayon::slice::ParallelSliceMut;

use super::{Active, Moves, Past};
use crate::apps::Principal;
use crate::folded::{Folded, Part, packed};
use crate::value::Time;

/// The activity of all subjects of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    days: Folded<Active>,
}

/// The same, day by day in order.
pub(super) struct Histories {
    days: Vec<Active>,
    /// Where each subject's days begin, and at last where they end.
    starts: Vec<usize>,
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
    #[inline]
    pub(super) fn observe(&mut self, subject: u32, time: i64) {
        let (day, hour) = Time(time).day_and_hour();
        self.days.add(Active { subject, day, events: 1, hours: 1 << hour });
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let days = other.days.into_parts().into_iter();
        self.days.extend(days.map(|day| Active { subject: moves.subject(day.subject), ..day }));
    }

    /// What the next run has to know.
    pub(super) fn past(&self) -> Vec<Active> {
        self.days.clone().into_whole()
    }

    /// Takes in what earlier runs have seen: of two accounts of a day, the fuller one counts.
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        let mut days = std::mem::take(&mut self.days).into_whole();
        days.extend(past.active.iter().map(|day| Active { subject: moves.subject(day.subject), ..*day }));
        days.par_sort_unstable_by_key(Active::key);
        days.dedup_by(|next, known| {
            let same = next.key() == known.key();
            if same {
                known.events = known.events.max(next.events);
                known.hours |= next.hours;
            }
            same
        });
        self.days.extend(days);
    }

    /// What it takes to ask for the past of many subjects.
    pub(super) fn histories(self) -> Histories {
        let days = self.days.into_whole();
        let mut starts = Vec::new();
        for (place, day) in days.iter().enumerate() {
            // Subjects without days begin where the next one does.
            starts.resize((day.subject as usize + 1).max(starts.len()), place);
        }
        starts.push(days.len());
        Histories { days, starts }
    }
}

impl FromIterator<Active> for Activity {
    fn from_iter<I: IntoIterator<Item = Active>>(days: I) -> Self {
        let mut activity = Self::default();
        activity.days.extend(days);
        activity
    }
}

impl Part for Active {
    type Key = u64;

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        packed(self.subject, self.day)
    }

    fn absorb(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.hours |= other.hours;
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
