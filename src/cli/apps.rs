//! `tokentrail apps`: every app that any input shows, and how much is at stake with it.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use tokentrail::emit;
use tokentrail::inventory::{AppSummary, known};
use tokentrail::value::Time;
use tokentrail::words::{name_of, plain};

use super::Ended;
use super::input::Input;
use super::organisation::Organisation;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Print everything as one JSON object.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a line for each app as CSV.
    #[arg(long)]
    csv: bool,
    /// Tell every reason of every app's points, and every row that could not be used.
    #[arg(long, short)]
    verbose: bool,
}

/// So many reasons are told in the table.
const TOLD: usize = 2;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let organisation = Organisation::read(&arguments.input, None, arguments.verbose)?;
    let (prepared, seen) = (&organisation.prepared, organisation.inventory());
    let has_register = prepared.register.iter().next().is_some();
    let mut lines: Vec<AppSummary> = known(&organisation.configuration, seen, &prepared.register)
        .iter()
        .map(|app| app.summary(seen, &prepared.risks, has_register))
        .collect();
    lines.sort_by(AppSummary::riskiest_first);
    let mut out = super::stdout();
    if arguments.json {
        emit::json_line(&lines, &mut out)?;
    } else if arguments.csv {
        csv(&lines, &mut out)?;
    } else {
        text(&lines, arguments.verbose, &mut out)?;
    }
    organisation.problems()
}

fn text(lines: &[AppSummary], verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return writeln!(out, "No app was found.");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["RISK", "APP", "OWNER", "TOKENS", "USERS", "CALLS", "ADDRESSES", "LAST USED", "MOSTLY BECAUSE"]);
    for line in lines {
        let last = line.last.map_or("never".to_owned(), Time::date_text);
        let reasons: Vec<&str> = line.risk.parts.iter().take(TOLD).map(|part| part.reason.as_str()).collect();
        let reasons = if reasons.is_empty() { "nothing that is known".to_owned() } else { reasons.join("; ") };
        let number = |number: u64| Cell::new(number).set_alignment(CellAlignment::Right);
        let users = line.users.max(line.token_users) as u64;
        table.add_row([
            number(line.risk.total.into()),
            Cell::new(shown(line)),
            Cell::new(line.owner.as_deref().map_or("–".to_owned(), plain)),
            number(line.tokens as u64),
            number(users),
            number(line.calls),
            number(line.addresses.len() as u64),
            Cell::new(last),
            Cell::new(plain(&reasons)),
        ]);
    }
    writeln!(out, "{table}")?;
    for line in lines.iter().filter(|_| verbose) {
        writeln!(out, "\n{}: {} of 100", shown(line), line.risk.total)?;
        for part in &line.risk.parts {
            writeln!(out, "  {:+4}  {}", part.points, plain(&part.reason))?;
        }
    }
    Ok(())
}

/// A name, and what tells the app from others of that name.
fn shown(line: &AppSummary) -> String {
    let name = name_of(Some(&line.app), "–");
    match (&line.app.name, &line.app.id) {
        (Some(_), Some(id)) => format!("{name} ({})", plain(id)),
        _ => name,
    }
}

fn csv(lines: &[AppSummary], out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "app_id",
        "app_name",
        "risk",
        "reasons",
        "owner",
        "configured_as",
        "scopes",
        "tokens",
        "token_users",
        "users",
        "logins",
        "calls",
        "rows",
        "first",
        "last",
        "addresses",
        "clients",
    ];
    emit::csv_line(&header, out)?;
    for line in lines {
        let reasons = line.risk.parts.iter().map(|part| format!("{:+} {}", part.points, part.reason));
        let or_empty = |text: Option<&String>| text.cloned().unwrap_or_default();
        let time = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
        let cells = [
            or_empty(line.app.id.as_ref()),
            or_empty(line.app.name.as_ref()),
            line.risk.total.to_string(),
            reasons.collect::<Vec<_>>().join("; "),
            or_empty(line.owner.as_ref()),
            line.configured_as.unwrap_or_default().to_owned(),
            line.scopes.as_ref().map(|scopes| scopes.join(" ")).unwrap_or_default(),
            line.tokens.to_string(),
            line.token_users.to_string(),
            line.users.to_string(),
            line.logins.to_string(),
            line.calls.to_string(),
            line.rows.to_string(),
            time(line.first),
            time(line.last),
            line.addresses.join(" "),
            line.clients.join(" | "),
        ];
        emit::csv_line(&cells.each_ref().map(String::as_str), out)?;
    }
    Ok(())
}
