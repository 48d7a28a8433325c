//! Exports in columns: Parquet, and Arrow's file and stream formats (Feather among them).
//!
//! Rows are handed out in order, as blocks of text are; workers read Parquet's in parallel, a row group each. Only the columns that somebody reads are read. A row's offset is its record number: there are no bytes to
//! point at.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::iter::Peekable;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::RecordBatchReader;
use arrow::array::UInt64Array;
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::record_batch::RecordBatch;

use super::sniff::{Plan, Refusal};
use super::{Demand, Export, Limits};
use crate::schema::Schemas;

mod origins;
mod parquet;
mod plan;
mod promise;
mod read_back;
mod values;

pub(crate) use self::origins::{Origins, converted_table, origins};
pub(crate) use self::parquet::TABLE_KEY;
use self::parquet::{Parquet, RowsOfGroup};

pub(super) use read_back::read_back;
pub(super) use values::{Columns, NOT_HELD, Values};

/// How an export in columns is stored, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Parquet,
    ArrowFile,
    ArrowStream,
}

impl Form {
    /// The form of a whole file; nothing if it is none of these.
    pub(super) fn of(export: &Export) -> io::Result<Option<Self>> {
        if export.member.is_some() {
            return Ok(None);
        }
        let mut magic = Vec::new();
        File::open(&export.path)?.take(6).read_to_end(&mut magic)?;
        Ok(Self::by_magic(&magic))
    }

    /// The form of what begins with these bytes.
    pub(super) fn by_magic(head: &[u8]) -> Option<Self> {
        match head {
            [b'P', b'A', b'R', b'1', ..] => Some(Self::Parquet),
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(Self::ArrowFile),
            [0xff, 0xff, 0xff, 0xff, ..] => Some(Self::ArrowStream),
            _ => None,
        }
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Parquet => "a Parquet file",
            Self::ArrowFile => "an Arrow file",
            Self::ArrowStream => "an Arrow stream",
        }
    }
}

/// At most so many rows are read and shaped at once: their columns stay in a core's cache.
const ROWS: usize = 1 << 12;
/// At most so many rows of a row group are read by one worker. Where one page holds all of a column's values, every reader
/// unpacks all of it, so that row groups of the usual size are not cut.
const ROWS_OF_A_WORKER: usize = 1 << 17;

/// Hands out the rows of an export.
pub(super) struct Source {
    rows: Unread,
    /// The number of the next row, from 1.
    next: u64,
    /// What the reader died of.
    pub(super) failure: Option<String>,
}

enum Unread {
    Parquet { file: Arc<Parquet>, group: usize, from: usize },
    Arrow { reader: Batches, rest: Option<RecordBatch> },
}

/// Some rows in a row, not yet read where they can be read apart from the others. Handed out batch by batch: how many
/// rows it has, and the batch or why it cannot be read.
pub(super) enum Rows {
    OfGroup(RowsOfGroup),
    Read(Option<RecordBatch>),
}

/// An export that can be read, where its rows come from, and which of its columns cannot be read.
pub(super) struct Opened<'s> {
    pub(super) plan: Plan<'s>,
    pub(super) source: Source,
    pub(super) unreadable: Vec<Refusal>,
}

/// Opens an export in columns.
pub(super) fn open<'s>(
    export: &Export,
    form: Form,
    schemas: &'s Schemas,
    demand: &Demand,
    limits: &Limits,
) -> Result<Opened<'s>, Refusal> {
    let refuse = |what: String| {
        let hint = "the file may be cut off or damaged: copy it again".to_owned();
        (format!("is {} that cannot be read: {what}", form.name()), Some(hint))
    };
    let opened = guarded(|| -> Result<_, Refusal> {
        if form == Form::Parquet {
            let file = Parquet::open(export, limits).map_err(refuse)?;
            let (plan, unreadable) = plan::plan(file.schema(), file.table(), schemas, demand)?;
            let file = Arc::new(file.project(&plan));
            return Ok((plan, unreadable, Unread::Parquet { file, group: 0, from: 0 }));
        }
        let told = promise::check(export, form, limits).map_err(refuse)?;
        let (schema, _) = arrow_reader(export, form, None).map_err(refuse)?;
        let (plan, unreadable) = plan::plan(&schema, None, schemas, demand)?;
        let (_, reader) = arrow_reader(export, form, Some(plan.read_columns())).map_err(refuse)?;
        Ok((plan, unreadable, Unread::Arrow { reader: up_to(told, reader), rest: None }))
    });
    let (plan, unreadable, rows) = opened.map_err(refuse).and_then(|opened| opened)?;
    Ok(Opened { plan, unreadable, source: Source { rows, next: 1, failure: None } })
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

fn arrow_reader(export: &Export, form: Form, columns: Option<Vec<usize>>) -> Result<(SchemaRef, Batches), String> {
    let file = BufReader::with_capacity(1 << 18, File::open(&export.path).map_err(|error| error.to_string())?);
    let reader: Box<dyn RecordBatchReader + Send> = if form == Form::ArrowFile {
        Box::new(FileReader::try_new(file, columns).map_err(|error| error.to_string())?)
    } else {
        Box::new(StreamReader::try_new(file, columns).map_err(|error| error.to_string())?)
    };
    Ok((reader.schema(), Box::new(reader)))
}

/// So many batches, and an error behind them, if that is all that can be told.
fn up_to(told: Option<usize>, reader: Batches) -> Batches {
    match told {
        None => reader,
        Some(told) => {
            let error = ArrowError::ParseError("its structure makes no sense".to_owned());
            Box::new(reader.take(told).chain(std::iter::once(Err(error))))
        }
    }
}

/// What a reader panics at becomes an error: the file was made by somebody else.
pub(super) fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| "its structure makes no sense".to_owned())
}

impl Source {
    /// The next rows and the number of the first one; nothing at the end.
    pub(super) fn next(&mut self) -> Option<(Rows, u64)> {
        let (rows, count) = match &mut self.rows {
            Unread::Parquet { file, group, from } => next_of_groups(file, group, from)?,
            Unread::Arrow { reader, rest } => {
                let batch = match rest.take() {
                    Some(batch) => batch,
                    None => match guarded(|| next_with_rows(reader)) {
                        Ok(Some(Ok(batch))) => batch,
                        Ok(None) => return None,
                        Ok(Some(Err(error))) => return self.fail(error.to_string()),
                        Err(error) => return self.fail(error),
                    },
                };
                let count = batch.num_rows().min(ROWS);
                *rest = (count < batch.num_rows()).then(|| batch.slice(count, batch.num_rows() - count));
                (Rows::Read(Some(batch.slice(0, count))), count)
            }
        };
        let first = self.next;
        self.next += count as u64;
        Some((rows, first))
    }

    /// The number of the row that comes next.
    pub(super) fn position(&self) -> u64 {
        self.next
    }

    fn fail(&mut self, failure: String) -> Option<(Rows, u64)> {
        self.failure = Some(failure);
        None
    }
}

fn next_of_groups(file: &Arc<Parquet>, group: &mut usize, from: &mut usize) -> Option<(Rows, usize)> {
    loop {
        let rows = file.rows_of_group(*group)?;
        if *from < rows {
            let start = *from;
            *from = rows.min(start + ROWS_OF_A_WORKER);
            let next = RowsOfGroup::new(file, *group, start..*from);
            return Some((Rows::OfGroup(next), *from - start));
        }
        (*group, *from) = (*group + 1, 0);
    }
}

fn next_with_rows(reader: &mut Batches) -> Option<Result<RecordBatch, ArrowError>> {
    reader.find(|batch| batch.as_ref().map_or(true, |batch| batch.num_rows() > 0))
}

impl Iterator for Rows {
    type Item = (usize, Result<RecordBatch, String>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::OfGroup(rows) => rows.next(ROWS),
            Self::Read(batch) => batch.take().map(|batch| (batch.num_rows(), Ok(batch))),
        }
    }
}

/// Reads rows by their numbers, which are sorted.
pub(super) fn rows_at(
    export: &Export,
    form: Form,
    plan: &Plan<'_>,
    numbers: &[u64],
) -> Result<Vec<RecordBatch>, String> {
    if form == Form::Parquet {
        let file = Arc::new(Parquet::open(export, &Limits::default())?.project(plan));
        let picked = guarded(|| file.rows_at(numbers)).and_then(|rows| rows);
        return picked.or_else(|_| rows_as_scanned(&file, numbers));
    }
    let (_, reader) = arrow_reader(export, form, Some(plan.read_columns()))?;
    let (mut rows, mut wanted, mut first) = (Vec::new(), numbers.iter().peekable(), 1);
    for batch in reader {
        let batch = batch.map_err(|error| error.to_string())?;
        rows.extend(pick(&mut wanted, first, batch.num_rows(), Ok(&batch))?);
        first += batch.num_rows() as u64;
        // What is behind the last of them may be damaged.
        if wanted.peek().is_none() {
            break;
        }
    }
    Ok(rows)
}

/// The same, read as a scan reads them: where a file is damaged, it depends on that what can be read.
fn rows_as_scanned(file: &Arc<Parquet>, numbers: &[u64]) -> Result<Vec<RecordBatch>, String> {
    let rows = Unread::Parquet { file: Arc::clone(file), group: 0, from: 0 };
    let mut source = Source { rows, next: 1, failure: None };
    let (mut found, mut wanted) = (Vec::new(), numbers.iter().peekable());
    while let Some((rows, mut first)) = source.next() {
        if wanted.peek().is_none_or(|number| **number >= source.position()) {
            continue;
        }
        for (count, batch) in rows {
            found.extend(pick(&mut wanted, first, count, batch.as_ref().map_err(Clone::clone))?);
            first += count as u64;
        }
    }
    Ok(found)
}

/// The wanted ones among so many rows, the first of which has this number; or why they cannot be read, if any are wanted.
fn pick<'n>(
    wanted: &mut Peekable<impl Iterator<Item = &'n u64>>,
    first: u64,
    count: usize,
    rows: Result<&RecordBatch, String>,
) -> Result<Option<RecordBatch>, String> {
    let mut places = Vec::new();
    while let Some(number) = wanted.next_if(|number| **number < first + count as u64) {
        places.push(number - first);
    }
    if places.is_empty() {
        return Ok(None);
    }
    take_record_batch(rows?, &UInt64Array::from(places)).map(Some).map_err(|error| error.to_string())
}
