//! A receiver that answers as a script says: whatever it answers, a record is taken, refused or still there.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::deliver::spool::Dead;

/// Answers that come one after another; then everything is taken.
struct Scripted {
    answers: Mutex<VecDeque<Answer>>,
    /// What it was shown, batch by batch.
    shown: Mutex<Vec<Vec<u8>>>,
    confirmed: Mutex<BTreeSet<u64>>,
    most: Most,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Taken,
    /// Sent, and never confirmed or confirmed at once.
    Unconfirmed(bool),
    /// Refused as a whole if a record with such a number is in it.
    RefusedBecauseOf(u8),
    /// The same, and it says which one.
    Without(u8),
    TooLarge,
    Again,
    Stop,
    /// By record: its number modulo 3 is taken, again, refused.
    Each,
}

impl Scripted {
    fn new(answers: &[Answer]) -> Self {
        Self {
            answers: Mutex::new(answers.iter().copied().collect()),
            shown: Mutex::default(),
            confirmed: Mutex::default(),
            most: Most { bytes: 1 << 20, records: 4 },
        }
    }
}

fn number(record: &Record) -> u8 {
    record.text.parse().unwrap()
}

fn refusal() -> Refusal {
    Refusal { status: 400, says: "no".to_owned() }
}

impl Receiver for Scripted {
    fn most(&self) -> Most {
        self.most
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let numbers: Vec<u8> = batch.iter().map(number).collect();
        let mut shown = self.shown.lock().unwrap();
        shown.push(numbers.clone());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::Taken);
        match answer {
            Answer::Taken => Outcome::Taken(None),
            Answer::Unconfirmed(comes) => {
                let id = shown.len() as u64;
                if comes {
                    self.confirmed.lock().unwrap().insert(id);
                }
                Outcome::Unconfirmed(id)
            }
            Answer::RefusedBecauseOf(bad) if numbers.contains(&bad) => {
                // It stays as it is, until the record is alone.
                if batch.len() > 1 {
                    self.answers.lock().unwrap().push_front(answer);
                }
                Outcome::Refused(refusal())
            }
            Answer::Without(bad) if numbers.contains(&bad) => {
                Outcome::Without(numbers.iter().position(|number| *number == bad).unwrap(), refusal())
            }
            Answer::RefusedBecauseOf(_) | Answer::Without(_) => {
                if matches!(answer, Answer::RefusedBecauseOf(_)) {
                    self.answers.lock().unwrap().push_front(answer);
                }
                Outcome::Taken(None)
            }
            Answer::TooLarge => Outcome::TooLarge(refusal()),
            Answer::Again => Outcome::Again(Some(Duration::ZERO), "busy".to_owned()),
            Answer::Stop => Outcome::Stop("token disabled".to_owned()),
            Answer::Each => Outcome::Each(
                numbers
                    .iter()
                    .map(|number| match number % 3 {
                        0 => Fate::Taken,
                        1 => Fate::Again("busy".to_owned()),
                        _ => Fate::Refused(refusal()),
                    })
                    .collect(),
            ),
        }
    }

    fn confirmed(&self, numbers: &[u64]) -> Result<BTreeSet<u64>, String> {
        let confirmed = self.confirmed.lock().unwrap();
        Ok(numbers.iter().copied().filter(|number| confirmed.contains(number)).collect())
    }
}

fn record(number: u8) -> Record {
    Record { id: Uuid::from_u128(number.into()), digest: number.into(), text: number.to_string() }
}

fn spooled(records: u8) -> (TempDir, Spool) {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path()).unwrap();
    assert_eq!(spool.put((0..records).map(record), false).unwrap(), usize::from(records));
    (folder, spool)
}

fn effort() -> Effort {
    Effort { deadline: Duration::from_secs(20), at_a_time: 1, confirmation: Duration::ZERO }
}

fn delivered(spool: &mut Spool, answers: &[Answer]) -> (Delivered, Vec<Vec<u8>>) {
    let receiver = Scripted::new(answers);
    let delivered = carry_all(&receiver, spool, effort()).unwrap();
    (delivered, receiver.shown.into_inner().unwrap())
}

fn buried(spool: &Spool) -> Vec<u8> {
    spool.dead().unwrap().iter().map(|dead: &Dead| dead.record.parse().unwrap()).collect()
}

#[test]
fn what_is_taken_is_not_sent_again() {
    let (folder, mut spool) = spooled(6);
    let (first, shown) = delivered(&mut spool, &[]);
    assert_eq!((first.taken, first.waiting, shown), (6, 0, vec![vec![0, 1, 2, 3], vec![4, 5]]));
    drop(spool);
    let mut again = Spool::open(folder.path()).unwrap();
    assert_eq!(again.put((0..7).map(record), false).unwrap(), 1, "only the seventh is new");
    assert_eq!(delivered(&mut again, &[]).1, [[6]]);
    let changed = Record { digest: 99, ..record(3) };
    assert_eq!(again.put([changed.clone()].into_iter(), true).unwrap(), 0, "the first word is kept");
    assert_eq!(again.put([changed].into_iter(), false).unwrap(), 1, "more is known of it now");
}

#[test]
fn a_record_that_spoils_its_batch_is_found_and_put_aside() {
    for answer in [Answer::RefusedBecauseOf(2), Answer::Without(2)] {
        let (_folder, mut spool) = spooled(6);
        let (ended, _) = delivered(&mut spool, &[answer]);
        assert_eq!((ended.taken, ended.refused, ended.waiting), (5, 1, 0), "{answer:?}");
        assert_eq!(buried(&spool), [2]);
        assert_eq!(spool.revive().unwrap(), 1);
        assert_eq!(delivered(&mut spool, &[]).1, [[2]], "it may be tried again");
    }
}

#[test]
fn a_batch_that_is_too_large_is_sent_in_halves() {
    let (_folder, mut spool) = spooled(4);
    let (ended, shown) = delivered(&mut spool, &[Answer::TooLarge]);
    assert_eq!((ended.taken, shown), (4, vec![vec![0, 1, 2, 3], vec![0, 1], vec![2, 3]]));
    let (_folder, mut spool) = spooled(1);
    let (ended, _) = delivered(&mut spool, &[Answer::TooLarge]);
    assert_eq!((ended.taken, ended.refused), (0, 1), "no half of one record");
}

#[test]
fn what_nobody_takes_now_waits() {
    let (_folder, mut spool) = spooled(5);
    let (ended, shown) = delivered(&mut spool, &[Answer::Taken, Answer::Stop]);
    assert_eq!((ended.taken, ended.waiting, shown.len()), (4, 1, 2), "{:?}", ended.remarks);
    assert_eq!(delivered(&mut spool, &[Answer::Again]).0.taken, 1, "and goes later");
}

#[test]
fn what_is_not_confirmed_waits() {
    let (_folder, mut spool) = spooled(8);
    let (ended, _) = delivered(&mut spool, &[Answer::Unconfirmed(true), Answer::Unconfirmed(false)]);
    assert_eq!((ended.taken, ended.waiting), (4, 4));
    assert_eq!(delivered(&mut spool, &[]).1, [[4, 5, 6, 7]]);
}

#[test]
fn each_record_has_its_own_fate() {
    let (_folder, mut spool) = spooled(4);
    let (ended, shown) = delivered(&mut spool, &[Answer::Each]);
    assert_eq!((ended.taken, ended.refused, ended.waiting), (3, 1, 0));
    assert_eq!(shown, [vec![0, 1, 2, 3], vec![1]]);
    assert_eq!(buried(&spool), [2]);
}

#[test]
fn a_line_that_was_cut_costs_a_repetition_and_nothing_else() {
    let (folder, mut spool) = spooled(4);
    assert_eq!(delivered(&mut spool, &[]).0.taken, 4);
    drop(spool);
    for name in ["delivered.tsv", "dead.ndjson"] {
        let path = folder.path().join(name);
        let mut text = std::fs::read_to_string(&path).unwrap_or_default();
        text.push_str("00000000-0000-0000");
        std::fs::write(path, text).unwrap();
    }
    let mut spool = Spool::open(folder.path()).unwrap();
    assert_eq!(spool.put((0..5).map(record), false).unwrap(), 1);
    assert_eq!(delivered(&mut spool, &[Answer::Each]).0.waiting, 0);
    drop(spool);
    assert_eq!(Spool::open(folder.path()).unwrap().standing().unwrap().delivered, 5);
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Taken),
        any::<bool>().prop_map(Answer::Unconfirmed),
        (0..20_u8).prop_map(Answer::RefusedBecauseOf),
        (0..20_u8).prop_map(Answer::Without),
        Just(Answer::TooLarge),
        Just(Answer::Again),
        Just(Answer::Stop),
        Just(Answer::Each),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn nothing_is_lost_whatever_it_answers(answers in prop::collection::vec(answer(), 0..12), records in 0..20_u8) {
        let (folder, mut spool) = spooled(records);
        let mut shown = BTreeSet::new();
        for answers in [&answers[..], &[]] {
            let (ended, batches) = delivered(&mut spool, answers);
            shown.extend(batches.into_iter().flatten());
            let standing = spool.standing().unwrap();
            prop_assert_eq!(standing.waiting, ended.waiting);
            prop_assert_eq!(standing.delivered + standing.waiting + standing.dead, usize::from(records));
            drop(spool);
            spool = Spool::open(folder.path()).unwrap();
            prop_assert_eq!(spool.standing().unwrap(), standing);
        }
        prop_assert_eq!(spool.standing().unwrap().waiting, 0);
        prop_assert_eq!(shown, (0..records).collect::<BTreeSet<u8>>());
    }
}
