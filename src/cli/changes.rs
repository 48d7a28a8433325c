//! `tokentrail changes`: what was changed in the setup, who was granted access, and by what somebody could stay.

use std::io::{self, Write};

use anstyle::AnsiColor;
use tokentrail::batch::Table;
use tokentrail::changes::{Change, Persistence, changes};
use tokentrail::emit;
use tokentrail::history::ROLES;
use tokentrail::words::{markdown, name_of, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::{About, Chosen};
use super::summary::{bold, counted};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    about: About,
    /// Only changes by which somebody could stay.
    #[arg(long)]
    persistence: bool,
    #[command(flatten)]
    printed: Printed,
}

/// In these something is changed, or somebody gets access.
const TABLES: [Table; 3] = [Table::SetupChanges, Table::Sessions, Table::Tokens];

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut prepared = arguments.chosen.input.prepare()?;
    let read = arguments.chosen.read_roles(&mut prepared, arguments.about.subject()?, &TABLES, ROLES)?;
    let mut found = changes(&read.history);
    found.retain(|change| !arguments.persistence || change.persistence.is_some());
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&found, &mut out)?,
        Form::Markdown => document(&found, &mut out)?,
        Form::Json => found.iter().try_for_each(|change| emit::json_line(change, &mut out))?,
        Form::Csv => csv(&found, &mut out)?,
    }
    read.ended()
}

fn mark(change: &Change) -> &'static str {
    change.persistence.map(Persistence::words).unwrap_or_default()
}

fn text(found: &[Change], out: &mut dyn Write) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "No change is in what was asked for. `tokentrail coverage` says what the exports cover.");
    }
    let style = bold(AnsiColor::Yellow);
    for change in found {
        let who = name_of(change.user.as_ref(), "somebody");
        let mark =
            if change.persistence.is_some() { format!(" {style}[{}]{style:#}", mark(change)) } else { String::new() };
        let app = change.app.as_ref().map(|app| format!(" | {}", name_of(Some(app), "–"))).unwrap_or_default();
        writeln!(out, "{}  {who}: {}{app}{mark}", change.time, plain(&change.sentence))?;
    }
    let marked = found.iter().filter(|change| change.persistence.is_some()).count();
    writeln!(out, "\n{}; {marked} by which somebody could stay.", counted(found.len() as u64, "change"))
}

fn document(found: &[Change], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| time (UTC) | by | what | app | could serve to stay |\n|---|---|---|---|---|")?;
    for change in found {
        let (who, app) = (name_of(change.user.as_ref(), ""), name_of(change.app.as_ref(), ""));
        let (who, app, what) = (markdown(&who), markdown(&app), markdown(&plain(&change.sentence)));
        writeln!(out, "| {} | {who} | {what} | {app} | {} |", change.time, mark(change))?;
    }
    Ok(())
}

fn csv(found: &[Change], out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "time",
        "user_id",
        "username",
        "target",
        "app_id",
        "app_name",
        "section",
        "code",
        "change",
        "persistence",
        "export",
        "record",
    ];
    emit::csv_line(&header, out)?;
    for change in found {
        let (user, app) = (change.user.clone().unwrap_or_default(), change.app.clone().unwrap_or_default());
        let cells = [
            change.time.to_string(),
            user.id.unwrap_or_default(),
            user.name.unwrap_or_default(),
            change.target.clone().unwrap_or_default(),
            app.id.unwrap_or_default(),
            app.name.unwrap_or_default(),
            change.section.clone().unwrap_or_default(),
            change.code.clone().unwrap_or_default(),
            change.sentence.clone(),
            mark(change).to_owned(),
            change.export.clone(),
            change.record.to_string(),
        ];
        emit::csv_line(&cells.each_ref().map(String::as_str), out)?;
    }
    Ok(())
}
