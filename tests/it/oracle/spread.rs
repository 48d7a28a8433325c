//! Spread: how many distinct values a subject shows in all.

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Assertions],
    matching: Matching::Known(Role::Claims),
    subject: &[Role::Issuer, Role::Claims],
    pattern: Pattern::Spread { of: Role::SourceIp },
};
const FACTS: &[&str] = &["address", "distinct", "events"];

#[test]
fn spread_agrees_with_its_oracle() {
    Twin { name: "spread", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    for claims in [Some("c"), Some("d"), Some("e"), None] {
        let addresses = random.within(1..=8);
        let count = random.below(12);
        for time in random.timeline(START.0, &[0, 0, 1, 5], count) {
            let address = format!("192.0.2.{}", random.within(1..=addresses));
            rows.push(
                Row::of(Table::Assertions)
                    .with(Role::Time, time)
                    .with_text(Role::Claims, claims)
                    .with_text(Role::Issuer, random.pick(&[Some("i"), Some("i"), Some("k"), None]))
                    .with_text(Role::SourceIp, (!random.chance(20)).then_some(address.as_str())),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.within(0..=12));
    let as_of = Time(START.0 + random.pick(&[5, 10, 1000]));
    let detector = detector("spread", WATCH, &[("at-least", random.within(0..=6))]);
    Case { detector, rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let at_least = usize::try_from(case.limit("at-least").max(1)).unwrap();
    let with_value = |row: &&Row| row.text(Role::Claims).is_some() && row.text(Role::SourceIp).is_some();
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(with_value).collect();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&rows, WATCH.subject) {
        let is_first =
            |at: &usize| rows[..*at].iter().all(|row| row.text(Role::SourceIp) != rows[*at].text(Role::SourceIp));
        let firsts: Vec<&Row> = (0..rows.len()).filter(is_first).map(|at| rows[at]).collect();
        if firsts.len() < at_least {
            continue;
        }
        let addresses: Vec<&str> = firsts.iter().filter_map(|row| row.text(Role::SourceIp)).take(FEW).collect();
        let subject = [(Role::Issuer, subject[0]), (Role::Claims, subject[1])];
        let verdict = Verdict::on(&subject, &rows).with(&[&addresses.join(", "), &firsts.len(), &rows.len()]);
        verdicts.push(Verdict { records: firsts.iter().map(|row| row.record).collect(), ..verdict });
    }
    case.in_window(verdicts)
}
