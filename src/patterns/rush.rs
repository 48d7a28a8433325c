//! Rush: a subject's quarter of an hour with many more rows than its own busy quarters before the window. Quarters are
//! those of the clock; quarters in a row are one match.
//!
//! Each row adds one to its quarter, so that nothing is kept of single rows but the first and the last of a quarter.

use super::by_subject::BySubject;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::finding::Finding;
use crate::value::time::{DAY, QUARTER};

pub(super) const LIMITS: &[&str] = &["at-least", "times", "history-days", "cold-at-least"];

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    quarters: BySubject<Quarters>,
}

/// A subject's quarters.
#[derive(Clone, Debug, Default)]
struct Quarters {
    /// The one that was counted last: rows of a quarter mostly come together.
    now: Option<Quarter>,
    /// The others, in no particular order; one may be there in several parts.
    done: Vec<Quarter>,
    /// How many there were when parts of one were last put together.
    settled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Quarter {
    /// Quarters since 1970.
    number: i64,
    events: u64,
    first: Mark,
    last: Mark,
}

/// What a subject's quarters are judged by.
struct Usual {
    /// So many rows did 95 of 100 busy quarters before the window not exceed.
    events: u64,
    days: i64,
}

impl State {
    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let mark = rows.mark(row, time);
            let number = time.div_euclid(QUARTER);
            self.quarters.of(subject).add(Quarter { number, events: 1, first: mark, last: mark });
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, theirs) in other.quarters.into_all() {
            for quarter in theirs.in_order() {
                self.quarters.of(moves.subject(subject)).add(quarter);
            }
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let subjects = self.quarters.into_all();
        subjects.flat_map(|(subject, quarters)| judge(subject, &quarters.in_order(), finish)).collect()
    }
}

impl Quarters {
    fn add(&mut self, quarter: Quarter) {
        match &mut self.now {
            Some(now) if now.number == quarter.number => now.absorb(&quarter),
            now => {
                self.done.extend(now.replace(quarter));
                if self.done.len() > 2 * self.settled + 8 {
                    self.settle();
                }
            }
        }
    }

    /// Puts the parts of each quarter together.
    fn settle(&mut self) {
        self.done.sort_unstable_by_key(|quarter| quarter.number);
        self.done.dedup_by(|part, whole| {
            let same = part.number == whole.number;
            if same {
                whole.absorb(part);
            }
            same
        });
        self.settled = self.done.len();
    }

    fn in_order(mut self) -> Vec<Quarter> {
        self.done.extend(self.now.take());
        self.settle();
        self.done
    }
}

impl Quarter {
    fn absorb(&mut self, other: &Self) {
        self.events += other.events;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

fn judge(subject: u32, quarters: &[Quarter], finish: &Finish<'_>) -> Vec<Match> {
    let window = finish.since.0.div_euclid(QUARTER);
    let (before, within) = quarters.split_at(quarters.partition_point(|quarter| quarter.number < window));
    let usual = usual(before);
    let limit = |name: &str| u64::try_from(finish.limit(name)).unwrap_or(0);
    let is_rush = |quarter: &Quarter| {
        if usual.days < finish.limit("history-days") {
            return quarter.events >= limit("cold-at-least").max(1);
        }
        quarter.events >= limit("at-least").max(1) && quarter.events > limit("times").saturating_mul(usual.events)
    };
    let rushes: Vec<Quarter> = within.iter().copied().filter(is_rush).collect();
    let in_a_row = rushes.chunk_by(|one, next| one.number + 1 == next.number);
    in_a_row.map(|rush| describe(subject, rush, &usual, finish)).collect()
}

fn usual(quarters: &[Quarter]) -> Usual {
    let mut events: Vec<u64> = quarters.iter().map(|quarter| quarter.events).collect();
    events.sort_unstable();
    let mut days: Vec<i64> = quarters.iter().map(|quarter| quarter.number.div_euclid(DAY / QUARTER)).collect();
    days.dedup();
    // The nearest rank: the least number that at least 95 of 100 do not exceed.
    let rank = (events.len() * 95).div_ceil(100);
    let events = rank.checked_sub(1).map_or(0, |place| events[place]);
    Usual { events, days: i64::try_from(days.len()).unwrap_or(i64::MAX) }
}

fn describe(subject: u32, rush: &[Quarter], usual: &Usual, finish: &Finish<'_>) -> Match {
    let events = rush.iter().map(|quarter| quarter.events).sum();
    let most = rush.iter().map(|quarter| quarter.events).max().unwrap_or(0);
    let mut marks: Vec<Mark> = rush.iter().flat_map(|quarter| [quarter.first, quarter.last]).collect();
    marks.dedup();
    marks.truncate(Finding::EVIDENCE_KEPT);
    let known = usual.days >= finish.limit("history-days");
    let at_least = finish.limit(if known { "at-least" } else { "cold-at-least" });
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (rush[0].first.time, rush[rush.len() - 1].last.time),
        count: events,
        seen: vec![fact("most in a quarter", most), fact("quarters", rush.len()), fact("events", events)],
        judged_by: vec![
            fact("usual in a busy quarter", usual.events),
            fact("active days before", usual.days),
            fact("at least", at_least),
            fact("times", finish.limit("times")),
        ],
        marks,
        marks_total: events,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
