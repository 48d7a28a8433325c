//! `tokentrail ioc`: lists of indicators held against exports, shown, and brought into one form.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::coverage::cover_hours;
use tokentrail::emit;
use tokentrail::lists::{Class, Entry, Lists};
use tokentrail::sweep::{Hit, Sweep, Verdict, sweep};
use tokentrail::value::Time;
use tokentrail::words::{markdown, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::Chosen;
use super::investigate::minute;
use super::summary::counted;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Look for everything that the lists name. Exit code 1 if something strong was met in its time.
    Sweep(Box<Wanted>),
    /// Print the program's own lists and those that are given.
    Show(Shown),
    /// Bring a list (STIX 2.1, MISP, CSV, text) into the form that --lists takes, and say what was left out.
    Import(Imported),
}

#[derive(clap::Args)]
struct Wanted {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    printed: Printed,
}

#[derive(clap::Args)]
struct Shown {
    /// A list to show besides the program's own. May be given more than once.
    #[arg(long, value_name = "FILE")]
    lists: Vec<PathBuf>,
    #[command(flatten)]
    printed: Printed,
}

#[derive(clap::Args)]
struct Imported {
    /// The file.
    file: PathBuf,
    /// Where to write the list.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    match &arguments.what {
        What::Sweep(wanted) => run_sweep(wanted),
        What::Show(shown) => show(shown),
        What::Import(imported) => import(imported),
    }
}

fn run_sweep(wanted: &Wanted) -> anyhow::Result<Ended> {
    let mut prepared = wanted.chosen.input.prepare()?;
    let (lists, _) = prepared.knowledge();
    let coverage = cover_hours(&prepared.scan(&[]));
    let read = wanted.chosen.read_selected(&mut prepared, |selection| selection.listed(lists.clone()))?;
    let swept = sweep(&read.history, &lists, &coverage);
    let mut out = super::stdout();
    match wanted.printed.form() {
        Form::Text => text(&swept, &mut out)?,
        Form::Markdown => document(&swept, &mut out)?,
        Form::Json => emit::json_line(&swept, &mut out)?,
        Form::Csv => csv(&swept, &mut out)?,
    }
    let ended = read.ended()?;
    Ok(if swept.verdict == Verdict::Hit { Ended::WithFindings } else { ended })
}

fn joined(texts: &std::collections::BTreeSet<String>) -> String {
    texts.iter().map(|text| plain(text)).collect::<Vec<_>>().join(", ")
}

fn in_time(hit: &Hit) -> String {
    match hit.events_in_time {
        0 => "at another time".to_owned(),
        all if all == hit.events => "in its time".to_owned(),
        some => format!("{some} in its time"),
    }
}

fn text(swept: &Sweep, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Verdict: {}. {} looked for.", swept.verdict.words(), counted(swept.looked_for as u64, "indicator"))?;
    if !swept.hits.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["INDICATOR", "OF", "HOW SURE", "EVENTS", "FIRST", "LAST", "APPS", "USERS", "FIRST ROW"]);
        for hit in &swept.hits {
            table.add_row([
                plain(&hit.entry.value),
                plain(&hit.entry.name),
                format!("{} {}, {}", hit.entry.confidence.word(), hit.entry.class.word(), in_time(hit)),
                hit.events.to_string(),
                minute(hit.first),
                minute(hit.last),
                joined(&hit.apps),
                joined(&hit.users),
                format!("{} record {}", plain(&hit.export), hit.record),
            ]);
        }
        writeln!(out, "\n{table}")?;
    }
    writeln!(out, "\nLooked at, and nothing else:")?;
    for log in &swept.covered {
        let span = log.first.zip(log.last).map(|(first, last)| format!(", {} to {}", minute(first), minute(last)));
        let missing = log.missing_hours.filter(|hours| *hours > 0);
        let missing = missing.map(|hours| format!(", {} without a row", counted(hours, "hour"))).unwrap_or_default();
        let org = if log.org.is_empty() { String::new() } else { format!(" of {}", plain(&log.org)) };
        let rows = counted(log.rows, "row");
        writeln!(out, "  {}{org}: {rows}{}{missing}", log.log, span.unwrap_or_default())?;
    }
    if swept.covered.is_empty() {
        writeln!(out, "  no login and no call")?;
    }
    Ok(())
}

fn document(swept: &Sweep, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "**{}** ({} indicators)\n", swept.verdict.words(), swept.looked_for)?;
    writeln!(
        out,
        "| indicator | of | how sure | events | first | last | apps | users |\n|---|---|---|--:|---|---|---|---|"
    )?;
    for hit in &swept.hits {
        writeln!(
            out,
            "| {} | {} | {} {}, {} | {} | {} | {} | {} | {} |",
            markdown(&hit.entry.value),
            markdown(&hit.entry.name),
            hit.entry.confidence.word(),
            hit.entry.class.word(),
            in_time(hit),
            hit.events,
            hit.first,
            hit.last,
            markdown(&joined(&hit.apps)),
            markdown(&joined(&hit.users)),
        )?;
    }
    writeln!(out, "\nLooked at, and nothing else:\n")?;
    for log in &swept.covered {
        let time = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
        let (first, last) = (time(log.first), time(log.last));
        writeln!(out, "- {} {}: {} rows, {first} to {last}", markdown(&log.org), log.log, log.rows)?;
    }
    Ok(())
}

fn csv(swept: &Sweep, out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "value",
        "kind",
        "name",
        "class",
        "confidence",
        "events",
        "events_in_time",
        "first",
        "last",
        "apps",
        "users",
        "orgs",
        "source",
        "export",
        "record",
    ];
    emit::csv_line(&header, out)?;
    for hit in &swept.hits {
        let cells = [
            &hit.entry.value,
            hit.entry.kind.word(),
            &hit.entry.name,
            hit.entry.class.word(),
            hit.entry.confidence.word(),
            &hit.events.to_string(),
            &hit.events_in_time.to_string(),
            &hit.first.to_string(),
            &hit.last.to_string(),
            &joined(&hit.apps),
            &joined(&hit.users),
            &joined(&hit.orgs),
            &hit.entry.source,
            &hit.export,
            &hit.record.to_string(),
        ];
        emit::csv_line(&cells, out)?;
    }
    Ok(())
}

/// The columns of a list: what `--lists` reads.
const COLUMNS: [&str; 8] = ["value", "kind", "name", "class", "confidence", "valid-from", "valid-until", "source"];

fn line(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let time = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
    let cells = [
        &entry.value,
        entry.kind.word(),
        &entry.name,
        entry.class.word(),
        entry.confidence.word(),
        &time(entry.valid_from),
        &time(entry.valid_until),
        &entry.source,
    ];
    emit::csv_line(&cells, out)
}

fn show(shown: &Shown) -> anyhow::Result<Ended> {
    let mut lists = Lists::embedded()?;
    for path in &shown.lists {
        lists = lists.with_file(path, Class::Indicator)?;
    }
    let mut out = super::stdout();
    match shown.printed.form() {
        Form::Json => emit::json_line(&lists.entries(), &mut out)?,
        Form::Csv => {
            emit::csv_line(&COLUMNS, &mut out)?;
            lists.entries().iter().try_for_each(|entry| line(entry, &mut out))?;
        }
        Form::Text | Form::Markdown => list(lists.entries(), &mut out)?,
    }
    Ok(Ended::Well)
}

fn list(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    let mut before = None;
    for entry in entries {
        let list = (&entry.name, entry.kind, &entry.source);
        if before.replace(list) != Some(list) {
            let until = entry.valid_until.map(|until| format!(", up to {}", until.date_text())).unwrap_or_default();
            let from = entry.valid_from.map(|from| format!(", from {}", from.date_text())).unwrap_or_default();
            let sure = entry.confidence.word();
            writeln!(out, "\n{} ({}, {sure}{from}{until})", plain(&entry.name), entry.kind.word())?;
            writeln!(out, "  {}", plain(&entry.source))?;
        }
        writeln!(out, "    {}", plain(&entry.value))?;
    }
    Ok(())
}

fn import(imported: &Imported) -> anyhow::Result<Ended> {
    let (lists, left_out) = Lists::only_file(&imported.file, Class::Indicator)?;
    let mut bytes = Vec::new();
    emit::csv_line(&COLUMNS, &mut bytes)?;
    lists.entries().iter().try_for_each(|entry| line(entry, &mut bytes))?;
    fs::write(&imported.out, bytes).with_context(|| format!("cannot write {}", imported.out.display()))?;
    let taken = counted(lists.entries().len() as u64, "indicator");
    let left = counted(left_out, "other");
    writeln!(
        super::stdout(),
        "{taken} written to {}; {left} left out: no address, user agent or app name, or withdrawn.",
        imported.out.display()
    )?;
    Ok(Ended::Well)
}
