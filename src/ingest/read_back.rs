//! Evidence back from the export: the record at an offset, read by the same code that read it the first time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::open::{Compression, open};
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
    let (compression, mut reader) = open(&export.path, &limits, &Arc::default())?;
    let Sniffed { plan, .. } = sniff(&mut reader, schemas, demand)
        .map_err(|(what, _)| io::Error::other(format!("has changed: {what}")))?;
    let mut stream = match compression {
        Compression::None => Stream::Plain(File::open(&export.path)?),
        _ => Stream::Decoded { reader: open(&export.path, &limits, &Arc::default())?.1, at: 0, pending: Vec::new() },
    };
    let plan = Arc::new(plan);
    let mut shaper = Shaper::new(demand, register, zone);
    let mut records = Vec::with_capacity(offsets.len());
    for &offset in offsets {
        let raw = stream.record(offset, &plan)?;
        let (identity, event_id, address) = shaper
            .identify(&plan, &raw)
            .ok_or_else(|| io::Error::other(format!("has changed: no usable record at byte {offset}")))?;
        records.push(ReadBack { offset, identity, event_id, address, raw });
    }
    Ok(records)
}

enum Stream {
    Plain(File),
    Decoded { reader: Box<dyn Read + Send>, at: u64, pending: Vec<u8> },
}

impl Stream {
    fn record(&mut self, offset: u64, plan: &Plan<'_>) -> io::Result<Vec<u8>> {
        let mut wanted = 64 << 10;
        loop {
            let (mut bytes, ended) = self.at_least(offset, wanted)?;
            if let Some(end) = record_end(&bytes, plan.framing) {
                bytes.truncate(end);
                return Ok(bytes);
            }
            if ended {
                return Ok(bytes);
            }
            wanted *= 4;
        }
    }

    /// At least so many bytes from an offset on, or all that there are.
    fn at_least(&mut self, offset: u64, wanted: u64) -> io::Result<(Vec<u8>, bool)> {
        match self {
            Self::Plain(file) => {
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(offset))?;
                let count = file.take(wanted).read_to_end(&mut bytes)? as u64;
                Ok((bytes, count < wanted))
            }
            Self::Decoded { reader, at, pending } => {
                while *at + (pending.len() as u64) < offset + wanted {
                    if *at + (pending.len() as u64) <= offset {
                        *at += pending.len() as u64;
                        pending.clear();
                    }
                    let before = pending.len();
                    reader.by_ref().take(wanted).read_to_end(pending)?;
                    if pending.len() == before {
                        break;
                    }
                }
                let skip = usize::try_from(offset.saturating_sub(*at)).unwrap_or(usize::MAX);
                let bytes = pending.get(skip..).unwrap_or_default().to_vec();
                let ended = (bytes.len() as u64) < wanted;
                Ok((bytes, ended))
            }
        }
    }
}

fn record_end(bytes: &[u8], framing: Framing) -> Option<usize> {
    match framing {
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
    fn identify(&mut self, plan: &Arc<Plan<'_>>, record: &[u8]) -> Option<(u128, Option<String>, Option<String>)> {
        let task = super::feed::Task {
            sequence: 0,
            export: 0,
            plan: Arc::clone(plan),
            content: Content::Records,
            offset: 0,
        };
        let (batch, _, _) = self.shape(&task, record);
        let identity = *batch.identities.first()?;
        let address = self.dictionary.role_text(Role::SourceIp, batch.id(Role::SourceIp, 0)).map(str::to_owned);
        Some((identity, self.event_id(plan, record), address))
    }
}
