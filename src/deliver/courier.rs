//! Carries a spool to its receiver: batches as large as it takes, repeated with patience, split where it says so.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::clock::{self, instant};
use super::destination::{Destination, Keys};
use super::receiver::{Fate, Most, Outcome, Receiver, Record, Refusal};
use super::secret::Environment;
use super::spool::{Spool, Standing};
use crate::error::Error;
use crate::value::time::DAY;

/// How much effort a delivery is worth.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Nothing is begun after so long.
    pub deadline: Duration,
    /// Requests under way at a time.
    pub at_a_time: usize,
    /// How long to wait for a receiver's confirmation.
    pub confirmation: Duration,
}

impl Default for Effort {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(900), at_a_time: 3, confirmation: Duration::from_secs(300) }
    }
}

impl Effort {
    /// What the file of destinations says of it.
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let usual = Self::default();
        let seconds = |asked: Option<f64>, usual: Duration, unit: f64| {
            asked.map_or(Ok(usual), |asked| {
                Duration::try_from_secs_f64(asked * unit).map_err(|_| format!("{asked} is no time to wait"))
            })
        };
        Ok(Self {
            deadline: seconds(keys.take("minutes")?, usual.deadline, 60.0)?,
            at_a_time: keys.take("at-a-time")?.unwrap_or(usual.at_a_time),
            confirmation: seconds(keys.take("confirmation-seconds")?, usual.confirmation, 1.0)?,
        })
    }
}

/// How a delivery ended.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Delivered {
    /// Records that were taken this time.
    pub taken: usize,
    /// Records that were refused this time.
    pub refused: usize,
    /// Records that still wait.
    pub waiting: usize,
    /// What the receiver or the network said, each once, with how often.
    pub remarks: BTreeMap<String, usize>,
}

/// The first wait before a batch is repeated, and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often it is asked whether something was confirmed.
const POLL: Duration = Duration::from_secs(1);

/// Sends what waits for a destination.
///
/// # Errors
/// If a secret or a certificate cannot be read, or the spool cannot be read or written. What a receiver says is no error.
pub fn deliver(
    destination: &Destination,
    spool: &mut Spool,
    effort: Effort,
    environment: Environment<'_>,
) -> Result<Delivered, Error> {
    carry_all(destination.receiver(environment)?.as_ref(), spool, effort)
}

fn carry_all(receiver: &dyn Receiver, spool: &mut Spool, effort: Effort) -> Result<Delivered, Error> {
    let round = Round {
        receiver,
        end: instant() + effort.deadline,
        effort,
        stop: AtomicBool::new(false),
        book: Mutex::new(Book { spool, unconfirmed: Vec::new(), delivered: Delivered::default(), broken: None }),
    };
    let files = round.book().spool.files()?;
    for path in files {
        round.file(&path)?;
        if round.is_over() {
            break;
        }
    }
    let book = round.book.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut delivered = book.delivered;
    let Standing { waiting, .. } = book.spool.standing()?;
    delivered.waiting = waiting;
    Ok(delivered)
}

/// One delivery under way.
struct Round<'a> {
    receiver: &'a dyn Receiver,
    end: Instant,
    effort: Effort,
    /// Nothing more will be taken.
    stop: AtomicBool,
    book: Mutex<Book<'a>>,
}

/// What threads write together.
struct Book<'a> {
    spool: &'a mut Spool,
    unconfirmed: Vec<(u64, Vec<Record>)>,
    delivered: Delivered,
    /// The spool cannot be written any more.
    broken: Option<Error>,
}

impl<'a> Round<'a> {
    fn book(&self) -> MutexGuard<'_, Book<'a>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || instant() >= self.end
    }

    /// Sends what still waits of a file, and takes the file away when nothing does.
    fn file(&self, path: &Path) -> Result<(), Error> {
        let records = self.book().spool.waiting(path)?;
        let batches = Mutex::new(VecDeque::from(batches(records, self.receiver.most(), self.receiver.around())));
        std::thread::scope(|scope| {
            for _ in 0..self.effort.at_a_time.max(1) {
                scope.spawn(|| {
                    while !self.is_over() {
                        let Some(batch) = batches.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else {
                            break;
                        };
                        self.carry(batch);
                    }
                });
            }
        });
        self.confirm();
        let mut book = self.book();
        if let Some(error) = book.broken.take() {
            return Err(error);
        }
        if book.spool.waiting(path)?.is_empty() { Spool::finish(path) } else { Ok(()) }
    }

    /// Sends a batch until it is taken, refused, or nothing more can be done.
    fn carry(&self, mut batch: Vec<Record>) {
        let mut wait = FIRST_WAIT;
        while !batch.is_empty() {
            let pause = match self.receiver.send(&batch) {
                Outcome::Taken(remark) => {
                    self.taken(&batch, remark);
                    return;
                }
                Outcome::Unconfirmed(number) => {
                    self.book().unconfirmed.push((number, batch));
                    return;
                }
                Outcome::Each(fates) => match self.sort_out(&mut batch, fates) {
                    Some(why) => Some((None, why)),
                    None => return,
                },
                Outcome::Without(number, refusal) if number < batch.len() => {
                    let record = batch.remove(number);
                    self.refused(&record, &refusal);
                    None
                }
                Outcome::Without(_, refusal) | Outcome::Refused(refusal) | Outcome::TooLarge(refusal) => {
                    if let [record] = &batch[..] {
                        self.refused(record, &refusal);
                        return;
                    }
                    // One half at a time finds the record that is at fault.
                    let second = batch.split_off(batch.len() / 2);
                    self.carry(std::mem::take(&mut batch));
                    batch = second;
                    None
                }
                Outcome::Again(after, why) => Some((after, why)),
                Outcome::Stop(why) => {
                    self.remark(why);
                    self.stop.store(true, Ordering::Relaxed);
                    return;
                }
            };
            if let Some((after, why)) = pause {
                self.remark(why);
                // A receiver that waits for its confirmations to be fetched takes nothing before.
                self.fetch();
                let full = after.unwrap_or_else(|| wait.mul_f64(fastrand::f64()));
                wait = (wait * 2).min(LONGEST_WAIT);
                if instant() + full >= self.end {
                    return;
                }
                self.sleep(full);
            }
            if self.is_over() {
                return;
            }
        }
    }

    fn sleep(&self, time: Duration) {
        let until = instant() + time;
        while instant() < until && !self.stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50).min(until - instant().min(until)));
        }
    }

    /// Notes each record's fate; leaves in the batch what may be taken later, and says why.
    fn sort_out(&self, batch: &mut Vec<Record>, fates: Vec<Fate>) -> Option<String> {
        let (mut taken, mut again, mut why) = (Vec::new(), Vec::new(), None);
        for (record, fate) in std::mem::take(batch).into_iter().zip(fates) {
            match fate {
                Fate::Taken => taken.push(record),
                Fate::Refused(refusal) => self.refused(&record, &refusal),
                Fate::Again(said) => {
                    again.push(record);
                    why = Some(said);
                }
            }
        }
        self.taken(&taken, None);
        *batch = again;
        why
    }

    fn taken(&self, records: &[Record], remark: Option<String>) {
        let mut book = self.book();
        if !records.is_empty() {
            match book.spool.note(records, clock::now().0 / DAY) {
                Ok(()) => book.delivered.taken += records.len(),
                Err(error) => self.broken(&mut book, error),
            }
        }
        if let Some(remark) = remark {
            *book.delivered.remarks.entry(remark).or_default() += 1;
        }
    }

    fn refused(&self, record: &Record, refusal: &Refusal) {
        let mut book = self.book();
        match book.spool.bury(record, refusal) {
            Ok(()) => book.delivered.refused += 1,
            Err(error) => self.broken(&mut book, error),
        }
        *book.delivered.remarks.entry(format!("refused, status {}: {}", refusal.status, refusal.says)).or_default() +=
            1;
    }

    fn broken(&self, book: &mut Book<'_>, error: Error) {
        book.broken.get_or_insert(error);
        self.stop.store(true, Ordering::Relaxed);
    }

    fn remark(&self, why: String) {
        *self.book().delivered.remarks.entry(why).or_default() += 1;
    }

    /// Waits until all that was sent is confirmed, or it takes too long: then it waits in the spool, and is sent again.
    fn confirm(&self) {
        let until = (instant() + self.effort.confirmation).min(self.end);
        loop {
            self.fetch();
            let left = self.book().unconfirmed.len();
            if left == 0 {
                return;
            }
            if instant() + POLL >= until || self.stop.load(Ordering::Relaxed) {
                self.book().unconfirmed.clear();
                self.remark("sent, but not confirmed in time".to_owned());
                // Sending more in vain would only make it come twice.
                self.stop.store(true, Ordering::Relaxed);
                return;
            }
            self.sleep(POLL);
        }
    }

    /// Asks once which of the numbers are confirmed. A receiver may say so only once: it is noted at once.
    fn fetch(&self) {
        let numbers: Vec<u64> = self.book().unconfirmed.iter().map(|(number, _)| *number).collect();
        if numbers.is_empty() {
            return;
        }
        match self.receiver.confirmed(&numbers) {
            Ok(confirmed) => {
                let all = std::mem::take(&mut self.book().unconfirmed);
                let (done, left): (Vec<_>, Vec<_>) =
                    all.into_iter().partition(|(number, _)| confirmed.contains(number));
                self.book().unconfirmed.extend(left);
                for (_, batch) in done {
                    self.taken(&batch, None);
                }
            }
            Err(why) => self.remark(format!("no confirmation: {why}")),
        }
    }
}

/// Records in batches that the receiver takes; one that is too large by itself is a batch of its own.
fn batches(records: Vec<Record>, most: Most, around: usize) -> Vec<Vec<Record>> {
    let mut batches: Vec<Vec<Record>> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let more = record.text.len() + around;
        match batches.last_mut() {
            Some(batch) if bytes + more <= most.bytes && batch.len() < most.records => {
                bytes += more;
                batch.push(record);
            }
            _ => {
                bytes = more;
                batches.push(vec![record]);
            }
        }
    }
    batches
}
