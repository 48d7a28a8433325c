//! Revival: the last two uses with a long silence between them, if the later one is in the window and all logs that
//! knew the subject tell of others meanwhile.

use std::collections::BTreeSet;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, ends, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Revival,
};
const FACTS: &[&str] = &["idle days", "last used", "events", "baseline active days", "earlier pauses"];

#[test]
fn revival_agrees_with_its_oracle() {
    Twin { name: "revival", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let idle = random.within(1..=5);
    let mut rows = Vec::new();
    for user in ["u", "v", "w"] {
        let gaps = [0, DAY / 2, DAY, DAY, idle * DAY - SECOND, idle * DAY, idle * DAY + 1];
        let count = random.pick(&[0, 3, 8, 12]);
        let only = random.pick(&[None, Some("one"), Some("two")]);
        let start = START.0 + random.within(0..=DAY);
        for time in random.timeline(start, &gaps, count) {
            rows.push(
                Row::of(Table::Calls)
                    .with_text(Role::Log, only.unwrap_or_else(|| random.pick(&["one", "two"])))
                    .with(Role::Time, time)
                    .with_text(Role::App, "a")
                    .with_text(Role::User, user),
            );
        }
    }
    place_at_random(&mut rows, random);
    let latest = rows.iter().map(Row::time).max().unwrap_or(START.0);
    let since = Time(latest - random.within(0..=3) * DAY);
    let as_of = Time(latest - random.pick(&[0, 0, DAY]));
    let limits = [
        ("idle-days", idle),
        ("baseline-days", random.within(0..=4)),
        ("covered", random.pick(&[0, 25, 50, 100])),
        ("known-pauses", random.within(0..=2)),
    ];
    Case { detector: detector("revival", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let all = case.rows_in_sight();
    let day = |row: &Row| row.time().div_euclid(DAY);
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&all, WATCH.subject) {
        let idle = case.limit("idle-days") * DAY;
        // Two uses of one day are no pause, however long a day may be.
        let is_pause = |place: &usize| {
            let (earlier, later) = (rows[*place - 1], rows[*place]);
            later.time() - earlier.time() >= idle && day(earlier) < day(later)
        };
        let pauses: Vec<usize> = (1..rows.len()).filter(is_pause).collect();
        let Some(place) = pauses.last().copied().filter(|place| rows[*place].time() >= case.since.0) else { continue };
        let (earlier, later) = (rows[place - 1], rows[place]);
        let active: BTreeSet<i64> = rows[..place].iter().map(|row| day(row)).collect();
        let knew: BTreeSet<&str> = rows[..place].iter().filter_map(|row| row.text(Role::Log)).collect();
        let between: Vec<i64> = (day(earlier) + 1..day(later)).collect();
        let covered = |log: &&str| {
            let days: BTreeSet<i64> =
                all.iter().filter(|row| row.text(Role::Log) == Some(*log)).map(|row| day(row)).collect();
            let told = between.iter().filter(|day| days.contains(day)).count();
            i64::try_from(told * 100).unwrap() >= i64::try_from(between.len()).unwrap() * case.limit("covered")
        };
        if i64::try_from(active.len()).unwrap() < case.limit("baseline-days") || !knew.iter().all(covered) {
            continue;
        }
        let (back, earlier_pauses) = (&rows[place..], pauses.len() - 1);
        let known = usize::try_from(case.limit("known-pauses")).unwrap();
        let is_habit = known > 0 && earlier_pauses >= known;
        let subject = [(Role::App, subject[0]), (Role::User, subject[1])];
        let mut verdict = Verdict::on(&subject, back);
        verdict.records = ends(back);
        let verdict = verdict.at(if is_habit { Severity::Low } else { case.detector.severity }, 0);
        let idle_days = (later.time() - earlier.time()) / DAY;
        let last = Time(earlier.time());
        verdicts.push(verdict.with(&[&idle_days, &last, &back.len(), &active.len(), &earlier_pauses]));
    }
    case.in_window(verdicts)
}
