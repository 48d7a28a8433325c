//! Travel: two rows of one subject, one behind the other, from places too far apart for the time between them.
//!
//! Of the rows of one place and network in one hour (UTC) the first and the last count. Subjects that behave like machines
//! are passed over: a machine may well be in two places.

use std::collections::BTreeMap;

use super::activity::Activity;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::apps::Principal;
use crate::batch::{NO_ID, Role};
use crate::finding::Finding;
use crate::value::Time;
use crate::value::time::HOUR;

pub(super) const LIMITS: &[&str] = &["least-kilometres", "kilometres-per-hour"];
pub(super) const ROLES: [Role; 3] = [Role::Latitude, Role::Longitude, Role::Network];

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    visits: BTreeMap<u32, BTreeMap<(i64, Place), Visit>>,
    activity: Activity,
}

/// Where, in millionths of a degree, and in which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    latitude: i64,
    longitude: i64,
    network: u32,
}

/// The first and the last row of an hour.
#[derive(Clone, Copy, Debug)]
struct Visit {
    first: Mark,
    last: Mark,
}

/// Two rows that nobody can have been behind in person.
struct Leap {
    from: (Mark, Place),
    to: (Mark, Place),
    kilometres: f64,
}

impl State {
    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            self.activity.observe(subject, time);
            let number = |role: Role| rows.batch.number(role, row);
            let network = rows.batch.id(Role::Network, row);
            if let (Some(latitude), Some(longitude)) = (number(Role::Latitude), number(Role::Longitude))
                && network != NO_ID
            {
                let mark = rows.mark(row, time);
                self.add(subject, Place { latitude, longitude, network }, Visit { first: mark, last: mark });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, visits) in other.visits {
            for ((_, place), visit) in visits {
                let network = moves.value(Role::Network, place.network);
                self.add(moves.subject(subject), Place { network, ..place }, visit);
            }
        }
        self.activity.merge(other.activity, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let histories = self.activity.histories();
        let mut matches = Vec::new();
        for (subject, visits) in self.visits {
            let past = histories.before(subject, finish.since.day());
            let leaps = leaps(visits, finish);
            if !leaps.is_empty() && past.principal != Some(Principal::Integration) {
                matches.push(describe(subject, &leaps, finish));
            }
        }
        matches
    }

    fn add(&mut self, subject: u32, place: Place, visit: Visit) {
        let key = (visit.first.time.div_euclid(HOUR), place);
        let known = self.visits.entry(subject).or_default().entry(key).or_insert(visit);
        known.first = known.first.min(visit.first);
        known.last = known.last.max(visit.last);
    }
}

/// The leaps that end in the window.
fn leaps(visits: BTreeMap<(i64, Place), Visit>, finish: &Finish<'_>) -> Vec<Leap> {
    #[expect(clippy::cast_precision_loss, reason = "limits are small")]
    let limit = |name: &str| finish.limit(name) as f64;
    let (least, speed) = (limit("least-kilometres"), limit("kilometres-per-hour"));
    let ends = visits.into_iter().flat_map(|((_, place), visit)| [(visit.first, place), (visit.last, place)]);
    let mut rows: Vec<(Mark, Place)> = ends.collect();
    rows.sort_unstable_by_key(|(mark, _)| *mark);
    rows.dedup_by_key(|(mark, _)| *mark);
    let leap = |pair: &[(Mark, Place)]| {
        let (from, to) = (pair[0], pair[1]);
        let kilometres = kilometres(from.1, to.1);
        #[expect(clippy::cast_precision_loss, reason = "times are below 2^53 microseconds")]
        let hours = (to.0.time - from.0.time) as f64 / HOUR as f64;
        let leaps = from.1.network != to.1.network && kilometres > least && kilometres > speed * hours;
        (leaps && to.0.time >= finish.since.0).then_some(Leap { from, to, kilometres })
    };
    rows.windows(2).filter_map(leap).collect()
}

/// The length of the great circle between two places, on a sphere.
fn kilometres(from: Place, to: Place) -> f64 {
    /// The mean radius of the earth.
    const RADIUS: f64 = 6371.0;
    #[expect(clippy::cast_precision_loss, reason = "millionths of a degree are below 2^53")]
    let radians = |millionths: i64| (millionths as f64 / 1e6).to_radians();
    let (north, south) = (radians(from.latitude), radians(to.latitude));
    let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
    let along = half(radians(from.longitude), radians(to.longitude));
    let haversine = half(north, south) + north.cos() * south.cos() * along;
    2.0 * RADIUS * haversine.min(1.0).sqrt().asin()
}

fn describe(subject: u32, leaps: &[Leap], finish: &Finish<'_>) -> Match {
    let mut marks: Vec<Mark> = leaps.iter().flat_map(|leap| [leap.from.0, leap.to.0]).collect();
    marks.sort_unstable();
    marks.dedup();
    let longest = leaps.iter().map(|leap| leap.kilometres).fold(0.0, f64::max);
    let first = &leaps[0];
    let text = |(_, place): (Mark, Place)| finish.text(Role::Network, place.network);
    #[expect(clippy::cast_possible_truncation, reason = "no way on earth is longer than 20,040 km")]
    let longest = longest.round() as i64;
    let (from, to) = (Time(first.from.0.time), Time(first.to.0.time));
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (marks[0].time, marks[marks.len() - 1].time),
        count: marks.len() as u64,
        seen: vec![
            fact("from network", text(first.from)),
            fact("to network", text(first.to)),
            fact("kilometres", longest),
            fact("minutes", (to.0 - from.0) / (HOUR / 60)),
            fact("leaps", leaps.len()),
        ],
        judged_by: vec![
            fact("least kilometres", finish.limit("least-kilometres")),
            fact("kilometres per hour", finish.limit("kilometres-per-hour")),
        ],
        marks_total: marks.len() as u64,
        marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
