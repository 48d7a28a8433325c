//! Breakthrough: for each success, the last try in vain that is not later, and the tries shortly before that one; what
//! stood behind an earlier match is gone.

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
    subject: &[Role::App],
    pattern: Pattern::Breakthrough { of: Role::Status, in_vain: is_in_vain },
};

fn is_in_vain(status: &str) -> bool {
    status == "no"
}

#[test]
fn breakthrough_agrees_with_its_oracle() {
    let facts = &["tries in vain", "seconds until success"];
    Twin { name: "breakthrough", cases: 3000, register: &Register::default(), facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let (seconds, then_seconds) = (random.within(1..=3), random.within(1..=3));
    let (within, then) = (seconds * SECOND, then_seconds * SECOND);
    let mut rows = Vec::new();
    for app in [Some("a"), Some("b"), None] {
        let count = random.pick(&[0, 3, 8, 20]);
        let gaps = random.pick(&[
            [0, 1, within - 1, within, within + 1],
            [0, 1, then - 1, then, then + 1],
            [within / 2, then / 2, SECOND / 2, SECOND, 0],
        ]);
        for time in random.timeline(START.0, &gaps, count) {
            let status = random.pick(&[Some("no"), Some("no"), Some("no"), Some("yes"), None]);
            let row = Row::of(Table::Logins).with(Role::Time, time).with_text(Role::App, app);
            rows.push(row.with_text(Role::Status, status));
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(rows.first().map_or(START.0, Row::time) + random.within(-1..=1));
    let as_of = Time(START.0 + 1000 * within);
    let limits = [("at-least", random.within(0..=4)), ("within", seconds), ("then-within", then_seconds)];
    Case { detector: detector("breakthrough", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let at_least = usize::try_from(case.limit("at-least").max(1)).unwrap();
    let (within, then) = (case.limit("within") * SECOND, case.limit("then-within") * SECOND);
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), &[Role::App]) {
        let [Some(app)] = subject[..] else { continue };
        let mut spent: Vec<u64> = Vec::new();
        for success in rows.iter().filter(|row| row.text(Role::Status) == Some("yes")) {
            let is_open = |row: &&&Row| row.text(Role::Status) == Some("no") && !spent.contains(&row.record);
            let before: Vec<&Row> =
                rows.iter().filter(is_open).filter(|row| row.time() <= success.time()).copied().collect();
            let Some(last) = before.iter().map(|row| row.time()).max() else { continue };
            let near: Vec<&Row> = before.iter().filter(|row| last - row.time() < within).copied().collect();
            if near.len() < at_least || success.time() - last >= then {
                continue;
            }
            spent.extend(before.iter().map(|row| row.record));
            let seconds = (success.time() - last) / SECOND;
            let records = near.iter().map(|row| row.record).take(19).chain([success.record]).collect();
            let all: Vec<&Row> = near.iter().copied().chain([*success]).collect();
            let verdict = Verdict::on(&[(Role::App, Some(app))], &all).with(&[&near.len(), &seconds]);
            verdicts.push(Verdict { records, ..verdict });
        }
    }
    case.in_window(verdicts)
}
