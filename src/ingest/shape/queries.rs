//! What queries ask for: fingerprint, objects and number of columns, once for each distinct text, as far as that can be
//! remembered.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_128;

use super::Demand;
use crate::batch::{Batch, Column, NO_ID, NO_NUMBER, Role};
use crate::dictionary::{Dictionary, Domain};
use crate::ingest::Texts;
use crate::value::soql;

/// Queries met before, by the hash of their text. The texts themselves are not kept: most are met once, and they are
/// long.
#[derive(Debug, Default)]
pub(super) struct Queries {
    known: HashMap<u128, Asked, FixedState>,
}

/// What a query asks for: ids of strings, and a count.
#[derive(Clone, Copy, Debug)]
struct Asked {
    fingerprint: u32,
    objects: u32,
    columns: i64,
}

/// So many are remembered; then all are forgotten, which costs time and nothing else.
const REMEMBERED: usize = 1 << 16;

/// The roles that are made from a query's text.
pub(super) const MADE: [Role; 3] = [Role::Fingerprint, Role::Columns, Role::Objects];

impl Queries {
    /// Fills what is made from queries, where somebody reads it. Objects that a column names stay.
    pub(super) fn fill(&mut self, batch: &mut Batch, texts: &Texts<'_>, demand: &Demand, dictionary: &mut Dictionary) {
        let [fingerprint, columns, objects] = MADE.map(|role| demand.has(batch.table, role));
        let asked = (0..texts.rows()).map(|row| self.asked(texts.get(row), dictionary));
        let asked: Vec<Option<Asked>> = asked.collect();
        let ids = |id: fn(&Asked) -> u32| asked.iter().map(|asked| asked.as_ref().map_or(NO_ID, id)).collect();
        if fingerprint {
            *batch.column_mut(Role::Fingerprint) = Column::Ids(ids(|asked| asked.fingerprint));
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
    fn asked(&mut self, text: &[u8], dictionary: &mut Dictionary) -> Option<Asked> {
        if text.is_empty() {
            return None;
        }
        let hash = xxh3_128(text);
        if let Some(known) = self.known.get(&hash) {
            return Some(*known);
        }
        let query = soql::read(&String::from_utf8_lossy(text));
        if query.unread.is_some_and(|unread| unread.what == soql::Fault::NotAQuery) {
            return None;
        }
        let fingerprint = dictionary.id(Domain::Text, &format!("{:016x}", query.fingerprint));
        let objects = match query.objects.join(", ") {
            none if none.is_empty() => NO_ID,
            objects => dictionary.id(Domain::Text, &objects),
        };
        let asked = Asked { fingerprint, objects, columns: i64::from(query.columns) };
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(hash, asked);
        Some(asked)
    }
}
