//! `tokentrail timeline`: everything that happened, in one order over all exports.

use std::io::{self, Write};

use anyhow::bail;
use serde::Serialize;
use tokentrail::emit;
use tokentrail::finding::{Named, Severity};
use tokentrail::timeline::{Folding, Line, lines};
use tokentrail::value::time::SECOND;
use tokentrail::words::{markdown, name_of, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::{About, Chosen};
use super::summary::{counted, style};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    about: About,
    /// Only rows that findings of at least this severity rest on; needs --findings.
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<String>,
    /// Rows that say the same and are at most so many minutes apart are one line.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    gap: u32,
    /// Every row as a line of its own.
    #[arg(long, conflicts_with = "gap")]
    full: bool,
    #[command(flatten)]
    printed: Printed,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let told = arguments.chosen.told()?;
    let least = arguments.severity.as_deref().map(super::scan::severity).transpose()?;
    if least.is_some() && told.is_empty() {
        bail!("--severity needs findings\n\nhint: scan with --out FOLDER first, and give --findings FOLDER");
    }
    let mut prepared = arguments.chosen.input.prepare()?;
    let read = arguments.chosen.read(&mut prepared, arguments.about.subject()?)?;
    let gap = if arguments.full { -1 } else { i64::from(arguments.gap) * 60 * SECOND };
    let mut lines = lines(read.history.entries(), Folding { gap }, &told);
    lines.retain(|line| least.is_none_or(|least| line.severity >= Some(least)));
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&lines, &mut out)?,
        Form::Markdown => document(&lines, &mut out)?,
        Form::Json => json(&lines, &mut out)?,
        Form::Csv => csv(&lines, &mut out)?,
    }
    read.ended()
}

fn text(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    let mut day = String::new();
    for line in lines {
        let (date, time) = date_and_time(line);
        if date != day {
            writeln!(out, "{}{date} (UTC)", if day.is_empty() { "" } else { "\n" })?;
            day = date;
        }
        let mark = line.severity.map(|severity| {
            let style = style(severity);
            format!(" {style}[{}: {}]{style:#}", severity.word(), line.findings.join(", "))
        });
        writeln!(out, "  {time}  {}{}", sentence(line), mark.unwrap_or_default())?;
    }
    let rows: u64 = lines.iter().map(|line| line.count).sum();
    writeln!(out, "\n{} for {}.", counted(lines.len() as u64, "line"), counted(rows, "row"))
}

fn date_and_time(line: &Line) -> (String, String) {
    let text = line.time.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    (date.to_owned(), time.trim_end_matches('Z').to_owned())
}

/// Who, what, from where, how often.
fn sentence(line: &Line) -> String {
    let mut parts = vec![line.message.clone()];
    if let Some(app) = &line.app {
        parts.push(name_of(Some(app), "–"));
    }
    if let Some(user) = &line.user {
        parts.push(name_of(Some(user), "–"));
    }
    parts.extend([&line.address, &line.client].into_iter().flatten().map(|text| plain(text)));
    if let Some(rows) = line.rows.filter(|rows| *rows > 0) {
        parts.push(format!("{rows} rows"));
    }
    if line.count > 1 {
        parts.push(format!("{} times until {}", line.count, line.until));
    }
    parts.join(" | ")
}

fn document(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| time (UTC) | until | times | what | app | user | address | client | rows | findings |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
    for line in lines {
        let shown = |text: Option<&str>| markdown(&plain(text.unwrap_or_default()));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            line.time,
            line.until,
            line.count,
            markdown(&line.message),
            markdown(&name_of(line.app.as_ref(), "")),
            markdown(&name_of(line.user.as_ref(), "")),
            shown(line.address.as_deref()),
            shown(line.client.as_deref()),
            line.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            line.findings.join(", "),
        )?;
    }
    Ok(())
}

/// A line as Timesketch takes it: `datetime`, `timestamp_desc` and `message` have to be there.
#[derive(Serialize)]
struct Sketched<'l> {
    datetime: String,
    timestamp_desc: &'static str,
    #[serde(flatten)]
    line: &'l Line,
}

fn json(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
        let sketched = Sketched { datetime: line.time.to_string(), timestamp_desc: line.stamp, line };
        emit::json_line(&sketched, out)?;
    }
    Ok(())
}

/// The first seven columns are those of plaso's dynamic output, with its names.
const COLUMNS: [&str; 20] = [
    "datetime",
    "timestamp_desc",
    "source",
    "source_long",
    "message",
    "parser",
    "display_name",
    "tag",
    "until",
    "count",
    "rows",
    "user_id",
    "username",
    "app_id",
    "app_name",
    "address",
    "client",
    "session",
    "refused",
    "severity",
];

fn csv(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    emit::csv_line(&COLUMNS, out)?;
    for line in lines {
        let id = |named: &Option<Named>| named.as_ref().and_then(|named| named.id.clone()).unwrap_or_default();
        let name = |named: &Option<Named>| named.as_ref().and_then(|named| named.name.clone()).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            line.time.to_string(),
            line.stamp.to_owned(),
            "SALESFORCE".to_owned(),
            line.log.clone(),
            line.message.clone(),
            "tokentrail".to_owned(),
            format!("{}#{}", line.export, line.record),
            line.findings.join(" "),
            line.until.to_string(),
            line.count.to_string(),
            line.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            id(&line.user),
            name(&line.user),
            id(&line.app),
            name(&line.app),
            text(&line.address),
            text(&line.client),
            text(&line.session),
            line.refused.to_string(),
            line.severity.map(Severity::word).unwrap_or_default().to_owned(),
        ];
        emit::csv_line(&cells.each_ref().map(String::as_str), out)?;
    }
    Ok(())
}
