//! `tokentrail verify-containment`: did it stop?

use std::io::{self, Write};

use anyhow::{Context, bail};
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::containment::{After, Containment, Verdict, containment};
use tokentrail::emit;
use tokentrail::words::{markdown, name_of, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::{About, Chosen};
use super::investigate::minute;
use super::summary::counted;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    printed: Printed,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let chosen = &arguments.chosen;
    let subject = arguments.about.subject()?;
    if subject.is_none() && !chosen.is_narrowed() {
        bail!(
            "nobody says what should have stopped\n\nhint: name it with --app, --user, --ip, --session, --token or --where"
        );
    }
    let mut prepared = chosen.input.prepare()?;
    let since = prepared.selection()?.since.context(
        "nobody says from when on it should have stopped\n\nhint: give the moment of the revocation with --since",
    )?;
    let read = chosen.read(&mut prepared, subject)?;
    let found = containment(&read.history, since);
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&found, &mut out)?,
        Form::Markdown => document(&found, &mut out)?,
        Form::Json => emit::json_line(&found, &mut out)?,
        Form::Csv => csv(&found, &mut out)?,
    }
    let ended = read.ended()?;
    Ok(if found.verdict == Verdict::StillActive { Ended::WithFindings } else { ended })
}

fn told(way: &After) -> [String; 8] {
    [
        plain(&way.what),
        name_of(way.app.as_ref(), ""),
        name_of(way.user.as_ref(), ""),
        way.address.as_deref().map(plain).unwrap_or_default(),
        way.done.to_string(),
        way.refused.to_string(),
        minute(way.first),
        minute(way.last),
    ]
}

fn text(found: &Containment, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "After {}: {}.", found.since, found.verdict.words())?;
    if !found.after.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["WHAT", "APP", "USER", "ADDRESS", "DONE", "REFUSED", "FIRST", "LAST"]);
        for way in &found.after {
            table.add_row(told(way));
        }
        writeln!(out, "\n{table}")?;
    }
    if found.tokens_listed > 0 {
        let tokens = counted(found.tokens_listed, "token");
        writeln!(
            out,
            "\n{tokens} of it in the list of tokens. Was the list made after the revocation? Then it is not done."
        )?;
    }
    writeln!(out, "\nLogs end at:")?;
    for log in &found.logs {
        let end = log.last.map_or_else(|| "no row with a time".to_owned(), |last| last.to_string());
        let short = if log.goes_beyond { "" } else { "  (before that moment: it says nothing)" };
        writeln!(out, "  {}: {end}{short}", log.log)?;
    }
    Ok(())
}

fn document(found: &Containment, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "After {}: **{}**.\n", found.since, found.verdict.words())?;
    writeln!(
        out,
        "| what | app | user | address | done | refused | first | last |\n|---|---|---|---|--:|--:|---|---|"
    )?;
    for way in &found.after {
        writeln!(out, "| {} |", told(way).map(|cell| markdown(&cell)).join(" | "))?;
    }
    writeln!(out)?;
    for log in &found.logs {
        let end = log.last.map_or_else(|| "no row with a time".to_owned(), |last| last.to_string());
        writeln!(out, "- {} ends at {end}", log.log)?;
    }
    Ok(())
}

fn csv(found: &Containment, out: &mut dyn Write) -> io::Result<()> {
    emit::csv_line(
        &["what", "app", "user", "address", "done", "refused", "first", "last", "rows", "export", "record"],
        out,
    )?;
    for way in &found.after {
        let [what, app, user, address, done, refused, ..] = told(way);
        let (first, last) = (way.first.to_string(), way.last.to_string());
        let (rows, record) = (way.rows.to_string(), way.record.to_string());
        let cells = [what, app, user, address, done, refused, first, last, rows, way.export.clone(), record];
        emit::csv_line(&cells.each_ref().map(String::as_str), out)?;
    }
    Ok(())
}
