//! Spread: one subject shows more distinct values than one holder of it would: a session in two networks, an assertion
//! from two addresses.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::error::Error;

pub(super) const LIMITS: &[&str] = &["at-least"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    sightings: HashMap<u32, Sightings, FixedState>,
}

/// Most subjects show one value, so that one is held in place.
#[derive(Clone, Debug)]
struct Sightings {
    one: Sighting,
    more: Vec<Sighting>,
}

/// A value, how often it was shown, and where first and when last.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    value: u32,
    count: u32,
    first: Mark,
    last: i64,
}

impl State {
    pub(super) fn new(of: Role) -> Self {
        Self { of, sightings: HashMap::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let value = rows.batch.id(self.of, row);
            if value != NO_ID {
                self.add(subject, Sighting { value, count: 1, first: rows.mark(row, time), last: time });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
        for (subject, theirs) in other.sightings {
            for sighting in std::iter::once(theirs.one).chain(theirs.more) {
                let value = moves.value(self.of, sighting.value);
                self.add(moves.subject(subject), Sighting { value, ..sighting });
            }
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Result<Vec<Match>, Error> {
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX);
        let of = self.of;
        let spread = self.sightings.into_iter().filter(|(_, sightings)| 1 + sightings.more.len() >= at_least);
        Ok(spread.map(|(subject, sightings)| describe(of, subject, sightings, finish)).collect())
    }

    fn add(&mut self, subject: u32, sighting: Sighting) {
        match self.sightings.entry(subject) {
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Sightings { one: sighting, more: Vec::new() });
            }
            std::collections::hash_map::Entry::Occupied(mut known) => known.get_mut().add(sighting),
        }
    }
}

impl Sightings {
    fn add(&mut self, sighting: Sighting) {
        let same = std::iter::once(&mut self.one).chain(&mut self.more).find(|known| known.value == sighting.value);
        match same {
            Some(known) => {
                known.count = known.count.saturating_add(sighting.count);
                known.first = known.first.min(sighting.first);
                known.last = known.last.max(sighting.last);
            }
            None => self.more.push(sighting),
        }
    }
}

fn describe(of: Role, subject: u32, sightings: Sightings, finish: &Finish<'_>) -> Match {
    let mut all: Vec<Sighting> = std::iter::once(sightings.one).chain(sightings.more).collect();
    all.sort_by_key(|sighting| sighting.first);
    let marks: Vec<Mark> = all.iter().map(|sighting| sighting.first).collect();
    let first = marks[0].time;
    let last = all.iter().map(|sighting| sighting.last).max().unwrap_or(first);
    let count = all.iter().map(|sighting| u64::from(sighting.count)).sum();
    let shown = all.iter().take(super::MARKS_KEPT).map(|sighting| finish.text(of, sighting.value));
    let shown = shown.collect::<Vec<_>>().join(", ");
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (first, last),
        count,
        seen: vec![fact(of.name_in_words(), shown), fact("distinct", all.len()), fact("events", count)],
        judged_by: vec![fact("at least", finish.limit("at-least"))],
        marks: marks.into_iter().take(crate::finding::Finding::EVIDENCE_KEPT).collect(),
        marks_total: count,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
