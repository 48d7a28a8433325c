//! `tokentrail scan`: the main job.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::emit;
use tokentrail::engine::{Outcome, Scan, scan};
use tokentrail::exceptions::Exceptions;
use tokentrail::finding::Severity;
use tokentrail::incident::incidents;
use tokentrail::memory::{Memory, Store};
use tokentrail::value::Time;

use super::input::Input;
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Write records into this folder; without it, a summary goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// What to write: splunk, splunk-file, sentinel, sentinel-ndjson, ndjson, csv.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "ndjson")]
    format: Vec<String>,
    /// Keep what is learned in this folder, and judge by what earlier runs have left there.
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Findings that are expected, with reasons; exceptions.toml in a given folder is found by itself.
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// List the findings that are expected, too.
    #[arg(long)]
    show_excepted: bool,
    /// How idle days are counted: to the second, or from midnight as SOQL's `LAST_N_DAYS` does.
    #[arg(long, value_name = "MODE", default_value = "sliding")]
    idle_mode: IdleMode,
    /// Run only these detectors.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// Exit with 1 if a finding is at least this severe.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<String>,
    /// List every finding, not only the first ones; and every row that could not be used.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IdleMode {
    Sliding,
    Soql,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let input = &arguments.input;
    let mut prepared = input.prepare()?;
    let fail_on = arguments.fail_on.as_deref().map(severity).transpose()?;
    let chosen = chosen_detectors(&arguments.only, &prepared.values)?;
    let emitters = chosen_formats(&arguments.format)?;
    let exceptions = input.in_folder("exceptions.toml", arguments.exceptions.as_ref());
    let exceptions = exceptions.map(|path| Exceptions::read(&path)).transpose()?.unwrap_or_default();
    let mut unread = prepared.unread();
    let store = arguments.state.as_deref().map(Store::open).transpose()?;
    let memory = store.as_ref().map(|store| remembered(store, prepared.org())).transpose()?;
    let idle_by_date = arguments.idle_mode == IdleMode::Soql;
    let asked = Scan { idle_by_date, memory: memory.as_ref(), ..prepared.scan(&chosen) };
    let mut quarantine = QuarantineFile::new(arguments.out.as_deref(), arguments.verbose)?;
    let progress = prepared.progress(&asked.taken);
    let mut outcome = scan(&asked, &mut quarantine)?;
    drop(progress);
    quarantine.finish()?;
    outcome.problems.append(&mut unread);
    let sifted = exceptions.sift(std::mem::take(&mut outcome.findings), outcome.as_of);
    outcome.findings = sifted.findings;
    let incidents = incidents(&outcome.findings);
    if let Some(folder) = &arguments.out {
        write_records(folder, &emitters, &outcome)?;
        if emitters.iter().any(|name| name == "ndjson") {
            write_lines(folder, "incidents.ndjson", &incidents)?;
            write_lines(folder, "excepted.ndjson", &sifted.excepted)?;
        }
    } else {
        let mut out = super::stdout();
        summary::incidents(&incidents, &outcome.findings, arguments.verbose, &mut out)?;
        summary::findings(&outcome, arguments.verbose, &mut out)?;
        summary::excepted(&sifted.excepted, arguments.show_excepted, &mut out)?;
    }
    if !input.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        summary::reading(&outcome, arguments.out.as_deref(), &mut stderr)?;
    }
    // Last of all: what was not written is told again by the next run.
    if let (Some(store), Some(before), Some(now)) = (&store, &memory, outcome.memory.take()) {
        let now = now.within(prepared.keep);
        if now != *before {
            store.save(&now)?;
        }
    }
    let ended = ended(&outcome, fail_on, input.max_problems);
    // The program ends here: giving back every small text first would only cost time.
    std::mem::forget(outcome);
    Ok(ended)
}

/// What earlier runs have left, if it is of the same organisation.
fn remembered(store: &Store, org: Option<&str>) -> anyhow::Result<Memory> {
    let memory = store.load()?;
    if let (Some(own), Some(org)) = (memory.about.org.as_deref(), org)
        && own != org
    {
        bail!("this memory is of the organisation {own}, not of {org}\n\nhint: give each organisation its own --state");
    }
    Ok(memory)
}

fn ended(outcome: &Outcome, fail_on: Option<Severity>, max_problems: usize) -> Ended {
    let is_grave = |severity: Severity| fail_on.is_some_and(|limit| severity >= limit);
    if outcome.findings.iter().any(|finding| is_grave(finding.severity)) {
        Ended::WithFindings
    } else if outcome.problems.len() > max_problems {
        Ended::WithProblems
    } else {
        Ended::Well
    }
}

fn chosen_detectors(only: &[String], values: &tokentrail::settings::Values) -> anyhow::Result<Vec<&'static Detector>> {
    for id in only {
        if detectors::find(id).is_none() {
            bail!("no detector is called {id:?}\n\nhint: list them with: tokentrail detectors");
        }
    }
    let is_chosen = |detector: &&&'static Detector| {
        if only.is_empty() { !values.is_off(detector.id) } else { only.iter().any(|id| id == detector.id) }
    };
    Ok(detectors::ALL.iter().filter(is_chosen).copied().collect())
}

/// The names of the formats, checked before anything is read.
fn chosen_formats(names: &[String]) -> anyhow::Result<Vec<String>> {
    let known: Vec<&str> = emit::all(Time::EARLIEST).iter().map(|emitter| emitter.name()).collect();
    for name in names {
        if !known.contains(&name.as_str()) {
            bail!("no format is called {name:?}\n\nhint: formats are {}", known.join(", "));
        }
    }
    Ok(names.to_vec())
}

/// Each format's files, written aside and put in place whole; parts of an earlier run go away.
fn write_records(folder: &Path, formats: &[String], outcome: &Outcome) -> anyhow::Result<()> {
    let emitters = emit::all(outcome.as_of);
    for emitter in emitters.iter().filter(|emitter| formats.iter().any(|name| name == emitter.name())) {
        let mut written = Vec::new();
        let aside = |name: &str| folder.join(format!(".{name}.part"));
        emit::write_parts(emitter.as_ref(), &outcome.findings, |name| {
            written.push(name.to_owned());
            Ok(BufWriter::new(File::create(aside(name))?))
        })
        .with_context(|| format!("cannot write {} records into {}", emitter.name(), folder.display()))?;
        remove_older_parts(folder, emitter.file_name())?;
        for name in written {
            let path = folder.join(&name);
            fs::rename(aside(&name), &path).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// One record a line, written aside and put in place whole.
fn write_lines<T: serde::Serialize>(folder: &Path, name: &str, records: &[T]) -> anyhow::Result<()> {
    let (path, aside) = (folder.join(name), folder.join(format!(".{name}.part")));
    let write = || -> anyhow::Result<()> {
        let mut out = BufWriter::new(File::create(&aside)?);
        for record in records {
            emit::write_line(record, &mut out)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(fs::rename(&aside, &path)?)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn remove_older_parts(folder: &Path, file_name: &str) -> anyhow::Result<()> {
    let Some((stem, extension)) = file_name.rsplit_once('.') else { return Ok(()) };
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number =
            name.strip_prefix(&format!("{stem}-")).and_then(|rest| rest.strip_suffix(&format!(".{extension}")));
        if number.is_some_and(|number| number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit())) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

fn severity(word: &str) -> anyhow::Result<Severity> {
    let known = Severity::ALL.map(Severity::word).join(", ");
    tokentrail::settings::severity(word)
        .ok_or_else(|| anyhow::anyhow!("no severity is called {word:?}\n\nhint: severities are {known}"))
}
