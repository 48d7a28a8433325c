//! Evidence back from the export: the record at an offset, read by the same code that read it the first time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::columnar::{self, Form};
use super::feed::Task;
use super::open::{Opened, open};
use super::shape::{Demand, Shaper};
use super::sniff::{Plan, Sniffed, sniff};
use super::split::{Content, Framing};
use super::{Export, Limits};
use crate::apps::Register;
use crate::batch::Role;
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
    /// The record as it stands in the export. It may hold secrets: for comparison, not for output.
    pub raw: Vec<u8>,
    /// Where it comes from, if the export is a converted one.
    pub origin: Option<Origin>,
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
    let mut shaper = Shaper::new(demand, register, zone);
    if let Some(form) = Form::of(export)? {
        return columnar::read_back(export, form, offsets, schemas, demand, &mut shaper);
    }
    let Opened { mut reader, is_plain } = open(export, &limits, &Arc::default())?;
    let Sniffed { plan, .. } =
        sniff(&mut reader, schemas, demand).map_err(|(what, _)| io::Error::other(format!("has changed: {what}")))?;
    let source = if is_plain {
        Source::Plain(File::open(&export.path)?)
    } else {
        Source::Decoded(open(export, &limits, &Arc::default())?.reader)
    };
    let mut stream = Stream { source, pending: Vec::new(), at: 0 };
    let (sequence, plan, content) = (0, Arc::new(plan), Content::Records);
    let task =
        Task { sequence, export: 0, plan: Arc::clone(&plan), content, offset: 0, rows: None, picked: Vec::new() };
    let mut records = Vec::with_capacity(offsets.len());
    for &offset in offsets {
        let raw = stream.record(offset, &plan)?;
        let (identity, event_id, address) = shaper
            .one(&task, &raw)
            .ok_or_else(|| io::Error::other(format!("has changed: no usable record at byte {offset}")))?;
        records.push(ReadBack { offset, identity, event_id, address, raw, origin: None });
    }
    Ok(records)
}

/// A stream that is read forwards, each record once.
struct Stream {
    source: Source,
    /// Bytes read and not yet passed, and the offset of the first.
    pending: Vec<u8>,
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
    fn record(&mut self, offset: u64, plan: &Plan<'_>) -> io::Result<Vec<u8>> {
        self.move_to(offset)?;
        loop {
            if let Some(end) = record_end(&self.pending, plan.framing) {
                return Ok(self.pending[..end].to_vec());
            }
            if self.fill(self.pending.len() as u64 + CHUNK)? == 0 {
                return Ok(self.pending.clone());
            }
        }
    }

    fn move_to(&mut self, offset: u64) -> io::Result<()> {
        let passed = usize::try_from(offset - self.at).unwrap_or(usize::MAX);
        if passed <= self.pending.len() {
            self.pending.drain(..passed);
        } else if let Source::Plain(file) = &mut self.source {
            file.seek(SeekFrom::Start(offset))?;
            self.pending.clear();
        } else {
            let mut left = offset - self.at - self.pending.len() as u64;
            self.pending.clear();
            while left > 0 {
                let read = self.fill(left.min(CHUNK))?;
                self.pending.clear();
                if read == 0 {
                    break;
                }
                left -= read;
            }
        }
        self.at = offset;
        Ok(())
    }

    /// Reads so many more bytes, or what there is; says how many.
    fn fill(&mut self, more: u64) -> io::Result<u64> {
        let read = match &mut self.source {
            Source::Plain(file) => file.take(more).read_to_end(&mut self.pending),
            Source::Decoded(reader) => reader.take(more).read_to_end(&mut self.pending),
        };
        Ok(read? as u64)
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
    /// The identity, the event identifier and the address of the one record in a block.
    pub(super) fn one(&mut self, task: &Task<'_>, record: &[u8]) -> Option<(u128, Option<String>, Option<String>)> {
        let part = self.shape(task, record).into_iter().find(|part| part.batch.rows() > 0)?;
        let identity = *part.batch.identities.first()?;
        let address = self.dictionary.role_text(Role::SourceIp, part.batch.id(Role::SourceIp, 0)).map(str::to_owned);
        let plan = part.plan?;
        Some((identity, self.event_id(&plan, record), address))
    }
}
