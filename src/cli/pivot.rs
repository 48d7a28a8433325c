//! `tokentrail pivot`: what to look for elsewhere, from the rows that findings rest on.

use std::io::{self, Write};

use anyhow::bail;
use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::emit;
use tokentrail::finding::Severity;
use tokentrail::pivot::{Search, Word, search, words};
use tokentrail::words::{markdown, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::Chosen;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// Only what findings of at least this severity rest on.
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    severity: String,
    /// As a search: words for grep -F -f, or a query for Splunk or Sentinel.
    #[arg(long, value_name = "TOOL", conflicts_with_all = ["print", "json", "csv", "markdown"])]
    search: Option<Tool>,
    #[command(flatten)]
    printed: Printed,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tool {
    Grep,
    Spl,
    Kql,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let least: Severity = super::scan::severity(&arguments.severity)?;
    let told = arguments.chosen.told()?;
    if told.is_empty() {
        bail!("there are no findings to start from\n\nhint: scan with --out FOLDER first, and give --findings FOLDER");
    }
    let mut prepared = arguments.chosen.input.prepare()?;
    let read = arguments.chosen.read_selected(&mut prepared, |selection| selection.only_records(told.records()))?;
    let found = words(&read.history, &told, least);
    let mut out = super::stdout();
    if let Some(tool) = arguments.search {
        let tool = match tool {
            Tool::Grep => Search::Grep,
            Tool::Spl => Search::Spl,
            Tool::Kql => Search::Kql,
        };
        out.write_all(search(&found, tool).as_bytes())?;
        return read.ended();
    }
    match arguments.printed.form() {
        Form::Text => text(&found, &mut out)?,
        Form::Markdown => document(&found, &mut out)?,
        Form::Json => found.iter().try_for_each(|word| emit::json_line(word, &mut out))?,
        Form::Csv => csv(&found, &mut out)?,
    }
    read.ended()
}

fn cells(word: &Word) -> [String; 5] {
    let detectors = word.detectors.iter().cloned().collect::<Vec<_>>().join(", ");
    [word.kind.to_owned(), plain(&word.word), word.severity.word().to_owned(), word.rows.to_string(), detectors]
}

fn text(found: &[Word], out: &mut dyn Write) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "No finding is that severe.");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["KIND", "WORD", "SEVERITY", "ROWS", "DETECTORS"]);
    for word in found {
        table.add_row(cells(word));
    }
    writeln!(out, "{table}\n\nMany may share an address or a library: look at who else comes up before you judge.")
}

fn document(found: &[Word], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| kind | word | severity | rows | detectors |\n|---|---|---|--:|---|")?;
    found.iter().try_for_each(|word| writeln!(out, "| {} |", cells(word).map(|cell| markdown(&cell)).join(" | ")))
}

fn csv(found: &[Word], out: &mut dyn Write) -> io::Result<()> {
    emit::csv_line(&["kind", "word", "severity", "rows", "detectors"], out)?;
    for word in found {
        let [kind, _, severity, rows, detectors] = cells(word);
        emit::csv_line(&[&kind, &word.word, &severity, &rows, &detectors], out)?;
    }
    Ok(())
}
