//! A receiver that answers as a script says: whatever it answers, a record is taken, refused or still there.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::deliver::spool::Dead;
use crate::deliver::taken::Remember;

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

/// 2025-11-19; the courier notes by its clock, which is later.
const TODAY: i64 = 20_411;

fn open(folder: &Path, today: i64) -> Spool {
    Spool::open(folder, Remember { today, days: 400 }).unwrap()
}

fn spooled(records: u8) -> (TempDir, Spool) {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), TODAY);
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
    let mut again = open(folder.path(), TODAY);
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
    let mut spool = open(folder.path(), TODAY);
    assert_eq!(spool.put((0..5).map(record), false).unwrap(), 1);
    assert_eq!(delivered(&mut spool, &[Answer::Each]).0.waiting, 0);
    drop(spool);
    assert_eq!(open(folder.path(), TODAY).standing().unwrap().delivered, 5);
}

#[test]
fn what_was_delivered_is_remembered_as_long_as_something_could_send_it() {
    let (folder, mut spool) = spooled(3);
    let all: Vec<Record> = (0..3).map(record).collect();
    spool.note(&all[..2], TODAY).unwrap();
    drop(spool);
    let offered = |today: i64| {
        let spool = open(folder.path(), today);
        (spool.put((0..2).map(record), false).unwrap(), spool.standing().unwrap())
    };
    let standing = Standing { delivered: 2, waiting: 1, dead: 0 };
    assert_eq!(offered(TODAY + 400), (0, standing), "found again on the last day: noted anew");
    assert_eq!(offered(TODAY + 800), (0, standing), "and again");
    assert_eq!(
        open(folder.path(), TODAY + 1201).standing().unwrap(),
        standing,
        "the file in which they waited is there"
    );
    assert_eq!(offered(TODAY + 1201), (0, standing), "so they are not sent again");
    // Once the third is taken, too, the file goes, and nothing could send them but a scan.
    let mut spool = open(folder.path(), TODAY + 1201);
    let receiver = Scripted::new(&[]);
    assert_eq!(carry_all(&receiver, &mut spool, effort()).unwrap().taken, 1);
    drop(spool);
    let after = open(folder.path(), 65_000);
    assert_eq!(
        after.standing().unwrap(),
        Standing { delivered: 3, waiting: 0, dead: 0 },
        "what is forgotten is counted"
    );
    assert_eq!(after.put((0..3).map(record), false).unwrap(), 3, "and may come again");
    drop(after);
    let mut again = open(folder.path(), 65_000);
    assert_eq!(carry_all(&receiver, &mut again, effort()).unwrap().taken, 3);
    let standing = again.standing().unwrap();
    assert_eq!(standing.delivered, 6, "as often as it was spooled");
    drop(again);
    assert_eq!(open(folder.path(), TODAY).standing().unwrap(), standing, "and the next run says the same");
}

#[test]
fn the_file_of_what_was_delivered_does_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("delivered.tsv");
    let (mut spooled, mut longest) = (0, 0);
    for day in 0..1300_u16 {
        let today = TODAY + i64::from(day);
        let mut spool = open(folder.path(), today);
        // One new finding a day, one of which more is known every day, one that is found every day.
        let new = Record { id: Uuid::from_u128(1000 + u128::from(day)), ..record(9) };
        let records = [new, Record { digest: day.into(), ..record(1) }, record(2)];
        spooled += spool.put(records.into_iter(), false).unwrap();
        for file in spool.files().unwrap() {
            let waiting = spool.waiting(&file).unwrap();
            spool.note(&waiting, today).unwrap();
            Spool::finish(&file).unwrap();
        }
        assert_eq!(spool.standing().unwrap(), Standing { delivered: usize::from(day) + 3, waiting: 0, dead: 0 });
        longest = longest.max(std::fs::read_to_string(&path).unwrap().lines().count());
    }
    assert_eq!(spooled, 1300 + 1300 + 1, "nothing that was said is said again");
    assert!((400..1000).contains(&longest), "{longest} lines");
}

/// Whatever a program that dies while it writes the file anew leaves behind.
#[test]
fn the_file_of_what_was_delivered_is_whole_whenever_the_program_dies() {
    let (folder, mut spool) = spooled(100);
    for day in 0..3 {
        spool.note(&(0..90).map(record).collect::<Vec<_>>(), TODAY + day).unwrap();
    }
    drop(spool);
    let standing = Standing { delivered: 90, waiting: 10, dead: 0 };
    let (path, aside) = (folder.path().join("delivered.tsv"), folder.path().join(".delivered"));
    let old = std::fs::read(&path).unwrap();
    assert_eq!(open(folder.path(), TODAY + 3).standing().unwrap(), standing);
    let new = std::fs::read(&path).unwrap();
    assert!(new.len() * 2 < old.len() && !aside.exists(), "written anew: {} bytes of {}", new.len(), old.len());
    for length in (0..new.len()).step_by(97).chain([new.len()]) {
        // Died before the renaming: the old file, and a part of the new one beside it.
        std::fs::write(&path, &old).unwrap();
        std::fs::write(&aside, &new[..length]).unwrap();
        assert_eq!(open(folder.path(), TODAY + 3).standing().unwrap(), standing, "{length}");
        assert_eq!(std::fs::read(&path).unwrap(), new, "and the next one writes it");
    }
    // Died over a line: what it says is sent again, and nothing else.
    let of_two = format!("{}\t{:016x}\t204", record(95).id, 95);
    std::fs::write(&path, [&new[..], of_two.as_bytes()].concat()).unwrap();
    assert_eq!(open(folder.path(), TODAY + 3).standing().unwrap(), standing, "a day that was cut is no day long past");
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
            spool = open(folder.path(), TODAY);
            prop_assert_eq!(spool.standing().unwrap(), standing);
        }
        prop_assert_eq!(spool.standing().unwrap().waiting, 0);
        prop_assert_eq!(shown, (0..records).collect::<BTreeSet<u8>>());
    }
}
