//! `tokentrail scan`: the main job.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;
use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::engine::{Outcome, Scan, scan};
use tokentrail::exceptions::Exceptions;
use tokentrail::finding::{Finding, Severity};
use tokentrail::incident::{Incident, incidents};
use tokentrail::memory::{Memory, Store};

use super::deliver::Outgoing;
use super::events::{self, Emit};
use super::input::Input;
use super::quarantine::QuarantineFile;
use super::{Ended, records, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Write records into this folder; without it, a summary goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// What to write: splunk, splunk-file, sentinel, sentinel-ndjson, ocsf, ecs, datadog, cef, leef, ndjson, csv,
    /// parquet, stix.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "ndjson")]
    format: Vec<String>,
    /// What to write: findings, events (each login, call, setup change and token; as splunk, sentinel and ocsf), or both.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "findings", hide_possible_values = true)]
    emit: Vec<Emit>,
    /// Deliver what is found to the destinations of this file.
    #[arg(long, value_name = "FILE")]
    deliver: Option<PathBuf>,
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
    let emitters = records::chosen(&arguments.format)?;
    let events =
        events::chosen(&arguments.emit, &arguments.format, arguments.out.as_deref(), arguments.state.is_some())?;
    let tells_findings = arguments.emit.contains(&Emit::Findings);
    let exceptions = input.in_folder("exceptions.toml", arguments.exceptions.as_ref());
    let exceptions = exceptions.map(|path| Exceptions::read(&path)).transpose()?.unwrap_or_default();
    let mut unread = prepared.unread();
    let outgoing = arguments.deliver.as_deref().map(Outgoing::open).transpose()?;
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
    if let Some(outgoing) = &outgoing {
        outgoing.spool(&outcome.findings)?;
    }
    if let Some(folder) = &arguments.out {
        let formats = if tells_findings { &emitters[..] } else { &[] };
        write(folder, formats, &outcome, &incidents, &sifted.excepted)?;
        events::write(folder, &events, &prepared, &mut outcome)?;
    } else if outgoing.is_none() || arguments.verbose {
        let mut out = super::stdout();
        summary::incidents(&incidents, &outcome.findings, arguments.verbose, &mut out)?;
        summary::findings(&outcome, arguments.verbose, &mut out)?;
        summary::excepted(&sifted.excepted, arguments.show_excepted, &mut out)?;
    }
    if !input.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        summary::reading(&outcome, arguments.out.as_deref().filter(|_| tells_findings), &mut stderr)?;
    }
    // Last of all: what was not written is told again by the next run.
    if let (Some(store), Some(before), Some(now)) = (&store, &memory, outcome.memory.take()) {
        let now = now.within(prepared.keep);
        if now != *before {
            store.save(&now)?;
        }
    }
    let delivered = outgoing.map(|outgoing| outgoing.send(input.quiet)).transpose()?;
    let ended = match delivered {
        Some(failed @ (Ended::WithRefused | Ended::WithUndelivered)) => failed,
        _ => ended(&outcome, fail_on, input.max_problems),
    };
    // The program ends here: giving back every small text first would only cost time.
    std::mem::forget(outcome);
    Ok(ended)
}

/// Each format's files; beside plain findings those that they belong with.
fn write(
    folder: &Path,
    formats: &[String],
    outcome: &Outcome,
    incidents: &[Incident],
    excepted: &[(Finding, String)],
) -> anyhow::Result<()> {
    records::write(folder, formats, &outcome.findings, outcome.as_of)?;
    if formats.iter().any(|name| name == "ndjson") {
        records::write_lines(folder, "incidents.ndjson", incidents)?;
        records::write_lines(folder, "excepted.ndjson", excepted)?;
    }
    Ok(())
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

pub(super) fn severity(word: &str) -> anyhow::Result<Severity> {
    let known = Severity::ALL.map(Severity::word).join(", ");
    tokentrail::settings::severity(word)
        .ok_or_else(|| anyhow::anyhow!("no severity is called {word:?}\n\nhint: severities are {known}"))
}
