//! A Parquet file: its row groups, read by several workers at a time.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use ::parquet::basic::Encoding;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::guarded;
use super::plan::is_text;
use crate::ingest::sniff::Plan;
use crate::ingest::{Export, Limits};

/// The key in a file's metadata that says which table was converted into it.
pub(crate) const TABLE_KEY: &str = "tokentrail.table";

/// An open file. Every reading opens it anew, because readers of one file handle share its position.
#[derive(Debug)]
pub(crate) struct Parquet {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    projection: ProjectionMask,
}

impl Parquet {
    /// Reads the file's footer, and holds what it promises against the limits.
    pub(super) fn open(export: &Export, limits: &Limits) -> Result<Self, String> {
        let file = File::open(&export.path).map_err(|error| error.to_string())?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let metadata =
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| error.to_string())?;
        let mut promised = 0_u64;
        for group in metadata.metadata().row_groups() {
            let rows = u64::try_from(group.num_rows()).map_err(|_| "a row group has less than no rows".to_owned())?;
            let bytes = u64::try_from(group.total_byte_size()).unwrap_or_default();
            promised = promised.saturating_add(rows.max(bytes));
            for column in group.columns() {
                let (start, size) = column.byte_range();
                if start.saturating_add(size) > length {
                    return Err("a column reaches past the end of the file".to_owned());
                }
            }
        }
        let allowance = length.saturating_mul(limits.decompression_ratio).max(64 << 20);
        let most = limits.decompressed_bytes.min(allowance);
        if promised > most {
            return Err(format!("it unpacks to more than {most} bytes or rows, as a decompression bomb would"));
        }
        Ok(Self { path: export.path.clone(), metadata, projection: ProjectionMask::all() })
    }

    /// The file's columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The table that was converted into this file, if one was.
    pub(super) fn table(&self) -> Option<&str> {
        let pairs = self.metadata.metadata().file_metadata().key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == TABLE_KEY)?.value.as_deref()
    }

    /// The same file, of which only the plan's columns are read. Strings that are stored as dictionaries stay in them.
    pub(super) fn project(self, plan: &Plan<'_>) -> Self {
        let projection = ProjectionMask::roots(self.metadata.parquet_schema(), plan.read_columns());
        let fields = self.schema().fields().iter().enumerate();
        let fields = fields.map(|(index, field)| {
            if !is_text(field.data_type()) || plan.wanted[index].is_none() {
                return Arc::clone(field);
            }
            let text = if self.is_shared(field.name()) {
                DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8))
            } else {
                DataType::Utf8View
            };
            Arc::new(Field::new(field.name(), text, field.is_nullable()))
        });
        let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), self.schema().metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(self.metadata.metadata()), options)
            .unwrap_or_else(|_| self.metadata.clone());
        Self { path: self.path, metadata, projection }
    }

    /// The same file, of which only the columns of these names are read.
    pub(super) fn project_by_name(self, names: &[&str]) -> Self {
        let projection = ProjectionMask::columns(self.metadata.parquet_schema(), names.iter().copied());
        Self { projection, ..self }
    }

    /// Whether all values of a column are places in dictionaries.
    fn is_shared(&self, name: &str) -> bool {
        let groups = self.metadata.metadata().row_groups().iter();
        let mut chunks =
            groups.flat_map(RowGroupMetaData::columns).filter(|chunk| chunk.column_path().parts() == [name]);
        let is_shared = |chunk: &ColumnChunkMetaData| {
            let encodings = chunk.page_encoding_stats_mask().unwrap_or_else(|| chunk.encodings_mask());
            chunk.dictionary_page_offset().is_some() && !encodings.is_set(Encoding::PLAIN)
        };
        chunks.all(is_shared)
    }

    /// How many rows a row group has; nothing behind the last one.
    pub(super) fn rows_of_group(&self, group: usize) -> Option<usize> {
        let groups = self.metadata.metadata().row_groups();
        groups.get(group).map(|group| usize::try_from(group.num_rows()).unwrap_or_default())
    }

    /// Reads rows of all row groups by their numbers, from 1.
    pub(super) fn rows_at(&self, numbers: &[u64]) -> Result<Vec<RecordBatch>, String> {
        let mut wanted = numbers.iter().filter_map(|number| usize::try_from(number - 1).ok()).peekable();
        let (mut groups, mut ranges, mut passed, mut kept) = (Vec::new(), Vec::new(), 0, 0);
        for (group, rows) in (0..).map_while(|group| Some((group, self.rows_of_group(group)?))) {
            let before = ranges.len();
            while let Some(place) = wanted.next_if(|place| *place < passed + rows) {
                let place = place - passed + kept;
                ranges.push(place..place + 1);
            }
            // The other groups are left alone: one may be damaged.
            if ranges.len() > before {
                groups.push(group);
                kept += rows;
            }
            passed += rows;
        }
        let selection = RowSelection::from_consecutive_ranges(ranges.into_iter(), kept);
        let reader = self.reader()?.with_row_groups(groups).with_row_selection(selection);
        let reader = reader.with_batch_size(AT_ONCE).build().map_err(|error| error.to_string())?;
        reader.collect::<Result<_, _>>().map_err(|error| error.to_string())
    }

    fn reader(&self) -> Result<ParquetRecordBatchReaderBuilder<File>, String> {
        let file = File::open(&self.path).map_err(|error| error.to_string())?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        Ok(reader.with_projection(self.projection.clone()))
    }
}

/// So many rows are read again at once.
const AT_ONCE: usize = 1 << 14;

/// Rows of a row group that are read one after another, so that its pages are unpacked once.
pub(in crate::ingest) struct RowsOfGroup {
    file: Arc<Parquet>,
    group: usize,
    /// Those that were not read yet.
    rows: Range<usize>,
    /// Stands before the first of them, once any were read.
    reader: Option<ParquetRecordBatchReader>,
}

impl RowsOfGroup {
    pub(super) fn new(file: &Arc<Parquet>, group: usize, rows: Range<usize>) -> Self {
        Self { file: Arc::clone(file), group, rows, reader: None }
    }

    /// At most so many of the next rows: how many, and what they are or why they cannot be read. Those behind them may
    /// be readable all the same.
    pub(super) fn next(&mut self, most: usize) -> Option<(usize, Result<RecordBatch, String>)> {
        let count = self.rows.len().min(most);
        let reader = self.reader.take();
        let read = (count > 0).then(|| guarded(|| self.read(reader, count)).and_then(|batch| batch))?;
        self.rows.start += count;
        let read = read.map(|(batch, reader)| {
            self.reader = Some(reader);
            batch
        });
        Some((count, read))
    }

    fn read(
        &self,
        reader: Option<ParquetRecordBatchReader>,
        count: usize,
    ) -> Result<(RecordBatch, ParquetRecordBatchReader), String> {
        let mut reader = match reader {
            Some(reader) => reader,
            None => self.reader(count)?,
        };
        match reader.next().transpose().map_err(|error| error.to_string())? {
            Some(batch) if batch.num_rows() == count => Ok((batch, reader)),
            batch => {
                let there = batch.map_or(0, |batch| batch.num_rows());
                Err(format!("{count} rows are promised, {there} are there"))
            }
        }
    }

    fn reader(&self, at_once: usize) -> Result<ParquetRecordBatchReader, String> {
        let reader = self.file.reader()?.with_row_groups(vec![self.group]).with_batch_size(at_once);
        let reader = reader.with_offset(self.rows.start).with_limit(self.rows.len());
        reader.build().map_err(|error| error.to_string())
    }
}
