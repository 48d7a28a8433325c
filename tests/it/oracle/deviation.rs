//! Deviation: a day's sum against the median of the days before the window, in units of the median deviation from it.
//! Halves and quarters are exact as floating-point numbers.

use std::collections::BTreeMap;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Deviation { sum: Role::Rows },
};
const FACTS: &[&str] = &["day", "rows", "events", "median", "deviation", "baseline days"];

#[test]
fn deviation_agrees_with_its_oracle() {
    Twin { name: "deviation", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    let usual = random.pick(&[0, 1, 4]);
    for (app, user) in [(Some("a"), Some("u")), (Some("a"), Some("v")), (None, Some("u"))] {
        for day in 0..random.within(0..=9) {
            let most = if day < 6 || random.chance(40) { 2 } else { 8 };
            for _ in 0..random.pick(&[0, 1, 1, 2, 7]) {
                let time = START.0 + day * DAY + random.pick(&[0, 0, 1, DAY / 2, DAY - 1]);
                let sum = usual + random.within(0..=most);
                rows.push(
                    Row::of(Table::Calls)
                        .with(Role::Time, time)
                        .with(Role::Rows, (!random.chance(10)).then_some(sum))
                        .with_text(Role::App, app)
                        .with_text(Role::User, user),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.within(3..=7) * DAY + random.pick(&[-1, 0, 1, DAY / 2]));
    let as_of = Time(START.0 + random.pick(&[7, 100]) * DAY);
    let limits = [
        ("baseline-days", random.within(0..=5)),
        ("deviations", random.within(0..=3)),
        ("at-least", random.within(0..=12)),
    ];
    Case { detector: detector("deviation", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let mut days: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            days.entry(row.time().div_euclid(DAY)).or_default().push(row);
        }
        let since = case.since.0.div_euclid(DAY);
        let before: Vec<f64> = days.range(..since).map(|(_, rows)| f64::from(sum(rows))).collect();
        if before.len() < usize::try_from(case.limit("baseline-days")).unwrap() {
            continue;
        }
        let usual = median(before.clone());
        let deviation = median(before.iter().map(|sum| (sum - usual).abs()).collect());
        let limit = usual + f64::from(i32::try_from(case.limit("deviations")).unwrap()) * deviation;
        for (day, rows) in days.range(since..) {
            let sum = sum(rows);
            if sum == 0 || i64::from(sum) < case.limit("at-least") || f64::from(sum) <= limit {
                continue;
            }
            let day = Time(day * DAY).to_string()[..10].to_owned();
            let subject = [(Role::App, subject[0]), (Role::User, subject[1])];
            let mut verdict = Verdict::on(&subject, rows);
            verdict.records.truncate(FEW);
            verdicts.push(verdict.with(&[&day, &sum, &rows.len(), &usual, &deviation, &before.len()]));
        }
    }
    case.in_window(verdicts)
}

fn sum(rows: &[&Row]) -> i32 {
    i32::try_from(rows.iter().filter_map(|row| row.number(Role::Rows)).sum::<i64>()).unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count => f64::midpoint(values[(count - 1) / 2], values[count / 2]),
    }
}
