//! Sums by subject and UTC day, with the rows that say so. Each log is kept apart: several logs may tell of one call,
//! and a sum over all of them would count it more than once.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use rayon::slice::ParallelSliceMut;

use super::activity::Activity;
use super::{Active, Finish, Mark, Moves, Past, Rows, Sum};
use crate::batch::{Batch, Column, NO_ID, Role};
use crate::folded::{Folded, Part, packed};
use crate::value::Time;

/// The days of all subjects of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Daily {
    /// What is added up, if anything.
    sum: Option<Role>,
    /// What days are taken apart by, if by anything.
    by: Option<Role>,
    days: Folded<Day>,
    /// By log, subject and job: the row of the job that says the most.
    jobs: HashMap<(u32, u32, u32), Told, FixedState>,
}

/// What a row says.
#[derive(Clone, Copy, Debug)]
struct Told {
    count: i64,
    value: u32,
    mark: Mark,
}

/// A day on which a subject was active, as one log tells it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    pub(super) subject: u32,
    /// The log's id; when all is read, the log's place in the order of names.
    pub(super) log: u32,
    /// The value whose rows these are, if days are taken apart; else [`NO_ID`].
    pub(super) value: u32,
    pub(super) number: i32,
    pub(super) events: u32,
    /// One bit for each hour; none of a day that is remembered.
    hours: u32,
    pub(super) sum: i64,
    pub(super) first: Mark,
    pub(super) last: Mark,
}

impl Daily {
    pub(super) fn new(sum: Option<Role>) -> Self {
        Self { sum, by: None, days: Folded::default(), jobs: HashMap::default() }
    }

    /// The same, with a part for each value of each day.
    pub(super) fn by(value: Role, sum: Role) -> Self {
        Self { by: Some(value), ..Self::new(Some(sum)) }
    }

    /// The roles that it reads.
    pub(super) fn roles(sum: Option<Role>) -> Vec<Role> {
        let sums = sum.into_iter().flat_map(|sum| [sum, Role::Job, Role::Action]);
        std::iter::once(Role::Log).chain(sums).collect()
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let sum = self.sum;
        let tells_states = sum.is_some() && tells_states(rows.batch);
        for (row, subject, time) in rows.iter() {
            let log = rows.batch.id(Role::Log, row);
            let count = sum.and_then(|role| rows.batch.number(role, row)).unwrap_or(0);
            let told = Told {
                count,
                value: self.by.map_or(NO_ID, |role| rows.batch.id(role, row)),
                mark: rows.mark(row, time),
            };
            match rows.batch.id(Role::Job, row) {
                job if tells_states && job != NO_ID && rows.batch.id(Role::Action, row) != NO_ID => {
                    self.add_job((log, subject, job), told);
                }
                _ => self.days.add(Day::one(subject, log, told)),
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let log = |id: u32| moves.value(Role::Log, id);
        let by = self.by;
        let value = |id: u32| by.map_or(NO_ID, |role| moves.value(role, id));
        let ours =
            |day: Day| Day { subject: moves.subject(day.subject), log: log(day.log), value: value(day.value), ..day };
        self.days.extend(other.days.into_parts().into_iter().map(ours));
        #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
        for ((of, subject, job), row) in other.jobs {
            let row = Told { value: value(row.value), ..row };
            self.add_job((log(of), moves.subject(subject), moves.value(Role::Job, job)), row);
        }
    }

    /// When subjects are active, as far as rows at hand tell.
    pub(super) fn activity(&self) -> Activity {
        let active = |day: &Day| Active { subject: day.subject, day: day.number, events: day.events, hours: day.hours };
        self.days.parts().filter(|day| !day.first.is_remembered()).map(active).collect()
    }

    /// What the next run has to know.
    pub(super) fn past(&self) -> Past {
        let sum = |day: Day| Sum {
            subject: day.subject,
            log: day.log,
            day: day.number,
            total: day.sum,
            events: day.events.into(),
            first: day.first.time,
            last: day.last.time,
        };
        Past { sums: self.clone().with_jobs().into_iter().map(sum).collect(), ..Past::default() }
    }

    /// Takes in what earlier runs have seen: of two accounts of a day, the fuller one counts.
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        // Jobs are days' sums from here on: a job is of one run.
        let mut days = std::mem::replace(self, Self::new(self.sum)).with_jobs();
        for sum in &past.sums {
            let (subject, log) = (moves.subject(sum.subject), moves.value(Role::Log, sum.log));
            let events = u32::try_from(sum.events).unwrap_or(u32::MAX);
            let (first, last) = (Mark::remembered(sum.first), Mark::remembered(sum.last));
            let value = NO_ID;
            days.push(Day { subject, log, value, number: sum.day, events, hours: 0, sum: sum.total, first, last });
        }
        // Days of this run are before those that it recalls.
        days.sort_by_key(Day::key);
        days.dedup_by(|recalled, known| {
            let same = recalled.key() == known.key();
            if same {
                known.sum = known.sum.max(recalled.sum);
                known.events = known.events.max(recalled.events);
            }
            same
        });
        self.days.extend(days);
    }

    /// Each subject's days by log; and of each log, all days that it has rows of. Logs are in the order of their names.
    pub(super) fn finish(self, finish: &Finish<'_>) -> Found {
        let name = |id: u32| if id == NO_ID { "" } else { finish.text(Role::Log, id) };
        let mut days = self.with_jobs();
        let mut logs: Vec<u32> = Vec::new();
        for day in &days {
            if !logs.contains(&day.log) {
                logs.push(day.log);
            }
        }
        logs.sort_by_key(|log| name(*log));
        for day in &mut days {
            let place = logs.iter().position(|log| *log == day.log).unwrap_or(logs.len());
            day.log = u32::try_from(place).unwrap_or(NO_ID);
        }
        days.par_sort_unstable_by_key(|day| (day.subject, day.log, day.number));
        // There are few, and many subjects have the same ones.
        let covered: HashSet<u64, FixedState> = days.iter().map(|day| packed(day.log, day.number)).collect();
        let mut covered: Vec<u64> = covered.into_iter().collect();
        covered.sort_unstable();
        Found { days, covered }
    }

    /// Of the rows of a job, the one with the greatest count stays, and of several such ones the first.
    fn add_job(&mut self, job: (u32, u32, u32), row: Told) {
        let known = self.jobs.entry(job).or_insert(row);
        if row.count > known.count || row.count == known.count && row.mark < known.mark {
            *known = row;
        }
    }

    /// All days, by subject and number.
    pub(super) fn into_days(self) -> Vec<Day> {
        self.with_jobs()
    }

    fn with_jobs(mut self) -> Vec<Day> {
        let jobs = std::mem::take(&mut self.jobs).into_iter();
        self.days.extend(jobs.map(|((log, subject, _), row)| Day::one(subject, log, row)));
        self.days.into_whole()
    }
}

/// What [`Daily::finish`] gives.
pub(super) struct Found {
    /// By subject, log and number.
    days: Vec<Day>,
    /// Logs and the days of which they have rows, whoever's they are.
    covered: Vec<u64>,
}

/// A subject's days, log by log, with the numbers of the logs.
pub(super) type Logs<'a> = Vec<(u32, &'a [Day])>;

impl Found {
    /// Each subject with its days.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (u32, Logs<'_>)> {
        let subjects = self.days.chunk_by(|one, next| one.subject == next.subject);
        subjects.map(|days| {
            let logs = days.chunk_by(|one, next| one.log == next.log);
            (days[0].subject, logs.map(|days| (days[0].log, days)).collect())
        })
    }

    /// On how many of some days a log has rows, whoever's they are.
    pub(super) fn covered(&self, log: u32, days: std::ops::Range<i32>) -> i64 {
        let place = |day: i32| self.covered.partition_point(|known| *known < packed(log, day));
        i64::try_from(place(days.end).saturating_sub(place(days.start))).unwrap_or(i64::MAX)
    }
}

/// Rows that say which state a job is in repeat the job's count.
fn tells_states(batch: &Batch) -> bool {
    [Role::Job, Role::Action].iter().all(|role| !matches!(batch.column(*role), Column::Absent))
}

impl Part for Day {
    type Key = (u64, u64);

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        (packed(self.subject, self.number), u64::from(self.log) << 32 | u64::from(self.value))
    }

    fn absorb(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.hours |= other.hours;
        self.sum = self.sum.saturating_add(other.sum);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Day {
    fn one(subject: u32, log: u32, row: Told) -> Self {
        let Told { count: sum, value, mark } = row;
        let (number, hour) = Time(mark.time).day_and_hour();
        Self { subject, log, value, number, events: 1, hours: 1 << hour, sum, first: mark, last: mark }
    }

    /// Time of the first and of the last row.
    pub(super) fn span(&self) -> (i64, i64) {
        (self.first.time, self.last.time)
    }

    /// The first row and, if that is another one, the last; none of a day that is remembered.
    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        let last = Some(self.last).filter(|last| *last != self.first);
        std::iter::once(self.first).chain(last).filter(|mark| !mark.is_remembered())
    }
}

/// The days before this one.
pub(super) fn before(days: &[Day], number: i32) -> &[Day] {
    &days[..days.partition_point(|day| day.number < number)]
}

/// The days to compare a day with: those of the same weekday if there are so many (and any at all are asked for), else
/// all of them.
pub(super) fn alike<T>(days: &[T], number_of: impl Fn(&T) -> i32, number: i32, at_least: i64) -> Vec<&T> {
    let same = days.iter().filter(|day| (i64::from(number_of(day)) - i64::from(number)) % 7 == 0);
    let same: Vec<&T> = same.collect();
    if at_least > 0 && count(&same) >= at_least { same } else { days.iter().collect() }
}

/// How many there are.
pub(super) fn count<T>(items: &[T]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

/// Twice the median: of an even count, the sum of the two in the middle.
pub(super) fn doubled_median(mut values: Vec<i128>) -> i128 {
    values.sort_unstable();
    match values.len() {
        0 => 0,
        count if count % 2 == 0 => values[count / 2 - 1] + values[count / 2],
        count => 2 * values[count / 2],
    }
}

/// A number of quarters as a decimal.
pub(super) fn quarters(count: i128) -> String {
    let whole = count / 4;
    match count % 4 {
        0 => whole.to_string(),
        1 => format!("{whole}.25"),
        2 => format!("{whole}.5"),
        _ => format!("{whole}.75"),
    }
}
