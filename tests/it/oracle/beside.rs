//! Beside: what went to new networks on a day whose known ones did at least their part of a usual day's work, as far as it
//! is more than a usual day. Halves and quarters are exact as floating-point numbers.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::deviation::{counted, median, sum};
use super::random::Random;
use super::rows::{Row, by_subject, ends, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Beside { of: Role::Network, sum: Role::Rows },
};
const FACTS: &[&str] =
    &["day", "network", "rows", "events", "rows at known ones", "median", "deviation", "baseline days"];

#[test]
fn beside_agrees_with_its_oracle() {
    Twin { name: "beside", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    let weeks = random.chance(30);
    let usual = random.pick(&[0, 1, 4]);
    for user in ["u", "v", "w"] {
        for day in 0..random.within(5..=if weeks { 30 } else { 9 }) {
            let networks = if day < 5 { random.pick(&[1, 1, 2]) } else { random.within(1..=4) };
            for _ in 0..random.pick(&[0, 1, 2, 3, 5]) {
                let network = format!("n{}", random.within(1..=networks));
                let time = START.0 + day * DAY + random.pick(&[0, 1, DAY / 2, DAY - 1]);
                let states = random.chance(20);
                rows.push(
                    Row::of(Table::Calls)
                        .with_text(Role::Log, random.pick(&["one", "one", "one", "two"]))
                        .with(Role::Time, time)
                        .with(Role::Rows, (!random.chance(5)).then_some(usual + random.within(0..=3)))
                        .with_text(Role::App, "a")
                        .with_text(Role::User, user)
                        .with_text(Role::Network, (!random.chance(5)).then_some(network.as_str()))
                        .with_text(Role::Job, if states { random.pick(&[None, Some("x"), Some("y")]) } else { None })
                        .with_text(Role::Action, random.pick(&[None, Some("done")])),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let first = if weeks { 26 } else { random.within(3..=6) };
    let since = Time(START.0 + first * DAY + random.pick(&[0, 0, 1, DAY / 2]));
    let as_of = Time(START.0 + random.pick(&[7, 100]).max(first) * DAY);
    let limits = [
        ("baseline-days", random.within(0..=4)),
        ("like-days", random.within(0..=4)),
        ("deviations", random.within(0..=2)),
        ("at-least", random.within(0..=5)),
        ("share", random.pick(&[0, 25, 50, 100])),
        ("usual-share", random.pick(&[0, 50, 75])),
    ];
    Case { detector: detector("beside", WATCH, &limits), rows, since, as_of, midnight: None }
}

type Days<'r> = BTreeMap<i64, Vec<&'r Row>>;

fn oracle(case: &Case) -> Vec<Verdict> {
    let since = case.since.0.div_euclid(DAY);
    let in_sight = case.rows_in_sight();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&in_sight, WATCH.subject) {
        let mut known = BTreeSet::new();
        let mut fullest = Days::new();
        for log in ["one", "two"] {
            let of_log: Vec<&Row> = rows.iter().filter(|row| row.text(Role::Log) == Some(log)).copied().collect();
            let mut days = Days::new();
            for row in counted(&of_log) {
                days.entry(row.time().div_euclid(DAY)).or_default().push(row);
                if row.time() < case.since.0 {
                    known.insert(row.text(Role::Network));
                }
            }
            for (day, rows) in days {
                if fullest.get(&day).is_none_or(|known| sum(known) < sum(&rows)) {
                    fullest.insert(day, rows);
                }
            }
        }
        known.insert(None);
        let judged =
            fullest.range(since..).filter_map(|(day, rows)| judged(case, &subject, &fullest, *day, rows, &known));
        verdicts.extend(judged);
    }
    case.in_window(verdicts)
}

fn judged(
    case: &Case,
    subject: &[Option<&str>],
    days: &Days<'_>,
    day: i64,
    rows: &[&Row],
    known: &BTreeSet<Option<&str>>,
) -> Option<Verdict> {
    let float = |name: &str| f64::from(i32::try_from(case.limit(name)).unwrap());
    let past: Vec<(&i64, &Vec<&Row>)> = days.range(..case.since.0.div_euclid(DAY)).collect();
    let same: Vec<_> = past.iter().filter(|(number, _)| (*number - day) % 7 == 0).copied().collect();
    let enough = usize::try_from(case.limit("like-days")).unwrap();
    let like = if enough > 0 && same.len() >= enough { same } else { past.clone() };
    let before: Vec<f64> = like.iter().map(|(_, rows)| f64::from(sum(rows))).collect();
    let usual = median(before.clone());
    let deviation = median(before.iter().map(|sum| (sum - usual).abs()).collect());
    let is_new = |row: &&&Row| !known.contains(&row.text(Role::Network));
    let new: Vec<&Row> = rows.iter().filter(is_new).copied().collect();
    let (all, elsewhere) = (sum(rows), sum(&new));
    let surplus = (f64::from(all) - usual).min(f64::from(elsewhere));
    let at_least = float("at-least").max(1.0);
    let has_past = past.len() >= usize::try_from(case.limit("baseline-days")).unwrap().max(1);
    let is_much = f64::from(elsewhere) >= at_least
        && surplus >= float("at-least")
        && 100.0 * surplus >= float("share") * usual
        && f64::from(all) > usual + float("deviations") * deviation;
    let goes_on = 100.0 * f64::from(all - elsewhere) >= float("usual-share") * usual;
    if !(has_past && is_much && goes_on) {
        return None;
    }
    let mut networks: Vec<&str> = Vec::new();
    let mut records = BTreeSet::new();
    for row in &new {
        let network = row.text(Role::Network).unwrap();
        if !networks.contains(&network) {
            networks.push(network);
            let of_network: Vec<&Row> =
                new.iter().filter(|row| row.text(Role::Network) == Some(network)).copied().collect();
            records.extend(ends(&of_network));
        }
    }
    let named = Time(day * DAY).to_string()[..10].to_owned();
    let shown = networks.into_iter().take(FEW).collect::<Vec<_>>().join(", ");
    let parts = [(Role::App, subject[0]), (Role::User, subject[1])];
    let mut verdict = Verdict::on(&parts, &new);
    verdict.records = new.iter().map(|row| row.record).filter(|record| records.contains(record)).take(20).collect();
    let own = all - elsewhere;
    Some(verdict.with(&[&named, &shown, &elsewhere, &new.len(), &own, &usual, &deviation, &before.len()]))
}
