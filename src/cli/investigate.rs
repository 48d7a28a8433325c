//! `tokentrail investigate`: everything about one app, user, address, session or token.

use std::io::{self, Write};

use clap::ValueEnum;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use tokentrail::emit;
use tokentrail::history::{Subject, SubjectKind};
use tokentrail::profile::{Day, Part, Profile, Seen, profile};
use tokentrail::words::{markdown, name_of, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::history::Chosen;
use super::summary::{counted, style};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// What it is.
    what: Kind,
    /// Its id or name; an address or a network; a session key, login key or id of a login; a token's reference.
    name: String,
    #[command(flatten)]
    chosen: Chosen,
    /// Of each list, show so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    top: usize,
    #[command(flatten)]
    printed: Printed,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    App,
    User,
    Ip,
    Session,
    Token,
}

impl From<Kind> for SubjectKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::App => Self::App,
            Kind::User => Self::User,
            Kind::Ip => Self::Ip,
            Kind::Session => Self::Session,
            Kind::Token => Self::Token,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let told = arguments.chosen.told()?;
    let mut prepared = arguments.chosen.input.prepare()?;
    let (lists, networks) = prepared.knowledge();
    let subject = Subject::new(arguments.what.into(), &arguments.name);
    let read = arguments.chosen.read(&mut prepared, Some(subject.clone()))?;
    let context = read.context(&lists, &networks);
    let found = profile(&read.history, &told, &|role, value, time| context.of(role, value, time));
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&subject, &found, arguments.top, &mut out)?,
        Form::Markdown => document(&subject, &found, arguments.top, &mut out)?,
        Form::Json => emit::json_line(&found, &mut out)?,
        Form::Csv => csv(&found, &mut out)?,
    }
    read.ended()
}

fn text(subject: &Subject, found: &Profile, top: usize, out: &mut dyn Write) -> io::Result<()> {
    let id = found.subject.name.id.as_deref().filter(|_| found.subject.name.name.is_some());
    let id = id.map(|id| format!(" ({})", plain(id))).unwrap_or_default();
    writeln!(out, "The {} {}{id}", subject.kind.word(), name_of(Some(&found.subject.name), "–"))?;
    let (Some(first), Some(last)) = (found.first, found.last) else {
        return writeln!(out, "  The exports show nothing of it. `tokentrail coverage` says what they cover.");
    };
    writeln!(out, "  seen from {first} to {last}")?;
    let rows =
        found.rows.iter().map(|(table, rows)| counted(*rows as u64, &table.replace('_', " ")[..table.len() - 1]));
    writeln!(out, "  {}", rows.collect::<Vec<_>>().join(", "))?;
    activity(&found.days, out)?;
    for finding in &found.findings {
        let style = style(finding.severity);
        writeln!(out, "  {style}{}{style:#}: {} ({})", finding.severity.word(), finding.sentence, finding.detector)?;
    }
    for part in &found.parts {
        writeln!(out, "\n{}{}", part.name.to_uppercase(), shown(part, top))?;
        writeln!(out, "{}", table(part, top))?;
    }
    let others = found.parts.iter().filter(|part| part.pivot.is_some_and(|pivot| pivot != option(subject.kind)));
    if let Some(pivot) = others.into_iter().find_map(|part| Some((part.pivot?, part.values.first()?))) {
        let value = plain(pivot.1.id.as_deref().unwrap_or(&pivot.1.value));
        writeln!(out, "\nGo on with one of them, for example: tokentrail investigate {} '{value}' …", pivot.0)?;
    }
    Ok(())
}

/// The command's word for a kind.
fn option(kind: SubjectKind) -> &'static str {
    if kind == SubjectKind::Ip { "ip" } else { kind.word() }
}

fn shown(part: &Part, top: usize) -> String {
    let all = part.values.len();
    if all > top { format!(" ({top} of {all})") } else { String::new() }
}

/// Events by day as bars; a blank is a day without any.
fn activity(days: &[Day], out: &mut dyn Write) -> io::Result<()> {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    /// As many as fit into a line.
    const MOST: usize = 100;
    let days = &days[days.len().saturating_sub(MOST)..];
    let most = days.iter().map(|day| day.events).max().unwrap_or(0).max(1);
    let bar = |day: &Day| match day.events {
        0 => ' ',
        events => BARS[usize::try_from((events * 8).div_ceil(most) - 1).unwrap_or(7).min(7)],
    };
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(()) };
    let bars: String = days.iter().map(bar).collect();
    let (from, to) = (first.day.date_text(), last.day.date_text());
    writeln!(out, "  events by day, {from} to {to}, {most} at most:\n  [{bars}]")
}

fn table(part: &Part, top: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    let has_rows = part.values.iter().any(|seen| seen.rows > 0);
    let mut header = vec!["", "EVENTS", "REFUSED", "DAYS", "FIRST", "LAST", "KNOWN"];
    if has_rows {
        header.insert(3, "ROWS");
    }
    table.set_header(header);
    for seen in part.values.iter().take(top) {
        let number = |number: String| Cell::new(number).set_alignment(CellAlignment::Right);
        let mut cells = vec![
            Cell::new(value(seen)),
            number(seen.events.to_string()),
            number(seen.refused.to_string()),
            number(seen.days.to_string()),
            Cell::new(minute(seen.first)),
            Cell::new(minute(seen.last)),
            Cell::new(seen.notes.iter().map(|note| plain(note)).collect::<Vec<_>>().join("; ")),
        ];
        if has_rows {
            cells.insert(3, number(seen.rows.to_string()));
        }
        table.add_row(cells);
    }
    table
}

fn value(seen: &Seen) -> String {
    let id = seen.id.as_deref().map(|id| format!(" ({})", plain(id))).unwrap_or_default();
    format!("{}{id}", plain(&seen.value))
}

/// `2025-08-17 11:12`: what a table has room for.
pub(super) fn minute(time: tokentrail::value::Time) -> String {
    let text = time.to_string();
    text.get(..16).unwrap_or(&text).replace('T', " ")
}

fn document(subject: &Subject, found: &Profile, top: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# The {} {}\n", subject.kind.word(), markdown(&name_of(Some(&found.subject.name), "–")))?;
    for note in &found.subject.notes {
        writeln!(out, "> {}\n", markdown(note))?;
    }
    let (Some(first), Some(last)) = (found.first, found.last) else {
        return writeln!(out, "The exports show nothing of it.");
    };
    let rows: usize = found.rows.values().sum();
    writeln!(out, "{} from {first} to {last}.", counted(rows as u64, "row"))?;
    for finding in &found.findings {
        writeln!(out, "\n- **{}**: {}", finding.severity.word(), markdown(&finding.sentence))?;
    }
    for part in &found.parts {
        writeln!(out, "\n## {}{}\n", part.name, shown(part, top))?;
        writeln!(
            out,
            "| | events | refused | rows | days | first | last | known |\n|---|--:|--:|--:|--:|---|---|---|"
        )?;
        for seen in part.values.iter().take(top) {
            let Seen { events, refused, rows, days, first, last, .. } = seen;
            let (value, notes) = (markdown(&value(seen)), markdown(&plain(&seen.notes.join("; "))));
            writeln!(out, "| {value} | {events} | {refused} | {rows} | {days} | {first} | {last} | {notes} |")?;
        }
    }
    Ok(())
}

fn csv(found: &Profile, out: &mut dyn Write) -> io::Result<()> {
    emit::csv_line(&["part", "value", "id", "events", "refused", "rows", "days", "first", "last", "known"], out)?;
    for part in &found.parts {
        for seen in &part.values {
            let cells = [
                part.name,
                &seen.value,
                seen.id.as_deref().unwrap_or_default(),
                &seen.events.to_string(),
                &seen.refused.to_string(),
                &seen.rows.to_string(),
                &seen.days.to_string(),
                &seen.first.to_string(),
                &seen.last.to_string(),
                &seen.notes.join("; "),
            ];
            emit::csv_line(&cells, out)?;
        }
    }
    Ok(())
}
