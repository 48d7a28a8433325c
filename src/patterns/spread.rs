//! Spread: one subject shows more distinct values than one holder of it would: a session in two networks, an assertion
//! from two addresses.

use std::num::NonZeroU32;

use super::by_subject::BySubject;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};

pub(super) const LIMITS: &[&str] = &["at-least"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    sightings: BySubject<Option<Sightings>>,
}

/// Most subjects show one value, so that one is held in place.
#[derive(Clone, Debug)]
struct Sightings {
    one: Sighting,
    #[expect(clippy::box_collection, reason = "a pointer that is empty almost always is smaller than a list that is")]
    more: Option<Box<Vec<Sighting>>>,
}

/// A value, how often it was shown, and where first and when last.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    value: u32,
    /// Never zero, so that no sighting takes no room of its own.
    count: NonZeroU32,
    first: Mark,
    last: i64,
}

impl State {
    pub(super) fn new(of: Role) -> Self {
        Self { of, sightings: BySubject::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let value = rows.batch.id(self.of, row);
            if value != NO_ID {
                self.add(subject, Sighting { value, count: NonZeroU32::MIN, first: rows.mark(row, time), last: time });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, theirs) in other.sightings.into_all() {
            for sighting in theirs.into_iter().flat_map(Sightings::into_all) {
                let value = moves.value(self.of, sighting.value);
                self.add(moves.subject(subject), Sighting { value, ..sighting });
            }
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX);
        let of = self.of;
        let known = self.sightings.into_all().filter_map(|(subject, sightings)| Some((subject, sightings?)));
        let spread =
            known.filter(|(_, sightings)| 1 + sightings.more.as_ref().map_or(0, |more| more.len()) >= at_least);
        spread.map(|(subject, sightings)| describe(of, subject, sightings, finish)).collect()
    }

    fn add(&mut self, subject: u32, sighting: Sighting) {
        match self.sightings.of(subject) {
            Some(known) => known.add(sighting),
            none => *none = Some(Sightings { one: sighting, more: None }),
        }
    }
}

impl Sightings {
    fn into_all(self) -> impl Iterator<Item = Sighting> {
        std::iter::once(self.one).chain(self.more.into_iter().flat_map(|more| *more))
    }

    fn add(&mut self, sighting: Sighting) {
        let more = self.more.iter_mut().flat_map(|more| more.iter_mut());
        let same = std::iter::once(&mut self.one).chain(more).find(|known| known.value == sighting.value);
        match same {
            Some(known) => {
                known.count = known.count.saturating_add(sighting.count.get());
                known.first = known.first.min(sighting.first);
                known.last = known.last.max(sighting.last);
            }
            None => self.more.get_or_insert_default().push(sighting),
        }
    }
}

fn describe(of: Role, subject: u32, sightings: Sightings, finish: &Finish<'_>) -> Match {
    let mut all: Vec<Sighting> = sightings.into_all().collect();
    all.sort_by_key(|sighting| sighting.first);
    let marks: Vec<Mark> = all.iter().map(|sighting| sighting.first).collect();
    let first = marks[0].time;
    let last = all.iter().map(|sighting| sighting.last).max().unwrap_or(first);
    let count = all.iter().map(|sighting| u64::from(sighting.count.get())).sum();
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
