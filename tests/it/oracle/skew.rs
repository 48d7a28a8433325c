//! Skew: the rows whose two times lie too far apart or in the wrong order; a day without one ends an episode.

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
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Assertions],
    matching: Matching::All,
    subject: &[Role::Issuer, Role::Principal],
    pattern: Pattern::Skew { from: Role::IssuedAt, to: Role::ExpiresAt },
};
const FACTS: &[&str] = &["worst seconds", "first seconds", "last seconds", "assertions"];

#[test]
fn skew_agrees_with_its_oracle() {
    Twin { name: "skew", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let warn = random.within(0..=3);
    let fail = warn + random.within(0..=2);
    let hard = fail + random.within(0..=2);
    let ahead = random.within(0..=2);
    let edges = random.pick(&[[warn, warn, warn, -ahead], [warn, fail, hard, -ahead], [0, 0, fail, -ahead]]);
    let mut rows = Vec::new();
    for (issuer, principal) in [(Some("i"), Some("p")), (Some("i"), Some("q")), (None, Some("p"))] {
        let count = random.pick(&[0, 1, 3, 6, 25]);
        for time in random.timeline(START.0, &[0, 1, DAY / 2, DAY - 1, DAY, DAY + 1], count) {
            let issued = time - random.within(0..=5);
            let skew = random.pick(&edges) * SECOND + random.pick(&[-SECOND / 10, -1, 0, 1, SECOND / 10]);
            rows.push(
                Row::of(Table::Assertions)
                    .with(Role::Time, time)
                    .with(Role::IssuedAt, (!random.chance(10)).then_some(issued))
                    .with(Role::ExpiresAt, (!random.chance(10)).then_some(issued + skew))
                    .with_text(Role::Issuer, issuer)
                    .with_text(Role::Principal, principal),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(rows.first().map_or(START.0, Row::time) + random.within(-1..=1));
    let as_of = Time(START.0 + random.pick(&[2, 40]) * DAY);
    let limits = [("warn-above", warn), ("fail-above", fail), ("hard-above", hard), ("ahead-by", ahead)];
    Case { detector: detector("skew", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let above = |name: &str, skew: i64| skew > case.limit(name) * SECOND;
    let ahead = |skew: i64| -skew > case.limit("ahead-by") * SECOND;
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let beyond: Vec<(&Row, i64)> = rows
            .iter()
            .filter_map(|row| Some((*row, row.number(Role::ExpiresAt)? - row.number(Role::IssuedAt)?)))
            .filter(|(_, skew)| above("warn-above", *skew) || ahead(*skew))
            .collect();
        for episode in beyond.chunk_by(|(earlier, _), (later, _)| later.time() - earlier.time() <= DAY) {
            let skews: Vec<i64> = episode.iter().map(|(_, skew)| *skew).collect();
            let (severity, points) = if skews.iter().any(|skew| above("hard-above", *skew)) {
                (Severity::High, 20)
            } else if skews.iter().any(|skew| above("fail-above", *skew) || ahead(*skew)) {
                (Severity::Medium, 10)
            } else {
                (Severity::Low, 0)
            };
            // Of two that are equally far off, the one that is late.
            let worst = skews.iter().copied().max_by_key(|skew| (skew.abs(), *skew)).unwrap();
            let told = [worst, skews[0], skews[skews.len() - 1]].map(seconds);
            let rows: Vec<&Row> = episode.iter().map(|(row, _)| *row).collect();
            let subject = [(Role::Issuer, subject[0]), (Role::Principal, subject[1])];
            let verdict = Verdict::on(&subject, &rows).at(severity, points);
            verdicts.push(verdict.with(&[&told[0], &told[1], &told[2], &rows.len()]));
        }
    }
    case.in_window(verdicts)
}

/// One decimal, towards zero.
pub(super) fn seconds(micros: i64) -> String {
    let tenths = micros.unsigned_abs() / 100_000;
    let sign = if micros < 0 && tenths > 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}
