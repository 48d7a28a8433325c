//! Columns of Arrow arrays to columns of batches, without a way through text: numbers and times as they are, strings
//! that come again once for each distinct one.

use arrow::array::StringArray;

use super::{Shaper, millionths, time, whole_number};
use crate::batch::{Column, Kind, NO_ID, NO_NUMBER, Role};
use crate::ingest::cells::{Cells, Texts};
use crate::ingest::columnar::{NOT_HELD, Values};
use crate::ingest::problem::Reason;
use crate::ingest::shape::records::Block;
use crate::ingest::sniff::Plan;
use crate::schema::CellType;
use crate::value::Time;

/// What is known of a string of an array, where that is not its id.
const NOT_MET: u32 = NO_ID - 1;
const BLANK: u32 = NO_ID - 2;

/// The ids of a dictionary's strings.
#[derive(Debug)]
pub(super) struct Shared {
    strings: StringArray,
    ids: Vec<u32>,
}

impl Shared {
    /// Whether these are the very strings: the same memory, which is held here.
    fn is_of(&self, strings: &StringArray) -> bool {
        self.strings.offsets().ptr_eq(strings.offsets()) && self.strings.values().ptr_eq(strings.values())
    }
}

impl Shaper<'_> {
    /// One role's column from arrays; nothing if it is to be read as text. `columns` are those that may give it, best
    /// first.
    pub(super) fn column_of_arrays(
        &mut self,
        role: Role,
        columns: &[usize],
        block: &mut Block<'_, '_>,
        cells: &Cells,
    ) -> Option<Column> {
        let is_shared = |column: &usize| matches!(cells.values(*column), None | Some(Values::Shared { .. }));
        let is_number = |column: &usize| matches!(cells.values(*column), Some(Values::Numbers { .. }));
        match role.kind() {
            Kind::Text | Kind::Key if columns.iter().all(is_shared) => {
                Some(self.shared_strings(role, columns, block, cells))
            }
            Kind::Time | Kind::Number if columns.iter().any(is_number) => {
                Some(self.numbers_of_arrays(role, columns, block, cells))
            }
            _ => None,
        }
    }

    fn shared_strings(&mut self, role: Role, columns: &[usize], block: &Block<'_, '_>, cells: &Cells) -> Column {
        let plan = &block.task.plan;
        let mut ids = vec![BLANK; cells.rows()];
        for &column in columns {
            let Some(Values::Shared { places, nulls, strings }) = cells.values(column) else { continue };
            let mut known = self.known_ids(role, column, plan, strings);
            for (row, (id, place)) in ids.iter_mut().zip(places.iter()).enumerate() {
                if *id != BLANK || nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    continue;
                }
                let known = &mut known[*place as usize];
                if *known == NOT_MET {
                    let cell = cells.get(block.bytes, column, row);
                    *known = BLANK;
                    if !cell.is_empty() {
                        *known = self.id(role, plan.column(column), cell).unwrap_or(NO_ID);
                    }
                }
                *id = *known;
            }
            self.shared.insert((role, column), Shared { strings: strings.clone(), ids: known });
        }
        Column::Ids(ids.into_iter().map(|id| if id == BLANK { NO_ID } else { id }).collect())
    }

    /// What is known of the strings of a dictionary: all from the batch before, if it had the same one.
    fn known_ids(&mut self, role: Role, column: usize, plan: &Plan<'_>, strings: &StringArray) -> Vec<u32> {
        if let Some(known) = self.shared.remove(&(role, column))
            && known.is_of(strings)
        {
            return known.ids;
        }
        let mut ids = self.find_all(role, plan, &Texts::of(strings));
        ids.iter_mut().filter(|id| **id == NO_ID).for_each(|id| *id = NOT_MET);
        ids
    }

    fn numbers_of_arrays(&mut self, role: Role, columns: &[usize], block: &mut Block<'_, '_>, cells: &Cells) -> Column {
        let zone = self.zone;
        let is_time = role.kind() == Kind::Time;
        let of_row = |row: usize| {
            for &column in columns {
                let result = match cells.values(column) {
                    Some(Values::Numbers { numbers, .. }) => match numbers[row] {
                        NO_NUMBER => continue,
                        NOT_HELD if is_time => Err(Reason::TimeOutOfRange),
                        NOT_HELD => Err(Reason::NotANumber),
                        micros if is_time && !(Time::EARLIEST.0..Time::LATEST.0).contains(&micros) => {
                            Err(Reason::TimeOutOfRange)
                        }
                        number => Ok(number),
                    },
                    _ => match cells.get(block.bytes, column, row) {
                        b"" => continue,
                        cell if is_time => time(cell, zone),
                        cell if block.task.plan.column(column).cell == CellType::Fraction => millionths(cell),
                        cell => whole_number(cell),
                    },
                };
                return result.unwrap_or_else(|reason| {
                    let shown = cells.values(column).and_then(|values| values.shown(row)).unwrap_or_default();
                    block.fault(row, block.task.plan.fault(reason, column, shown.as_bytes()));
                    NO_NUMBER
                });
            }
            NO_NUMBER
        };
        Column::Numbers((0..cells.rows()).map(of_row).collect())
    }
}
