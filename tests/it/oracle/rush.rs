//! Rush: quarters of an hour against the median of the busiest ones of the days before that of the window's start.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
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
    pattern: Pattern::Rush,
};
const FACTS: &[&str] =
    &["most in a quarter", "quarters", "events", "usual in the busiest quarter", "active days before"];
const QUARTER: i64 = 900 * SECOND;

#[test]
fn rush_agrees_with_its_oracle() {
    Twin { name: "rush", cases: 2000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let since = START.0 + 5 * DAY + random.pick(&[0, 0, 1, QUARTER - 1]);
    let mut rows = Vec::new();
    for (app, user) in [(Some("a"), Some("u")), (Some("a"), Some("v")), (None, Some("u"))] {
        let busy = random.pick(&[0, 1, 19, 20, 21, 40]);
        for number in 0..busy {
            let start = START.0 + number * random.pick(&[1, 2, 7]) * QUARTER % (5 * DAY);
            let most = random.pick(&[1, 1, 2, 3]);
            fill(start, random.within(1..=most), (app, user), random, &mut rows);
        }
        for number in random.pick(&[[0, 1, 2], [0, 2, 3], [-1, 5, 7]]) {
            fill(START.0 + 5 * DAY + number * QUARTER, random.within(0..=9), (app, user), random, &mut rows);
        }
    }
    place_at_random(&mut rows, random);
    let limits = [
        ("at-least", random.within(0..=4)),
        ("times", random.within(0..=4)),
        ("history-days", random.within(0..=2)),
        ("cold-at-least", random.within(0..=8)),
    ];
    let as_of = Time(since + random.pick(&[0, QUARTER, DAY]));
    Case { detector: detector("rush", WATCH, &limits), rows, since: Time(since), as_of, midnight: None }
}

/// So many calls in a quarter, at its edges or within.
fn fill(quarter: i64, count: i64, (app, user): (Option<&str>, Option<&str>), random: &mut Random, rows: &mut Vec<Row>) {
    for _ in 0..count {
        let time = quarter + random.pick(&[0, 1, QUARTER / 2, QUARTER - 1]);
        rows.push(Row::of(Table::Calls).with(Role::Time, time).with_text(Role::App, app).with_text(Role::User, user));
    }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let mut quarters: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            quarters.entry(row.time().div_euclid(QUARTER)).or_default().push(row);
        }
        let since = case.since.0.div_euclid(QUARTER);
        let day = |number: i64| (number * QUARTER).div_euclid(DAY);
        let days: BTreeSet<i64> = quarters.range(..since).map(|(number, _)| day(*number)).collect();
        let busiest = |of: &i64| {
            let quarters = quarters.range(..since).filter(|(number, _)| day(**number) == *of);
            quarters.map(|(_, rows)| rows.len()).max().unwrap()
        };
        // The least of them that at least half do not exceed.
        let most: Vec<usize> = days.iter().map(busiest).collect();
        let enough = |count: &&usize| 2 * most.iter().filter(|other| other <= count).count() >= most.len();
        let usual = most.iter().filter(enough).min().copied().unwrap_or(0);
        let limit = |name: &str| usize::try_from(case.limit(name)).unwrap();
        let is_rush = |count: usize| {
            if days.len() < limit("history-days") {
                return count >= limit("cold-at-least").max(1);
            }
            count >= limit("at-least").max(1) && count > limit("times") * usual
        };
        let rushes: Vec<i64> =
            quarters.range(since..).filter(|(_, rows)| is_rush(rows.len())).map(|(number, _)| *number).collect();
        for rush in rushes.chunk_by(|one, next| one + 1 == *next) {
            let rows: Vec<&Row> = rush.iter().flat_map(|number| quarters[number].clone()).collect();
            let most = rush.iter().map(|number| quarters[number].len()).max().unwrap();
            let subject = [(Role::App, subject[0]), (Role::User, subject[1])];
            let mut verdict = Verdict::on(&subject, &rows);
            verdict.records = rush.iter().flat_map(|number| ends(&quarters[number])).take(20).collect();
            verdicts.push(verdict.with(&[&most, &rush.len(), &rows.len(), &usual, &days.len()]));
        }
    }
    case.in_window(verdicts)
}
