//! Travel: pairs of rows, one behind the other, that are too far apart on the ground for the time between. The way is
//! worked out from vectors to the places, not by the haversine formula. Rows without coordinates may name a place.

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

const WATCH: Watch = Watch {
    tables: &[Table::Logins, Table::Places],
    matching: Matching::All,
    subject: &[Role::User],
    pattern: Pattern::Travel,
};
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
            // Of these, 192.0.2.5 is listed as one that hides who is behind it.
            let address = format!("192.0.2.{}", random.within(4..=7));
            let place = format!("p{}", random.below(6));
            let latitude = (!random.chance(20)).then(|| random.pick(&[0, 0, 0, 45_000_000]));
            rows.push(
                Row::of(Table::Logins)
                    .with(Role::Time, time)
                    .with(Role::Latitude, latitude)
                    .with(Role::Longitude, longitude)
                    .with_text(Role::User, user)
                    .with_text(Role::SourceIp, (!random.chance(5)).then_some(address.as_str()))
                    .with_text(Role::Place, (!random.chance(10)).then_some(place.as_str()))
                    .with_text(Role::Network, (!random.chance(5)).then_some(network.as_str())),
            );
        }
    }
    for number in 0..6 {
        let place = format!("p{}", random.pick(&[number, number, 0]));
        rows.push(
            Row::of(Table::Places)
                .with(Role::Time, START.0)
                .with(Role::Latitude, (!random.chance(10)).then(|| random.pick(&[0, 0, 45_000_000])))
                .with(Role::Longitude, random.pick(&[0, 910_000, 8_000_000]))
                .with_text(Role::Place, place.as_str()),
        );
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.pick(&[0, HOUR, 20 * DAY]));
    let as_of = Time(since.0 + random.pick(&[HOUR, 30 * DAY]));
    let limits = [("least-kilometres", random.pick(&[0, 100, 500])), ("kilometres-per-hour", random.pick(&[1, 900]))];
    Case { detector: detector("travel", WATCH, &limits), rows, since, as_of, midnight: None }
}

type Place<'r> = (i64, i64, &'r str);
/// A login and where it was.
type Stop<'r> = (&'r Row, Place<'r>);

fn coordinates(row: &Row) -> Option<(i64, i64)> {
    row.number(Role::Latitude).zip(row.number(Role::Longitude))
}

fn is_hidden(row: &Row) -> bool {
    row.text(Role::SourceIp) == Some("192.0.2.5")
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows = case.rows_in_sight();
    let mut places: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.table == Table::Places) {
        if let Some(found) = coordinates(row) {
            let known = places.entry(row.text(Role::Place).unwrap()).or_insert(found);
            *known = found.min(*known);
        }
    }
    let rows: Vec<&Row> = rows.into_iter().filter(|row| row.text(Role::User).is_some()).collect();
    let mut verdicts = Vec::new();
    for (user, own) in by_subject(&rows, WATCH.subject) {
        if !is_machine(&own, case) {
            verdicts.extend(verdict(user[0], &stops(&own, &places), case));
        }
    }
    case.in_window(verdicts)
}

/// The logins that count, with their places.
fn stops<'r>(own: &[&'r Row], places: &BTreeMap<&str, (i64, i64)>) -> Vec<Stop<'r>> {
    let mut named: BTreeMap<(i64, &str), Vec<&Row>> = BTreeMap::new();
    let mut hours: BTreeMap<(i64, Place<'_>), Vec<&Row>> = BTreeMap::new();
    for row in own.iter().filter(|row| !is_hidden(row)) {
        let Some(network) = row.text(Role::Network) else { continue };
        let hour = row.time().div_euclid(HOUR);
        match coordinates(row) {
            Some((north, east)) => hours.entry((hour, (north, east, network))).or_default().push(row),
            None if row.text(Role::Place).is_some() => named.entry((hour, network)).or_default().push(row),
            None => {}
        }
    }
    for ((hour, network), rows) in named {
        for row in [rows[0], rows[rows.len() - 1]] {
            if let Some((north, east)) = places.get(row.text(Role::Place).unwrap()) {
                hours.entry((hour, (*north, *east, network))).or_default().push(row);
            }
        }
    }
    for rows in hours.values_mut() {
        rows.sort_by_key(|row| row.place());
    }
    let ends = hours.iter().flat_map(|((_, place), rows)| [(rows[0], *place), (rows[rows.len() - 1], *place)]);
    let mut ends: Vec<Stop<'r>> = ends.collect();
    ends.sort_by_key(|(row, _)| row.place());
    ends.dedup_by_key(|(row, _)| row.record);
    ends
}

fn verdict(user: Option<&str>, stops: &[Stop<'_>], case: &Case) -> Option<Verdict> {
    let leaps: Vec<&[Stop<'_>]> = stops.windows(2).filter(|pair| is_leap(pair, case)).collect();
    let first = leaps.first()?;
    let mut found: Vec<&Row> = leaps.iter().flat_map(|pair| pair.iter().map(|stop| stop.0)).collect();
    found.dedup_by_key(|row| row.record);
    let longest = leaps.iter().map(|pair| kilometres(pair)).fold(0.0, f64::max);
    let minutes = (first[1].0.time() - first[0].0.time()) / (60 * SECOND);
    let (from, to) = (first[0].1.2, first[1].1.2);
    let facts: [&dyn ToString; 5] = [&from, &to, &format!("{longest:.0}"), &minutes, &leaps.len()];
    Some(Verdict::on(&[(Role::User, user)], &found).with(&facts))
}

#[expect(clippy::cast_precision_loss, reason = "made-up numbers are below 2^53")]
fn is_leap(pair: &[Stop<'_>], case: &Case) -> bool {
    let (way, micros) = (kilometres(pair), pair[1].0.time() - pair[0].0.time());
    let hours = micros as f64 / HOUR as f64;
    pair[0].1.2 != pair[1].1.2
        && way > case.limit("least-kilometres") as f64
        && way > case.limit("kilometres-per-hour") as f64 * hours
        && pair[1].0.time() >= case.since.0
}

#[expect(clippy::cast_precision_loss, reason = "made-up numbers are below 2^53")]
fn kilometres(pair: &[Stop<'_>]) -> f64 {
    let vector = |(_, place): Stop<'_>| {
        let angle = |millionths: i64| (millionths as f64 / 1e6).to_radians();
        let (north, east) = (angle(place.0), angle(place.1));
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
    let hours: Vec<u32> = past.iter().map(|time| Time(*time).day_and_hour().1).collect();
    let sleeps = (0..24).any(|from| (from..from + 6).all(|hour| !hours.contains(&(hour % 24))));
    let few = (0..24).filter(|hour| hours.contains(hour)).count() <= 4;
    span >= 14 && 20 * days.len() >= 17 * span && (!sleeps || few)
}
