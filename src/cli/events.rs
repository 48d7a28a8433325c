//! Normalised events in a folder: what `scan --emit events` writes beside findings.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokentrail::convert::Tables;
use tokentrail::engine::Outcome;
use tokentrail::events::{self, Format, Said, TABLES};

use super::input::Prepared;
use super::quarantine::QuarantineFile;

/// What a scan writes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Emit {
    /// What was found.
    Findings,
    /// Logins, calls, setup changes and tokens, one record each.
    Events,
}

/// The events' formats that go with the findings' formats, checked before anything is read.
pub(super) fn chosen(
    emit: &[Emit],
    names: &[String],
    out: Option<&Path>,
    remembers: bool,
) -> anyhow::Result<Vec<Format>> {
    if remembers && !emit.contains(&Emit::Findings) {
        bail!(
            "with --state, findings that are not written would not be told again\n\nhint: use --emit findings,events"
        );
    }
    if !emit.contains(&Emit::Events) {
        return Ok(Vec::new());
    }
    if out.is_none() {
        bail!("events are written into a folder\n\nhint: give one with --out");
    }
    let goes = |format: &Format| names.iter().any(|name| format.goes_with(name));
    let formats: Vec<Format> = Format::ALL.into_iter().filter(goes).collect();
    if formats.is_empty() {
        bail!("no format of {} has events\n\nhint: splunk, sentinel and ocsf have them", names.join(","));
    }
    Ok(formats)
}

/// Reads the exports once more and writes a file for each format, aside first and then put in place whole. What could
/// not be read is among the outcome's problems then.
pub(super) fn write(
    folder: &Path,
    formats: &[Format],
    prepared: &Prepared,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    if formats.is_empty() {
        return Ok(());
    }
    let mut quarantine = QuarantineFile::named(folder, "quarantine.events.ndjson")?;
    let tables = events::read(&prepared.convert(), &mut quarantine);
    quarantine.finish()?;
    let said = Said { org: prepared.org(), register: &prepared.register, generated: outcome.as_of };
    for format in formats {
        let path = folder.join(format.file_name());
        write_file(&tables, *format, &said, &path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !prepared.is_quiet() {
        tell(&tables, &mut anstream::AutoStream::auto(io::stderr().lock()))?;
    }
    outcome.problems.extend_from_slice(&tables.problems);
    outcome.problems.sort();
    outcome.problems.dedup();
    // Giving back every small text would only cost time.
    std::mem::forget(tables);
    Ok(())
}

fn write_file(tables: &Tables, format: Format, said: &Said<'_>, path: &Path) -> anyhow::Result<()> {
    let aside = path.with_file_name(format!(".{}.part", format.file_name()));
    let mut out = BufWriter::new(File::create(&aside)?);
    events::write(tables, format, said, &mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(fs::rename(&aside, path)?)
}

fn tell(tables: &Tables, out: &mut dyn Write) -> io::Result<()> {
    let of = |table| format!("{} {}", tables.rows(table), table.name().replace('_', " "));
    writeln!(out, "events written of {}", TABLES.map(of).join(", "))
}
