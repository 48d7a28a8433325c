//! `tokentrail impact`: which objects were read, how many rows of each, and which columns.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use tokentrail::batch::Table as Rows;
use tokentrail::emit;
use tokentrail::history::ROLES;
use tokentrail::impact::{Classes, Impact, ObjectImpact, impact};
use tokentrail::words::{markdown, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::{About, Chosen};
use super::investigate::minute;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    about: About,
    /// A file of kinds of data, each with a name and its fields, such as Contact.Email or Lead.*; the README shows one.
    #[arg(long, value_name = "FILE")]
    classify: Option<PathBuf>,
    /// How many rows objects have: CSV with object and rows, as Setup, Storage Usage shows them. Counting queries in the
    /// exports are used where it says nothing.
    #[arg(long, value_name = "FILE")]
    sizes: Option<PathBuf>,
    #[command(flatten)]
    printed: Printed,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let classes = arguments.classify.as_deref().map(Classes::read).transpose()?.unwrap_or_default();
    let sizes = arguments.sizes.as_deref().map(sizes).transpose()?.unwrap_or_default();
    let mut prepared = arguments.chosen.input.prepare()?;
    let subject = arguments.about.subject()?;
    let read = arguments.chosen.read_roles(&mut prepared, subject, &[Rows::Calls], ROLES)?;
    let impact = impact(read.history.entries(), &sizes, &classes);
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&impact, &mut out)?,
        Form::Markdown => document(&impact, &mut out)?,
        Form::Json => emit::json_line(&impact, &mut out)?,
        Form::Csv => csv(&impact, &mut out)?,
    }
    read.ended()
}

/// Rows by object, in lower case.
pub(super) fn sizes(path: &Path) -> anyhow::Result<BTreeMap<String, i64>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut lines = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).with_context(cannot)?;
    let mut sizes = BTreeMap::new();
    for (number, record) in (1..).zip(lines.records()) {
        let record = record.with_context(cannot)?;
        let (object, rows) = (record.get(0).unwrap_or_default().trim(), record.get(1).unwrap_or_default().trim());
        match rows.replace([',', '\u{a0}', ' '], "").parse::<i64>() {
            Ok(rows) if rows >= 0 => drop(sizes.insert(object.to_lowercase(), rows)),
            // The first line may name the columns.
            _ if number == 1 => {}
            _ => bail!("{}: line {number}: not a number of rows: {rows:?}", path.display()),
        }
    }
    Ok(sizes)
}

/// `1200 to 4000`, or the one number.
fn range(object: &ObjectImpact) -> String {
    let more = if object.calls_without_rows > 0 { " or more" } else { "" };
    if object.least == object.most {
        format!("{}{more}", object.most)
    } else {
        format!("{} to {}{more}", object.least, object.most)
    }
}

fn coverage(object: &ObjectImpact) -> String {
    match object.coverage {
        None => "size unknown".to_owned(),
        Some((least, most)) if least.total_cmp(&most).is_eq() => format!("{least} %"),
        Some((least, most)) => format!("{least} to {most} %"),
    }
}

fn columns(object: &ObjectImpact) -> String {
    const SHOWN: usize = 12;
    let mut shown: Vec<String> = object.columns.iter().take(SHOWN).map(|column| plain(column)).collect();
    if object.columns.len() > SHOWN {
        shown.push(format!("{} more", object.columns.len() - SHOWN));
    }
    if object.calls_without_columns > 0 {
        shown.push(format!("not said by {}", super::summary::counted(object.calls_without_columns, "call")));
    }
    shown.join(", ")
}

fn classes(object: &ObjectImpact) -> String {
    let one = |(class, fields): (&String, &std::collections::BTreeSet<String>)| {
        format!("{} ({})", plain(class), fields.iter().map(|field| plain(field)).collect::<Vec<_>>().join(", "))
    };
    object.classes.iter().map(one).collect::<Vec<_>>().join("; ")
}

const METHOD: &str = "Rows: the first number is the largest single reading (a query with its pages, or a bulk job), so at \
least so many different rows; the second counts every time that rows were sent. Counting queries took nothing.";

fn text(impact: &Impact, out: &mut dyn Write) -> io::Result<()> {
    let (Some(first), Some(last)) = (impact.first, impact.last) else {
        return writeln!(out, "No call is in what was asked for. `tokentrail coverage` says what the exports cover.");
    };
    writeln!(out, "Calls from {first} to {last}\n")?;
    let has_classes = impact.objects.iter().any(|object| !object.classes.is_empty());
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    let mut header = vec!["OBJECT", "ROWS", "OF THE OBJECT", "CALLS", "READINGS", "FIRST", "LAST", "BY", "COLUMNS"];
    if has_classes {
        header.push("KINDS OF DATA");
    }
    table.set_header(header);
    for object in &impact.objects {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut cells = vec![
            Cell::new(plain(&object.object)),
            right(range(object)),
            right(coverage(object)),
            right(object.calls.to_string()),
            right(object.readings.to_string()),
            Cell::new(minute(object.first)),
            Cell::new(minute(object.last)),
            Cell::new(object.interfaces.iter().map(|by| plain(by)).collect::<Vec<_>>().join(", ")),
            Cell::new(columns(object)),
        ];
        if has_classes {
            cells.push(Cell::new(classes(object)));
        }
        table.add_row(cells);
    }
    writeln!(out, "{table}\n\n{METHOD}")?;
    if impact.calls_without_object > 0 {
        let calls = super::summary::counted(impact.calls_without_object, "call");
        writeln!(out, "{calls} read something that no row names an object of.")?;
    }
    if impact.refused > 0 {
        let calls = super::summary::counted(impact.refused, "call");
        writeln!(out, "Refused and not counted: {calls}.")?;
    }
    Ok(())
}

fn document(impact: &Impact, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| object | rows | of the object | calls | first | last | columns | kinds of data |")?;
    writeln!(out, "|---|--:|--:|--:|---|---|---|---|")?;
    for object in &impact.objects {
        let (first, last) = (object.first, object.last);
        let name = markdown(&plain(&object.object));
        let (columns, classes) = (markdown(&columns(object)), markdown(&classes(object)));
        let (rows, part, calls) = (range(object), coverage(object), object.calls);
        writeln!(out, "| {name} | {rows} | {part} | {calls} | {first} | {last} | {columns} | {classes} |")?;
    }
    writeln!(out, "\n{METHOD}")
}

fn csv(impact: &Impact, out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "object",
        "rows_least",
        "rows_most",
        "size",
        "coverage_least",
        "coverage_most",
        "calls",
        "readings",
        "bytes",
        "first",
        "last",
        "interfaces",
        "columns",
        "kinds_of_data",
        "log",
        "export",
        "record",
    ];
    emit::csv_line(&header, out)?;
    for object in &impact.objects {
        let joined = |texts: &std::collections::BTreeSet<String>| texts.iter().cloned().collect::<Vec<_>>().join(", ");
        let cells = [
            object.object.clone(),
            object.least.to_string(),
            object.most.to_string(),
            object.size.map(|size| size.rows.to_string()).unwrap_or_default(),
            object.coverage.map(|(least, _)| least.to_string()).unwrap_or_default(),
            object.coverage.map(|(_, most)| most.to_string()).unwrap_or_default(),
            object.calls.to_string(),
            object.readings.to_string(),
            object.bytes.to_string(),
            object.first.to_string(),
            object.last.to_string(),
            joined(&object.interfaces),
            joined(&object.columns),
            classes(object),
            object.log.clone(),
            object.export.clone(),
            object.record.to_string(),
        ];
        emit::csv_line(&cells.each_ref().map(String::as_str), out)?;
    }
    Ok(())
}
