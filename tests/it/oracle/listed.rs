//! Listed: the best that the lists say of any row of a subject and a value, and the rows of which they say that.

use std::collections::BTreeMap;

use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::lists::{Class, Kind};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::SECOND;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Listed { of: Role::SourceIp, kind: Kind::Address, class: Class::Indicator },
};
const FACTS: &[&str] = &["address", "list", "confidence", "events"];

/// What `LISTS` says: the addresses, the list, how much it says (2 is strong), and the seconds that it holds for.
const SAID: [(&[&str], &str, u8, i64, i64); 4] = [
    (&["192.0.2.1", "192.0.2.2", "192.0.2.3"], "Wide", 1, 0, 8),
    (&["192.0.2.2"], "Dated", 2, 5, 10),
    (&["192.0.2.3"], "Always", 2, i64::MIN / SECOND, i64::MAX / SECOND),
    (&["192.0.2.4"], "Never now", 2, -9, -8),
];

#[test]
fn listed_agrees_with_its_oracle() {
    let register = super::grant::register_of("[[app]]\nname = \"b\"\nprincipal = \"integration\"\n");
    Twin { name: "listed", cases: 3000, register: &register, facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    for (app, user) in [(Some("a"), "u"), (Some("b"), "u"), (None, "v")] {
        let count = random.below(8);
        for time in random.timeline(START.0 - SECOND, &[0, SECOND, SECOND, 3 * SECOND], count) {
            let address = format!("192.0.2.{}", random.within(1..=9));
            let listed = random.chance(80).then_some(address.as_str());
            rows.push(
                Row::of(Table::Calls)
                    .with(Role::Time, time)
                    .with_text(Role::App, app)
                    .with_text(Role::User, user)
                    .with_text(Role::SourceIp, listed),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.within(0..=9) * SECOND);
    let as_of = Time(since.0 + random.pick(&[0, 3, 100]) * SECOND);
    let detector = detector("listed", WATCH, &[("any-time", i64::from(random.chance(30)))]);
    Case { detector, rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        for (addresses, ..) in SAID {
            let address = addresses[addresses.len() - 1];
            verdicts.extend(verdict(&subject, address, &rows));
        }
        verdicts.extend(verdict(&subject, "192.0.2.1", &rows));
        verdicts.extend(verdict(&subject, "192.0.2.2", &rows));
    }
    verdicts.sort();
    verdicts.dedup();
    if case.limit("any-time") > 0 { verdicts } else { case.in_window(verdicts) }
}

fn verdict(subject: &[Option<&str>], address: &str, rows: &[&Row]) -> Option<Verdict> {
    let mut by_rank: BTreeMap<u8, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.text(Role::SourceIp) == Some(address)) {
        let rank = SAID.iter().map(|said| rank(said, address, row)).max().unwrap();
        by_rank.entry(rank).or_default().push(row);
    }
    let (rank, rows) = by_rank.pop_last()?;
    let mut lists: Vec<&str> = SAID
        .iter()
        .filter(|said| said.0.contains(&address))
        .filter(|said| self::rank(said, address, rows[0]).max(self::rank(said, address, rows[rows.len() - 1])) == rank)
        .map(|said| said.1)
        .collect();
    lists.sort_unstable();
    let words = ["of old", "weak", "strong"];
    let parts = [(Role::App, subject[0]), (Role::User, subject[1])];
    let verdict =
        Verdict::on(&parts, &rows).with(&[&address, &lists.join("; "), &words[usize::from(rank)], &rows.len()]);
    let strong = if subject[0] == Some("b") { Severity::Medium } else { Severity::Low };
    let verdict = verdict.at([Severity::Info, Severity::Low, strong][usize::from(rank)], 0);
    let records = rows.iter().map(|row| row.record).take(FEW).collect();
    Some(Verdict { records, ..verdict })
}

/// How much a list says of a row: nothing, or context only, is 0.
fn rank((addresses, _, rank, from, until): &(&[&str], &str, u8, i64, i64), address: &str, row: &Row) -> u8 {
    let time = row.time() - START.0;
    let holds = time >= from.saturating_mul(SECOND) && time <= until.saturating_mul(SECOND);
    if addresses.contains(&address) && holds { *rank } else { 0 }
}
