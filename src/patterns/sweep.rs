//! Sweep: one subject shows many distinct values within a short time. Windows slide and are half-open,
//! `[t, t + within)`; windows that overlap are one match.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;

use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    sightings: BTreeMap<u32, Vec<Sighting>>,
}

/// A value where it was shown.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    mark: Mark,
    value: u32,
}

impl State {
    pub(super) fn new(of: Role) -> Self {
        Self { of, sightings: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let value = rows.batch.id(self.of, row);
            if value != NO_ID {
                self.sightings.entry(subject).or_default().push(Sighting { mark: rows.mark(row, time), value });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, sightings) in other.sightings {
            let own = self.sightings.entry(moves.subject(subject)).or_default();
            own.extend(sightings.into_iter().map(|one| Sighting { value: moves.value(self.of, one.value), ..one }));
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX).max(1);
        let within = finish.limit("within") * SECOND;
        let mut matches = Vec::new();
        for (subject, mut sightings) in self.sightings {
            sightings.sort_unstable_by_key(|sighting| sighting.mark);
            for (start, end) in sweeps(&sightings, at_least, within) {
                matches.push(describe(self.of, subject, &sightings[start..end], finish));
            }
        }
        matches
    }
}

/// The stretches, as half-open ranges of sorted sightings, that are covered by windows with enough distinct values.
fn sweeps(sightings: &[Sighting], at_least: usize, within: i64) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut counts: HashMap<u32, u32, FixedState> = HashMap::default();
    let mut end = 0;
    for start in 0..sightings.len() {
        end = end.max(start);
        while end < sightings.len() && sightings[end].mark.time < sightings[start].mark.time + within {
            *counts.entry(sightings[end].value).or_default() += 1;
            end += 1;
        }
        if counts.len() >= at_least {
            match found.last_mut() {
                Some(last) if start < last.1 => last.1 = end,
                _ => found.push((start, end)),
            }
        }
        leave(&mut counts, sightings[start].value);
    }
    found
}

/// One sighting of a value less in the window.
fn leave(counts: &mut HashMap<u32, u32, FixedState>, value: u32) {
    if let Some(count) = counts.get_mut(&value) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&value);
        }
    }
}

fn describe(of: Role, subject: u32, sightings: &[Sighting], finish: &Finish<'_>) -> Match {
    let mut values: Vec<(Mark, u32)> = Vec::new();
    let mut known: HashSet<u32, FixedState> = HashSet::default();
    for sighting in sightings {
        if known.insert(sighting.value) {
            values.push((sighting.mark, sighting.value));
        }
    }
    let shown = values.iter().take(MARKS_KEPT).map(|(_, value)| finish.text(of, *value));
    let shown = shown.collect::<Vec<_>>().join(", ");
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (sightings[0].mark.time, sightings[sightings.len() - 1].mark.time),
        count: sightings.len() as u64,
        seen: vec![fact(of.name_in_words(), shown), fact("distinct", values.len()), fact("events", sightings.len())],
        judged_by: vec![fact("at least", finish.limit("at-least")), fact("within seconds", finish.limit("within"))],
        // The first row of each value says more than the first rows do.
        marks: values.iter().map(|(mark, _)| *mark).take(Finding::EVIDENCE_KEPT).collect(),
        marks_total: sightings.len() as u64,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
