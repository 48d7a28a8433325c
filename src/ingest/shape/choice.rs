//! Which rows somebody may want, known before most of their columns are read: the others are left blank, and go away
//! later. Of converted exports only: what is not read there cannot be wrong.

use std::fmt::Debug;

use super::{Shaper, derive, queries};
use crate::batch::{Batch, Column, NO_ID, Role};
use crate::dictionary::Dictionary;
use crate::ingest::cells::Texts;
use crate::ingest::sniff::Plan;
use crate::schema::Schema;

/// Says which rows somebody may want, by some of their roles.
pub(crate) trait Choice: Debug + Send {
    /// The roles that it takes.
    fn roles(&self) -> Vec<Role>;

    /// Whether a row may be wanted, for each row; `batch` has those roles. What a row does not say may come later, where
    /// `comes` says so of the role.
    fn may_want(&mut self, batch: &Batch, dictionary: &Dictionary, comes: &dyn Fn(Role) -> bool) -> Vec<bool>;
}

impl Shaper<'_> {
    /// The roles that have to be read first.
    pub(super) fn read_first(&self, plan: &Plan<'_>) -> Vec<Role> {
        let choice = self.choice.as_ref().filter(|_| plan.identity.is_some());
        choice.map(|choice| choice.roles()).unwrap_or_default()
    }

    /// Finds out which rows may be wanted; where most are, all are read, which is quicker.
    pub(super) fn choose(&mut self, batch: &Batch, schema: &Schema) {
        let Some(choice) = &mut self.choice else { return };
        let stands_in = |role| matches!(role, Role::User | Role::Token | Role::Log | Role::App);
        let is_made = |role| !derive::sources(role).is_empty() || queries::MADE.contains(&role) || stands_in(role);
        let comes = |role| is_made(role) || schema.implies.contains_key(&role);
        let wanted = choice.may_want(batch, &self.dictionary, &comes);
        let few = wanted.iter().filter(|wanted| **wanted).count() * 2 < wanted.len();
        self.wanted = few.then_some(wanted);
    }

    /// The ids of the texts of wanted rows.
    pub(super) fn ids_of_wanted(
        &mut self,
        role: Role,
        plan: &Plan<'_>,
        texts: &Texts<'_>,
        column_of: impl Fn(usize) -> usize,
        wanted: &[bool],
    ) -> Column {
        let id = |row: usize| {
            let is_read = wanted[row] && !texts.is_empty(row);
            is_read.then(|| self.id(role, plan.column(column_of(row)), texts.get(row))).flatten().unwrap_or(NO_ID)
        };
        Column::Ids((0..texts.rows()).map(id).collect())
    }
}
