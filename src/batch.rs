//! A block of rows of one table, in columns by role.
//!
//! Strings are ids of a [`Dictionary`], times are microseconds, keys are hashes: a batch
//! holds nothing that has to be read twice. It knows where each row stands in its export, and nothing of formats.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int64Array, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{Field, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;

use crate::dictionary::{Dictionary, Domain};

mod role;

pub use role::{Kind, Role, Table};

/// The id of an absent string, in columns of ids.
pub const NO_ID: u32 = u32::MAX;
/// The number that stands for an absent number or time.
pub const NO_NUMBER: i64 = i64::MIN;

/// Rows of one table from one block of one export.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Which table the rows belong to.
    pub table: Table,
    /// The event type that they are of; empty if nobody said.
    pub event_type: Arc<str>,
    /// Which export they come from: its index in the run's sorted list.
    pub export: u32,
    /// The number of each row's record in the export; the first record after the header is 1.
    pub records: Vec<u64>,
    /// Where each row's record starts in the decompressed export, in bytes.
    pub offsets: Vec<u64>,
    /// What makes each row the same event as another: see [`crate::ingest`].
    pub identities: Vec<u128>,
    columns: Vec<Column>,
}

/// One column: absent from the export (or not asked for), numbers, or ids.
#[derive(Clone, Debug, Default)]
pub enum Column {
    /// All rows are without a value.
    #[default]
    Absent,
    /// Times in microseconds and other whole numbers; [`NO_NUMBER`] where absent.
    Numbers(Vec<i64>),
    /// Ids of the dictionary of the role's domain; [`NO_ID`] where absent.
    Ids(Vec<u32>),
}

impl Batch {
    /// A batch without rows.
    pub fn new(table: Table, export: u32) -> Self {
        let columns = Role::ALL.iter().map(|_| Column::Absent).collect();
        Self {
            table,
            event_type: Arc::default(),
            export,
            records: Vec::new(),
            offsets: Vec::new(),
            identities: Vec::new(),
            columns,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.records.len()
    }

    /// The column of a role.
    pub fn column(&self, role: Role) -> &Column {
        &self.columns[role as usize]
    }

    /// The column of a role, to fill it. The caller keeps all present columns of one length.
    pub fn column_mut(&mut self, role: Role) -> &mut Column {
        &mut self.columns[role as usize]
    }

    /// The id in a row of a string role; [`NO_ID`] where absent.
    pub fn id(&self, role: Role, row: usize) -> u32 {
        match self.column(role) {
            Column::Ids(ids) => ids[row],
            _ => NO_ID,
        }
    }

    /// The number in a row of a time or number role; nothing where absent.
    pub fn number(&self, role: Role, row: usize) -> Option<i64> {
        match self.column(role) {
            Column::Numbers(numbers) => Some(numbers[row]).filter(|number| *number != NO_NUMBER),
            _ => None,
        }
    }

    /// Gives a row an id where it has none; makes the column if there is none.
    pub fn set_id_if_absent(&mut self, role: Role, row: usize, id: u32) {
        let rows = self.rows();
        let column = self.column_mut(role);
        if matches!(column, Column::Absent) {
            *column = Column::Ids(vec![NO_ID; rows]);
        }
        if let Column::Ids(ids) = column
            && ids[row] == NO_ID
        {
            ids[row] = id;
        }
    }

    /// Gives a row a number where it has none; makes the column if there is none.
    pub fn set_number_if_absent(&mut self, role: Role, row: usize, number: i64) {
        let rows = self.rows();
        let column = self.column_mut(role);
        if matches!(column, Column::Absent) {
            *column = Column::Numbers(vec![NO_NUMBER; rows]);
        }
        if let Column::Numbers(numbers) = column
            && numbers[row] == NO_NUMBER
        {
            numbers[row] = number;
        }
    }

    /// Keeps the rows for which `keep` (called once for each row, in order) says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&Self, usize) -> bool) {
        let kept: Vec<bool> = (0..self.rows()).map(|row| keep(self, row)).collect();
        if kept.iter().all(|kept| *kept) {
            return;
        }
        retain_where(&mut self.records, &kept);
        retain_where(&mut self.offsets, &kept);
        retain_where(&mut self.identities, &kept);
        for column in &mut self.columns {
            match column {
                Column::Absent => {}
                Column::Numbers(numbers) => retain_where(numbers, &kept),
                Column::Ids(ids) => retain_where(ids, &kept),
            }
        }
    }

    /// The batch as an Arrow record batch: one field for each present role, named after it, then `record`.
    ///
    /// Times are `timestamp[us, UTC]`, numbers `int64`, strings `dictionary<uint32, utf8>`.
    ///
    /// # Errors
    /// Arrow's own, if a column does not fit the others: a defect.
    pub fn to_arrow(&self, dictionary: &Dictionary) -> Result<RecordBatch, arrow::error::ArrowError> {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        let mut push = |name: &str, array: ArrayRef| {
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        };
        for &role in Role::ALL {
            match self.column(role) {
                Column::Absent => {}
                Column::Numbers(numbers) => push(role.name(), numbers_to_arrow(role, numbers)),
                Column::Ids(ids) => push(role.name(), ids_to_arrow(dictionary, role.domain(), ids)?),
            }
        }
        let records = self.records.iter().map(|record| i64::try_from(*record).ok());
        push("record", Arc::new(records.collect::<Int64Array>()));
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }
}

/// Times and other numbers as an Arrow array.
pub(crate) fn numbers_to_arrow(role: Role, numbers: &[i64]) -> ArrayRef {
    let values = numbers.iter().map(|number| Some(*number).filter(|number| *number != NO_NUMBER));
    if role.kind() == Kind::Time {
        Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    } else {
        Arc::new(values.collect::<Int64Array>())
    }
}

fn ids_to_arrow(dictionary: &Dictionary, domain: Domain, ids: &[u32]) -> Result<ArrayRef, arrow::error::ArrowError> {
    let keys = ids.iter().map(|id| Some(*id).filter(|id| *id != NO_ID)).collect::<UInt32Array>();
    let values = StringArray::from_iter_values(dictionary.values(domain));
    Ok(Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, Arc::new(values))?))
}

fn retain_where<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    items.retain(|_| *kept.next().unwrap_or(&true));
}
