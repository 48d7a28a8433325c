//! Burst: windows `[t, t + within)` from each row on; those with enough rows count, and those that overlap are one.

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

const WATCH: Watch =
    Watch { tables: &[Table::Calls], matching: Matching::All, subject: &[Role::App], pattern: Pattern::Burst };

#[test]
fn burst_agrees_with_its_oracle() {
    let register = &Register::default();
    Twin { name: "burst", cases: 3000, register, facts: &["events"], case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let seconds = random.within(1..=2);
    let within = seconds * SECOND;
    let mut rows = Vec::new();
    for app in [Some("a"), Some("b"), None] {
        let count = random.pick(&[0, 2, 5, 9, 30]);
        let gaps = random.pick(&[
            [0, 1, within - 1, within, within + 1],
            [within / 2, within / 2 + 1, within - 1, within, within + 1],
            [within - 1, within, within, within + 1, 3 * within],
        ]);
        for time in random.timeline(START.0, &gaps, count) {
            rows.push(Row::of(Table::Calls).with(Role::Time, time).with_text(Role::App, app));
        }
    }
    place_at_random(&mut rows, random);
    let at_least = random.within(0..=5);
    let middle = rows.first().map_or(START.0, Row::time);
    let since = Time(middle + random.within(-1..=1));
    let as_of = if random.chance(20) { Time(since.0 + within) } else { Time(START.0 + 1000 * within) };
    let detector = detector("burst", WATCH, &[("at-least", at_least), ("within", seconds)]);
    Case { detector, rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let within = case.limit("within") * SECOND;
    let at_least = usize::try_from(case.limit("at-least").max(1)).unwrap();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), &[Role::App]) {
        // Nobody in particular is no subject.
        let [Some(app)] = subject[..] else { continue };
        let is_in = |row: &Row, start: i64| start <= row.time() && row.time() < start + within;
        let starts = rows.iter().map(|row| row.time());
        let full: Vec<i64> =
            starts.filter(|start| rows.iter().filter(|row| is_in(row, *start)).count() >= at_least).collect();
        for overlapping in full.chunk_by(|earlier, later| *later < earlier + within) {
            let covered = |row: &&&Row| overlapping.iter().any(|start| is_in(row, *start));
            let burst: Vec<&Row> = rows.iter().filter(covered).copied().collect();
            verdicts.push(Verdict::on(&[(Role::App, Some(app))], &burst).with(&[&burst.len()]));
        }
    }
    case.in_window(verdicts)
}
