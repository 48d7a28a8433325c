//! What cells say that no batch shows: placeholders, addresses that are none, codes that nobody knows; and where rows
//! stand in time before repeated ones are left out. Only `coverage` asks for it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::records::Block;
use crate::batch::{Batch, Role};
use crate::dictionary::{Dictionary, Domain};
use crate::ingest::cells::Cells;
use crate::ingest::problem::shortened;
use crate::schema::{CellType, ColumnSchema, match_key};
use crate::value::{Address, Time, address::NoAddress, codes};

/// What was found in the block, or in all blocks of a small export, that was shaped last.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// By event type.
    looks: BTreeMap<Arc<str>, Look>,
    /// Whether a coded role's cell is a known code.
    codes: HashMap<Role, HashMap<Box<[u8]>, bool, FixedState>, FixedState>,
}

/// What was found in the rows of one event type.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Rows that can be used, repeated ones included, by organisation (its id in the dictionary) and UTC hour.
    pub(crate) rows: BTreeMap<(u32, i64), u64>,
    /// In no particular order.
    pub(crate) remarks: Vec<Remark>,
}

/// One cell that deserves mention.
#[derive(Debug)]
pub(crate) struct Remark {
    /// Where its record starts in the decompressed export.
    pub(crate) offset: u64,
    /// Its column in the schema.
    pub(crate) column: usize,
    pub(crate) kind: RemarkKind,
    pub(crate) text: Cow<'static, str>,
}

/// Why a cell deserves mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RemarkKind {
    /// It stands for "nothing known".
    Placeholder,
    /// It should be an address and is none.
    NoAddress,
    /// Its column holds codes, and this is none that is known.
    UnknownCode,
}

/// Texts that Salesforce and exporters write where there is nothing to say.
const PLACEHOLDERS: [&str; 4] = ["Salesforce.com IP", "IP_ADDRESS_REMOVED", "Unknown", "N/A"];

/// Numbers that stand for "none": `9998.0` for a version, `9999` for a code. In a count they are numbers like others.
const NUMBERS: [&str; 2] = ["9998.0", "9999"];

/// Of a value that is told, at most this many bytes.
const SHOWN: usize = 200;

impl Survey {
    /// Forgets what was found in the blocks before.
    pub(in crate::ingest) fn begin(&mut self) {
        self.looks.clear();
    }

    /// What was found in the rows of an event type; its counts are given out once.
    pub(crate) fn look_of(&mut self, event_type: &str) -> (BTreeMap<(u32, i64), u64>, &[Remark]) {
        match self.looks.get_mut(event_type) {
            Some(look) => (std::mem::take(&mut look.rows), &look.remarks),
            None => (BTreeMap::new(), &[]),
        }
    }

    /// Looks at the rows of a block that can be used: those for which `usable` says so.
    pub(super) fn look(
        &mut self,
        block: &Block<'_, '_>,
        cells: &Cells,
        batch: &Batch,
        dictionary: &Dictionary,
        usable: impl Fn(usize) -> bool,
    ) {
        let mut look = self.looks.remove(&batch.event_type).unwrap_or_default();
        let rows: Vec<usize> = (0..batch.rows()).filter(|row| usable(*row)).collect();
        for &row in &rows {
            let hour = batch.number(Role::Time, row).map_or(i64::MIN, |time| Time(time).hours());
            *look.rows.entry((batch.id(Role::Org, row), hour)).or_default() += 1;
        }
        let plan = &block.task.plan;
        for (place, &column) in plan.present.iter().enumerate() {
            let schema = &plan.schema.columns[column];
            if schema.secret || schema.cell == CellType::Assertion {
                continue;
            }
            let role = schema.role.filter(|role| codes::is_known(*role, "").is_some());
            let holds_codes = holds_codes(schema);
            for &row in &rows {
                let cell = cells.get_or_blank(block.bytes, place, row);
                let Some((kind, text)) = self.remark(schema, role, holds_codes, cell, dictionary) else { continue };
                let text = if plan.secretive && kind != RemarkKind::Placeholder { "withheld".into() } else { text };
                look.remarks.push(Remark { offset: batch.offsets[row], column, kind, text });
            }
        }
        self.looks.insert(Arc::clone(&batch.event_type), look);
    }

    fn remark(
        &mut self,
        column: &ColumnSchema,
        coded: Option<Role>,
        holds_codes: bool,
        cell: &[u8],
        dictionary: &Dictionary,
    ) -> Option<(RemarkKind, Cow<'static, str>)> {
        if let Some(known) = placeholder(cell, holds_codes) {
            return Some((RemarkKind::Placeholder, known.into()));
        }
        let told = |kind| Some((kind, shortened(cell, SHOWN).into()));
        if column.cell == CellType::Address {
            let text = String::from_utf8_lossy(cell);
            let is_known = cell.is_empty() || dictionary.find(Domain::Address, &text).is_some();
            let malformed = !is_known && Address::parse(&text) == Err(NoAddress::Malformed);
            return if malformed { told(RemarkKind::NoAddress) } else { None };
        }
        let role = coded.filter(|_| !crate::value::is_blank(cell))?;
        let met = self.codes.entry(role).or_default();
        let is_known = met.get(cell).copied().unwrap_or_else(|| {
            let is_known = codes::is_known(role, &String::from_utf8_lossy(cell)) != Some(false);
            met.insert(cell.into(), is_known);
            is_known
        });
        if is_known { None } else { told(RemarkKind::UnknownCode) }
    }
}

/// Whether a number in this column names something and counts nothing.
fn holds_codes(column: &ColumnSchema) -> bool {
    matches!(column.cell, CellType::Text | CellType::Id) || match_key(&column.name).ends_with("version")
}

fn placeholder(cell: &[u8], holds_codes: bool) -> Option<&'static str> {
    let is = |known: &&&str| known.as_bytes().eq_ignore_ascii_case(cell);
    match cell.first()?.to_ascii_lowercase() {
        b'9' if holds_codes => NUMBERS.iter().find(is).copied(),
        b's' | b'i' | b'u' | b'n' => PLACEHOLDERS.iter().find(is).copied(),
        _ => None,
    }
}
