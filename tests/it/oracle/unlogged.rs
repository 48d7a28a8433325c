//! Unlogged: uses that a token tells, on days about which logins are there and none of its app and user, nor a call.

use std::collections::BTreeSet;

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
    tables: &[Table::Tokens, Table::Logins, Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Unlogged { used: Role::LastUsed, logged_in: Table::Logins },
};
const FACTS: &[&str] = &["last used", "times", "use count"];

#[test]
fn unlogged_agrees_with_its_oracle() {
    Twin { name: "unlogged", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    let gaps = random.chance(50);
    for day in 0..10 {
        if gaps && random.chance(10) {
            continue;
        }
        rows.push(
            of_app(Table::Logins, "other", random).with(Role::Time, START.0 + day * DAY + random.pick(&[0, DAY - 1])),
        );
    }
    for _ in 0..random.within(0..=4) {
        let table = random.pick(&[Table::Logins, Table::Logins, Table::Calls]);
        let time = START.0 + random.within(0..=9) * DAY + random.pick(&[0, DAY - 1]);
        rows.push(of_app(table, "app", random).with(Role::Time, time));
    }
    for _ in 0..random.within(1..=4) {
        let used = START.0 + random.within(0..=9) * DAY + random.pick(&[0, DAY / 2, DAY - 1]);
        let row = of_app(Table::Tokens, "app", random).with(Role::LastUsed, (!random.chance(10)).then_some(used));
        rows.push(row.with(Role::UseCount, random.pick(&[None, Some(3), Some(4)])));
    }
    place_at_random(&mut rows, random);
    let limits = [("margin-days", random.within(0..=2))];
    let since = Time(START.0 + random.within(0..=4) * DAY);
    let as_of = Time(START.0 + random.pick(&[7 * DAY, 20 * DAY]));
    Case { detector: detector("unlogged", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn of_app(table: Table, app: &str, random: &mut Random) -> Row {
    Row::of(table).with_text(Role::App, app).with_text(Role::User, random.pick(&["u", "u", "v"]))
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let is_in_sight = |row: &&Row| row.table == Table::Tokens || row.time() <= case.as_of.0;
    let rows: Vec<&Row> = case.rows.iter().filter(is_in_sight).collect();
    let day = |time: i64| time.div_euclid(DAY);
    let logged: BTreeSet<i64> =
        rows.iter().filter(|row| row.table == Table::Logins).map(|row| day(row.time())).collect();
    let mut verdicts = Vec::new();
    for (subject, own) in by_subject(&rows, WATCH.subject) {
        let traces: Vec<&Row> = own.iter().copied().filter(|row| row.table != Table::Tokens).collect();
        let is_known = traces.iter().any(|row| row.table == Table::Logins);
        let mut found: Vec<(i64, &Row)> =
            own.iter().filter_map(|row| Some((row.number(Role::LastUsed)?, *row))).collect();
        found.retain(|(time, _)| {
            let margin = case.limit("margin-days");
            let is_near = |row: &&Row| (day(row.time()) - day(*time)).abs() <= margin;
            let is_covered = (day(*time) - margin..=day(*time) + margin).all(|day| logged.contains(&day));
            (case.since.0..=case.as_of.0).contains(time) && is_covered && !traces.iter().any(is_near)
        });
        if found.is_empty() || !is_known {
            continue;
        }
        found.sort_by_key(|(time, row)| (*time, row.export, row.record));
        let times: BTreeSet<i64> = found.iter().map(|(time, _)| *time).collect();
        let (first, last) = (found[0].0, found[found.len() - 1].0);
        let most = found.iter().filter_map(|(_, row)| row.number(Role::UseCount)).max();
        let most = most.map_or("unknown".to_owned(), |count| count.to_string());
        let shown: Vec<&Row> = found.iter().map(|(_, row)| *row).collect();
        let verdict = Verdict::on(&[(Role::App, subject[0]), (Role::User, subject[1])], &shown);
        let verdict = verdict.with(&[&Time(last), &times.len(), &most]);
        verdicts.push(Verdict { span: (first, last), count: times.len() as u64, ..verdict });
    }
    case.in_window(verdicts)
}
