//! Reported: each row by itself, in the band of its score.

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;

use super::random::Random;
use super::rows::{Row, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Anomalies],
    matching: Matching::All,
    subject: &[Role::User],
    pattern: Pattern::Reported { regardless_of_score: is_grave },
};
const ONE: i64 = 1_000_000;

fn is_grave(kind: &str) -> bool {
    kind == "grave"
}

#[test]
fn reported_agrees_with_its_oracle() {
    let facts = &["kind", "score", "words"];
    Twin { name: "reported", cases: 2000, register: &Register::default(), facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut bands = [random.within(0..=5), random.within(0..=5), random.within(0..=5)];
    bands.sort_unstable();
    let mut rows = Vec::new();
    for _ in 0..random.below(8) {
        let score = random.chance(80).then(|| random.within(0..=6) * ONE + random.within(-1..=1));
        rows.push(
            Row::of(Table::Anomalies)
                .with(Role::Time, START.0 + random.within(0..=20))
                .with(Role::Score, score)
                .with_text(Role::User, random.pick(&[Some("u"), Some("v"), None]))
                .with_text(Role::Action, random.pick(&[Some("mild"), Some("grave"), None]))
                .with_text(Role::Reason, random.pick(&[Some("w"), None])),
        );
    }
    place_at_random(&mut rows, random);
    let limits = [("low-from", bands[0]), ("medium-from", bands[1]), ("high-from", bands[2])];
    let since = Time(START.0 + random.within(0..=10));
    let as_of = Time(START.0 + random.pick(&[15, 100]));
    Case { detector: detector("reported", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for row in case.rows_in_sight() {
        let Some(user) = row.text(Role::User) else { continue };
        let score = row.number(Role::Score);
        let reaches = |limit: &str| score.is_some_and(|score| score >= case.limit(limit) * ONE);
        let grave = row.text(Role::Action) == Some("grave");
        let severity = match (reaches("high-from"), grave || reaches("medium-from"), reaches("low-from")) {
            (true, _, _) => Severity::High,
            (_, true, _) => Severity::Medium,
            (_, _, true) => Severity::Low,
            _ => continue,
        };
        let shown = score.map_or("not given".to_owned(), |score| (score / ONE).to_string());
        let or = |role: Role| row.text(role).unwrap_or("not given").to_owned();
        let verdict = Verdict::on(&[(Role::User, Some(user))], &[row]).at(severity, 0);
        verdicts.push(verdict.with(&[&or(Role::Action), &shown, &or(Role::Reason)]));
    }
    case.in_window(verdicts)
}
