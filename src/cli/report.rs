//! `tokentrail report`: what happened, as a page, as Markdown or as JSON.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::diff::Run;
use tokentrail::emit;
use tokentrail::engine::Scan;
use tokentrail::exceptions::Exceptions;
use tokentrail::impact::Classes;
use tokentrail::memory::{Memory, Store};
use tokentrail::report::document::Document;
use tokentrail::report::weekly::{AskedWeekly, Weekly};
use tokentrail::report::{Asked, Report, markdown, navigator, page};

use super::input::{Input, Prepared};
use super::organisation::Organisation;
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Where to write it: FILE.html, FILE.md or FILE.json. May be given more than once.
    #[arg(long, value_name = "FILE", required = true)]
    out: Vec<PathBuf>,
    /// Write the page of the week for who administers apps, of exports and metadata: risky apps, what to mend and where to
    /// click, the four controls, what is new since last week.
    #[arg(long, conflicts_with_all = ["app", "classify", "sizes", "navigator"])]
    weekly: bool,
    /// What was found a week ago, to tell what is new: FILE.json of the report then, or a folder of scan --out.
    #[arg(long, value_name = "PATH", requires = "weekly")]
    previous: Option<PathBuf>,
    /// Tell of this app in full: its id or name. May be given more than once. [default: apps with grave findings]
    #[arg(long, value_name = "NAME")]
    app: Vec<String>,
    /// Judge by what earlier runs have left in this folder; nothing is written there.
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Findings that are expected, with reasons; exceptions.toml in a given folder is found by itself.
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// A file of kinds of data; see impact.
    #[arg(long, value_name = "FILE")]
    classify: Option<PathBuf>,
    /// How many rows objects have; see impact.
    #[arg(long, value_name = "FILE")]
    sizes: Option<PathBuf>,
    /// Write a layer for the ATT&CK Navigator, too.
    #[arg(long, value_name = "FILE")]
    navigator: Option<PathBuf>,
}

/// What a report is written as.
enum Form {
    Page,
    Markdown,
    Json,
}

impl Form {
    fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(OsStr::to_str) {
            Some("html" | "htm") => Ok(Self::Page),
            Some("md" | "markdown") => Ok(Self::Markdown),
            Some("json") => Ok(Self::Json),
            _ => bail!("{} says no form\n\nhint: name it FILE.html, FILE.md or FILE.json", path.display()),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let outs = forms(&arguments.out)?;
    if arguments.weekly { weekly(arguments, &outs) } else { incident(arguments, &outs) }
}

fn incident(arguments: &Arguments, outs: &[(&PathBuf, Form)]) -> anyhow::Result<Ended> {
    let input = &arguments.input;
    let mut prepared = input.prepare()?;
    let mut problems = prepared.unread();
    let exceptions = exceptions(input, arguments.exceptions.as_ref())?;
    let classes = arguments.classify.as_deref().map(Classes::read).transpose()?.unwrap_or_default();
    let sizes = arguments.sizes.as_deref().map(super::impact::sizes).transpose()?.unwrap_or_default();
    let memory = memory(arguments)?;
    let chosen = chosen(&prepared);
    let asked = Asked {
        scan: Scan { memory: memory.as_ref(), ..prepared.scan(&chosen) },
        convert: prepared.convert(),
        exceptions: &exceptions,
        apps: &arguments.app,
        sizes: &sizes,
        classes: &classes,
    };
    let mut quarantine = QuarantineFile::new(None, false)?;
    let progress = prepared.progress(&asked.scan.taken);
    let mut report = Report::take(&asked, &mut quarantine)?;
    drop(progress);
    quarantine.finish()?;
    report.problems.append(&mut problems);
    write(outs, &report.document(), |out| emit::json_line(&report, out))?;
    if let Some(path) = &arguments.navigator {
        let layer = format!("{:#}\n", navigator::layer(&report));
        fs::write(path, layer).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !input.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        writeln!(stderr, "{}", report.verdict.sign.words())?;
        summary::ambiguous_apps(&report.coverage.ambiguous_apps, &mut stderr)?;
        summary::problems(&report.problems, &mut stderr)?;
    }
    Ok(if report.problems.len() > input.max_problems { Ended::WithProblems } else { Ended::Well })
}

fn weekly(arguments: &Arguments, outs: &[(&PathBuf, Form)]) -> anyhow::Result<Ended> {
    let previous = arguments.previous.as_deref().map(Run::read).transpose()?;
    let organisation = Organisation::read(&arguments.input, None, false)?;
    let prepared = &organisation.prepared;
    let exceptions = exceptions(&arguments.input, arguments.exceptions.as_ref())?;
    let memory = memory(arguments)?;
    let chosen = chosen(prepared);
    let scan = organisation.inventory().map(|_| Scan { memory: memory.as_ref(), ..prepared.scan(&chosen) });
    let asked = AskedWeekly {
        audit: organisation.audit(None),
        scan,
        risks: &prepared.risks,
        exceptions: &exceptions,
        previous: previous.as_ref(),
    };
    let mut quarantine = QuarantineFile::new(None, false)?;
    let weekly = Weekly::take(&asked, &mut quarantine)?;
    quarantine.finish()?;
    write(outs, &weekly.document(), |out| emit::json_line(&weekly, out))?;
    organisation.problems()
}

fn memory(arguments: &Arguments) -> anyhow::Result<Option<Memory>> {
    Ok(arguments.state.as_deref().map(|folder| Store::open(folder)?.load()).transpose()?)
}

/// The detectors that the settings do not turn off.
fn chosen(prepared: &Prepared) -> Vec<&'static Detector> {
    detectors::ALL.iter().copied().filter(|detector| !prepared.values.is_off(detector.id)).collect()
}

fn forms(paths: &[PathBuf]) -> anyhow::Result<Vec<(&PathBuf, Form)>> {
    paths.iter().map(|path| Ok((path, Form::of(path)?))).collect()
}

fn exceptions(input: &Input, named: Option<&PathBuf>) -> anyhow::Result<Exceptions> {
    let path = input.in_folder("exceptions.toml", named);
    Ok(path.map(|path| Exceptions::read(&path)).transpose()?.unwrap_or_default())
}

fn write(
    outs: &[(&PathBuf, Form)],
    document: &Document,
    json: impl Fn(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    for (path, form) in outs {
        let mut bytes = Vec::new();
        match form {
            Form::Page => bytes.extend(page::html(document).into_bytes()),
            Form::Markdown => bytes.extend(markdown::markdown(document).into_bytes()),
            Form::Json => json(&mut bytes)?,
        }
        fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
