//! Sweep: windows `[t, t + within)` from each row on; those with enough distinct values count, and those that overlap are
//! one.

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::SECOND;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Logins],
    matching: Matching::All,
    subject: &[Role::App],
    pattern: Pattern::Sweep { of: Role::User },
};

#[test]
fn sweep_agrees_with_its_oracle() {
    let facts = &["user", "distinct", "events"];
    Twin { name: "sweep", cases: 3000, register: &Register::default(), facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let seconds = random.within(0..=2);
    let within = seconds * SECOND;
    let mut rows = Vec::new();
    for app in [Some("a"), Some("b"), None] {
        let count = random.pick(&[0, 2, 5, 9, 30]);
        let gaps = random.pick(&[
            [0, 1, within - 1, within, within + 1],
            [within / 2, within / 2 + 1, within / 3, within, within + 1],
        ]);
        let users = random.pick(&[&["s", "t"][..], &["s", "t", "u", "v", "w"]]);
        for time in random.timeline(START.0, &gaps.map(|gap| gap.max(0)), count) {
            let user = random.chance(90).then(|| random.pick(users));
            rows.push(
                Row::of(Table::Logins).with(Role::Time, time).with_text(Role::App, app).with_text(Role::User, user),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(rows.first().map_or(START.0, Row::time) + random.within(-1..=1));
    let as_of = Time(START.0 + 1000 * SECOND);
    let detector = detector("sweep", WATCH, &[("at-least", random.within(0..=4)), ("within", seconds)]);
    Case { detector, rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let within = case.limit("within") * SECOND;
    let at_least = usize::try_from(case.limit("at-least").max(1)).unwrap();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), &[Role::App]) {
        let [Some(app)] = subject[..] else { continue };
        let rows: Vec<&Row> = rows.into_iter().filter(|row| row.text(Role::User).is_some()).collect();
        let is_in = |row: &Row, start: i64| start <= row.time() && row.time() < start + within;
        let is_full = |start: &i64| firsts(rows.iter().filter(|row| is_in(row, *start))).len() >= at_least;
        let full: Vec<i64> = rows.iter().map(|row| row.time()).filter(is_full).collect();
        for overlapping in full.chunk_by(|earlier, later| *later < earlier + within) {
            let covered = |row: &&&Row| overlapping.iter().any(|start| is_in(row, *start));
            let sweep: Vec<&Row> = rows.iter().filter(covered).copied().collect();
            let firsts = firsts(sweep.iter());
            let users: Vec<&str> = firsts.iter().filter_map(|row| row.text(Role::User)).take(FEW).collect();
            let verdict = Verdict::on(&[(Role::App, Some(app))], &sweep);
            let verdict = verdict.with(&[&users.join(", "), &firsts.len(), &sweep.len()]);
            verdicts.push(Verdict { records: firsts.iter().map(|row| row.record).take(20).collect(), ..verdict });
        }
    }
    case.in_window(verdicts)
}

/// The first row of each value.
fn firsts<'r>(rows: impl Iterator<Item = &'r &'r Row>) -> Vec<&'r Row> {
    let mut firsts: Vec<&Row> = Vec::new();
    for row in rows {
        if firsts.iter().all(|first| first.text(Role::User) != row.text(Role::User)) {
            firsts.push(row);
        }
    }
    firsts
}
