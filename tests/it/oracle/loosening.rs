//! Loosening: for each change that loosens, the networks and users whose first sight is behind it, in time, and in front of
//! the next such change.

use std::collections::BTreeSet;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::SetupChanges, Table::Logins, Table::Calls, Table::Tokens],
    matching: Matching::All,
    subject: &[Role::App],
    pattern: Pattern::Loosening { loosens },
};
const FACTS: &[&str] = &["change", "new networks", "networks", "new users", "minutes until the first"];

fn loosens(change: &str) -> bool {
    change.starts_with("loosened")
}

#[test]
fn loosening_agrees_with_its_oracle() {
    Twin { name: "loosening", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let (within, history) = (random.pick(&[60, 7200]), random.within(0..=2));
    let change = START.0 + 10 * DAY;
    let edges = [
        change,
        change - history * DAY,
        change - history * DAY,
        change + within * SECOND,
        change + DAY,
        change - 9 * DAY,
    ];
    let near = |random: &mut Random| random.pick(&edges) + random.within(-1..=1);
    let mut rows = Vec::new();
    for _ in 0..random.within(1..=4) {
        let time = change + random.pick(&[0, 0, 1, 30 * SECOND, DAY]);
        let row = Row::of(Table::SetupChanges)
            .with(Role::Time, time)
            .with_text(Role::App, random.pick(&["p", "p", "p", "q"]))
            .with_text(
                Role::Change,
                random.pick(&[Some("loosened"), Some("loosened again"), Some("tightened"), Some("loosened")]),
            );
        rows.push(row);
    }
    for _ in 0..random.within(2..=12) {
        let table = random.pick(&[Table::Logins, Table::Calls, Table::Tokens]);
        let row = Row::of(table)
            .with(Role::Time, near(random))
            .with_text(Role::App, random.pick(&["p", "p", "p", "q"]))
            .with_text(Role::User, random.pick(&[Some("u"), Some("v"), Some("w"), None]))
            .with_text(Role::Network, random.pick(&[Some("k"), Some("l"), Some("m"), Some("n"), None]));
        let created = (!random.chance(10)).then(|| near(random));
        rows.push(if table == Table::Tokens { row.with(Role::Created, created) } else { row });
    }
    place_at_random(&mut rows, random);
    let since = Time(change + random.pick(&[-DAY, 0, 1, within * SECOND]));
    let as_of = Time(change + random.pick(&[within * SECOND - 1, 3 * DAY, 3 * DAY]));
    let limits = [("within", within), ("history-days", history)];
    Case { detector: detector("loosening", WATCH, &limits), rows, since, as_of, midnight: None }
}

/// Whose first sights these are, with the row that shows each.
fn firsts<'r>(rows: &[&'r Row], of: Role, by: Role, as_of: Time) -> Vec<(i64, &'r Row)> {
    let mut shown: Vec<(i64, &Row)> = rows.iter().filter_map(|row| Some((row.number(by)?, *row))).collect();
    shown.retain(|(_, row)| row.text(of).is_some());
    shown.sort_by_key(|(time, row)| (*time, row.export, row.record));
    let mut known = BTreeSet::new();
    shown.retain(|(time, row)| known.insert(row.text(of)) && *time <= as_of.0);
    shown
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let is_in_sight = |row: &&Row| row.table == Table::Tokens || row.time() <= case.as_of.0;
    let mut all: Vec<&Row> = case.rows.iter().filter(is_in_sight).collect();
    all.sort_by_key(|row| row.place());
    let mut verdicts = Vec::new();
    for (app, rows) in by_subject(&all, WATCH.subject) {
        let of =
            |tables: &[Table]| rows.iter().copied().filter(|row| tables.contains(&row.table)).collect::<Vec<&Row>>();
        let networks = firsts(&of(&[Table::Logins, Table::Calls]), Role::Network, Role::Time, case.as_of);
        let users = firsts(&of(&[Table::Tokens]), Role::User, Role::Created, case.as_of);
        let mut changes = of(&[Table::SetupChanges]);
        changes.retain(|row| row.text(Role::Change).is_some_and(loosens));
        for (place, change) in changes.iter().enumerate() {
            let start = change.time();
            let is_news = |time: i64| {
                let last = changes[place + 1..].iter().all(|next| time < next.time());
                start <= time && time < start + case.limit("within") * SECOND && last
            };
            let news = |of: &[(i64, &'_ Row)]| of.iter().filter(|(time, _)| is_news(*time)).count();
            let long_before = start - case.limit("history-days") * DAY;
            let has_past = networks.iter().chain(&users).any(|(time, _)| *time <= long_before);
            let mut found: Vec<&(i64, &Row)> =
                networks.iter().chain(&users).filter(|(time, _)| is_news(*time)).collect();
            if found.is_empty() || !has_past {
                continue;
            }
            found.sort_by_key(|(time, row)| (*time, row.export, row.record));
            let told: Vec<&str> = networks
                .iter()
                .filter(|(time, _)| is_news(*time))
                .filter_map(|(_, row)| row.text(Role::Network))
                .take(FEW)
                .collect();
            let told = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
            let minutes = (found[0].0 - start) / (60 * SECOND);
            let words = change.text(Role::Change).unwrap_or_default();
            let facts: [&dyn ToString; 5] = [&words, &news(&networks), &told, &news(&users), &minutes];
            let records: Vec<u64> =
                std::iter::once(change.record).chain(found.iter().map(|(_, row)| row.record)).collect();
            let verdict = Verdict::on(&[(Role::App, app[0])], &[*change]).with(&facts);
            let verdict = if news(&networks) == 0 { verdict.at(Severity::Medium, 0) } else { verdict };
            let span = (start, found[found.len() - 1].0);
            verdicts.push(Verdict {
                span,
                count: records.len() as u64,
                records_total: records.len() as u64,
                records,
                ..verdict
            });
        }
    }
    case.in_window(verdicts)
}
