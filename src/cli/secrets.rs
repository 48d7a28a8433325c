//! `tokentrail secrets`: keys, tokens and passwords in exported text, each told by what it is and where, never by itself.

use std::io::{self, Write};
use std::path::PathBuf;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use tokentrail::emit;
use tokentrail::finding::Severity;
use tokentrail::ingest::Limits;
use tokentrail::secrets::{Hit, Ids, Report, Rules, Search, Secret, search};
use tokentrail::words::{markdown, plain};

use super::form::{Form, Printed};
use super::input::processors;
use super::standard_input::Found;
use super::summary::{bold, counted, style};
use super::{Ended, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Records: files, folders or patterns; CSV or JSON of any columns, plain or as .gz, .zst or .zip; - is standard
    /// input.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Look into these records only: CSV with a column `Id`, or one id a line.
    #[arg(long, value_name = "FILE")]
    ids_from: Option<PathBuf>,
    #[command(flatten)]
    printed: Printed,
    /// Exit with 1 if a secret is at least this severe.
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
    /// Tell every secret and every place, examples and masks, too.
    #[arg(long, short)]
    verbose: bool,
}

/// So many secrets are told, unless all are asked for.
const TOLD: usize = 25;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let fail_on = arguments.fail_on.as_deref().map(super::scan::severity).transpose()?;
    let ids = arguments.ids_from.as_deref().map(Ids::read).transpose()?;
    let limits = Limits::default();
    let found = Found::of(&arguments.paths, &limits)?;
    found.at_least_one(&arguments.paths)?;
    let rules = Rules::embedded().map_err(anyhow::Error::msg)?;
    let threads = arguments.threads.unwrap_or_else(processors);
    let asked = Search { exports: &found.exports, rules: &rules, ids: ids.as_ref(), threads, limits };
    let mut report = search(&asked)?;
    report.problems.extend(found.problems.iter().cloned());
    report.problems.sort();
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&report, arguments.verbose, &mut out)?,
        Form::Markdown => document(&report, &mut out)?,
        Form::Json => emit::json_line(&report, &mut out)?,
        Form::Csv => csv(&report.hits, &mut out)?,
    }
    if !arguments.quiet {
        tell_reading(&report, ids.as_ref())?;
    }
    let is_grave = |severity: Severity| fail_on.is_some_and(|limit| severity >= limit);
    Ok(if report.secrets.iter().any(|secret| is_grave(secret.severity)) {
        Ended::WithFindings
    } else if report.problems.len() > arguments.max_problems {
        Ended::WithProblems
    } else {
        Ended::Well
    })
}

/// What was read, and what could not be.
fn tell_reading(report: &Report, ids: Option<&Ids>) -> io::Result<()> {
    let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
    let (records, exports) = (counted(report.records, "record"), counted(report.exports, "export"));
    writeln!(stderr, "{records} in {exports}, {} looked through", report.searched)?;
    if let (Some(ids), Some(missing)) = (ids, report.ids_missing) {
        writeln!(stderr, "{} asked for, {missing} of them in no export", counted(ids.len() as u64, "id"))?;
        if let Some(first) = ids.unreadable.first() {
            let lines = counted(ids.unreadable.len() as u64, "line");
            writeln!(stderr, "{lines} of the file of ids hold no id, the first of them line {first}")?;
        }
    }
    summary::problems(&report.problems, &mut stderr)
}

/// What can be shown of a secret.
fn shown(begins: &str, length: usize) -> String {
    let begins = if begins.is_empty() { String::new() } else { format!("{}… ", plain(begins)) };
    format!("{begins}({length} bytes)")
}

fn place(hit: &Hit) -> String {
    let id = hit.id.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
    let object = hit.object.as_deref().map_or_else(|| "record".to_owned(), plain);
    format!("{object}{id} ({} record {}), {}", plain(&hit.export), hit.record, plain(&hit.column))
}

fn of_first(secret: &Secret, hits: &[Hit]) -> String {
    hits.iter().find(|hit| hit.reference == secret.reference).map(place).unwrap_or_default()
}

fn text(report: &Report, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let examples = report.hits.iter().filter(|hit| !hit.is_real()).count() as u64;
    let left_out = if examples == 0 { String::new() } else { format!("; {} left out", counted(examples, "example")) };
    let (secrets, records) = (counted(report.secrets.len() as u64, "secret"), counted(report.searched, "record"));
    if report.secrets.is_empty() {
        writeln!(out, "No secrets in {records}{left_out}.")?;
    } else {
        writeln!(out, "{secrets} in {} of {records}{left_out}.", report.with_secrets)?;
        let shown = if verbose { report.secrets.len() } else { report.secrets.len().min(TOLD) };
        writeln!(out, "\nReplace in this order:\n\n{}", table(&report.secrets[..shown], &report.hits))?;
        if shown < report.secrets.len() {
            writeln!(out, " … and {} more: --verbose tells them all.", report.secrets.len() - shown)?;
        }
        writeln!(out, "\nHow:\n")?;
        for secret in first_of_kinds(&report.secrets) {
            let (style, title) = (style(secret.severity), &secret.title);
            writeln!(out, "  {style}{title}{style:#} ({}): {}.", report.kinds[&secret.kind], secret.rotate)?;
        }
    }
    if verbose && !report.hits.is_empty() {
        let head = bold(anstyle::AnsiColor::White);
        writeln!(out, "\n{head}Every place{head:#}\n")?;
        for hit in &report.hits {
            let (shown, confidence) = (shown(&hit.begins, hit.length), hit.confidence.word());
            writeln!(out, "  {} {}: {} {shown}, {confidence}", hit.reference, place(hit), hit.kind)?;
        }
    }
    Ok(())
}

/// Of each kind the secret that is to be replaced first.
fn first_of_kinds(secrets: &[Secret]) -> impl Iterator<Item = &Secret> {
    let is_first = |(at, secret): &(usize, &Secret)| secrets[..*at].iter().all(|other| other.kind != secret.kind);
    secrets.iter().enumerate().filter(is_first).map(|(_, secret)| secret)
}

fn table(secrets: &[Secret], hits: &[Hit]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(160);
    }
    table.set_header(["SEVERITY", "KIND", "SECRET", "REFERENCE", "BY", "RECORDS", "FIRST"]);
    for secret in secrets {
        table.add_row([
            Cell::new(secret.severity.word()),
            Cell::new(&secret.title),
            Cell::new(shown(&secret.begins, secret.length)),
            Cell::new(&secret.reference),
            Cell::new(secret.confidence.word()),
            Cell::new(secret.records).set_alignment(CellAlignment::Right),
            Cell::new(of_first(secret, hits)),
        ]);
    }
    table
}

fn document(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| severity | kind | secret | reference | by | records | first | what to do |")?;
    writeln!(out, "|---|---|---|---|---|---:|---|---|")?;
    for secret in &report.secrets {
        let Secret { severity, title, begins, length, reference, confidence, records, rotate, .. } = secret;
        let (shown, first) = (markdown(&shown(begins, *length)), markdown(&of_first(secret, &report.hits)));
        let (severity, confidence) = (severity.word(), confidence.word());
        writeln!(
            out,
            "| {severity} | {title} | {shown} | {reference} | {confidence} | {records} | {first} | {rotate} |"
        )?;
    }
    Ok(())
}

fn csv(hits: &[Hit], out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "export",
        "record",
        "offset",
        "record_id",
        "object",
        "column",
        "kind",
        "severity",
        "confidence",
        "begins",
        "length",
        "reference",
    ];
    emit::csv_line(&header, out)?;
    for hit in hits {
        let cells = [
            &hit.export,
            &hit.record.to_string(),
            &hit.offset.to_string(),
            hit.id.as_deref().unwrap_or_default(),
            hit.object.as_deref().unwrap_or_default(),
            &hit.column,
            &hit.kind,
            hit.severity.word(),
            hit.confidence.word(),
            &hit.begins,
            &hit.length.to_string(),
            &hit.reference,
        ];
        emit::csv_line(&cells, out)?;
    }
    Ok(())
}
