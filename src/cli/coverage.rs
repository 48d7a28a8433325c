//! `tokentrail coverage`: what the exports cover, and what they cannot show.

use std::io::{self, Write};

use anstyle::AnsiColor;
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::coverage::{ColumnTexts, Coverage, Covered, Verdict, cover, heat};
use tokentrail::detectors;
use tokentrail::emit;
use tokentrail::value::Time;
use tokentrail::words::plain;

use super::Ended;
use super::input::Input;
use super::summary::{ambiguous_apps, bold, counted, lines};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Print everything as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Of a list, so much is printed; --json has all of it.
const SHOWN: usize = 5;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut prepared = arguments.input.prepare()?;
    let mut unread = prepared.unread();
    let asked = prepared.scan(detectors::ALL);
    let progress = prepared.progress(&asked.taken);
    let mut coverage = cover(&asked);
    drop(progress);
    coverage.problems.append(&mut unread);
    coverage.problems.sort();
    let mut out = super::stdout();
    if arguments.json {
        emit::json_line(&coverage, &mut out)?;
    } else {
        print(&coverage, &mut out)?;
    }
    if !arguments.input.quiet {
        problems(&coverage, &mut anstream::AutoStream::auto(io::stderr().lock()))?;
    }
    let too_many = coverage.problems.len() > arguments.input.max_problems;
    Ok(if too_many { Ended::WithProblems } else { Ended::Well })
}

fn problems(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    for problem in &coverage.problems {
        writeln!(out, "{}problem:{:#} {}", bold(AnsiColor::Red), bold(AnsiColor::Red), lines(&problem.to_string()))?;
    }
    Ok(())
}

fn print(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    if coverage.covered.is_empty() {
        writeln!(out, "No export could be read.")?;
    } else {
        writeln!(out, "{}", overview(coverage))?;
    }
    for covered in &coverage.covered {
        writeln!(out, "\n{} of {}", plain(&covered.event_type), plain(&covered.org))?;
        what_is_odd(covered, out)?;
        for line in heat::lines(&covered.rows_by_hour, width()) {
            writeln!(out, "  {line}")?;
        }
    }
    if !coverage.joined_apps.is_empty() {
        let joined = &coverage.joined_apps;
        let joined: Vec<String> =
            joined.iter().map(|(name, app)| format!("{} = {}", plain(name), plain(app))).collect();
        writeln!(out, "\nApps whose names and ids the exports bring together")?;
        list("found", &joined, "; ", out)?;
    }
    if !coverage.ambiguous_apps.is_empty() {
        writeln!(out)?;
        ambiguous_apps(&coverage.ambiguous_apps, out)?;
    }
    // Without rows there is no "now" to end a window with.
    if coverage.covered.iter().any(|covered| covered.used > 0) {
        writeln!(out, "\nDetectors, for a window from {} to {}", coverage.since, coverage.as_of)?;
    } else {
        writeln!(out, "\nDetectors")?;
    }
    if coverage.rows_after > 0 {
        writeln!(out, "{} later than that would not be looked at", counted(coverage.rows_after, "row"))?;
    }
    let mut table = table();
    for verdict in [Verdict::Cannot, Verdict::Partly, Verdict::Runs] {
        for ability in coverage.detectors.iter().filter(|ability| ability.verdict == verdict) {
            table.add_row([verdict.word(), ability.detector, &plain_long(&ability.reason)]);
        }
    }
    writeln!(out, "{table}")
}

fn overview(coverage: &Coverage) -> Table {
    let mut table = table();
    table.set_header([
        "ORG",
        "EVENT TYPE",
        "EXPORTS",
        "READ",
        "USED",
        "REPEATED",
        "QUARANTINED",
        "FIRST",
        "LAST",
        "HOURS",
        "MISSING",
    ]);
    let time = |time: Option<Time>| time.map_or_else(|| "-".to_owned(), |time| time.to_string()[..16].to_owned());
    for covered in &coverage.covered {
        let (present, missing) = match &covered.hours {
            Some(hours) => (hours.present.to_string(), hours.missing.to_string()),
            None => ("n/a".to_owned(), "n/a".to_owned()),
        };
        table.add_row([
            plain(&covered.org),
            plain(&covered.event_type),
            covered.exports.len().to_string(),
            covered.read.to_string(),
            covered.used.to_string(),
            covered.repeated.to_string(),
            covered.quarantined.values().sum::<u64>().to_string(),
            time(covered.first),
            time(covered.last),
            present,
            missing,
        ]);
    }
    table
}

fn what_is_odd(covered: &Covered, out: &mut dyn Write) -> io::Result<()> {
    for (reason, rows) in &covered.quarantined {
        writeln!(out, "  {rows} quarantined: {}", reason.words_alone())?;
    }
    let repeating: Vec<String> = covered
        .exports
        .iter()
        .filter(|export| export.repeated > 0)
        .map(|export| format!("{} of {} in {}", export.repeated, export.read, plain(&export.export)))
        .collect();
    list("repeated rows", &repeating, "; ", out)?;
    let late: Vec<String> = covered
        .late
        .iter()
        .map(|late| {
            let sequence = late.sequence.map_or_else(String::new, |sequence| format!(" (sequence {sequence})"));
            let (rows, from) = (counted(late.adds, "row"), &late.from.to_string()[..16]);
            format!("{}{sequence} adds {rows} from {from} on", plain(&late.export))
        })
        .collect();
    list("late or supplementary", &late, "; ", out)?;
    let gaps = covered.hours.iter().flat_map(|hours| &hours.gaps);
    let gaps: Vec<String> = gaps
        .map(|gap| format!("{} h from {} to {}", gap.hours, &gap.from.to_string()[..16], &gap.to.to_string()[..16]))
        .collect();
    list("largest gaps", &gaps, "; ", out)?;
    let unknown: Vec<String> = covered.unknown_columns.iter().map(|name| plain(name)).collect();
    list("columns that the schema does not know", &unknown, ", ", out)?;
    texts("values that nobody knows", &covered.unknown_values, out)?;
    texts("unreadable addresses", &covered.unreadable_addresses, out)?;
    texts("placeholders", &covered.placeholders, out)?;
    let without = [("app", covered.without.app), ("address", covered.without.address), ("user", covered.without.user)];
    let without: Vec<String> = without
        .iter()
        .filter_map(|(what, rows)| rows.filter(|_| covered.used > 0).map(|rows| share(rows, covered.used, what)))
        .collect();
    list("rows without", &without, ", ", out)
}

/// Tenths of a percent, so that a few rows of many do not show as none.
fn share(rows: u64, of: u64, what: &str) -> String {
    let tenths = (u128::from(rows) * 1000).div_ceil(u128::from(of));
    format!("{what} {}.{} % ({rows})", tenths / 10, tenths % 10)
}

fn texts(title: &str, columns: &[ColumnTexts], out: &mut dyn Write) -> io::Result<()> {
    for column in columns {
        let title = format!("{title} in {}", plain(&column.column));
        let mut values: Vec<String> =
            column.values.iter().map(|value| format!("{} ({})", plain(&value.value), value.rows)).collect();
        if column.rows_of_others > 0 {
            values.push(format!("others ({})", column.rows_of_others));
        }
        list(&title, &values, ", ", out)?;
    }
    Ok(())
}

/// The first few of a list, on one line.
fn list(title: &str, items: &[String], between: &str, out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let more = items.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("{between}and {more} more") } else { String::new() };
    let shown: Vec<&str> = items.iter().take(SHOWN).map(String::as_str).collect();
    writeln!(out, "  {title}: {}{more}", shown.join(between))
}

/// Our own words, which may be longer than foreign ones.
fn plain_long(text: &str) -> String {
    tokentrail::words::visible(text)
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width()).unwrap_or(u16::MAX));
    table
}

/// Of the terminal; where there is none, what fits most screens.
fn width() -> usize {
    let table = Table::new();
    let of_terminal = table.width().filter(|_| table.is_tty());
    of_terminal.map_or(160, usize::from)
}
