//! Harvest: windows `[t, t + within)` from each row on; those with enough rows and enough in them count, those that
//! overlap are one, and none counts for an app and user that had one, in any session, shortly before the window.

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
    subject: &[Role::App, Role::User, Role::Session],
    pattern: Pattern::Harvest { sum: Role::Rows },
};

#[test]
fn harvest_agrees_with_its_oracle() {
    let register = &Register::default();
    Twin { name: "harvest", cases: 3000, register, facts: &["rows", "events"], case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let seconds = random.within(1..=2);
    let within = seconds * SECOND;
    let since = START.0 + 40 * DAY;
    let quiet_days = random.pick(&[0, 1, 30]);
    let mut rows = Vec::new();
    for (user, session) in [(Some("u"), "s"), (Some("u"), "t"), (Some("v"), "x"), (None, "y")] {
        let gaps = random.pick(&[
            [0, 1, within - 1, within, within + 1],
            [within / 2, within / 2 + 1, within - 1, within, within + 1],
        ]);
        let edge = since - quiet_days * DAY + random.within(-1..=1);
        let start = random.pick(&[since, since, since - within, edge, since - DAY]);
        let count = random.pick(&[0, 2, 5, 9, 30]);
        for time in random.timeline(start, &gaps, count) {
            rows.push(
                Row::of(Table::Calls)
                    .with(Role::Time, time)
                    .with(Role::Rows, random.pick(&[None, Some(-1), Some(0), Some(1), Some(2), Some(7)]))
                    .with_text(Role::App, random.pick(&["a"]))
                    .with_text(Role::Log, random.pick(&["one", "one", "one", "two"]))
                    .with_text(Role::User, user)
                    .with_text(Role::Session, session),
            );
        }
    }
    place_at_random(&mut rows, random);
    let as_of = Time(since + random.pick(&[within, 1000 * within]));
    let limits = [
        ("at-least", random.within(0..=4)),
        ("within", seconds),
        ("sum-at-least", random.within(0..=12)),
        ("quiet-days", quiet_days),
    ];
    Case { detector: detector("harvest", WATCH, &limits), rows, since: Time(since), as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows = case.rows_in_sight();
    let mut verdicts = Vec::new();
    for own in by_subject(&rows, &[Role::App, Role::User]).values() {
        let sessions = by_subject(own, WATCH.subject);
        let of_logs = sessions.values().map(|rows| {
            let log = |name: &str| -> Vec<&Row> {
                rows.iter().filter(|row| row.text(Role::Log) == Some(name)).copied().collect()
            };
            ["one", "two"].map(|name| harvests(&log(name), case))
        });
        let of_logs: Vec<[Vec<Vec<&Row>>; 2]> = of_logs.collect();
        let quiet_from = case.since.0 - case.limit("quiet-days") * DAY;
        let is_old = |harvest: &Vec<&Row>| (quiet_from..case.since.0).contains(&harvest.last().unwrap().time());
        if of_logs.iter().flatten().flatten().any(is_old) {
            continue;
        }
        // The log with more in its harvests, or else with more rows in them; of equal ones the first.
        let of_all = |harvests: &[Vec<&Row>]| {
            (harvests.iter().map(|rows| sum(rows)).sum::<i64>(), harvests.iter().map(Vec::len).sum::<usize>())
        };
        let fuller = of_logs.into_iter().flat_map(|[one, two]| if of_all(&two) > of_all(&one) { two } else { one });
        for harvest in fuller {
            let subject = WATCH.subject.iter().map(|role| (*role, harvest[0].text(*role))).collect::<Vec<_>>();
            verdicts.push(Verdict::on(&subject, &harvest).with(&[&sum(&harvest), &harvest.len()]));
        }
    }
    case.in_window(verdicts)
}

fn harvests<'r>(rows: &[&'r Row], case: &Case) -> Vec<Vec<&'r Row>> {
    let within = case.limit("within") * SECOND;
    let at_least = usize::try_from(case.limit("at-least").max(1)).unwrap();
    let between = |from: i64, to: i64| -> Vec<&'r Row> {
        rows.iter().filter(|row| from <= row.time() && row.time() < to).copied().collect()
    };
    let is_full = |start: &i64| {
        let window = between(*start, start + within);
        window.len() >= at_least && sum(&window) >= case.limit("sum-at-least")
    };
    let full: Vec<i64> = rows.iter().map(|row| row.time()).filter(is_full).collect();
    let overlapping = full.chunk_by(|earlier, later| *later < earlier + within);
    overlapping.map(|starts| between(starts[0], starts[starts.len() - 1] + within)).collect()
}

fn sum(rows: &[&Row]) -> i64 {
    rows.iter().filter_map(|row| row.number(Role::Rows)).filter(|number| *number > 0).sum()
}
