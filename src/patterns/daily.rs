//! Sums by subject and UTC day, with the rows that say so. Each log is kept apart: several logs may tell of one call,
//! and a sum over all of them would count it more than once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;

use super::by_subject::BySubject;
use super::{Finish, Mark, Moves, Past, Rows, Sum};
use crate::batch::{Batch, Column, NO_ID, Role};
use crate::value::Time;

/// The days of all subjects of a kind.
#[derive(Clone, Debug)]
pub(super) struct Daily {
    /// What is added up, if anything.
    sum: Option<Role>,
    /// With their ids; there are few.
    logs: Vec<(u32, Log)>,
}

#[derive(Clone, Debug, Default)]
struct Log {
    /// Each subject's days in order.
    days: BySubject<Days>,
    /// By subject and job: the row of the job that says the most.
    jobs: HashMap<(u32, u32), (i64, Mark), FixedState>,
}

/// A day on which a subject was active.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    pub(super) number: i32,
    pub(super) events: u32,
    pub(super) sum: i64,
    pub(super) first: Mark,
    pub(super) last: Mark,
}

/// The days of one subject in one log, in order.
pub(super) type Days = Vec<Day>;

impl Daily {
    pub(super) fn new(sum: Option<Role>) -> Self {
        Self { sum, logs: Vec::new() }
    }

    /// The roles that it reads.
    pub(super) fn roles(sum: Option<Role>) -> Vec<Role> {
        let sums = sum.into_iter().flat_map(|sum| [sum, Role::Job, Role::Action]);
        std::iter::once(Role::Log).chain(sums).collect()
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let sum = self.sum;
        let tells_states = sum.is_some() && tells_states(rows.batch);
        // Rows of a batch are of one log, nearly always.
        let mut log = (NO_ID, self.log(NO_ID));
        for (row, subject, time) in rows.iter() {
            let id = rows.batch.id(Role::Log, row);
            if id != log.0 {
                log = (id, self.log(id));
            }
            let log = &mut self.logs[log.1].1;
            let count = sum.and_then(|role| rows.batch.number(role, row)).unwrap_or(0);
            let mark = rows.mark(row, time);
            match rows.batch.id(Role::Job, row) {
                job if tells_states && job != NO_ID && rows.batch.id(Role::Action, row) != NO_ID => {
                    log.add_job((subject, job), (count, mark));
                }
                _ => log.add(subject, Day::one(count, mark)),
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (id, theirs) in other.logs {
            let log = self.log(if id == NO_ID { NO_ID } else { moves.value(Role::Log, id) });
            let log = &mut self.logs[log].1;
            for (subject, days) in theirs.days.into_all() {
                log.add_all(moves.subject(subject), days);
            }
            #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
            for ((subject, job), row) in theirs.jobs {
                log.add_job((moves.subject(subject), moves.value(Role::Job, job)), row);
            }
        }
    }

    /// What the next run has to know.
    pub(super) fn past(&self) -> Past {
        let logs = self.logs.iter().flat_map(|(id, log)| {
            let (id, days) = (*id, log.clone().with_jobs().into_all());
            days.flat_map(move |(subject, days)| days.into_iter().map(move |day| (id, subject, day)))
        });
        let sum = |(log, subject, day): (u32, u32, Day)| Sum {
            subject,
            log,
            day: day.number,
            total: day.sum,
            events: day.events.into(),
            first: day.first.time,
            last: day.last.time,
        };
        Past { sums: logs.map(sum).collect(), ..Past::default() }
    }

    /// Takes in what earlier runs have seen: of two accounts of a day, the fuller one counts.
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        // Jobs are days' sums from here on: a job is of one run.
        for (_, log) in &mut self.logs {
            log.days = std::mem::take(log).with_jobs();
        }
        for sum in &past.sums {
            let log = self.log(if sum.log == NO_ID { NO_ID } else { moves.value(Role::Log, sum.log) });
            self.logs[log].1.recall(moves.subject(sum.subject), sum);
        }
    }

    /// The place of a log.
    fn log(&mut self, id: u32) -> usize {
        let known = self.logs.iter().position(|(known, _)| *known == id);
        known.unwrap_or_else(|| {
            self.logs.push((id, Log::default()));
            self.logs.len() - 1
        })
    }

    /// Each subject's days by log; and of each log, all days that it has rows of. Logs are in the order of their names.
    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Found {
        let name = |id: u32| if id == NO_ID { "" } else { finish.text(Role::Log, id) };
        self.logs.sort_by(|(left, _), (right, _)| name(*left).cmp(name(*right)));
        let mut found = Found { subjects: BTreeMap::new(), covered: Vec::new() };
        for (place, (_, log)) in self.logs.into_iter().enumerate() {
            let mut covered = BTreeSet::new();
            for (subject, days) in log.with_jobs().into_all().filter(|(_, days)| !days.is_empty()) {
                covered.extend(days.iter().map(|day| day.number));
                found.subjects.entry(subject).or_default().push((place, days));
            }
            found.covered.push(covered);
        }
        found
    }
}

/// What [`Daily::finish`] gives.
pub(super) struct Found {
    /// By subject: the number of a log, and the subject's days in it.
    pub(super) subjects: BTreeMap<u32, Vec<(usize, Days)>>,
    /// By the number of a log: the days of which it has rows, whoever's they are.
    pub(super) covered: Vec<BTreeSet<i32>>,
}

/// Rows that say which state a job is in repeat the job's count.
fn tells_states(batch: &Batch) -> bool {
    [Role::Job, Role::Action].iter().all(|role| !matches!(batch.column(*role), Column::Absent))
}

impl Log {
    fn add(&mut self, subject: u32, day: Day) {
        let days = self.days.of(subject);
        let place = match days.last() {
            None => 0,
            Some(last) if last.number < day.number => days.len(),
            Some(last) if last.number == day.number => days.len() - 1,
            _ => days.partition_point(|known| known.number < day.number),
        };
        match days.get_mut(place) {
            Some(known) if known.number == day.number => known.take(&day),
            _ => days.insert(place, day),
        }
    }

    fn recall(&mut self, subject: u32, sum: &Sum) {
        let known = self.days.of(subject).iter_mut().find(|day| day.number == sum.day);
        let events = u32::try_from(sum.events).unwrap_or(u32::MAX);
        if let Some(day) = known {
            day.sum = day.sum.max(sum.total);
            day.events = day.events.max(events);
        } else {
            let (first, last) = (Mark::remembered(sum.first), Mark::remembered(sum.last));
            self.add(subject, Day { number: sum.day, events, sum: sum.total, first, last });
        }
    }

    /// Takes in a subject's days. Nearly always there are none of it yet, and nothing is copied.
    fn add_all(&mut self, subject: u32, days: Days) {
        let known = self.days.of(subject);
        if known.is_empty() {
            *known = days;
            return;
        }
        for day in days {
            self.add(subject, day);
        }
    }

    /// Of the rows of a job, the one with the greatest count stays, and of several such ones the first.
    fn add_job(&mut self, job: (u32, u32), row: (i64, Mark)) {
        let known = self.jobs.entry(job).or_insert(row);
        if row.0 > known.0 || row.0 == known.0 && row.1 < known.1 {
            *known = row;
        }
    }

    fn with_jobs(mut self) -> BySubject<Days> {
        #[expect(clippy::iter_over_hash_type, reason = "adding is commutative")]
        for ((subject, _), (sum, mark)) in std::mem::take(&mut self.jobs) {
            self.add(subject, Day::one(sum, mark));
        }
        self.days
    }
}

impl Day {
    fn one(sum: i64, mark: Mark) -> Self {
        Self { number: Time(mark.time).day(), events: 1, sum, first: mark, last: mark }
    }

    fn take(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.sum = self.sum.saturating_add(other.sum);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
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
pub(super) fn alike(days: &[Day], number: i32, at_least: i64) -> Vec<&Day> {
    let same = days.iter().filter(|day| (i64::from(day.number) - i64::from(number)) % 7 == 0);
    let same: Vec<&Day> = same.collect();
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
