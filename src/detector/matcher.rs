//! A condition at work, column by column: a batch is asked once for each part of it, and each distinct string once in all.

use super::Matching;
use crate::batch::{Batch, Column, NO_ID, NO_NUMBER, Role};
use crate::dictionary::Dictionary;

/// A condition that remembers what it said of each distinct string.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    matching: Matching,
    /// For each part that asks for a string, in the order of a walk: answers by id. Nothing yet, no, yes.
    answers: Vec<Vec<u8>>,
}

/// For which rows of a batch a condition holds.
pub(crate) enum Mask {
    /// For all of them, or for none.
    Same(bool),
    /// One answer for each row.
    Rows(Vec<bool>),
}

const UNASKED: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;

impl Matcher {
    pub(crate) fn new(matching: Matching) -> Self {
        Self { matching, answers: Vec::new() }
    }

    /// Whether it is this condition.
    pub(crate) fn asks(&self, matching: &Matching) -> bool {
        self.matching.is_same(matching)
    }

    /// The rows of a batch that satisfy the condition.
    pub(crate) fn select(&mut self, batch: &Batch, dictionary: &Dictionary) -> Vec<u32> {
        let rows = 0..u32::try_from(batch.rows()).unwrap_or(u32::MAX);
        match self.mask(batch, dictionary) {
            Mask::Same(true) => rows.collect(),
            Mask::Same(false) => Vec::new(),
            Mask::Rows(holds) => rows.zip(holds).filter(|(_, holds)| *holds).map(|(row, _)| row).collect(),
        }
    }

    /// For which rows of a batch the condition holds.
    pub(crate) fn mask(&mut self, batch: &Batch, dictionary: &Dictionary) -> Mask {
        let matching = self.matching;
        self.of(&matching, &mut 0, batch, dictionary)
    }

    fn of(&mut self, matching: &Matching, leaf: &mut usize, batch: &Batch, dictionary: &Dictionary) -> Mask {
        match matching {
            Matching::All => Mask::Same(true),
            // No short cut: every part that asks for a string keeps its place in the walk.
            Matching::And(all) => {
                all.iter().fold(Mask::Same(true), |holds, one| holds.and(self.of(one, leaf, batch, dictionary)))
            }
            Matching::Or(all) => {
                let none =
                    |one: &Matching, this: &mut Self, leaf: &mut usize| this.of(one, leaf, batch, dictionary).not();
                all.iter().fold(Mask::Same(true), |none_yet, one| none_yet.and(none(one, self, leaf))).not()
            }
            Matching::Not(one) => self.of(one, leaf, batch, dictionary).not(),
            Matching::Known(role) => is_known(batch.column(*role)),
            Matching::Blank(role) => match batch.column(*role) {
                Column::Absent => Mask::Same(false),
                column => is_known(column).not(),
            },
            Matching::Is(role, value) => self.ask(leaf, *role, batch, dictionary, |text| text == *value),
            Matching::IsIn(role, values) => self.ask(leaf, *role, batch, dictionary, |text| values.contains(&text)),
            Matching::Satisfies(role, holds) => self.ask(leaf, *role, batch, dictionary, holds),
        }
    }

    fn ask(
        &mut self,
        leaf: &mut usize,
        role: Role,
        batch: &Batch,
        dictionary: &Dictionary,
        holds: impl Fn(&str) -> bool,
    ) -> Mask {
        let place = *leaf;
        *leaf += 1;
        let Column::Ids(ids) = batch.column(role) else { return Mask::Same(false) };
        if self.answers.len() <= place {
            self.answers.resize_with(place + 1, Vec::new);
        }
        let known = &mut self.answers[place];
        known.resize(known.len().max(dictionary.count(role.domain())), UNASKED);
        let answer = |id: &u32| {
            if *id == NO_ID {
                return false;
            }
            let answer = &mut known[*id as usize];
            if *answer == UNASKED {
                *answer = if holds(dictionary.text(role.domain(), *id)) { YES } else { NO };
            }
            *answer == YES
        };
        Mask::Rows(ids.iter().map(answer).collect())
    }
}

fn is_known(column: &Column) -> Mask {
    match column {
        Column::Absent => Mask::Same(false),
        Column::Ids(ids) => Mask::Rows(ids.iter().map(|id| *id != NO_ID).collect()),
        Column::Numbers(numbers) => Mask::Rows(numbers.iter().map(|number| *number != NO_NUMBER).collect()),
    }
}

impl Mask {
    /// Whether it holds for a row.
    pub(crate) fn holds(&self, row: usize) -> bool {
        match self {
            Self::Same(holds) => *holds,
            Self::Rows(rows) => rows[row],
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Same(holds) => Self::Same(!holds),
            Self::Rows(mut rows) => {
                for holds in &mut rows {
                    *holds = !*holds;
                }
                Self::Rows(rows)
            }
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Same(false), _) | (_, Self::Same(false)) => Self::Same(false),
            (Self::Same(true), mask) | (mask, Self::Same(true)) => mask,
            (Self::Rows(mut rows), Self::Rows(others)) => {
                for (holds, other) in rows.iter_mut().zip(others) {
                    *holds &= other;
                }
                Self::Rows(rows)
            }
        }
    }
}
