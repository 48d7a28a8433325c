//! Drift: the lower median of the slopes between all pairs of daily lower medians, compared as exact fractions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::skew::seconds;
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Assertions],
    matching: Matching::All,
    subject: &[Role::Issuer, Role::Principal],
    pattern: Pattern::Drift { from: Role::IssuedAt, to: Role::Time },
};
const FACTS: &[&str] = &["drift seconds a day", "median seconds", "forecast", "days"];
const TENTH: i64 = SECOND / 10;

#[test]
fn drift_agrees_with_its_oracle() {
    Twin { name: "drift", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    for principal in [Some("p"), Some("q"), None] {
        let (first, slope) = (random.within(-20..=40), random.within(-6..=6));
        for day in 0..random.within(0..=7) {
            if random.chance(20) {
                continue;
            }
            for _ in 0..random.within(1..=4) {
                let time = START.0 + day * DAY + random.pick(&[0, 1, DAY / 2, DAY - 1]);
                let noise = random.pick(&[0, 0, 0, 1, -1, 30]);
                let skew = (first + slope * day + noise) * TENTH + random.pick(&[-1, 0, 0, 1, TENTH / 2]);
                rows.push(
                    Row::of(Table::Assertions)
                        .with(Role::Time, time)
                        .with(Role::IssuedAt, (!random.chance(5)).then_some(time - skew))
                        .with_text(Role::Issuer, "i")
                        .with_text(Role::Principal, principal),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.within(0..=3) * DAY + random.within(-1..=1));
    let as_of = Time(START.0 + random.pick(&[4, 100]) * DAY);
    let limits = [
        ("least-days", random.within(0..=5)),
        ("milliseconds-a-day", random.within(1..=4) * 100),
        ("fails-at", random.within(0..=6)),
    ];
    Case { detector: detector("drift", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let rows: Vec<&Row> = rows.into_iter().filter(|row| row.number(Role::IssuedAt).is_some()).collect();
        let mut days: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            days.entry(row.time().div_euclid(DAY)).or_default().push(row);
        }
        let points: Vec<(i64, i64)> = days.iter().map(|(day, rows)| (*day, median_skew(rows))).collect();
        if points.len() < usize::try_from(case.limit("least-days").max(2)).unwrap() {
            continue;
        }
        let (rise, run) = median_slope(&points);
        if rise.abs() < case.limit("milliseconds-a-day") * 1000 * run {
            continue;
        }
        let now = points[points.len() - 1].1;
        let forecast = forecast(now, rise / run, case.limit("fails-at") * SECOND);
        let first_of = |day: i64| days[&day][0].record;
        let records = vec![first_of(points[0].0), first_of(points[points.len() - 1].0)];
        let subject = [(Role::Issuer, subject[0]), (Role::Principal, subject[1])];
        let verdict =
            Verdict::on(&subject, &rows).with(&[&seconds(rise / run), &seconds(now), &forecast, &points.len()]);
        verdicts.push(Verdict { records, ..verdict });
    }
    case.in_window(verdicts)
}

/// Skews count in whole tenths of a second, rounded down; of an even number of them the lower one in the middle.
fn median_skew(rows: &[&Row]) -> i64 {
    let mut skews: Vec<i64> =
        rows.iter().map(|row| (row.time() - row.number(Role::IssuedAt).unwrap()).div_euclid(TENTH) * TENTH).collect();
    skews.sort_unstable();
    skews[(skews.len() - 1) / 2]
}

/// The rise and the run of the slope in the middle.
fn median_slope(points: &[(i64, i64)]) -> (i64, i64) {
    let mut slopes: Vec<(i64, i64)> = Vec::new();
    for (at, left) in points.iter().enumerate() {
        slopes.extend(points[at + 1..].iter().map(|right| (right.1 - left.1, right.0 - left.0)));
    }
    let steeper = |left: &(i64, i64), right: &(i64, i64)| -> Ordering { (left.0 * right.1).cmp(&(right.0 * left.1)) };
    slopes.sort_by(steeper);
    slopes[(slopes.len() - 1) / 2]
}

/// To the limit on the side that the clock is drifting to.
fn forecast(now: i64, slope: i64, fails_at: i64) -> String {
    let left = if slope > 0 { fails_at - now } else { fails_at + now };
    match left / slope.abs() {
        _ if now.abs() >= fails_at => "it is past the limit now".to_owned(),
        1 => "it reaches the limit in 1 day".to_owned(),
        days => format!("it reaches the limit in {days} days"),
    }
}
