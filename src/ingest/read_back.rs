//! Evidence back from the export: the record at an offset, read by the same code that read it the first time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;

use super::columnar::{self, Form};
use super::feed::Task;
use super::open::{Opened, open};
use super::shape::{Demand, Shaper};
use super::sniff::{Plan, Sniffed, sniff};
use super::split::{Content, Framing};
use super::{Export, Limits};
use crate::apps::Register;
use crate::batch::{Batch, Role, Table};
use crate::schema::Schemas;
use crate::value::Zone;

/// A record that was read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// Where it starts in the decompressed export.
    pub offset: u64,
    /// What makes it the same event as another; see [`crate::ingest`].
    pub identity: u128,
    /// The event's own identifier, if the export has one.
    pub event_id: Option<String>,
    /// The address that it came from, if the export has one.
    pub address: Option<String>,
    /// Where it comes from, if the export is a converted one; or why that cannot be read.
    pub origin: Option<Result<Origin, String>>,
}

/// Where a row of a converted export comes from, as that export says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The original export's name.
    pub export: String,
    /// Its SHA-256.
    pub sha256: String,
    /// The record's number in it.
    pub record: u64,
    /// Where the record starts in it.
    pub offset: u64,
}

/// Reads records of an export by their offsets, which are sorted.
///
/// # Errors
/// If the export cannot be read any more, or has changed so that no record stands there.
pub fn read_back(
    export: &Export,
    offsets: &[u64],
    schemas: &Schemas,
    demand: &Demand,
    register: &Register,
    zone: Option<Zone>,
) -> io::Result<Vec<ReadBack>> {
    let limits = Limits::default();
    let mut with_ids = demand.clone();
    with_ids.keep_event_ids();
    with_ids.add(&Table::ALL, [Role::EventId]);
    if let Some(form) = Form::of(export)? {
        let mut shaper = Shaper::new(&with_ids, register, zone);
        return columnar::read_back(export, form, offsets, schemas, demand, &mut shaper);
    }
    let Opened { mut reader, is_plain } = open(export, &limits, &Arc::default())?;
    let Sniffed { plan, .. } =
        sniff(&mut reader, schemas, demand).map_err(|(what, _)| io::Error::other(format!("has changed: {what}")))?;
    let plan = Arc::new(plan);
    let from = |source: Source, offsets: &[u64]| {
        let stream = Stream { source, pending: Vec::new(), start: 0, at: 0 };
        stream.records(offsets, &plan, &mut Shaper::new(&with_ids, register, zone))
    };
    let records = if is_plain {
        let parts = offsets.par_chunks(OF_A_WORKER);
        let parts = parts.map(|offsets| from(Source::Plain(File::open(&export.path)?), offsets));
        parts.collect::<io::Result<Vec<_>>>()?.concat()
    } else {
        from(Source::Decoded(open(export, &limits, &Arc::default())?.reader), offsets)?
    };
    let found = records.iter().map(|record| Some(record.offset)).chain(std::iter::repeat(None));
    match offsets.iter().zip(found).find(|(wanted, found)| Some(**wanted) != *found) {
        Some((offset, _)) => Err(io::Error::other(format!("has changed: no usable record at byte {offset}"))),
        None => Ok(records),
    }
}

/// So many records of a file that can be read anywhere are read by one worker.
const OF_A_WORKER: usize = 1 << 14;
/// So many bytes of records are shaped at once.
const AT_ONCE: usize = 1 << 20;

/// A stream that is read forwards, each record once.
struct Stream {
    source: Source,
    /// Bytes read; those from `start` on are not yet passed, and the first of these is at the offset `at`.
    pending: Vec<u8>,
    start: usize,
    at: u64,
}

enum Source {
    /// Can be moved to an offset.
    Plain(File),
    /// Has to be read through.
    Decoded(Box<dyn Read + Send>),
}

const CHUNK: u64 = 64 << 10;

impl Stream {
    /// The records at these offsets that are there and can be used.
    fn records(mut self, offsets: &[u64], plan: &Arc<Plan<'_>>, shaper: &mut Shaper<'_>) -> io::Result<Vec<ReadBack>> {
        let mut records = Vec::with_capacity(offsets.len());
        let (mut bytes, mut picked) = (Vec::new(), Vec::new());
        for (number, &offset) in offsets.iter().enumerate() {
            picked.push((0, offset));
            self.record(offset, plan, &mut bytes)?;
            if bytes.last() != Some(&b'\n') {
                bytes.push(b'\n');
            }
            if bytes.len() >= AT_ONCE || number + 1 == offsets.len() {
                let picked = std::mem::take(&mut picked);
                let task = Task { picked, ..Task::new(0, plan, Content::Records, 0) };
                records.extend(shaper.read_again(&task, &bytes));
                bytes.clear();
            }
        }
        records.sort_unstable_by_key(|record: &ReadBack| record.offset);
        Ok(records)
    }

    /// Appends the record at an offset.
    fn record(&mut self, offset: u64, plan: &Plan<'_>, bytes: &mut Vec<u8>) -> io::Result<()> {
        self.move_to(offset)?;
        loop {
            let known = &self.pending[self.start..];
            if let Some(end) = record_end(known, plan.framing) {
                bytes.extend_from_slice(&known[..end]);
                return Ok(());
            }
            if self.fill(known.len() as u64 + CHUNK)? == 0 {
                bytes.extend_from_slice(&self.pending[self.start..]);
                return Ok(());
            }
        }
    }

    fn move_to(&mut self, offset: u64) -> io::Result<()> {
        let passed = usize::try_from(offset - self.at).unwrap_or(usize::MAX);
        let known = self.pending.len() - self.start;
        if passed <= known {
            self.start += passed;
        } else if let Source::Plain(file) = &mut self.source {
            file.seek(SeekFrom::Start(offset))?;
            (self.start, self.pending) = (0, Vec::new());
        } else {
            let mut left = offset - self.at - known as u64;
            loop {
                self.start = self.pending.len();
                let read = if left > 0 { self.fill(left.min(CHUNK))? } else { 0 };
                if read == 0 {
                    break;
                }
                left -= read;
            }
        }
        self.at = offset;
        Ok(())
    }

    /// Reads so many more bytes, or what there is; says how many. Where the export breaks off, what stands before that
    /// was used, so it counts; reading on from there fails.
    fn fill(&mut self, more: u64) -> io::Result<u64> {
        self.pending.drain(..std::mem::take(&mut self.start));
        let known = self.pending.len();
        let read = match &mut self.source {
            Source::Plain(file) => file.take(more).read_to_end(&mut self.pending),
            Source::Decoded(reader) => reader.take(more).read_to_end(&mut self.pending),
        };
        match read {
            Err(error) if self.pending.len() == known => Err(error),
            _ => Ok((self.pending.len() - known) as u64),
        }
    }
}

fn record_end(bytes: &[u8], framing: Framing) -> Option<usize> {
    match framing {
        Framing::Columns => None,
        Framing::Lines => memchr::memchr(b'\n', bytes).map(|at| at + 1),
        Framing::Objects => super::json::first_object_end(bytes),
        Framing::Csv => {
            let mut inside = false;
            for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
                match bytes[at] {
                    b'"' => inside = !inside,
                    _ if !inside => return Some(at + 1),
                    _ => {}
                }
            }
            None
        }
    }
}

impl Shaper<'_> {
    /// What is to be known again of a block's records.
    pub(super) fn read_again(&mut self, task: &Task<'_>, bytes: &[u8]) -> Vec<ReadBack> {
        let parts = self.shape(task, bytes);
        let batches = parts.iter().map(|part| &part.batch);
        let rows = batches.flat_map(|batch| (0..batch.rows()).map(move |row| (batch, row)));
        let text = |role: Role, (batch, row): (&Batch, usize)| {
            self.dictionary.role_text(role, batch.id(role, row)).map(str::to_owned)
        };
        rows.map(|(batch, row)| ReadBack {
            offset: batch.offsets[row],
            identity: batch.identities[row],
            event_id: text(Role::EventId, (batch, row)),
            address: text(Role::SourceIp, (batch, row)),
            origin: None,
        })
        .collect()
    }
}
