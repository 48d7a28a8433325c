//! Where the records of an export come from: text that is cut into blocks, or columns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::record_batch::RecordBatch;

use super::columnar::{self, Columns, Form, Rows};
use super::open::open;
use super::shape::Demand;
use super::sniff::{Plan, Refusal, Sniffed, sniff};
use super::split::{Content, Splitter};
use super::{Export, Limits};
use crate::schema::Schemas;

/// An open export.
pub(super) enum Source {
    Text(Splitter),
    Columns { source: columnar::Source, size: u64, taken: Arc<AtomicU64> },
}

/// The next records: what they are, where they begin, and rows that are still to be read.
pub(super) type Next = (Content, u64, Option<Rows>);

impl Source {
    /// Opens an export and decides how it is read. The last part are columns of it that cannot be read.
    pub(super) fn open<'s>(
        export: &Export,
        schemas: &'s Schemas,
        demand: &Demand,
        limits: &Limits,
        taken: &Arc<AtomicU64>,
    ) -> Result<(Plan<'s>, Self, Vec<Refusal>), Refusal> {
        let cannot = |error: std::io::Error| (format!("cannot be opened: {error}"), None);
        if let Some(form) = Form::of(export).map_err(cannot)? {
            let opened = columnar::open(export, form, schemas, demand, limits)?;
            let source = Self::Columns { source: opened.source, size: export.size, taken: Arc::clone(taken) };
            return Ok((opened.plan, source, opened.unreadable));
        }
        let mut reader = open(export, limits, taken).map_err(cannot)?.reader;
        let Sniffed { plan, pending, offset } = sniff(&mut reader, schemas, demand)?;
        let splitter = Splitter::new(reader, plan.framing, limits.block_bytes, pending, offset);
        Ok((plan, Self::Text(splitter), Vec::new()))
    }

    /// The next block of text goes into `block`; nothing at the end.
    pub(super) fn next(&mut self, block: &mut Vec<u8>) -> Option<Next> {
        match self {
            Self::Text(splitter) => splitter.next(block).map(|(content, offset)| (content, offset, None)),
            Self::Columns { source, size, taken } => {
                block.clear();
                let next = source.next().map(|(rows, first)| (Content::Columns, first, Some(rows)));
                // Nobody knows which of the file's bytes a row takes: it counts as read when the first rows are.
                taken.fetch_add(std::mem::take(size), Ordering::Relaxed);
                next
            }
        }
    }

    /// What the source died of, and where.
    pub(super) fn failure(&mut self) -> Option<(String, Option<u64>)> {
        match self {
            Self::Text(splitter) => {
                let failure = splitter.failure.take()?;
                Some((format!("breaks off: {failure}"), Some(splitter.offset())))
            }
            Self::Columns { source, .. } => {
                let failure = source.failure.take()?;
                Some((format!("breaks off before row {}: {failure}", source.position()), None))
            }
        }
    }
}

/// Makes cells of rows.
pub(super) fn columns(batch: &RecordBatch, plan: &Plan<'_>) -> Result<Arc<Columns>, String> {
    columnar::guarded(|| Columns::of(batch, plan)).and_then(|columns| columns).map(Arc::new)
}
