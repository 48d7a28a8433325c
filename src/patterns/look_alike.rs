//! Look-alike: a subject that appears for the first time within the window, under a name that resembles a known one and is
//! not it. Known are names that the detector brings along and those of the register; what bears the name of one that the
//! detector brings along is held to be that.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finish, Match, Moves, Past, Rows, debut, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::{FactValue, Severity};
use crate::value::likeness::{Likeness, is_same};

pub(super) const LIMITS: &[&str] = &["history-days", "edits", "letters-per-edit"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    debut: debut::State,
    name: Role,
    known: &'static [&'static str],
    /// By subject.
    names: BTreeMap<u32, BTreeSet<u32>>,
    /// Subjects and names that came last: most rows have those again.
    at_hand: Vec<(u32, u32)>,
}

/// How many are at hand: a power of two.
const AT_HAND: usize = 64;

/// How a name resembles a known one; the last is the most telling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Resemblance<'a> {
    likeness: Likeness,
    // Of several that are alike the first one is told.
    known: std::cmp::Reverse<&'a str>,
    name: std::cmp::Reverse<&'a str>,
}

impl State {
    pub(super) fn new(created: Option<Role>, name: Role, known: &'static [&'static str]) -> Self {
        let at_hand = vec![(NO_ID, NO_ID); AT_HAND];
        Self { debut: debut::State::new(created), name, known, names: BTreeMap::new(), at_hand }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        self.debut.observe(rows);
        for row in rows.selected.iter().map(|row| *row as usize) {
            let name = rows.batch.id(self.name, row);
            let of_subject = (rows.subjects[row], name);
            let known = &mut self.at_hand[of_subject.0 as usize % AT_HAND];
            if name != NO_ID && *known != of_subject {
                *known = of_subject;
                self.names.entry(of_subject.0).or_default().insert(name);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.debut.merge(&other.debut, moves);
        for (subject, names) in other.names {
            let names = names.into_iter().map(|name| moves.value(self.name, name));
            self.names.entry(moves.subject(subject)).or_default().extend(names);
        }
    }

    pub(super) fn past(&self) -> Past {
        self.debut.past()
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.debut.recall(past, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let Self { debut, name, known, names, .. } = self;
        let tell = |mut found: Match| {
            if finish.registered(found.subject).is_some() {
                return None;
            }
            let names = names.get(&found.subject)?.iter().map(|id| finish.text(name, *id));
            let resemblance = names.filter_map(|name| resemblance(name, known, finish)).max()?;
            describe(&mut found, resemblance, finish);
            Some(found)
        };
        debut.finish(finish).into_iter().filter_map(tell).collect()
    }
}

/// What a name resembles most, if it is not the name of a known one itself.
fn resemblance<'a>(name: &'a str, known: &[&'a str], finish: &Finish<'a>) -> Option<Resemblance<'a>> {
    if known.iter().any(|known| is_same(name, known)) {
        return None;
    }
    let limit = |name: &str| usize::try_from(finish.limit(name)).unwrap_or(0);
    let (edits, letters_per_edit) = (limit("edits"), limit("letters-per-edit"));
    let registered = finish.register.iter().flat_map(|app| app.aliases.iter().chain([&app.name])).map(String::as_str);
    let like = |known: &'a str| {
        let likeness = Likeness::of(name, known, edits, letters_per_edit)?;
        Some(Resemblance { likeness, known: std::cmp::Reverse(known), name: std::cmp::Reverse(name) })
    };
    known.iter().copied().chain(registered).filter_map(like).max()
}

fn describe(found: &mut Match, resemblance: Resemblance<'_>, finish: &Finish<'_>) {
    found.seen.insert(0, fact("name", resemblance.name.0));
    found.seen.insert(1, fact("resembles", resemblance.known.0));
    found.seen.insert(2, fact("has", FactValue::Words(resemblance.likeness.word())));
    found.judged_by.extend(["edits", "letters-per-edit"].map(|name| fact(name, finish.limit(name))));
    // Words are everybody's.
    found.severity = (resemblance.likeness == Likeness::Words).then_some(Severity::Medium);
}
