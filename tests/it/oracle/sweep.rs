//! Sweep: windows `[t, t + within)` from each row on; those with enough distinct values count, those that overlap are
//! one, and none counts for a subject that had one shortly before the detection window.

use std::collections::BTreeSet;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::Sweep { of: Role::Probe },
};
/// So many values are told.
const TOLD: usize = 10;

#[test]
fn sweep_agrees_with_its_oracle() {
    let register = &Register::default();
    Twin { name: "sweep", cases: 3000, register, facts: &["probes", "distinct", "events"], case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let seconds = random.within(1..=2);
    let within = seconds * SECOND;
    let since = START.0 + 40 * DAY;
    let quiet_days = random.pick(&[0, 1, 30]);
    let mut rows = Vec::new();
    for (app, user) in [(Some("a"), Some("u")), (Some("a"), Some("v")), (Some("b"), None)] {
        let gaps = random.pick(&[
            [0, 1, within - 1, within, within + 1],
            [within / 2, within / 2 + 1, within - 1, within, within + 1],
        ]);
        let old = since - quiet_days * DAY + random.within(-1..=1);
        for start in [since, random.pick(&[old, old, since - 1, since - DAY])] {
            let count = random.pick(&[0, 2, 5, 9, 30]);
            let back = random.pick(&[0, 0, 2 * within]);
            for time in random.timeline(start - back, &gaps, count) {
                let most = random.pick(&[2, 4, 14]);
                let value = (!random.chance(10)).then(|| format!("value {}", random.within(0..=most)));
                rows.push(
                    Row::of(Table::Calls)
                        .with(Role::Time, time)
                        .with_text(Role::App, app)
                        .with_text(Role::User, user)
                        .with_text(Role::Probe, value.as_deref()),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let as_of = Time(since + random.pick(&[within, 1000 * within]));
    let limits = [("at-least", random.within(0..=5)), ("within", seconds), ("quiet-days", quiet_days)];
    Case { detector: detector("sweep", WATCH, &limits), rows, since: Time(since), as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let shows = |row: &&Row| row.text(Role::Probe).is_some();
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(shows).collect();
    for (subject, rows) in by_subject(&rows, WATCH.subject) {
        let sweeps = sweeps(&rows, case);
        let quiet_from = case.since.0 - case.limit("quiet-days") * DAY;
        let is_old = |sweep: &Vec<&Row>| (quiet_from..case.since.0).contains(&sweep.last().unwrap().time());
        if sweeps.iter().any(is_old) {
            continue;
        }
        for sweep in sweeps {
            let mut values: Vec<&str> = Vec::new();
            for value in sweep.iter().filter_map(|row| row.text(Role::Probe)) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            let told = values.iter().take(TOLD).copied().collect::<Vec<_>>().join(", ");
            let subject = [(Role::App, subject[0]), (Role::User, subject[1])];
            verdicts.push(Verdict::on(&subject, &sweep).with(&[&told, &values.len(), &sweep.len()]));
        }
    }
    case.in_window(verdicts)
}

fn sweeps<'r>(rows: &[&'r Row], case: &Case) -> Vec<Vec<&'r Row>> {
    let within = case.limit("within") * SECOND;
    let at_least = usize::try_from(case.limit("at-least").max(1)).unwrap();
    let window = |start: i64| rows.iter().filter(move |row| start <= row.time() && row.time() < start + within);
    let is_full =
        |start: &i64| window(*start).map(|row| row.text(Role::Probe)).collect::<BTreeSet<_>>().len() >= at_least;
    let full: Vec<i64> = rows.iter().map(|row| row.time()).filter(is_full).collect();
    let overlapping = full.chunk_by(|earlier, later| *later < earlier + within);
    let rows_of = |starts: &[i64]| {
        let (first, last) = (starts[0], starts[starts.len() - 1]);
        rows.iter().filter(|row| first <= row.time() && row.time() < last + within).copied().collect()
    };
    overlapping.map(rows_of).collect()
}
