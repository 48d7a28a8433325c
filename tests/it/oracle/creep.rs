//! Creep: the cumulative sum of the textbook, in floating-point numbers of hundredths, day by day.

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
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Creep { sum: Role::Rows },
};
const FACTS: &[&str] = &["since", "days", "rows", "rows above usual", "median", "baseline days"];

#[test]
fn creep_agrees_with_its_oracle() {
    Twin { name: "creep", cases: 2000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    let days = 40;
    for user in ["u", "v"] {
        let (usual, spread) = random.pick(&[(0, 3), (100, 0), (100, 20), (3000, 2500)]);
        let growth = random.pick(&[100, 130, 200, 200, 900]);
        for day in 0..days {
            if random.chance(8) {
                continue;
            }
            let own = usual + random.within(0..=spread);
            let sum = if day >= 26 && random.chance(80) { own * growth / 100 } else { own };
            for sum in [sum / 3, sum - sum / 3] {
                rows.push(
                    Row::of(Table::Calls)
                        .with_text(Role::Log, if random.chance(5) { "two" } else { "one" })
                        .with(Role::Time, START.0 + day * DAY + random.within(0..=DAY - 1))
                        .with(Role::Rows, sum)
                        .with_text(Role::App, "a")
                        .with_text(Role::User, user),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let as_of = Time(START.0 + days * DAY - 1);
    let since = Time(START.0 + random.within(22..=38) * DAY);
    let limits = [
        ("baseline-days", random.within(10..=25)),
        ("like-days", random.within(0..=4)),
        ("run-days", random.within(1..=14)),
        ("least-days", random.within(0..=4)),
        ("allowance", random.pick(&[0, 50, 100])),
        ("threshold", random.pick(&[100, 400, 500])),
        ("least-spread", random.pick(&[1, 20, 50])),
        ("at-least", random.pick(&[0, 200, 1000])),
    ];
    Case { detector: detector("creep", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let mut greatest: Option<(f64, Verdict)> = None;
        for log in ["one", "two"] {
            let mut days: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
            for row in rows.iter().filter(|row| row.text(Role::Log) == Some(log)) {
                days.entry(row.time().div_euclid(DAY)).or_default().push(row);
            }
            let found = creep(case, &days, [(Role::App, subject[0]), (Role::User, subject[1])]);
            if let Some(found) = found.filter(|found| greatest.as_ref().is_none_or(|known| found.0 > known.0)) {
                greatest = Some(found);
            }
        }
        verdicts.extend(greatest.map(|(_, verdict)| verdict));
    }
    case.in_window(verdicts)
}

fn creep(case: &Case, days: &BTreeMap<i64, Vec<&Row>>, subject: [(Role, Option<&str>); 2]) -> Option<(f64, Verdict)> {
    let limit = |name: &str| f64::from(i32::try_from(case.limit(name)).unwrap());
    let window = case.since.0.div_euclid(DAY);
    let begin = window.min(case.as_of.0.div_euclid(DAY) + 1 - case.limit("run-days"));
    let past: Vec<(i64, f64)> = days.range(..begin).map(|(day, rows)| (*day, sum(rows))).collect();
    if number(past.len()) < limit("baseline-days") {
        return None;
    }
    let like = |day: i64| {
        let same: Vec<f64> = past.iter().filter(|(other, _)| (other - day) % 7 == 0).map(|(_, sum)| *sum).collect();
        let all = past.iter().map(|(_, sum)| *sum).collect();
        if limit("like-days") > 0.0 && number(same.len()) >= limit("like-days") { same } else { all }
    };
    let usual = |day: i64| median(like(day).into_iter().map(hundredths).collect());
    let spread = median(past.iter().map(|(day, sum)| (hundredths(*sum) - usual(*day)).abs()).collect());
    // Quarters of hundredths are as fine as it gets, rounded down.
    let spread = (spread * 4.0 * 148.0 / 100.0).floor().max(4.0 * limit("least-spread"));
    let allowance = (spread * limit("allowance") / 100.0).floor();
    let threshold = (spread * limit("threshold") / 100.0).floor().max(1.0);
    let most = (threshold / limit("least-days").max(1.0)).ceil();
    let (mut total, mut excess, mut run) = (0.0_f64, 0.0, Vec::new());
    for (day, rows) in days.range(begin..) {
        total += (4.0 * (hundredths(sum(rows)) - usual(*day)) - allowance).min(most);
        if total <= 0.0 {
            (total, excess) = (0.0, 0.0);
            run.clear();
            continue;
        }
        run.push((*day, rows));
        excess += (sum(rows) - median(like(*day))).max(0.0);
        if total >= threshold && excess >= limit("at-least") && *day >= window {
            let all: Vec<&Row> = run.iter().flat_map(|(_, rows)| rows.iter().copied()).collect();
            let mut verdict = Verdict::on(&subject, &all);
            verdict.records = run.iter().map(|(_, rows)| rows[0].record).collect();
            let since = Time(run[0].0 * DAY).to_string()[..10].to_owned();
            let middle = median(past.iter().map(|(_, sum)| *sum).collect());
            return Some((excess, verdict.with(&[&since, &run.len(), &sum(&all), &excess, &middle, &past.len()])));
        }
    }
    None
}

fn sum(rows: &[&Row]) -> f64 {
    rows.iter().filter_map(|row| row.number(Role::Rows)).map(|rows| f64::from(i32::try_from(rows).unwrap())).sum()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// The greatest whole number of hundredths that the logarithm reaches.
fn hundredths(sum: f64) -> f64 {
    let most = (0..=2000).take_while(|hundredths| (f64::from(*hundredths) / 100.0).exp2() <= sum + 1.0).last();
    f64::from(most.unwrap())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count => f64::midpoint(values[(count - 1) / 2], values[count / 2]),
    }
}
