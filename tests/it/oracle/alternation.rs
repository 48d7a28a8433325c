//! Alternation: of all orders in which a day's rows may have come, as far as quarters of an hour tell, the one with the
//! fewest changes between known and new.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Alternation { of: Role::Network },
};
const FACTS: &[&str] =
    &["network", "known before", "changes", "events", "most changes on a day before", "baseline active days"];
const QUARTER: i64 = 900 * SECOND;

#[test]
fn alternation_agrees_with_its_oracle() {
    Twin { name: "alternation", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    for user in ["u", "v", "w"] {
        for day in 0..random.within(3..=6) {
            let values = if day < 3 { random.pick(&[1, 1, 1, 2]) } else { random.within(1..=5) };
            let gaps = [0, 1, QUARTER - 1, QUARTER, QUARTER + 1, 5 * QUARTER];
            let count = random.pick(&[1, 3, 6, 9]);
            let begin = START.0 + day * DAY + random.pick(&[0, DAY - 2 * QUARTER]);
            for time in random.timeline(begin, &gaps, count) {
                let value = format!("n{}", random.within(1..=values));
                rows.push(
                    Row::of(Table::Calls)
                        .with(Role::Time, time)
                        .with_text(Role::App, "a")
                        .with_text(Role::User, user)
                        .with_text(Role::Network, (!random.chance(5)).then_some(value.as_str())),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + 3 * DAY + random.pick(&[0, 0, QUARTER]));
    let as_of = Time(since.0 + random.pick(&[DAY, 7 * DAY]));
    let limits = [("at-least", random.within(1..=4)), ("baseline-days", random.within(0..=4))];
    Case { detector: detector("alternation", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let at_least = usize::try_from(case.limit("at-least").max(2)).unwrap();
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.text(Role::Network).is_some()).collect();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&rows, WATCH.subject) {
        let mut by_day: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            by_day.entry(row.time().div_euclid(DAY)).or_default().push(row);
        }
        let known: BTreeSet<&str> = rows.iter().filter(|row| row.time() < case.since.0).map(|row| value(row)).collect();
        let window = by_day.split_off(&case.since.0.div_euclid(DAY));
        let habit = by_day.values().map(|rows| fewest(rows, &|row| value(row) != usual(rows))).max().unwrap_or(0);
        if habit >= at_least || i64::try_from(by_day.len()).unwrap() < case.limit("baseline-days") {
            continue;
        }
        let changes = |rows: &[&Row]| fewest(rows, &|row| !known.contains(value(row)));
        let loud: Vec<&Vec<&Row>> = window.values().filter(|rows| changes(rows) >= at_least).collect();
        let Some(most) = loud.iter().map(|rows| changes(rows)).max() else { continue };
        let found: Vec<&Row> = loud.into_iter().flatten().copied().collect();
        let values = |new: bool| {
            let mut values: Vec<&str> = Vec::new();
            for value in found.iter().map(|row| value(row)).filter(|value| known.contains(value) != new) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            values.into_iter().take(FEW).collect::<Vec<_>>().join(", ")
        };
        let parts = [(Role::App, subject[0]), (Role::User, subject[1])];
        let facts: [&dyn ToString; 6] = [&values(true), &values(false), &most, &found.len(), &habit, &by_day.len()];
        let mut shown = BTreeSet::new();
        let firsts = found.iter().filter(|row| shown.insert((row.time().div_euclid(DAY), value(row))));
        let records = firsts.map(|row| row.record).take(20).collect();
        verdicts.push(Verdict { records, ..Verdict::on(&parts, &found).with(&facts) });
    }
    case.in_window(verdicts)
}

fn value(row: &Row) -> &str {
    row.text(Role::Network).unwrap()
}

fn quarter(row: &Row) -> i64 {
    row.time().div_euclid(QUARTER)
}

/// The value of most quarters; of several, the one that was shown first.
fn usual<'r>(rows: &[&'r Row]) -> &'r str {
    let quarters =
        |of: &str| rows.iter().filter(|row| value(row) == of).map(|row| quarter(row)).collect::<BTreeSet<_>>().len();
    let most = rows.iter().map(|row| quarters(value(row))).max().unwrap();
    rows.iter().map(|row| value(row)).find(|value| quarters(value) == most).unwrap()
}

/// The fewest changes of side in any order of the rows that keeps the quarters apart: every way to begin is tried.
fn fewest(rows: &[&Row], is_other: &dyn Fn(&Row) -> bool) -> usize {
    let mut sides: BTreeMap<i64, BTreeSet<bool>> = BTreeMap::new();
    for row in rows {
        sides.entry(quarter(row)).or_default().insert(is_other(row));
    }
    let sides: Vec<Vec<bool>> = sides.into_values().map(|sides| sides.into_iter().collect()).collect();
    let begins = [false, true].into_iter();
    begins.map(|begin| fewest_from(&sides, begin)).min().unwrap()
}

fn fewest_from(sides: &[Vec<bool>], now: bool) -> usize {
    match sides {
        [] => 0,
        [quarter, rest @ ..] if quarter.len() == 2 => {
            // To the other side and stay there, or back again.
            (1 + fewest_from(rest, !now)).min(2 + fewest_from(rest, now))
        }
        [quarter, rest @ ..] => usize::from(quarter[0] != now) + fewest_from(rest, quarter[0]),
    }
}
