//! What a listing says of its subjects now: of several rows that speak of a thing, the one that was modified last.

use std::collections::BTreeMap;

use super::{Mark, Moves, Rows};
use crate::batch::{NO_NUMBER, Role};
use crate::value::Time;

/// Something that a listing may say of a subject.
#[derive(Clone, Copy, Debug)]
pub struct Says {
    /// Where it says so.
    pub role: Role,
    /// Whether a value says it.
    pub holds: fn(&str) -> bool,
    /// The word for it.
    pub words: &'static str,
}

/// The roles in which a listing says so.
pub(super) fn roles(says: &'static [Says]) -> impl Iterator<Item = Role> {
    says.iter().map(|says| says.role).chain([Role::Modified])
}

/// What a listing says of all its subjects.
#[derive(Clone, Debug)]
pub(super) struct Standings {
    says: &'static [Says],
    /// By subject, and by the place in `says`.
    of: BTreeMap<(u32, usize), Standing>,
}

/// Whether it holds, since when at the latest, and the row that says so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) holds: bool,
    /// [`NO_NUMBER`] if it is not known.
    pub(super) modified: i64,
    pub(super) mark: Mark,
}

impl Standings {
    pub(super) fn new(says: &'static [Says]) -> Self {
        Self { says, of: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for row in rows.selected.iter().map(|row| *row as usize) {
            let modified = rows.batch.number(Role::Modified, row).unwrap_or(NO_NUMBER);
            let mark = rows.mark(row, modified.max(Time::EARLIEST.0));
            for (place, says) in self.says.iter().enumerate() {
                if let Some(text) = rows.dictionary.role_text(says.role, rows.batch.id(says.role, row)) {
                    let standing = Standing { holds: (says.holds)(text), modified, mark };
                    self.add((rows.subjects[row], place), standing);
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        for ((subject, place), standing) in &other.of {
            self.add((moves.subject(*subject), *place), *standing);
        }
    }

    /// The subjects of which something holds: the words for it, the latest row, and since when at the latest.
    pub(super) fn that_hold(&self) -> BTreeMap<u32, (Vec<&'static str>, Standing)> {
        let mut held: BTreeMap<u32, (Vec<&'static str>, Standing)> = BTreeMap::new();
        for ((subject, place), standing) in self.of.iter().filter(|(_, standing)| standing.holds) {
            let (words, latest) = held.entry(*subject).or_insert_with(|| (Vec::new(), *standing));
            words.push(self.says[*place].words);
            if (standing.modified, std::cmp::Reverse(standing.mark)) > (latest.modified, std::cmp::Reverse(latest.mark))
            {
                *latest = *standing;
            }
        }
        held
    }

    fn add(&mut self, key: (u32, usize), standing: Standing) {
        // Where two rows of one time disagree, no order of files decides: what would be reported counts.
        let rank = |of: &Standing| (of.modified, of.holds, std::cmp::Reverse(of.mark));
        let known = self.of.entry(key).or_insert(standing);
        if rank(&standing) > rank(known) {
            *known = standing;
        }
    }
}
