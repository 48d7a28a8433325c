//! Emitters: a finding in, the bytes of one record out, in the forms that SIEMs take.
//!
//! Formats only. Nothing here delivers, prints, reads a clock, or knows how findings came about.

use std::{
    io::{self, Write},
    net::IpAddr,
};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{
    finding::{Finding, Named, Subject},
    value::Time,
};

mod cef;
mod csv;
mod datadog;
mod ecs;
mod field;
mod json;
mod leef;
mod ndjson;
mod ocsf;
mod own;
mod parquet;
mod sentinel;
mod splunk;
mod stix;
mod text;

pub use self::{
    cef::Cef,
    csv::Csv,
    datadog::Datadog,
    ecs::Ecs,
    field::{Field, Kind},
    leef::Leef,
    ndjson::Ndjson,
    ocsf::Ocsf,
    parquet::Parquet,
    sentinel::Sentinel,
    splunk::Splunk,
    stix::Stix,
};

pub(crate) use self::{
    json::{Record, fit, write as write_json},
    splunk::seconds,
    text::head,
};

/// What records call the version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One output format. Formats; never delivers.
pub trait Emitter: Sync {
    /// Name on the command line.
    fn name(&self) -> &'static str;

    /// What its file is called; parts are numbered before the last dot.
    fn file_name(&self) -> &'static str;

    /// The most bytes that one part may take, when the receiver limits them.
    fn part_limit(&self) -> Option<usize> {
        None
    }

    /// The most records that one part may hold, when the receiver limits them.
    fn part_records(&self) -> Option<usize> {
        None
    }

    /// Written at the start of every part: CSV's header, a JSON array's bracket.
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes one finding as one record, short enough for a part of its own.
    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()>;

    /// Writes the whole file, if the format's files are not records one after another. None, and nothing is written,
    /// if they are.
    fn emit_all(&self, findings: &[&Finding], out: &mut dyn Write) -> Option<io::Result<()>> {
        let _ = (findings, out);
        None
    }

    /// Written between two records of a part: a JSON array's comma.
    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Written at the end of every part.
    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }
}

/// Every format, in the order in which they are listed.
///
/// `generated` is when the findings are said to be made, for formats that must carry such a time. There is no clock
/// here: the caller says it, and the same value gives the same bytes.
pub fn all(generated: Time) -> Vec<Box<dyn Emitter>> {
    vec![
        Box::new(Splunk::Collector),
        Box::new(Splunk::File),
        Box::new(Sentinel::arrays(generated)),
        Box::new(Sentinel::lines(generated)),
        Box::new(Ocsf { generated }),
        Box::new(Ecs { generated }),
        Box::new(Datadog),
        Box::new(Cef { generated }),
        Box::new(Leef { generated }),
        Box::new(Ndjson),
        Box::new(Csv),
        Box::new(Parquet),
        Box::new(Stix { generated }),
    ]
}

/// Anything as JSON on one line, with hidden characters escaped: for records that are no findings.
pub fn json_line(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    json::write(value, out)?;
    out.write_all(b"\n")
}

/// Writes a line of CSV that spreadsheets take for text, whatever the cells hold.
///
/// # Errors
/// If it cannot be written.
pub fn csv_line(cells: &[&str], out: &mut dyn Write) -> io::Result<()> {
    csv::line(cells, out)
}

/// Writes findings in one format, as one file or as numbered parts, and says how many parts it made.
///
/// `open` is asked for each file by name, in order. Without findings there is one part without records, so that a run
/// that found nothing leaves a file that says so.
pub fn write_parts<'f, W: Write>(
    emitter: &dyn Emitter,
    findings: impl IntoIterator<Item = &'f Finding>,
    mut open: impl FnMut(&str) -> io::Result<W>,
) -> io::Result<usize> {
    let begin = bytes_of(|out| emitter.begin(out))?;
    let between = bytes_of(|out| emitter.between(out))?;
    let end = bytes_of(|out| emitter.end(out))?;
    let limit = emitter.part_limit().unwrap_or(usize::MAX);
    let most = emitter.part_records().unwrap_or(usize::MAX);

    let mut parts = 1;
    let mut part = open(&part_name(emitter, parts))?;
    let findings: Vec<&Finding> = findings.into_iter().collect();
    if let Some(written) = emitter.emit_all(&findings, &mut part) {
        written?;
        part.flush()?;
        return Ok(parts);
    }
    part.write_all(&begin)?;
    let (mut size, mut records) = (begin.len(), 0);
    // Formatting is most of the work, and every record is its own.
    let format = |finding: &&Finding| bytes_of(|out| emitter.emit(finding, out));
    for record in findings.chunks(AT_ONCE).flat_map(|some| some.par_iter().map(format).collect::<Vec<_>>()) {
        let record = record?;
        if records == 0 {
            // The part's first record: it always fits.
        } else if records < most && size + between.len() + record.len() + end.len() <= limit {
            part.write_all(&between)?;
            size += between.len();
        } else {
            part.write_all(&end)?;
            part.flush()?;
            parts += 1;
            part = open(&part_name(emitter, parts))?;
            part.write_all(&begin)?;
            (size, records) = (begin.len(), 0);
        }
        part.write_all(&record)?;
        size += record.len();
        records += 1;
    }
    part.write_all(&end)?;
    part.flush()?;
    Ok(parts)
}

/// So many records are formatted before the first of them is written.
const AT_ONCE: usize = 4096;

/// The file's name; `findings.sentinel.json` becomes `findings.sentinel-0001.json` where parts are limited.
fn part_name(emitter: &dyn Emitter, part: usize) -> String {
    let name = emitter.file_name();
    match (emitter.part_limit(), name.rsplit_once('.')) {
        (Some(_), Some((stem, extension))) => format!("{stem}-{part:04}.{extension}"),
        _ => name.to_owned(),
    }
}

fn bytes_of(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    Ok(bytes)
}

/// What people call it: its name, else its id. An empty text is no name.
fn label(named: Option<&Named>) -> Option<&str> {
    let named = named?;
    stated(named.name.as_deref()).or(stated(named.id.as_deref()))
}

/// The source address, where it is one: exports also say `Salesforce.com IP` and the like.
fn address(subject: &Subject) -> Option<&str> {
    subject.address.as_deref().filter(|text| text.parse::<IpAddr>().is_ok())
}

/// A text that says something.
fn stated(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// One record as a line of JSON, in which everything hidden is escaped.
///
/// # Errors
/// If it cannot be written.
pub fn write_line(record: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    json::write(record, out)?;
    out.write_all(b"\n")
}
