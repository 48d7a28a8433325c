//! `tokentrail case`: an investigation that another person can repeat, byte by byte.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;
use tokentrail::case::{Contents, FORMAT, Folder, Manifest, Noted, Run, Setting, TOOL, copy, free_name, take_inputs};
use tokentrail::emit;
use tokentrail::words::{markdown, visible};

use super::Ended;
use super::form::{Form, Printed};
use super::summary::counted;

mod run;
mod verify;
mod words;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Begin: note the inputs with their hashes, and copy the settings.
    Open(Box<Open>),
    /// Run a command on the case's inputs, with the case's options, and keep what comes of it.
    Run(run::Arguments),
    /// Hash everything again, run everything again, and tell which bytes differ; exits with 1 if any do.
    Verify(verify::Arguments),
    /// Tell what is in the case, as for a chain of custody.
    Show(Show),
}

#[derive(clap::Args)]
struct Open {
    /// The case's folder; it is made.
    folder: PathBuf,
    /// Exports, metadata and records: files and folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// When the case was opened, in your words; the program has no clock.
    #[arg(long, value_name = "TIME")]
    opened: Option<String>,
    #[command(flatten)]
    files: Files,
    /// The organisation's id, where exports do not name it.
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// The time zone of local times in exports.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Start of the detection window.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// What counts as now.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Exit with 3 if more exports than this could not be used.
    #[arg(long, value_name = "NUMBER")]
    max_problems: Option<usize>,
}

/// What is copied into the case.
#[derive(clap::Args)]
struct Files {
    /// The register of your apps.
    #[arg(long, value_name = "FILE")]
    apps: Option<PathBuf>,
    /// Settings to merge over the defaults.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Findings that are expected.
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// A list of indicators. May be given more than once.
    #[arg(long, value_name = "FILE")]
    lists: Vec<PathBuf>,
    /// A list of anonymisers. May be given more than once.
    #[arg(long, value_name = "FILE")]
    anonymisers: Vec<PathBuf>,
    /// A table of networks. May be given more than once.
    #[arg(long, value_name = "FILE")]
    networks: Vec<PathBuf>,
    /// A folder of schemas.
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Show {
    /// The case's folder.
    folder: PathBuf,
    #[command(flatten)]
    printed: Printed,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    match &arguments.what {
        What::Open(open) => self::open(open),
        What::Run(arguments) => run::run(arguments),
        What::Verify(arguments) => verify::run(arguments),
        What::Show(show) => self::show(show),
    }
}

impl Files {
    fn all(&self) -> impl Iterator<Item = (&'static str, &PathBuf)> {
        let one = [("apps", &self.apps), ("settings", &self.settings), ("exceptions", &self.exceptions)];
        let many = [("lists", &self.lists), ("anonymisers", &self.anonymisers), ("networks", &self.networks)];
        let one = one.into_iter().chain([("schemas", &self.schemas)]);
        let one = one.filter_map(|(name, path)| Some((name, path.as_ref()?)));
        one.chain(many.into_iter().flat_map(|(name, paths)| paths.iter().map(move |path| (name, path))))
    }
}

fn open(open: &Open) -> anyhow::Result<Ended> {
    if let Some(path) = open.paths.iter().find(|path| path.as_os_str() == "-") {
        bail!("a case cannot read {}\n\nhint: give standard input as a file", path.display());
    }
    if let Some(path) = open.paths.iter().find(|path| !path.exists()) {
        bail!("no such file or folder: {}", path.display());
    }
    if let Some(as_of) = &open.as_of {
        super::input::time(as_of, "--as-of", None)?;
    }
    let folder = Folder::to_change(&open.folder)?;
    if folder.manifest_file().exists() {
        bail!("{} is a case already\n\nhint: give each case a folder of its own", open.folder.display());
    }
    let (roots, inputs) = take_inputs(&open.paths, &open.folder)?;
    let (mut settings, mut copies, mut taken) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (option, path) in open.files.all() {
        let name = free_name(path, &taken);
        taken.insert(name.clone());
        let name = format!("settings/{name}");
        copies.extend(copy(path, &open.folder, &name)?);
        settings.push(Setting { option: option.to_owned(), path: name });
    }
    let max_problems = open.max_problems.map(|number| number.to_string());
    let options = [("org", &open.org), ("zone", &open.zone), ("since", &open.since), ("as-of", &open.as_of)];
    let options = options.into_iter().chain([("max-problems", &max_problems)]);
    let options = options.filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect();
    let contents = Contents { tool: TOOL.to_owned(), roots, inputs, settings, copies, options };
    let places = open.paths.iter().map(|path| path.canonicalize()).collect::<io::Result<_>>()?;
    let manifest = Manifest {
        format: FORMAT,
        opened: open.opened.clone(),
        sha256: contents.sha256(),
        contents,
        places,
        runs: Vec::new(),
    };
    folder.write(&manifest)?;
    let (files, bytes) = (manifest.contents.inputs.len() as u64, total(&manifest.contents.inputs));
    writeln!(super::stdout(), "{} with {bytes} bytes; manifest {}", counted(files, "input"), manifest.sha256)?;
    Ok(Ended::Well)
}

fn total(files: &[Noted]) -> u64 {
    files.iter().map(|file| file.size).sum()
}

/// A file of a case, as it is listed.
struct Line<'m> {
    part: String,
    file: &'m Noted,
}

fn lines(manifest: &Manifest) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    lines.extend(manifest.contents.inputs.iter().map(|file| Line { part: "input".to_owned(), file }));
    lines.extend(manifest.contents.copies.iter().map(|file| Line { part: "setting".to_owned(), file }));
    for run in &manifest.runs {
        lines.extend(run.copies.iter().map(|file| Line { part: format!("setting of {}", run.folder), file }));
        lines.extend(run.results.iter().map(|file| Line { part: format!("result of {}", run.folder), file }));
    }
    lines
}

/// The command as somebody would type it.
fn command_line(run: &Run) -> String {
    run.command.join(" ")
}

fn show(show: &Show) -> anyhow::Result<Ended> {
    let manifest = Folder::at(&show.folder).manifest()?;
    let mut out = super::stdout();
    match show.printed.form() {
        Form::Json => emit::json_line(&manifest, &mut out)?,
        Form::Csv => {
            emit::csv_line(&["part", "file", "size", "sha256"], &mut out)?;
            for Line { part, file } in lines(&manifest) {
                emit::csv_line(&[&part, &file.path, &file.size.to_string(), &file.sha256], &mut out)?;
            }
        }
        Form::Text => text(&manifest, &mut out)?,
        Form::Markdown => document(&manifest, &mut out)?,
    }
    Ok(Ended::Well)
}

/// What a case is, beside its files: names and what they say.
fn facts(manifest: &Manifest) -> Vec<(String, String)> {
    let mut facts = vec![("program".to_owned(), manifest.contents.tool.clone())];
    facts.push(("manifest".to_owned(), manifest.sha256.clone()));
    facts.push(("opened".to_owned(), manifest.opened.clone().unwrap_or_else(|| "not said".to_owned())));
    facts.extend(manifest.contents.options.iter().cloned());
    let settings = manifest.contents.settings.iter();
    facts.extend(settings.map(|setting| (setting.option.clone(), setting.path.clone())));
    facts
}

fn text(manifest: &Manifest, out: &mut dyn Write) -> io::Result<()> {
    for (name, value) in facts(manifest) {
        writeln!(out, "{name:13} {}", visible(&value))?;
    }
    for run in &manifest.runs {
        writeln!(out, "{:13} {} (exit code {})", visible(&run.folder), visible(&command_line(run)), run.exit_code)?;
    }
    writeln!(out)?;
    for Line { part, file } in lines(manifest) {
        writeln!(out, "{}  {:>12}  {}: {}", visible(&file.sha256), file.size, visible(&part), visible(&file.path))?;
    }
    Ok(())
}

fn document(manifest: &Manifest, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Case\n\n| | |\n|---|---|")?;
    for (name, value) in facts(manifest) {
        writeln!(out, "| {} | {} |", markdown(&name), markdown(&value))?;
    }
    writeln!(out, "\n## Commands\n\n| results | command | exit code |\n|---|---|---:|")?;
    for run in &manifest.runs {
        writeln!(out, "| {} | {} | {} |", markdown(&run.folder), markdown(&command_line(run)), run.exit_code)?;
    }
    writeln!(
        out,
        "\n## Custody\n\n| part | file | size | SHA-256 | handed over by | taken by | on |\n|---|---|---:|---|---|---|---|"
    )?;
    for Line { part, file } in lines(manifest) {
        let (part, path, sha256) = (markdown(&part), markdown(&file.path), markdown(&file.sha256));
        writeln!(out, "| {part} | {path} | {} | {sha256} | | | |", file.size)?;
    }
    Ok(())
}
