//! First seen: a value that a subject with a past shows for the first time within the window, and that is not common.

use std::collections::BTreeSet;

use tokentrail::apps::{Principal, Register};
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, ends, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const FACTS: &[&str] = &[
    "address",
    "events",
    "rows",
    "baseline events",
    "baseline active days",
    "known to the app before",
    "tokens of the user",
    "apps with tokens of the user",
];
const NOT_THERE: &str = "not there";
const HOUR: i64 = 3600 * SECOND;
/// The day that the window begins in.
const SINCE_DAY: i64 = 22;

const fn watch(within: Option<Role>) -> Watch {
    Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeen { of: Role::SourceIp, within, sum: Some(Role::Rows) },
    }
}

#[test]
fn first_seen_agrees_with_its_oracle() {
    Twin { name: "first seen", cases: 1500, register: &register(), facts: FACTS, case: any_value, oracle }.agrees();
}

#[test]
fn first_seen_within_something_coarser_agrees_with_its_oracle() {
    let (name, case) = ("first seen within", known_network as fn(&mut Random) -> Case);
    Twin { name, cases: 1500, register: &register(), facts: FACTS, case, oracle }.agrees();
}

fn register() -> Register {
    super::grant::register_of("[[app]]\nname = \"b\"\nprincipal = \"integration\"\n")
}

fn any_value(random: &mut Random) -> Case {
    case(None, random)
}

fn known_network(random: &mut Random) -> Case {
    case(Some(Role::Network), random)
}

fn case(within: Option<Role>, random: &mut Random) -> Case {
    let since = START.0 + SINCE_DAY * DAY + random.pick(&[0, 0, 1, DAY / 2]);
    let common_days = random.within(0..=2);
    let mut rows = Vec::new();
    for (app, user) in [(Some("a"), "u"), (Some("a"), "v"), (Some("b"), "u"), (None, "u"), (None, "v")] {
        if random.chance(30) {
            continue;
        }
        for time in past(random) {
            let value = (!random.chance(10)).then_some(random.within(0..=1));
            rows.push(call((app, user), time, value, random));
        }
        for _ in 0..random.within(0..=5) {
            let edge = random.pick(&[since, since, since - common_days * DAY, since + DAY]);
            let (time, value) = (edge + random.within(-1..=1), random.within(0..=6));
            rows.push(call((app, user), time, Some(value), random));
        }
    }
    for _ in 0..random.pick(&[0, 2, 5]) {
        rows.push(token(since + random.within(-9..=9) * DAY, random));
    }
    place_at_random(&mut rows, random);
    let limits = [
        ("baseline-days", random.pick(&[1, 3, 12, 13, 14, 17])),
        ("baseline-events", random.pick(&[1, 10, 22, 25, 28])),
        ("common-subjects", random.within(0..=3)),
        ("common-days", common_days),
        ("steady-values", random.within(0..=3)),
    ];
    let as_of = Time(since + random.pick(&[0, 1, DAY, 7 * DAY]));
    Case { detector: detector("first-seen", watch(within), &limits), rows, since: Time(since), as_of, midnight: None }
}

fn call((app, user): (Option<&str>, &str), time: i64, value: Option<i64>, random: &mut Random) -> Row {
    Row::of(Table::Calls)
        .with(Role::Time, time)
        .with(Role::Rows, (!random.chance(20)).then_some(random.within(0..=9)))
        .with_text(Role::App, app)
        .with_text(Role::User, user)
        .with_text(Role::SourceIp, value.map(|value| format!("address {value}")).as_deref())
        .with_text(
            Role::Network,
            value.filter(|value| *value != 4).map(|value| format!("network {}", value % 3)).as_deref(),
        )
}

fn token(time: i64, random: &mut Random) -> Row {
    Row::of(Table::Tokens)
        .with(Role::Time, time)
        .with_text(Role::Token, random.pick(&["t", "u", "v"]))
        .with_text(Role::User, random.pick(&[Some("u"), Some("u"), Some("v"), None]))
        .with_text(Role::App, random.pick(&[Some("a"), Some("b"), None]))
}

/// The times of a subject's habit: days around the limits of "two weeks" and "every day", hours around those of "sleep"
/// and "a few fixed hours".
fn past(random: &mut Random) -> Vec<i64> {
    let hours: Vec<i64> = match random.below(5) {
        0 => (9..9 + random.pick(&[1, 4, 5])).collect(),
        1 => (0..random.pick(&[18, 19])).collect(),
        2 => (5..random.pick(&[23, 24])).collect(),
        3 => (0..24).step_by(6).collect(),
        _ => (0..24).step_by(4).collect(),
    };
    let length = random.pick(&[3, 13, 14, 15, 20]);
    let first = SINCE_DAY - length - i64::from(random.chance(20));
    let idle: BTreeSet<i64> = (0..random.below(5)).map(|_| first + random.within(1..=length)).collect();
    let mut hours = hours.iter().cycle();
    let mut times = Vec::new();
    for day in (first..first + length).filter(|day| !idle.contains(day)) {
        for _ in 0..random.pick(&[2, 2, 3]) {
            times.push(START.0 + day * DAY + hours.next().unwrap() * HOUR + random.pick(&[0, HOUR - 1]));
        }
    }
    times
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.table == Table::Calls).collect();
    let subjects = by_subject(&rows, case.detector.watch.subject);
    let mut verdicts = Vec::new();
    for own in subjects.values() {
        // A row without a value is no history of values.
        let is_past = |row: &&&Row| row.text(Role::SourceIp).is_some() && day_of(row) < day(case.since.0);
        let past: Vec<&Row> = own.iter().filter(is_past).copied().collect();
        let days: BTreeSet<i64> = past.iter().map(|row| day_of(row)).collect();
        if days.len() < limit(case, "baseline-days") || past.len() < limit(case, "baseline-events") {
            continue;
        }
        for value in values(own) {
            let showing = showing(own, &value);
            let others = subjects.values().map(|rows| self::showing(rows, &value));
            let is_new = showing[0].time() >= case.since.0;
            if is_new && coarser_is_known(own, showing[0], case) && !is_common(others, case) {
                verdicts.push(verdict(&showing, &past, &rows, case));
            }
        }
    }
    verdicts
}

fn limit(case: &Case, name: &str) -> usize {
    usize::try_from(case.limit(name)).unwrap()
}

fn values(rows: &[&Row]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.text(Role::SourceIp)).map(str::to_owned).collect()
}

fn showing<'r>(rows: &[&'r Row], value: &str) -> Vec<&'r Row> {
    rows.iter().filter(|row| row.text(Role::SourceIp) == Some(value)).copied().collect()
}

/// Whether the subject showed the coarser value of this row before the window; always, if there is none to ask for, or
/// it is not known.
fn coarser_is_known(own: &[&Row], row: &Row, case: &Case) -> bool {
    let Pattern::FirstSeen { within: Some(role), .. } = case.detector.watch.pattern else { return true };
    row.text(role).is_none()
        || own.iter().any(|other| other.text(role) == row.text(role) && other.time() < case.since.0)
}

/// Whether as many subjects as the limit says showed the value long enough before the window.
fn is_common<'r>(all: impl Iterator<Item = Vec<&'r Row>>, case: &Case) -> bool {
    let before = case.since.0 - case.limit("common-days") * DAY;
    let common = all.filter(|showing| showing.first().is_some_and(|row| row.time() < before)).count();
    case.limit("common-subjects") > 0 && common >= limit(case, "common-subjects")
}

fn verdict(showing: &[&Row], past: &[&Row], all: &[&Row], case: &Case) -> Verdict {
    let (app, user) = (showing[0].text(Role::App), showing[0].text(Role::User));
    let value = showing[0].text(Role::SourceIp).unwrap();
    let before = |row: &&&Row| row.text(Role::App) == app && row.time() < case.since.0;
    let known = values(&all.iter().filter(before).copied().collect::<Vec<_>>());
    let new_for_app = app.is_some() && !known.contains(value);
    let few = limit(case, "steady-values");
    let steady = few > 0 && known.len() <= few;
    let principal = if app == Some("b") { Some(Principal::Integration) } else { principal(past) };
    let (severity, points) = judged(principal, new_for_app, steady);
    let mut verdict = Verdict::on(&[(Role::App, app), (Role::User, user)], showing).at(severity, points);
    verdict.records = ends(showing);
    let sum: i64 = showing.iter().filter_map(|row| row.number(Role::Rows)).sum();
    let days: BTreeSet<i64> = past.iter().map(|row| day_of(row)).collect();
    let known = if app.is_some() { known.len().to_string() } else { NOT_THERE.to_owned() };
    let (tokens, apps) = held(user, case);
    verdict.with(&[&value, &showing.len(), &sum, &past.len(), &days.len(), &known, &tokens, &apps])
}

/// How many tokens a user holds, and for how many apps; says nothing of who holds none.
fn held(user: Option<&str>, case: &Case) -> (String, String) {
    let of_user = |row: &&Row| row.table == Table::Tokens && row.text(Role::User) == user;
    let rows: Vec<&Row> = case.rows.iter().filter(of_user).collect();
    let distinct = |role: Role| rows.iter().filter_map(|row| row.text(role)).collect::<BTreeSet<_>>().len().to_string();
    if rows.is_empty() {
        return (NOT_THERE.to_owned(), NOT_THERE.to_owned());
    }
    (distinct(Role::Token), distinct(Role::App))
}

/// An integration weighs more than a person, and most where it leaves the few places that its app had kept to.
fn judged(principal: Option<Principal>, new_for_app: bool, steady: bool) -> (Severity, u8) {
    match (principal, new_for_app) {
        (Some(Principal::Integration), true) if steady => (Severity::High, 30),
        (Some(Principal::Integration), new) => (Severity::Medium, if new { 15 } else { 0 }),
        (_, new) => (Severity::Low, if new { 15 } else { 0 }),
    }
}

/// Who acts, by what was done before the window: a machine has neither weekends nor, unless it keeps to a few fixed
/// hours, nights of six hours. Less than two weeks say nothing; 17 days of 20 are
/// every day.
fn principal(past: &[&Row]) -> Option<Principal> {
    let days: BTreeSet<i64> = past.iter().map(|row| day_of(row)).collect();
    let span = days.last()? - days.first()? + 1;
    if span < 14 {
        return None;
    }
    let hours: BTreeSet<i64> = past.iter().map(|row| row.time().rem_euclid(DAY) / HOUR).collect();
    let sleeps = (0..24).any(|from| (from..from + 6).all(|hour| !hours.contains(&(hour % 24))));
    let every_day = 20 * days.len() >= 17 * usize::try_from(span).ok()?;
    Some(if every_day && (!sleeps || hours.len() <= 4) { Principal::Integration } else { Principal::Person })
}

fn day_of(row: &Row) -> i64 {
    day(row.time())
}

fn day(time: i64) -> i64 {
    time.div_euclid(DAY)
}
