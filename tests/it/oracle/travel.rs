//! Travel: pairs of rows, one behind the other, that are too far apart on the ground for the time between. The way is
//! worked out from vectors to the places, not by the haversine formula.

use std::collections::BTreeMap;

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

const WATCH: Watch =
    Watch { tables: &[Table::Logins], matching: Matching::All, subject: &[Role::User], pattern: Pattern::Travel };
const FACTS: &[&str] = &["from network", "to network", "kilometres", "minutes", "leaps"];
const HOUR: i64 = 3600 * SECOND;

#[test]
fn travel_agrees_with_its_oracle() {
    Twin { name: "travel", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = Vec::new();
    for user in [Some("u"), Some("v"), None] {
        let is_machine = random.chance(20);
        let count = if is_machine { 120 } else { random.pick(&[2, 5, 9]) };
        let gaps: &[i64] = if is_machine { &[5 * HOUR] } else { &[0, 1, HOUR / 2, HOUR - 1, HOUR, HOUR + 1, 9 * HOUR] };
        for time in random.timeline(START.0, gaps, count) {
            let network = format!("n{}", random.within(1..=3));
            // A degree of longitude on the equator is 111.195 km.
            let longitude = random.pick(&[0, 0, 890_000, 910_000, 8_000_000, 9_000_000, 179_500_000, -179_500_000]);
            rows.push(
                Row::of(Table::Logins)
                    .with(Role::Time, time)
                    .with(Role::Latitude, (!random.chance(5)).then(|| random.pick(&[0, 0, 0, 45_000_000])))
                    .with(Role::Longitude, longitude)
                    .with_text(Role::User, user)
                    .with_text(Role::Network, (!random.chance(5)).then_some(network.as_str())),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.pick(&[0, HOUR, 20 * DAY]));
    let as_of = Time(since.0 + random.pick(&[HOUR, 30 * DAY]));
    let limits = [("least-kilometres", random.pick(&[0, 100, 500])), ("kilometres-per-hour", random.pick(&[1, 900]))];
    Case { detector: detector("travel", WATCH, &limits), rows, since, as_of, midnight: None }
}

type Place<'r> = (i64, i64, &'r str);

fn place(row: &Row) -> Option<Place<'_>> {
    Some((row.number(Role::Latitude)?, row.number(Role::Longitude)?, row.text(Role::Network)?))
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.text(Role::User).is_some()).collect();
    let mut verdicts = Vec::new();
    for (user, own) in by_subject(&rows, WATCH.subject) {
        if is_machine(&own, case) {
            continue;
        }
        let mut hours: BTreeMap<(i64, Place<'_>), Vec<&Row>> = BTreeMap::new();
        for row in &own {
            if let Some(place) = place(row) {
                hours.entry((row.time().div_euclid(HOUR), place)).or_default().push(row);
            }
        }
        let mut ends: Vec<&Row> = hours.values().flat_map(|rows| [rows[0], rows[rows.len() - 1]]).collect();
        ends.sort_by_key(|row| row.place());
        ends.dedup_by_key(|row| row.record);
        let leaps: Vec<&[&Row]> = ends.windows(2).filter(|pair| is_leap(pair, case)).collect();
        let Some(first) = leaps.first() else { continue };
        let mut found: Vec<&Row> = leaps.iter().flat_map(|pair| pair.iter().copied()).collect();
        found.dedup_by_key(|row| row.record);
        let longest = leaps.iter().map(|pair| kilometres(pair)).fold(0.0, f64::max);
        let minutes = (first[1].time() - first[0].time()) / (60 * SECOND);
        let network = |row: &Row| row.text(Role::Network).unwrap().to_owned();
        let facts: [&dyn ToString; 5] =
            [&network(first[0]), &network(first[1]), &format!("{longest:.0}"), &minutes, &leaps.len()];
        verdicts.push(Verdict::on(&[(Role::User, user[0])], &found).with(&facts));
    }
    case.in_window(verdicts)
}

#[expect(clippy::cast_precision_loss, reason = "made-up numbers are below 2^53")]
fn is_leap(pair: &[&Row], case: &Case) -> bool {
    let (way, micros) = (kilometres(pair), pair[1].time() - pair[0].time());
    let hours = micros as f64 / HOUR as f64;
    pair[0].text(Role::Network) != pair[1].text(Role::Network)
        && way > case.limit("least-kilometres") as f64
        && way > case.limit("kilometres-per-hour") as f64 * hours
        && pair[1].time() >= case.since.0
}

#[expect(clippy::cast_precision_loss, reason = "made-up numbers are below 2^53")]
fn kilometres(pair: &[&Row]) -> f64 {
    let vector = |row: &Row| {
        let angle = |role: Role| (row.number(role).unwrap() as f64 / 1e6).to_radians();
        let (north, east) = (angle(Role::Latitude), angle(Role::Longitude));
        [north.cos() * east.cos(), north.cos() * east.sin(), north.sin()]
    };
    let (from, to) = (vector(pair[0]), vector(pair[1]));
    let across = [(1, 2), (2, 0), (0, 1)].map(|(one, other)| from[one] * to[other] - from[other] * to[one]);
    let across = across.iter().map(|part| part * part).sum::<f64>().sqrt();
    6371.0 * across.atan2(from.iter().zip(to).map(|(from, to)| from * to).sum())
}

/// Two weeks and more before the window, on most days, without a night.
fn is_machine(rows: &[&Row], case: &Case) -> bool {
    let past: Vec<i64> =
        rows.iter().map(|row| row.time()).filter(|time| Time(*time).day() < case.since.day()).collect();
    let mut days: Vec<i32> = past.iter().map(|time| Time(*time).day()).collect();
    days.dedup();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return false };
    let span = usize::try_from(last - first + 1).unwrap();
    let hours: Vec<u32> = past.iter().map(|time| Time(*time).hour()).collect();
    let sleeps = (0..24).any(|from| (from..from + 6).all(|hour| !hours.contains(&(hour % 24))));
    let few = (0..24).filter(|hour| hours.contains(hour)).count() <= 4;
    span >= 14 && 20 * days.len() >= 17 * span && (!sleeps || few)
}
