//! What runs leave to each other: a history in a memory is as good as one in files, and how it got there does not matter.

use std::collections::BTreeMap;

use tokentrail::batch::Table;
use tokentrail::detectors;
use tokentrail::finding::{Evidence, Finding};
use tokentrail::memory::{About, Keep, Memory, Store};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::export::{Compression, Format};
use super::files::{in_files, run, written};
use super::told;
use super::world::{DAYS, World};
use crate::oracle::START;
use crate::oracle::random::Random;
use crate::oracle::rows::Row;
use crate::run::Run;

/// Findings of detectors that judge a past.
fn by_past(findings: &[Finding]) -> Vec<String> {
    let has_past = |finding: &&Finding| {
        let pattern = detectors::find(finding.detector).map(|detector| detector.watch.pattern);
        let first_seen = matches!(pattern, Some(Pattern::FirstSeen { .. } | Pattern::FirstSeenAmong { .. }));
        let daily = matches!(
            pattern,
            Some(Pattern::Deviation { .. } | Pattern::Creep { .. } | Pattern::Revival | Pattern::RareHour)
        );
        first_seen || daily || finding.detector == "scope-unused"
    };
    let told = findings.iter().filter(has_past).map(|finding| {
        // Where a row stands depends on how rows are divided into files.
        // … and what lasts long is shown by the first rows at hand.
        let lasts = ["scope-unused", "app-row-creep"].contains(&finding.detector);
        let shown = finding.evidence.iter().filter(|_| !lasts);
        let evidence = shown.map(|evidence| {
            let (export, sha256) = (String::new(), String::new());
            Evidence { export, sha256, record: 0, offset: 0, ..evidence.clone() }
        });
        let mut subject = finding.subject.clone();
        subject.address = subject.address.filter(|_| !lasts);
        told(&Finding { evidence: evidence.collect(), subject, ..finding.clone() })
    });
    told.collect()
}

#[test]
fn a_history_in_a_memory_is_as_good_as_one_in_files() {
    for case in 0..3 {
        let rows = rows(case);
        let whole = scanned(&rows.iter().collect::<Vec<_>>(), None);
        let expected = by_past(&whole.findings);
        assert!(expected.len() > 5, "a law on nothing says nothing");
        for days_at_hand in [7, 8, 20] {
            let cut = START.0 + (DAYS - days_at_hand) * DAY;
            let (past, present): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.time() < cut);
            let memory = daily(&past, &[], &mut Random::of_case("days", case));
            let with_tokens: Vec<&Row> =
                present.into_iter().chain(past.into_iter().filter(|row| is_token(row))).collect();
            let resumed = scanned(&with_tokens, Some(memory));
            // What stands for evidence of a remembered time is gone with its file.
            let (resumed, expected) = (by_past(&resumed.findings), without_remembered(&whole.findings, cut));
            assert_eq!(resumed, expected, "case {case}, {days_at_hand} days at hand");
        }
    }
}

#[test]
fn neither_order_nor_repetition_of_runs_matters() {
    let rows = rows(10);
    let rows: Vec<&Row> = rows.iter().collect();
    let at_once = nameless(daily_in(&rows, &[(0, DAYS)]));
    assert!(at_once.sizes().iter().all(|(_, sizes)| sizes[0] > 0), "{:?}", at_once.sizes());
    for case in 0..3 {
        let mut random = Random::of_case("order of days", case);
        let again = [3, 3, 17, DAYS - 1];
        let by_day = nameless(daily(&rows, &again, &mut random));
        assert_eq!(by_day.sizes(), at_once.sizes(), "case {case}");
        assert!(by_day == at_once, "case {case}");
    }
    // Spans that overlap, the later one first.
    assert!(nameless(daily_in(&rows, &[(20, DAYS), (0, 25)])) == at_once);
    // Two machines, each with half of the days.
    let (left, right) = (daily_in(&rows, &[(0, 12)]), daily_in(&rows, &[(12, DAYS)]));
    assert!(nameless(right.join(&left)) == at_once);
    assert!(nameless(left.join(&right)) == at_once);
}

#[test]
fn running_a_day_again_says_the_same_again() {
    let rows = rows(20);
    let cut = START.0 + (DAYS - 1) * DAY;
    let (past, last): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.time() < cut);
    let before = daily(&past, &[], &mut Random::of_case("again", 0));
    let first = scanned(&last, Some(before.clone()));
    assert!(!by_past(&first.findings).is_empty());
    let after = first.memory.clone().unwrap();
    assert!(after != before);
    let second = scanned(&last, Some(after.clone()));
    assert_eq!(by_past(&second.findings), by_past(&first.findings));
    assert!(second.memory.unwrap() == after);
}

#[test]
fn what_was_told_is_not_told_by_the_next_run() {
    let rows = rows(20);
    let days = |from: i64, to: i64| -> Vec<&Row> {
        let span = START.0 + from * DAY..START.0 + to * DAY;
        rows.iter().filter(|row| span.contains(&row.time())).collect()
    };
    let memory = daily(&days(0, DAYS - 2), &[], &mut Random::of_case("told", 0));
    let yesterday = scanned(&days(DAYS - 2, DAYS - 1), Some(memory));
    let today = scanned(&days(DAYS - 1, DAYS), yesterday.memory.clone());
    let news = |findings: &[Finding]| -> Vec<uuid::Uuid> {
        findings.iter().filter(|finding| finding.detector.starts_with("app-new")).map(|finding| finding.id).collect()
    };
    let (yesterday, today) = (news(&yesterday.findings), news(&today.findings));
    assert!(!yesterday.is_empty() && !today.is_empty());
    assert!(yesterday.iter().all(|id| !today.contains(id)));
}

#[test]
fn an_excluded_day_does_not_become_normal() {
    let rows = rows(20);
    let cut = START.0 + (DAYS - 1) * DAY;
    let (past, last): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.time() < cut);
    let before = daily(&past, &[], &mut Random::of_case("excluded", 0));
    let first = scanned(&last, Some(before.clone()));
    let span = (Time(cut), Time(cut + DAY));
    let excluded = first.memory.clone().unwrap().excluding(span.0, span.1, "an incident");
    assert!(excluded.sizes() == before.sizes(), "{:?} {:?}", excluded.sizes(), before.sizes());
    // Nor is it learned when its files come again.
    let again = scanned(&last, Some(excluded.clone()));
    let again_memory = again.memory.clone().unwrap();
    assert!(again_memory == excluded);
    assert_eq!(by_past(&again.findings), by_past(&first.findings));
}

#[test]
fn a_memory_survives_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows(30);
    let learned = daily_in(&rows.iter().collect::<Vec<_>>(), &[(0, DAYS)]);
    let store = Store::open(folder.path()).unwrap();
    assert!(store.load().unwrap() == Memory::default());
    assert!(Store::open(folder.path()).unwrap_err().to_string().contains("another run"));
    assert_eq!(store.save(&learned).unwrap(), 1);
    let sizes = learned.sizes();
    let memory = store.load().unwrap().excluding(Time(START.0 - 1000), Time(START.0), "a \"reason\"\nin two lines");
    assert_eq!(memory.sizes(), sizes);
    for generation in 2..=3 {
        assert_eq!(store.save(&memory).unwrap(), generation);
        assert!(store.load().unwrap() == memory);
    }
    assert_eq!(store.generations().unwrap(), [2, 3]);
    let bytes = |generation: &str| -> BTreeMap<String, Vec<u8>> {
        let files = std::fs::read_dir(folder.path().join(generation)).unwrap().map(|entry| entry.unwrap().path());
        files
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
            .collect()
    };
    assert_eq!(bytes("generation-000002"), bytes("generation-000003"));
    assert_eq!(bytes("generation-000003").len(), 6);
    // A run that died while it wrote.
    std::fs::create_dir(folder.path().join(".writing")).unwrap();
    std::fs::write(folder.path().join(".writing").join("shown.parquet"), "half").unwrap();
    assert!(store.load().unwrap() == memory);
    assert_eq!(store.save(&memory).unwrap(), 4);
    // A file that was damaged is told, not read.
    std::fs::write(folder.path().join("generation-000004").join("shown.parquet"), "half").unwrap();
    assert!(store.load().unwrap_err().to_string().contains("hint:"));
    drop(store);
    Store::open(folder.path()).unwrap();
}

#[test]
fn a_memory_does_not_grow_without_end() {
    let rows = rows(40);
    let memory = daily_in(&rows.iter().collect::<Vec<_>>(), &[(0, DAYS)]);
    let short = memory.clone().within(Keep { days: 3, most: 1_000_000 });
    let sizes = |memory: &Memory| memory.sizes().iter().map(|(_, sizes)| sizes[1] + sizes[2] + sizes[3]).max();
    assert!(sizes(&short) < sizes(&memory));
    assert_eq!(short.about.let_go, 0);
    let few = memory.clone().within(Keep { days: 90, most: 10 });
    assert!(few.sizes().iter().all(|(_, sizes)| sizes[1].max(sizes[2]).max(sizes[3]) <= 10));
    assert!(few.about.let_go > 100);
    let subjects = |memory: &Memory| memory.sizes().iter().map(|(_, sizes)| sizes[0]).collect::<Vec<_>>();
    let without = memory.clone().forgetting("0H4Tr0000000001");
    assert!(subjects(&without).iter().sum::<usize>() < subjects(&memory).iter().sum(), "{:?}", without.sizes());
}

fn rows(case: u64) -> Vec<Row> {
    World { ties: false, ..World::OURS }.rows(&mut Random::of_case("resuming", case))
}

fn is_token(row: &Row) -> bool {
    row.table == Table::Tokens
}

/// A run over each day, in any order, and over some days again.
fn daily(rows: &[&Row], again: &[i64], random: &mut Random) -> Memory {
    let mut days: Vec<(i64, i64)> = (0..DAYS).chain(again.iter().copied()).map(|day| (day, day + 1)).collect();
    random.shuffle(&mut days);
    daily_in(rows, &days)
}

/// A run over each span of days.
fn daily_in(rows: &[&Row], spans: &[(i64, i64)]) -> Memory {
    let mut memory = Memory::default();
    for (from, to) in spans {
        let span = START.0 + from * DAY..START.0 + to * DAY;
        let own: Vec<&Row> = rows.iter().filter(|row| !is_token(row) && span.contains(&row.time())).copied().collect();
        if !own.is_empty() {
            memory = scanned(&own, Some(memory)).memory.unwrap();
        }
    }
    memory
}

/// The same, whatever files it came from.
fn nameless(mut memory: Memory) -> Memory {
    memory.about = About::default();
    memory
}

fn scanned(rows: &[&Row], memory: Option<Memory>) -> tokentrail::engine::Outcome {
    let rows: Vec<Row> = rows.iter().map(|row| (*row).clone()).collect();
    let folder = written(&in_files(&rows, 1, "part"), Format::Csv, Compression::None);
    Run { memory, ..run() }.scan(&[folder.path().to_owned()]).outcome
}

/// What a run over everything says, but for evidence from before a time.
fn without_remembered(findings: &[Finding], cut: i64) -> Vec<String> {
    let findings: Vec<Finding> = findings
        .iter()
        .map(|finding| {
            let at_hand = |evidence: &&Evidence| evidence.time.0 >= cut;
            Finding { evidence: finding.evidence.iter().filter(at_hand).cloned().collect(), ..finding.clone() }
        })
        .collect();
    by_past(&findings)
}
