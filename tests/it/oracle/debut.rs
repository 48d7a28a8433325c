//! Debut: the first row of a subject over all logs, tokens by their creation; new if it is in the window and its log
//! begins long enough before.

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
    tables: &[Table::Calls, Table::Logins, Table::Tokens],
    matching: Matching::Not(&Matching::Is(Role::App, "none")),
    subject: &[Role::App],
    pattern: Pattern::Debut { created: Some(Role::Created) },
};

#[test]
fn debut_agrees_with_its_oracle() {
    let facts = &["first seen", "first seen in", "events"];
    Twin { name: "debut", cases: 3000, register: &Register::default(), facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let since = START.0 + 20 * DAY;
    let as_of = since + 7 * DAY;
    let days = random.within(0..=9);
    let edges = [since, since - days * DAY, as_of, since - 15 * DAY, since + 3 * DAY];
    let mut rows = Vec::new();
    for app in [Some("a"), Some("b"), Some("c"), Some("none"), None] {
        for _ in 0..random.pick(&[0, 1, 1, 3]) {
            let time = random.pick(&edges) + random.within(-1..=1);
            let table = random.pick(&[Table::Calls, Table::Logins, Table::Tokens]);
            let log = random.pick(&[Some("one"), Some("other"), None]);
            let row = Row::of(table).with(Role::Time, time).with_text(Role::App, app).with_text(Role::Log, log);
            let created = random.chance(90).then(|| random.pick(&edges) + random.within(-1..=1));
            rows.push(if table == Table::Tokens { row.with(Role::Created, created) } else { row });
        }
    }
    place_at_random(&mut rows, random);
    let detector = detector("debut", WATCH, &[("history-days", days)]);
    Case { detector, rows, since: Time(since), as_of: Time(as_of), midnight: None }
}

fn moment(row: &Row) -> Option<i64> {
    if row.table == Table::Tokens { row.number(Role::Created) } else { Some(row.time()) }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let is_in_sight = |row: &&Row| row.table == Table::Tokens || row.time() <= case.as_of.0;
    let mut rows: Vec<&Row> = case.rows.iter().filter(is_in_sight).filter(|row| moment(row).is_some()).collect();
    rows.sort_by_key(|row| (moment(row), row.export, row.record));
    rows.retain(|row| row.text(Role::App).is_some_and(|app| app != "none"));
    let log = |row: &Row| row.text(Role::Log).unwrap_or_default().to_owned();
    let begins = |of: &Row| rows.iter().filter(|row| log(row) == log(of)).find_map(|row| moment(row)).unwrap();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&rows, &[Role::App]) {
        let [Some(app)] = subject[..] else { continue };
        let first_row = rows[0];
        let (first, last) = (moment(rows[0]).unwrap(), moment(rows[rows.len() - 1]).unwrap());
        let is_in_window = case.since.0 <= first && first <= case.as_of.0;
        let is_long_enough = begins(first_row) <= case.since.0 - case.limit("history-days") * DAY;
        if !is_in_window || !is_long_enough {
            continue;
        }
        let verdict = Verdict::on(&[(Role::App, Some(app))], &rows);
        let verdict = verdict.with(&[&Time(first), &log(first_row), &rows.len()]);
        verdicts.push(Verdict { span: (first, last), records: vec![rows[0].record], ..verdict });
    }
    verdicts
}
