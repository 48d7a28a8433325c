//! Newcomer: an address that was nowhere before the window, and in the window comes to several places within some days.

use std::collections::BTreeSet;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls, Table::Logins],
    matching: Matching::All,
    subject: &[Role::Session],
    pattern: Pattern::Newcomer { of: Role::Org, name: Role::AppName },
};
const FACTS: &[&str] = &["organisations", "their ids", "apps", "events"];

#[test]
fn newcomer_agrees_with_its_oracle() {
    Twin { name: "newcomer", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let (within, history) = (random.within(1..=4), random.within(0..=3));
    let since = START.0 + 20 * DAY;
    let places = [Some("1"), Some("1"), Some("2"), Some("2"), Some("3"), None];
    let row = |random: &mut Random, time: i64, who: &str| {
        Row::of(random.pick(&[Table::Calls, Table::Logins]))
            .with(Role::Time, time)
            .with_text(Role::Session, who)
            .with_text(Role::Org, random.pick(&places))
            .with_text(Role::AppName, random.pick(&[Some("p"), Some("p"), Some("q"), None]))
    };
    let mut rows = Vec::new();
    for _ in 0..random.within(3..=9) {
        let time = since - history * DAY + random.pick(&[-1, -1, 0, 1]);
        rows.push(row(random, time, "known"));
    }
    for _ in 0..random.within(2..=9) {
        let from = since + random.pick(&[0, 0, 1]) * DAY;
        let time = from + random.pick(&[0, within * DAY, within * DAY, DAY]) + random.within(-1..=1);
        let who = random.pick(&["s", "t"]);
        rows.push(row(random, time, who));
    }
    place_at_random(&mut rows, random);
    let limits = [("at-least", random.within(0..=3)), ("within-days", within), ("history-days", history)];
    let as_of = Time(since + random.pick(&[2 * DAY, 30 * DAY, 30 * DAY]));
    Case { detector: detector("newcomer", WATCH, &limits), rows, since: Time(since), as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.text(Role::Org).is_some()).collect();
    let at_least = usize::try_from(case.limit("at-least")).unwrap().max(2);
    let begins = |place: &str| rows.iter().find(|row| row.text(Role::Org) == Some(place)).unwrap().time();
    let mut verdicts = Vec::new();
    for (subject, own) in by_subject(&rows, WATCH.subject) {
        if own[0].time() < case.since.0 {
            continue;
        }
        let mut seen = BTreeSet::new();
        let mut firsts: Vec<&Row> = own.iter().copied().filter(|row| seen.insert(row.text(Role::Org))).collect();
        firsts.retain(|row| begins(row.text(Role::Org).unwrap()) <= case.since.0 - case.limit("history-days") * DAY);
        let visited = |from: &Row| -> Vec<&Row> {
            let within = case.limit("within-days") * DAY;
            firsts
                .iter()
                .copied()
                .filter(|row| row.place() >= from.place() && row.time() < from.time() + within)
                .collect()
        };
        let Some(visited) = firsts.iter().map(|from| visited(from)).find(|visited| visited.len() >= at_least) else {
            continue;
        };
        let places: Vec<&str> = visited.iter().filter_map(|row| row.text(Role::Org)).collect();
        let there: Vec<&Row> =
            own.iter().copied().filter(|row| places.contains(&row.text(Role::Org).unwrap())).collect();
        let names: BTreeSet<&str> = own.iter().filter_map(|row| row.text(Role::AppName)).collect();
        let told = |texts: &mut dyn Iterator<Item = &str>| texts.take(FEW).collect::<Vec<_>>().join(", ");
        let apps = if names.is_empty() { "not named".to_owned() } else { told(&mut names.iter().copied()) };
        let facts: [&dyn ToString; 4] = [&visited.len(), &told(&mut places.iter().copied()), &apps, &there.len()];
        let verdict = Verdict::on(&[(Role::Session, subject[0])], &there).with(&facts);
        let verdict = if names.len() == 1 { verdict.at(Severity::Medium, 0) } else { verdict };
        verdicts.push(Verdict { records: visited.iter().map(|row| row.record).collect(), ..verdict });
    }
    case.in_window(verdicts)
}
