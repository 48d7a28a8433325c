//! Listed: a value that is on a list of those that were seen in attacks, or that hide somebody.
//!
//! A list says how much a value means, and for how long. A subject and a value are one match, at the best that any list
//! says of any of their rows; only rows with listed values are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Finish, FirstMarks, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::Severity;
use crate::lists::{Class, Confidence, Entry, Kind, Lists};
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &["any-time"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    kind: Kind,
    class: Class,
    lists: Arc<Lists>,
    /// By value: not asked yet, on no list, or its place in `listed` and one more.
    known: Vec<u32>,
    /// The entries of values that are on a list.
    listed: Vec<Vec<Entry>>,
    /// By subject, value, and how much the lists say of it at the time.
    sightings: BTreeMap<(u32, u32), BTreeMap<Option<Confidence>, Sighting>>,
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    count: u64,
    marks: FirstMarks,
    last: i64,
}

const NOT_ASKED: u32 = 0;
const NOT_LISTED: u32 = 1;

impl State {
    pub(super) fn new(of: Role, kind: Kind, class: Class, lists: Arc<Lists>) -> Self {
        let (known, listed, sightings) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { of, kind, class, lists, known, listed, sightings }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let value = rows.batch.id(self.of, row);
            if value == NO_ID {
                continue;
            }
            let Some(entries) = self.entries(value, rows) else { continue };
            let best = best_at(entries, time);
            let sighting = Sighting { count: 1, marks: FirstMarks::one(rows.mark(row, time)), last: time };
            self.add((subject, value), best, sighting);
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for ((subject, value), by_confidence) in other.sightings {
            let key = (moves.subject(subject), moves.value(self.of, value));
            for (best, sighting) in by_confidence {
                self.add(key, best, sighting);
            }
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let best = |((subject, value), mut sightings): ((u32, u32), BTreeMap<_, Sighting>)| {
            let (confidence, sighting) = sightings.pop_last()?;
            Some(self.describe(subject, value, confidence, &sighting, finish))
        };
        self.sightings.clone().into_iter().filter_map(best).collect()
    }

    /// The entries of a value; nothing if it is on no list. Asked once for each distinct value.
    fn entries(&mut self, value: u32, rows: &Rows<'_>) -> Option<&[Entry]> {
        let place = value as usize;
        if self.known.len() <= place {
            self.known.resize(place + 1, NOT_ASKED);
        }
        if self.known[place] == NOT_ASKED {
            let entries = self.found(rows.dictionary.text(self.of.domain(), value));
            self.known[place] = NOT_LISTED;
            if !entries.is_empty() {
                self.listed.push(entries);
                self.known[place] += u32::try_from(self.listed.len()).unwrap_or(0);
            }
        }
        let listed = (self.known[place] - NOT_LISTED).checked_sub(1)?;
        Some(&self.listed[listed as usize])
    }

    fn found(&self, text: &str) -> Vec<Entry> {
        let entries = self.lists.find(self.kind, text).into_iter();
        entries.filter(|entry| entry.class == self.class).cloned().collect()
    }

    fn add(&mut self, key: (u32, u32), best: Option<Confidence>, sighting: Sighting) {
        let known = self.sightings.entry(key).or_default();
        known.entry(best).and_modify(|known| known.absorb(&sighting)).or_insert(sighting);
    }

    fn describe(
        &self,
        subject: u32,
        value: u32,
        confidence: Option<Confidence>,
        sighting: &Sighting,
        finish: &Finish<'_>,
    ) -> Match {
        let text = finish.text(self.of, value);
        let marks = sighting.marks.as_slice();
        let span = (marks[0].time, sighting.last);
        let entries = self.found(text);
        let says: Vec<&Entry> = entries.iter().filter(|entry| confidence_in(entry, span) == confidence).collect();
        let words = |word: fn(&Entry) -> &str| {
            let words: BTreeSet<&str> = says.iter().map(|entry| word(entry)).collect();
            words.into_iter().collect::<Vec<_>>().join("; ")
        };
        let until = says.iter().map(|entry| entry.valid_until).max().flatten();
        let severity = match confidence {
            Some(Confidence::Strong) => None,
            Some(Confidence::Weak) => Some(Severity::Low),
            None => Some(Severity::Info),
        };
        Match {
            subject,
            further: vec![(self.of, value)],
            anchor: None,
            span,
            count: sighting.count,
            seen: vec![
                fact(self.of.name_in_words(), text),
                fact("list", words(|entry| &entry.name)),
                fact("confidence", confidence.map_or("of old", Confidence::word)),
                fact("events", sighting.count),
            ],
            judged_by: vec![
                fact("source", words(|entry| &entry.source)),
                fact("listed until", until.map_or_else(|| "no end".to_owned(), |until| Time::to_string(&until))),
            ],
            marks: marks.to_vec(),
            marks_total: sighting.count,
            principal: finish.principal(subject, None),
            severity,
            weights: Vec::new(),
        }
    }
}

impl Sighting {
    fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.last = self.last.max(other.last);
        for mark in other.marks.as_slice() {
            self.marks.add(*mark);
        }
    }
}

/// The most that any entry says of an event at a time.
fn best_at(entries: &[Entry], time: i64) -> Option<Confidence> {
    entries.iter().filter_map(|entry| entry.confidence_at(time)).max()
}

/// How much an entry says of the first or the last event of a span.
fn confidence_in(entry: &Entry, (first, last): (i64, i64)) -> Option<Confidence> {
    entry.confidence_at(first).max(entry.confidence_at(last))
}
