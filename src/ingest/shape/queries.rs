//! What queries ask for: fingerprint, objects, number of columns, and what they may be for, once for all texts that differ
//! in strings and dates only, as far as that can be remembered.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_128;

use super::Demand;
use crate::batch::{Batch, Column, NO_ID, NO_NUMBER, Role};
use crate::dictionary::{Dictionary, Domain};
use crate::ingest::Texts;
use crate::value::{hunted, probe, selection, soql};

/// Queries met before, by the hash of their skeleton, else of their text. The texts themselves are not kept: most are met
/// once, and they are long.
#[derive(Debug, Default)]
pub(super) struct Queries {
    known: HashMap<u128, Asked, FixedState>,
    skeleton: Vec<u8>,
}

/// What a query asks for: ids of strings, and a count.
#[derive(Clone, Copy, Debug)]
struct Asked {
    fingerprint: u32,
    objects: u32,
    columns: i64,
    shape: u32,
    probe: u32,
    selection: u32,
    hunted: u32,
}

/// Which of a query's ids a role has.
type IdOf = fn(&Asked) -> u32;

/// So many are remembered; then all are forgotten, which costs time and nothing else.
const REMEMBERED: usize = 1 << 16;

/// The roles that are made from a query's text.
pub(super) const MADE: [Role; 7] =
    [Role::Fingerprint, Role::Columns, Role::Objects, Role::Shape, Role::Probe, Role::Selection, Role::Hunted];

impl Queries {
    /// Fills what is made from queries of wanted rows, where somebody reads it. Objects that a column names stay.
    pub(super) fn fill(
        &mut self,
        batch: &mut Batch,
        texts: &Texts<'_>,
        demand: &Demand,
        wanted: Option<&[bool]>,
        dictionary: &mut Dictionary,
    ) {
        let [_, columns, objects, shapes, ..] = MADE.map(|role| demand.has(batch.table, role));
        let is_wanted = |row: usize| wanted.is_none_or(|wanted| wanted[row]);
        let asked = (0..texts.rows())
            .map(|row| is_wanted(row).then(|| self.asked(texts.get(row), shapes, dictionary)).flatten());
        let asked: Vec<Option<Asked>> = asked.collect();
        let made: [(Role, IdOf); 5] = [
            (Role::Fingerprint, |asked| asked.fingerprint),
            (Role::Shape, |asked| asked.shape),
            (Role::Probe, |asked| asked.probe),
            (Role::Selection, |asked| asked.selection),
            (Role::Hunted, |asked| asked.hunted),
        ];
        let table = batch.table;
        for (role, id) in made.into_iter().filter(|(role, _)| demand.has(table, *role)) {
            let ids = asked.iter().map(|asked| asked.as_ref().map_or(NO_ID, id));
            *batch.column_mut(role) = Column::Ids(ids.collect());
        }
        if columns {
            let columns = asked.iter().map(|asked| asked.as_ref().map_or(NO_NUMBER, |asked| asked.columns));
            *batch.column_mut(Role::Columns) = Column::Numbers(columns.collect());
        }
        if objects {
            for (row, asked) in asked.iter().enumerate() {
                batch.set_id_if_absent(Role::Objects, row, asked.map_or(NO_ID, |asked| asked.objects));
            }
        }
    }

    /// Nothing if there is no text, or it does not begin as a query.
    fn asked(&mut self, text: &[u8], with_shapes: bool, dictionary: &mut Dictionary) -> Option<Asked> {
        if text.is_empty() {
            return None;
        }
        // What is made from a query does not depend on literals, but for those with a `%`, which have no skeleton.
        let hash = xxh3_128(if soql::skeleton(text, &mut self.skeleton) { &self.skeleton } else { text });
        if let Some(known) = self.known.get(&hash) {
            return Some(*known);
        }
        let query = soql::read(&String::from_utf8_lossy(text));
        if query.unread.is_some_and(|unread| unread.what == soql::Fault::NotAQuery) {
            return None;
        }
        let objects = Some(query.objects.join(", ")).filter(|objects| !objects.is_empty());
        let mut id = |text: Option<String>| text.map_or(NO_ID, |text| dictionary.id(Domain::Text, &text));
        let asked = Asked {
            fingerprint: id(Some(format!("{:016x}", query.fingerprint))),
            objects: id(objects),
            columns: i64::from(query.columns),
            shape: if with_shapes { id(Some(query.shape.clone())) } else { NO_ID },
            probe: id(probe::of_query(&query)),
            selection: id(Some(selection::of_query(&query))),
            hunted: id(hunted::of_query(&query)),
        };
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(hash, asked);
        Some(asked)
    }
}
