//! Wave: for each row the rows from it on within the time; full are those in which enough users fail, somebody gets through,
//! and enough of all users only fail. Full windows that share a row are one.

use std::collections::BTreeSet;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::SECOND;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Logins],
    matching: Matching::All,
    subject: &[Role::SourceIp],
    pattern: Pattern::Wave { by: Role::User, outcome: Role::Status, in_vain: is_in_vain },
};

fn is_in_vain(status: &str) -> bool {
    status == "no"
}

#[test]
fn wave_agrees_with_its_oracle() {
    let facts = &["failed", "got through", "through", "events"];
    Twin { name: "wave", cases: 3000, register: &Register::default(), facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let seconds = random.within(1..=4);
    let within = seconds * SECOND;
    let mut rows = Vec::new();
    for address in [Some("192.0.2.1"), Some("192.0.2.9"), None] {
        let count = random.pick(&[0, 5, 12, 40]);
        let gaps = random.pick(&[[0, 1, within - 1, within, SECOND], [0, 0, 1, SECOND, SECOND / 3]]);
        let users = random.pick(&[3, 8, 30]);
        for time in random.timeline(START.0, &gaps, count) {
            let user = format!("u{}", random.below(users));
            let status = random.pick(&[Some("no"), Some("no"), Some("no"), Some("no"), Some("yes"), None]);
            let row = Row::of(Table::Logins).with(Role::Time, time).with_text(Role::SourceIp, address);
            let row = row.with_text(Role::User, (!random.chance(5)).then_some(user.as_str()));
            rows.push(row.with_text(Role::Status, status));
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(rows.first().map_or(START.0, Row::time) + random.within(-1..=1));
    let as_of = Time(START.0 + 1000 * within);
    let limits =
        [("at-least", random.within(0..=4)), ("within", seconds), ("failed-percent", random.pick(&[0, 50, 60, 80]))];
    Case { detector: detector("wave", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn failed(row: &Row) -> bool {
    row.text(Role::Status) == Some("no")
}

fn users<'r>(rows: &[&'r Row], in_vain: bool) -> BTreeSet<&'r str> {
    rows.iter().filter(|row| failed(row) == in_vain).map(|row| row.text(Role::User).unwrap()).collect()
}

fn is_full(rows: &[&Row], case: &Case) -> bool {
    let (fails, through) = (users(rows, true), users(rows, false));
    let only = i64::try_from(fails.difference(&through).count()).unwrap();
    let all = i64::try_from(fails.union(&through).count()).unwrap();
    let enough = i64::try_from(fails.len()).unwrap() >= case.limit("at-least").max(1);
    enough && !through.is_empty() && only * 100 >= case.limit("failed-percent") * all
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let within = case.limit("within") * SECOND;
    let mut verdicts = Vec::new();
    for (subject, mut rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let [Some(address)] = subject[..] else { continue };
        rows.retain(|row| row.text(Role::User).is_some() && row.text(Role::Status).is_some());
        let mut waves: Vec<(usize, usize)> = Vec::new();
        for start in 0..rows.len() {
            let end = (start..rows.len()).find(|at| rows[*at].time() - rows[start].time() >= within);
            let end = end.unwrap_or(rows.len());
            if is_full(&rows[start..end], case) {
                match waves.last_mut() {
                    Some(last) if start < last.1 => last.1 = end,
                    _ => waves.push((start, end)),
                }
            }
        }
        verdicts.extend(waves.iter().map(|(start, end)| verdict(address, &rows[*start..*end])));
    }
    case.in_window(verdicts)
}

fn verdict(address: &str, rows: &[&Row]) -> Verdict {
    let first_of = |in_vain: bool| {
        let mut known = BTreeSet::new();
        let rows = rows.iter().filter(|row| failed(row) == in_vain);
        rows.filter(|row| known.insert(row.text(Role::User))).copied().collect::<Vec<&Row>>()
    };
    let (fails, through) = (first_of(true), first_of(false));
    let names: Vec<&str> = through.iter().take(10).map(|row| row.text(Role::User).unwrap()).collect();
    let shown = through.len().min(10);
    let mut evidence: Vec<&Row> = fails.iter().take(20 - shown).chain(through.iter().take(10)).copied().collect();
    evidence.sort_by_key(|row| row.place());
    let verdict = Verdict::on(&[(Role::SourceIp, Some(address))], rows);
    let verdict = verdict.with(&[&fails.len(), &through.len(), &names.join(", "), &rows.len()]);
    Verdict { records: evidence.iter().map(|row| row.record).collect(), ..verdict }
}
