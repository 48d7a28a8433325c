//! `tokentrail scan`: the main job.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokentrail::apps::Register;
use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::emit;
use tokentrail::engine::{Outcome, Scan, Window, scan};
use tokentrail::finding::Severity;
use tokentrail::ingest::Limits;
use tokentrail::schema::Schemas;
use tokentrail::value::time::{DAY, SECOND};
use tokentrail::value::{Time, Zone};

use super::input::Input;
use super::progress::Progress;
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Exports: files, folders or patterns; CSV, JSON, Parquet or Arrow, plain or as .gz, .zst or .zip; - is standard
    /// input.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write records into this folder; without it, a summary goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// What to write: splunk, splunk-file, sentinel, sentinel-ndjson, ndjson, csv.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "ndjson")]
    format: Vec<String>,
    /// The register of your apps; apps.toml in a given folder is found by itself.
    #[arg(long, value_name = "FILE")]
    apps: Option<PathBuf>,
    /// Settings to merge over the defaults.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// A folder of schemas to add, or to put in place of the embedded ones.
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,
    /// The organisation's id, where exports do not name it.
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// The time zone of local times in exports, for example `America/New_York`.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Start of the detection window: a time, a date, or a number of days up to now.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    since: String,
    /// What counts as now: a time or a date. [default: the newest event]
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// How idle days are counted: to the second, or from midnight as SOQL's `LAST_N_DAYS` does.
    #[arg(long, value_name = "MODE", default_value = "sliding")]
    idle_mode: IdleMode,
    /// Run only these detectors.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// Exit with 1 if a finding is at least this severe.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<String>,
    /// Exit with 3 if more exports than this could not be used.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    max_problems: usize,
    /// Workers. [default: one for each processor]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Say nothing but what was asked for.
    #[arg(long, short)]
    quiet: bool,
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
    let limits = Limits::default();
    let mut input = Input::of(&arguments.paths, &limits)?;
    let (file, values) = super::settings::effective(arguments.settings.as_deref())?;
    let schemas = match &arguments.schemas {
        Some(folder) => Schemas::with_folder(folder)?,
        None => Schemas::embedded()?,
    };
    let register = register(arguments.apps.as_ref(), &arguments.paths)?;
    let zone = zone(arguments.zone.as_ref().or(file.zone.as_ref()))?;
    let as_of = arguments.as_of.as_deref().map(|text| time(text, "--as-of", zone)).transpose()?;
    let window = window(&arguments.since, zone)?;
    if let (Window::Since(since), Some(as_of)) = (window, as_of)
        && since > as_of
    {
        bail!("--since is later than --as-of: {since} > {as_of}");
    }
    let fail_on = arguments.fail_on.as_deref().map(severity).transpose()?;
    let chosen = chosen_detectors(&arguments.only, &values)?;
    let emitters = chosen_formats(&arguments.format)?;
    let asked = Scan {
        exports: &input.exports,
        schemas: &schemas,
        detectors: &chosen,
        values: &values,
        register: &register,
        org: arguments.org.as_deref().or(file.org.as_deref()),
        zone,
        idle_by_date: arguments.idle_mode == IdleMode::Soql,
        window,
        as_of,
        threads: arguments.threads.unwrap_or_else(processors).max(1),
        limits,
        taken: Arc::default(),
    };
    let mut quarantine = QuarantineFile::new(arguments.out.as_deref(), arguments.verbose)?;
    let total = input.exports.iter().map(|export| export.size).sum();
    let progress = Progress::follow(Arc::clone(&asked.taken), total, arguments.quiet);
    let mut outcome = scan(&asked, &mut quarantine)?;
    drop(progress);
    quarantine.finish()?;
    outcome.problems.append(&mut input.problems);
    match &arguments.out {
        Some(folder) => write_records(folder, &emitters, &outcome)?,
        None => summary::findings(&outcome, arguments.verbose, &mut super::stdout())?,
    }
    if !arguments.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        summary::reading(&outcome, arguments.out.as_deref(), &mut stderr)?;
    }
    let ended = ended(&outcome, fail_on, arguments.max_problems);
    // The program ends here: giving back every small text first would only cost time.
    std::mem::forget(outcome);
    Ok(ended)
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

/// The file that was named, or `apps.toml` in a folder that was given.
pub(super) fn register(named: Option<&PathBuf>, paths: &[PathBuf]) -> anyhow::Result<Register> {
    let found = paths.iter().map(|path| path.join("apps.toml")).find(|path| path.is_file());
    match named.cloned().or(found) {
        Some(path) => Ok(Register::read(&path)?),
        None => Ok(Register::default()),
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

pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

pub(super) fn zone(name: Option<&String>) -> anyhow::Result<Option<Zone>> {
    name.map(|name| {
        name.parse().map_err(|_| {
            anyhow::anyhow!("no time zone is called {name:?}\n\nhint: use a name such as America/New_York or UTC")
        })
    })
    .transpose()
}

/// `14d`, or a point in time.
fn window(text: &str, zone: Option<Zone>) -> anyhow::Result<Window> {
    match text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()) {
        Some(days) if days > 0 => Ok(Window::Days(days)),
        _ => time(text, "--since", zone).map(Window::Since),
    }
}

/// A point in time as people write it on a command line.
fn time(text: &str, option: &str, zone: Option<Zone>) -> anyhow::Result<Time> {
    // A bare date is the day's first moment for a start, and its last for "now".
    if text.len() == 10 {
        let midnight = Time::parse(format!("{text} 00:00:00").as_bytes(), None);
        let end = if option == "--as-of" { DAY - SECOND / 1000 } else { 0 };
        if let Ok(midnight) = midnight {
            return Ok(Time(midnight.0 + end));
        }
    }
    Time::parse(text.as_bytes(), zone).map_err(|_| {
        anyhow::anyhow!(
            "{option} is not a time: {text:?}\n\nhint: write 2025-08-17, 2025-08-17T11:00:00Z or, for --since, 14d"
        )
    })
}

fn severity(word: &str) -> anyhow::Result<Severity> {
    let known = Severity::ALL.map(Severity::word).join(", ");
    tokentrail::settings::severity(word)
        .ok_or_else(|| anyhow::anyhow!("no severity is called {word:?}\n\nhint: severities are {known}"))
}
