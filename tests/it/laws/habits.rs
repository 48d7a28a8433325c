//! Habits from run to run: what somebody does night after night is no news to a run that has the last night's exports
//! only, and what is new is news to it.

use std::collections::BTreeSet;
use std::fmt::Write;

use tokentrail::memory::Memory;

use crate::run::Run;

/// What a nightly copy looks like to who does not know it: it looks around, pages through much, in a burst, and tidies up.
const NIGHTLY: [&str; 4] = ["app-reconnaissance", "bulk-job-deleted", "query-burst", "query-harvest"];

/// What only a past makes news.
const NEWS: [&str; 2] = ["app-alternating-networks", "app-new-grant"];

const NIGHTS: u32 = 20;

/// The API calls of a night in August 2025.
#[derive(Default)]
struct Calls(String);

impl Calls {
    fn add(&mut self, app: u32, at: &str, address: &str, operation: &str, rows: u32, query: &str) {
        let app = format!("0H4Tr000000000{app}");
        let who = "005Tr0000000001,copy@acme.example";
        let number = self.0.len();
        writeln!(self.0, "e{number}-{at},{at}Z,{who},{app},s{at:.10},{address},{operation},Account,{rows},{query}")
            .unwrap();
    }
}

fn nightly(night: u32, calls: &mut Calls) {
    let at = |minute: u32, second: u32| format!("2025-08-{night:02}T02:{minute:02}:{second:02}");
    for (minute, object) in (0..).zip(["Account", "Case", "Contact", "Lead"]) {
        calls.add(1, &at(minute, 0), "192.0.2.17", "Query", 1, &format!("SELECT COUNT() FROM {object}"));
    }
    for page in 0..1100 {
        calls.add(1, &at(15 + page / 100, page % 60), "192.0.2.17", "QueryMore", 2000, "");
    }
}

/// A second network in turns with the first one, and a second app.
fn news(night: u32, calls: &mut Calls) {
    for (hour, address) in (3..).zip(["203.0.113.9", "192.0.2.17", "203.0.113.9", "192.0.2.17"]) {
        calls.add(1, &format!("2025-08-{night:02}T{hour:02}:00:00"), address, "Query", 1, "");
    }
    calls.add(2, &format!("2025-08-{night:02}T09:00:00"), "192.0.2.17", "Query", 1, "");
}

/// What a run over one night's exports says of these detectors, and what it leaves.
fn run(night: u32, with_news: bool, of: &[&str], memory: Memory) -> (BTreeSet<&'static str>, Memory) {
    let header = "EventIdentifier,EventDate,UserId,Username,ConnectedAppId,SessionKey,SourceIp,Operation,QueriedEntities,RowsReturned,Query";
    let mut calls = Calls(format!("{header}\n"));
    nightly(night, &mut calls);
    if with_news {
        news(night, &mut calls);
    }
    let job = |time: &str, state: &str| {
        format!("2025-08-{night:02}T{time}Z,BulkApi2,005Tr0000000001,750Tr00000000{night:02},query,Case,{state},100\n")
    };
    let header =
        "TIMESTAMP_DERIVED,EVENT_TYPE,USER_ID_DERIVED,JOB_ID,OPERATION_TYPE,ENTITY_TYPE,JOB_STATUS,RECORDS_PROCESSED";
    let jobs = format!("{header}\n{}{}", job("04:00:00", "complete"), job("04:00:24", "deleted"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("calls.csv"), calls.0).unwrap();
    std::fs::write(folder.path().join("jobs.csv"), jobs).unwrap();
    let outcome = Run { memory: Some(memory), ..Run::default() }.scan(&[folder.path().to_owned()]).outcome;
    let told = outcome.findings.iter().map(|finding| finding.detector).filter(|id| of.contains(id)).collect();
    (told, outcome.memory.unwrap())
}

fn nights_before() -> Memory {
    (1..NIGHTS).fold(Memory::default(), |memory, night| run(night, false, &[], memory).1)
}

#[test]
fn what_happens_every_night_is_no_news() {
    assert_eq!(run(NIGHTS, false, &NIGHTLY, Memory::default()).0, NIGHTLY.into());
    let memory = nights_before();
    assert_eq!(run(NIGHTS, false, &NIGHTLY, memory.clone()).0, BTreeSet::new());
    // In any order, and some nights again.
    let shuffled = [7, 3, 19, 3, 1, 12].into_iter().chain(1..NIGHTS).chain([5]);
    let again = shuffled.fold(Memory::default(), |memory, night| run(night, false, &[], memory).1);
    assert_eq!(again.sizes(), memory.sizes());
}

#[test]
fn what_is_new_against_earlier_nights_is_news() {
    assert_eq!(run(NIGHTS, true, &NEWS, Memory::default()).0, BTreeSet::new());
    let memory = nights_before();
    assert_eq!(run(NIGHTS, false, &NEWS, memory.clone()).0, BTreeSet::new());
    let (told, after) = run(NIGHTS, true, &NEWS, memory);
    assert_eq!(told, NEWS.into());
    // The night after it is known.
    assert_eq!(run(NIGHTS + 1, true, &["app-new-grant"], after).0, BTreeSet::new());
}
