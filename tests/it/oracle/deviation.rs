//! Deviation: a day's sum against the median of the days before the window, in units of the median deviation from it.
//! Each log on its own; the log with the highest day tells. Halves and quarters are exact as floating-point numbers.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, ends, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Deviation { sum: Role::Rows },
};
const FACTS: &[&str] =
    &["day", "rows", "events", "median", "deviation", "baseline days", "compared with", "greatest before"];

#[test]
fn deviation_agrees_with_its_oracle() {
    Twin { name: "deviation", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    let usual = random.pick(&[0, 1, 4]);
    let weeks = random.chance(30);
    for (app, user) in [(Some("a"), Some("u")), (Some("a"), Some("v")), (None, Some("u"))] {
        let most_days = if weeks { 30 } else { 9 };
        for day in 0..random.within(0..=most_days) {
            let most = if day < 6 || random.chance(40) { 2 } else { 8 };
            for _ in 0..random.pick(&[0, 1, 1, 2, 7]) {
                let time = START.0 + day * DAY + random.pick(&[0, 0, 1, DAY / 2, DAY - 1]);
                let sum = usual + random.within(0..=most);
                let states = random.chance(30);
                rows.push(
                    Row::of(Table::Calls)
                        .with_text(Role::Log, random.pick(&["one", "one", "two"]))
                        .with(Role::Time, time)
                        .with(Role::Rows, (!random.chance(10)).then_some(sum))
                        .with_text(Role::App, app)
                        .with_text(Role::User, user)
                        .with_text(Role::Job, if states { random.pick(&[None, Some("x"), Some("y")]) } else { None })
                        .with_text(Role::Action, random.pick(&[None, Some("done")])),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let first = if weeks { 26 } else { random.within(3..=7) };
    let since = Time(START.0 + first * DAY + random.pick(&[-1, 0, 1, DAY / 2]));
    let as_of = Time(START.0 + random.pick(&[7, 100]).max(first) * DAY);
    let limits = [
        ("baseline-days", random.within(0..=5)),
        ("deviations", random.within(0..=3)),
        ("at-least", random.within(0..=12)),
        ("ratio", random.within(0..=3)),
        ("like-days", random.within(0..=4)),
        ("known-peak", random.pick(&[0, 50, 100, 150])),
        ("far-at-least", random.within(0..=8)),
        ("far-times", random.within(0..=3)),
        ("cold-at-least", random.within(0..=6)),
        ("cold-low", random.within(4..=9)),
        ("cold-medium", random.within(8..=16)),
    ];
    Case { detector: detector("deviation", WATCH, &limits), rows, since, as_of, midnight: None }
}

/// The rows that count: all, but of a job's rows that say its state only the one with the most.
pub(super) fn counted<'r>(rows: &[&'r Row]) -> Vec<&'r Row> {
    let job = |row: &Row| row.text(Role::Action).and_then(|_| row.text(Role::Job)).map(str::to_owned);
    let is_beaten = |row: &Row| {
        let Some(own) = job(row) else { return false };
        let others = rows.iter().filter(|other| job(other).as_ref() == Some(&own));
        let weight = |row: &Row| (-row.number(Role::Rows).unwrap_or(0), row.place());
        others.into_iter().any(|other| weight(other) < weight(row))
    };
    rows.iter().filter(|row| !is_beaten(row)).copied().collect()
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let since = case.since.0.div_euclid(DAY);
    let in_sight = case.rows_in_sight();
    let mut logs: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut subjects: BTreeMap<Vec<Option<&str>>, Vec<(&str, Days<'_>)>> = BTreeMap::new();
    for log in ["one", "two"] {
        let of_log: Vec<&Row> = in_sight.iter().filter(|row| row.text(Role::Log) == Some(log)).copied().collect();
        for (subject, rows) in by_subject(&of_log, WATCH.subject) {
            let mut days = Days::new();
            for row in counted(&rows) {
                days.entry(row.time().div_euclid(DAY)).or_default().push(row);
            }
            logs.entry(log).or_default().extend(days.keys());
            subjects.entry(subject).or_default().push((log, days));
        }
    }
    let of_all = subjects.values().flatten().flat_map(|(_, days)| days.range(..since).map(|(_, rows)| sum(rows)));
    let record = of_all.max().unwrap_or(0);
    let least = usize::try_from(case.limit("baseline-days")).unwrap();
    let mut verdicts = Vec::new();
    for (subject, own) in &subjects {
        let warm: Vec<&Days<'_>> =
            own.iter().map(|(_, days)| days).filter(|days| days.range(..since).count() >= least).collect();
        let mut on_days: BTreeMap<i64, (i32, Verdict)> = BTreeMap::new();
        for (log, days) in own {
            let is_cold = warm.is_empty() && logs[log].range(..since).count() >= least;
            for (day, rows) in
                days.range(since..).filter(|_| is_cold || warm.iter().any(|warm| std::ptr::eq(*warm, days)))
            {
                let Some(verdict) = judged(case, subject, days, *day, rows, is_cold.then_some(record)) else {
                    continue;
                };
                let known = on_days.get(day).map(|(sum, _)| *sum);
                if known.is_none_or(|known| known < sum(rows)) {
                    on_days.insert(*day, (sum(rows), verdict));
                }
            }
        }
        let mut found: Vec<(i32, Verdict)> = on_days.into_values().collect();
        if warm.is_empty() {
            // The highest day, and of equal ones the first.
            found.sort_by_key(|(sum, _)| -sum);
            found.truncate(1);
        }
        verdicts.extend(found.into_iter().map(|(_, verdict)| verdict));
    }
    case.in_window(verdicts)
}

type Days<'r> = BTreeMap<i64, Vec<&'r Row>>;

fn judged(
    case: &Case,
    subject: &[Option<&str>],
    days: &Days<'_>,
    day: i64,
    rows: &[&Row],
    record: Option<i32>,
) -> Option<Verdict> {
    let since = case.since.0.div_euclid(DAY);
    let float = |name: &str| f64::from(i32::try_from(case.limit(name)).unwrap());
    let past: Vec<(&i64, &Vec<&Row>)> = days.range(..since).collect();
    let same: Vec<_> = past.iter().filter(|(number, _)| (*number - day) % 7 == 0).copied().collect();
    let enough = usize::try_from(case.limit("like-days")).unwrap();
    let like = if enough > 0 && same.len() >= enough { same } else { past.clone() };
    let before: Vec<f64> = like.iter().map(|(_, rows)| f64::from(sum(rows))).collect();
    let usual = median(before.clone());
    let deviation = median(before.iter().map(|sum| (sum - usual).abs()).collect());
    let greatest = past.iter().map(|(_, rows)| sum(rows)).max().unwrap_or(0);
    let own = sum(rows);
    let severity = if let Some(record) = record {
        match i64::from(own) {
            rows if case.limit("cold-at-least") == 0 || rows < case.limit("cold-at-least") => return None,
            rows if rows >= case.limit("cold-medium") || own > record => Severity::Medium,
            rows if rows >= case.limit("cold-low") => Severity::Low,
            _ => Severity::Info,
        }
    } else {
        let high = f64::from(own) > usual + float("deviations") * deviation && f64::from(own) >= float("ratio") * usual;
        let far = case.limit("far-at-least");
        let is_far =
            far > 0 && i64::from(own) >= far && i64::from(own) >= case.limit("far-times") * i64::from(greatest);
        if own == 0 || !(i64::from(own) >= case.limit("at-least") || is_far) || !high {
            return None;
        }
        Severity::Low
    };
    let compared = match () {
        () if record.is_some() => "fixed limits, for want of history",
        () if like.len() < past.len() => "days of the same weekday",
        () => "all days before",
    };
    let named = Time(day * DAY).to_string()[..10].to_owned();
    let parts = [(Role::App, subject[0]), (Role::User, subject[1])];
    let mut verdict = Verdict::on(&parts, rows).at(severity, 0);
    verdict.records = ends(rows);
    Some(verdict.with(&[&named, &own, &rows.len(), &usual, &deviation, &before.len(), &compared, &greatest]))
}

pub(super) fn sum(rows: &[&Row]) -> i32 {
    i32::try_from(rows.iter().filter_map(|row| row.number(Role::Rows)).sum::<i64>()).unwrap()
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count => f64::midpoint(values[(count - 1) / 2], values[count / 2]),
    }
}
