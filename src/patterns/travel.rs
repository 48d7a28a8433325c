//! Travel: two rows of one subject, one behind the other, from places too far apart for the time between them.
//!
//! Rows have coordinates, or name a row of `places` that has them. Of the rows of one place and network in one hour (UTC)
//! the first and the last count; of those whose place is looked up, the first and the last of a network. Subjects that behave
//! like machines are passed over: a machine may well be in two places. So are rows from addresses that are known to hide
//! where somebody is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::activity::Activity;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::apps::Principal;
use crate::batch::{NO_ID, Role, Table};
use crate::finding::Finding;
use crate::folded::{Folded, Part};
use crate::lists::{Class, Kind, Lists};
use crate::value::Time;
use crate::value::time::HOUR;

pub(super) const LIMITS: &[&str] = &["least-kilometres", "kilometres-per-hour"];
pub(super) const ROLES: [Role; 5] = [Role::Latitude, Role::Longitude, Role::Network, Role::Place, Role::SourceIp];

#[derive(Clone, Debug)]
pub(crate) struct State {
    lists: Arc<Lists>,
    /// By address: whether a list may say that it hides somebody; nothing if nobody has asked yet.
    hiding: Vec<Option<bool>>,
    visits: Folded<Visit>,
    /// Visits to places that have to be looked up.
    elsewhere: Folded<Named>,
    /// Latitude and longitude, by place.
    places: BTreeMap<u32, (i64, i64)>,
    activity: Activity,
}

/// Where, in millionths of a degree, and in which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    latitude: i64,
    longitude: i64,
    network: u32,
}

/// The first and the last row of a subject at a place in an hour.
#[derive(Clone, Copy, Debug)]
struct Visit {
    subject: u32,
    place: Place,
    first: Mark,
    last: Mark,
}

/// The first and the last row of a subject in a network in an hour, and the places that they name.
#[derive(Clone, Copy, Debug)]
struct Named {
    subject: u32,
    network: u32,
    first: (Mark, u32),
    last: (Mark, u32),
}

/// Two rows that nobody can have been behind in person.
struct Leap {
    from: (Mark, Place),
    to: (Mark, Place),
    kilometres: f64,
}

impl State {
    pub(super) fn new(lists: &Arc<Lists>) -> Self {
        let (visits, elsewhere, places) = (Folded::default(), Folded::default(), BTreeMap::new());
        Self { lists: Arc::clone(lists), hiding: Vec::new(), visits, elsewhere, places, activity: Activity::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let coordinates =
            |row: usize| rows.batch.number(Role::Latitude, row).zip(rows.batch.number(Role::Longitude, row));
        if rows.batch.table == Table::Places {
            for (row, ..) in rows.iter() {
                if let Some(coordinates) = coordinates(row) {
                    self.locate(rows.batch.id(Role::Place, row), coordinates);
                }
            }
            return;
        }
        for (row, subject, time) in rows.iter() {
            self.activity.observe(subject, time);
            let (network, place) = (rows.batch.id(Role::Network, row), rows.batch.id(Role::Place, row));
            if network == NO_ID || self.is_hidden(rows, row, time) {
                continue;
            }
            let mark = rows.mark(row, time);
            if let Some((latitude, longitude)) = coordinates(row) {
                let place = Place { latitude, longitude, network };
                self.visits.add(Visit { subject, place, first: mark, last: mark });
            } else if place != NO_ID {
                self.elsewhere.add(Named { subject, network, first: (mark, place), last: (mark, place) });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let network_here = |network: u32| moves.value(Role::Network, network);
        let visits = other.visits.into_parts().into_iter().map(|visit| Visit {
            subject: moves.subject(visit.subject),
            place: Place { network: network_here(visit.place.network), ..visit.place },
            ..visit
        });
        self.visits.extend(visits);
        let place_here = |(mark, place): (Mark, u32)| (mark, moves.value(Role::Place, place));
        let elsewhere = other.elsewhere.into_parts().into_iter().map(|named| Named {
            subject: moves.subject(named.subject),
            network: network_here(named.network),
            first: place_here(named.first),
            last: place_here(named.last),
        });
        self.elsewhere.extend(elsewhere);
        for (place, coordinates) in other.places {
            self.locate(moves.value(Role::Place, place), coordinates);
        }
        self.activity.merge(other.activity, moves);
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Vec<Match> {
        self.look_up();
        let histories = self.activity.histories();
        let mut matches = Vec::new();
        for visits in self.visits.into_whole().chunk_by(|one, next| one.subject == next.subject) {
            let subject = visits[0].subject;
            let past = histories.before(subject, finish.since.day());
            let leaps = leaps(visits, finish);
            if !leaps.is_empty() && past.principal != Some(Principal::Integration) {
                matches.push(describe(subject, &leaps, finish));
            }
        }
        matches
    }

    /// Of several accounts of a place the least counts, whichever comes first.
    fn locate(&mut self, place: u32, coordinates: (i64, i64)) {
        if place != NO_ID {
            let known = self.places.entry(place).or_insert(coordinates);
            *known = coordinates.min(*known);
        }
    }

    /// Turns named places into coordinates, as far as they are known.
    fn look_up(&mut self) {
        for Named { subject, network, first, last } in std::mem::take(&mut self.elsewhere).into_whole() {
            for (mark, place) in [first, last] {
                if let Some((latitude, longitude)) = self.places.get(&place).copied() {
                    let place = Place { latitude, longitude, network };
                    self.visits.add(Visit { subject, place, first: mark, last: mark });
                }
            }
        }
    }

    /// Whether a list says, for the time, that the address of a row hides where somebody is.
    fn is_hidden(&mut self, rows: &Rows<'_>, row: usize, time: i64) -> bool {
        let address = rows.batch.id(Role::SourceIp, row);
        if address == NO_ID {
            return false;
        }
        let (text, place) = (rows.dictionary.text(Role::SourceIp.domain(), address), address as usize);
        if self.hiding.len() <= place {
            self.hiding.resize(place + 1, None);
        }
        let lists = &self.lists;
        let entries = || lists.find(Kind::Address, text).into_iter().filter(|entry| entry.class == Class::Anonymiser);
        let is_listed = *self.hiding[place].get_or_insert_with(|| entries().next().is_some());
        is_listed && entries().any(|entry| entry.confidence_at(time).is_some())
    }
}

impl Part for Visit {
    type Key = (u32, i64, Place);

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        (self.subject, self.first.time.div_euclid(HOUR), self.place)
    }

    fn absorb(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Part for Named {
    type Key = (u32, i64, u32);

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        (self.subject, self.first.0.time.div_euclid(HOUR), self.network)
    }

    fn absorb(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// The leaps that end in the window.
fn leaps(visits: &[Visit], finish: &Finish<'_>) -> Vec<Leap> {
    #[expect(clippy::cast_precision_loss, reason = "limits are small")]
    let limit = |name: &str| finish.limit(name) as f64;
    let (least, speed) = (limit("least-kilometres"), limit("kilometres-per-hour"));
    let ends = visits.iter().flat_map(|visit| [(visit.first, visit.place), (visit.last, visit.place)]);
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
