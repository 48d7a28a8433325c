//! What a state leaves to the next run.
//!
//! Everything here is a lattice: the earliest first time, the latest last time, the fullest account of a day. Taking the
//! same rows in once more, in another order, or a day's hours after the day, changes nothing. That is why nothing is ever
//! added up from run to run: what has to be summed is kept by day, and of two accounts of a day the greater one counts.

use std::ops::Range;

use crate::value::time::DAY;

/// The past of all subjects of one detector, as far as its pattern needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// Values that subjects showed.
    pub(crate) shown: Vec<Shown>,
    /// Days on which they were active.
    pub(crate) active: Vec<Active>,
    /// What they amounted to by day.
    pub(crate) sums: Vec<Sum>,
}

/// A value that a subject showed. Ids are those of the dictionary and the subjects that the past belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    pub(crate) subject: u32,
    pub(crate) value: u32,
    pub(crate) within: u32,
    /// Event time, in microseconds.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// A day on which a subject was active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Active {
    pub(crate) subject: u32,
    /// Days since 1970, UTC.
    pub(crate) day: i32,
    pub(crate) events: u32,
    /// One bit for each hour.
    pub(crate) hours: u32,
}

/// What a subject amounted to on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sum {
    pub(crate) subject: u32,
    /// The log that tells it.
    pub(crate) log: u32,
    pub(crate) day: i32,
    pub(crate) total: i64,
    pub(crate) events: u64,
    /// Event time of the day's first and last row.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Past {
    /// Takes in another account of the same subjects, to be settled.
    pub(crate) fn extend(&mut self, other: Self) {
        self.shown.extend(other.shown);
        self.active.extend(other.active);
        self.sums.extend(other.sums);
    }

    /// Each thing once, in order.
    pub(crate) fn settle(&mut self) {
        self.shown.sort_unstable();
        self.shown.dedup_by(|next, known| {
            let same = (next.subject, next.value, next.within) == (known.subject, known.value, known.within);
            if same {
                known.first = known.first.min(next.first);
                known.last = known.last.max(next.last);
            }
            same
        });
        self.active.sort_unstable();
        self.active.dedup_by(|next, known| {
            let same = (next.subject, next.day) == (known.subject, known.day);
            if same {
                known.events = known.events.max(next.events);
                known.hours |= next.hours;
            }
            same
        });
        self.sums.sort_unstable();
        self.sums.dedup_by(|next, known| {
            let same = (next.subject, next.log, next.day) == (known.subject, known.log, known.day);
            if same {
                known.total = known.total.max(next.total);
                known.events = known.events.max(next.events);
                known.first = known.first.min(next.first);
                known.last = known.last.max(next.last);
            }
            same
        });
    }

    /// The subjects that it is about, as often as it speaks of them.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = u32> {
        let shown = self.shown.iter().map(|shown| shown.subject);
        let active = self.active.iter().map(|active| active.subject);
        shown.chain(active).chain(self.sums.iter().map(|sum| sum.subject))
    }

    /// Keeps what is about some subjects.
    pub(crate) fn retain_subjects(&mut self, is_kept: impl Fn(u32) -> bool) {
        self.shown.retain(|shown| is_kept(shown.subject));
        self.active.retain(|active| is_kept(active.subject));
        self.sums.retain(|sum| is_kept(sum.subject));
    }

    /// Gives subjects other numbers, and the strings of values, of what those lie within, and of logs.
    pub(crate) fn renumber<F: Fn(u32) -> u32>(&mut self, subject: impl Fn(u32) -> u32, strings: [F; 3]) {
        let [value, within, log] = strings;
        for shown in &mut self.shown {
            shown.subject = subject(shown.subject);
            (shown.value, shown.within) = (value(shown.value), within(shown.within));
        }
        self.active.iter_mut().for_each(|active| active.subject = subject(active.subject));
        for sum in &mut self.sums {
            (sum.subject, sum.log) = (subject(sum.subject), log(sum.log));
        }
    }

    /// Leaves out what lies in a span of time. A value that was shown before and after it stays; one that began in it is
    /// held to have begun when it ended.
    pub(crate) fn leave_out(&mut self, span: &Range<i64>) {
        self.shown.retain_mut(|shown| {
            if span.contains(&shown.first) && span.contains(&shown.last) {
                return false;
            }
            if span.contains(&shown.first) {
                shown.first = span.end;
            }
            if span.contains(&shown.last) {
                shown.last = span.start - 1;
            }
            true
        });
        let overlaps = |day: i32| {
            let start = i64::from(day) * DAY;
            start < span.end && span.start < start + DAY
        };
        self.active.retain(|active| !overlaps(active.day));
        self.sums.retain(|sum| !overlaps(sum.day));
    }

    /// Lets go of what has not been seen since a time; says how much.
    pub(crate) fn forget_before(&mut self, time: i64) -> usize {
        let known = self.count();
        let is_kept = |day: i32| i64::from(day) * DAY + DAY > time;
        self.shown.retain(|shown| shown.last >= time);
        self.active.retain(|active| is_kept(active.day));
        self.sums.retain(|sum| is_kept(sum.day));
        known - self.count()
    }

    /// What was known at a time: nothing that came later.
    pub(crate) fn up_to(&mut self, time: i64) {
        self.shown.retain_mut(|shown| {
            if shown.last > time {
                shown.last = shown.first;
            }
            shown.first <= time
        });
        self.active.retain(|active| i64::from(active.day) * DAY <= time);
        self.sums.retain(|sum| i64::from(sum.day) * DAY <= time);
    }

    /// Keeps at most so many of each kind, the latest ones; says how many were let go.
    pub(crate) fn keep_latest(&mut self, most: usize) -> u64 {
        fn cut<T: Ord>(things: &mut Vec<T>, most: usize, latest: impl Fn(&T) -> i64) -> u64 {
            let over = things.len().saturating_sub(most);
            if over > 0 {
                things.sort_unstable_by(|left, right| latest(right).cmp(&latest(left)).then(left.cmp(right)));
                things.truncate(most);
                things.sort_unstable();
            }
            over as u64
        }
        cut(&mut self.shown, most, |shown| shown.last)
            + cut(&mut self.active, most, |active| i64::from(active.day))
            + cut(&mut self.sums, most, |sum| i64::from(sum.day))
    }

    /// How many things are remembered.
    fn count(&self) -> usize {
        self.shown.len() + self.active.len() + self.sums.len()
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }
}
