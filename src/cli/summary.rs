//! What a scan says to a person: findings by whom they are about, the first ones in words, and what was read.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::apps::AmbiguousName;
use tokentrail::convert::Tables;
use tokentrail::engine::Outcome;
use tokentrail::finding::{Finding, Severity};
use tokentrail::incident::Incident;
use tokentrail::ingest::{Counts, Problem};
use tokentrail::words::{name_of, plain, several, visible};

/// How many findings are told in words, unless all are asked for.
const TOLD: usize = 7;

/// How many lines the table of findings has, unless all are asked for.
const GROUPS_SHOWN: usize = 25;

/// Findings of one detector about one app and user.
struct Group<'f> {
    worst: &'f Finding,
    findings: Vec<&'f Finding>,
}

/// Of one detector, at most this many of them.
const TOLD_OF_ONE: usize = 2;

/// Prints the findings: a table, then the gravest ones in words.
pub(super) fn findings(outcome: &Outcome, all: bool, out: &mut dyn Write) -> io::Result<()> {
    if outcome.findings.is_empty() {
        let used: u64 = outcome.counts.values().map(|counts| counts.used).sum();
        return match used {
            0 => writeln!(out, "No findings, because there were no rows to judge."),
            _ => writeln!(out, "No findings from {} to {}.", outcome.since, outcome.as_of),
        };
    }
    let groups = groups(&outcome.findings);
    let shown = if all { groups.len() } else { groups.len().min(GROUPS_SHOWN) };
    writeln!(out, "{}", table(&groups[..shown]))?;
    match groups.len() - shown {
        0 => writeln!(out)?,
        more => writeln!(out, " … and {} of no higher severity\n", counted(more as u64, "more line"))?,
    }
    let mut gravest: Vec<&Finding> = outcome.findings.iter().collect();
    gravest.sort_by_key(|finding| (Reverse((finding.severity, finding.score.total)), finding.first));
    let told = if all { gravest.clone() } else { first_of_each(&gravest) };
    writeln!(out, "{}", if all { "In words:" } else { "Look at these first:" })?;
    for (number, finding) in (1..).zip(&told) {
        tell(number, finding, out)?;
    }
    if told.len() < gravest.len() {
        let more = gravest.len() - told.len();
        writeln!(out, "\n{more} more: --verbose tells them all, --out FOLDER writes them.")?;
    }
    Ok(())
}

/// How many incidents are told, and how many lines of each, unless all are asked for.
const INCIDENTS_TOLD: usize = 3;
const LINES_TOLD: usize = 8;

/// Prints the incidents that have more than one finding: what belongs together, as a story.
pub(super) fn incidents(
    incidents: &[Incident],
    findings: &[Finding],
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let by_id: BTreeMap<_, _> = findings.iter().map(|finding| (finding.id, finding)).collect();
    let together: Vec<&Incident> =
        incidents.iter().filter(|incident| incident.findings.len() > 1 && incident.severity > Severity::Low).collect();
    for (number, incident) in (1..).zip(&together).take(if all { usize::MAX } else { INCIDENTS_TOLD }) {
        let style = style(incident.severity);
        let parts: Vec<String> = incident.parts.iter().map(|(family, weight)| format!("{family} {weight}")).collect();
        writeln!(
            out,
            "Incident {number}: {style}{}{style:#}, score {} ({}), {} about {}",
            incident.severity.word(),
            incident.score,
            parts.join(", "),
            counted(incident.findings.len() as u64, "finding"),
            about(incident)
        )?;
        let lines = if all { usize::MAX } else { LINES_TOLD };
        for finding in incident.findings.iter().filter_map(|id| by_id.get(id)).take(lines) {
            writeln!(out, "  {}  {:8}  {}", finding.first, finding.severity.word(), finding.sentence)?;
        }
        if incident.findings.len() > lines {
            writeln!(out, "  … and {} more", incident.findings.len() - lines)?;
        }
        writeln!(out)?;
    }
    let more = together.len().saturating_sub(INCIDENTS_TOLD);
    if more > 0 && !all {
        writeln!(out, "{}: --verbose tells them all.\n", counted(more as u64, "more incident"))?;
    }
    Ok(())
}

/// The app if there is one, or who or where.
fn about(incident: &Incident) -> String {
    const NAMED: usize = 3;
    let names = [&incident.apps, &incident.users, &incident.addresses].into_iter().find(|names| !names.is_empty());
    let Some(names) = names else { return "nobody in particular".to_owned() };
    let first: Vec<String> = names.iter().take(NAMED).map(|name| plain(name)).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}

/// Prints how many findings were expected; on demand, which.
pub(super) fn excepted(excepted: &[(Finding, String)], all: bool, out: &mut dyn Write) -> io::Result<()> {
    if excepted.is_empty() {
        return Ok(());
    }
    let hint = if all { "" } else { "; --show-excepted lists them" };
    writeln!(out, "\n{} expected{hint}", counted(excepted.len() as u64, "finding"))?;
    for (finding, reason) in excepted.iter().filter(|_| all) {
        writeln!(out, "  {}  {} ({}: {})", finding.first, finding.sentence, finding.detector, plain(reason))?;
    }
    Ok(())
}

/// The first few, with none of the detectors crowding out the others.
fn first_of_each<'f>(gravest: &[&'f Finding]) -> Vec<&'f Finding> {
    let mut told: Vec<&Finding> = Vec::new();
    for &finding in gravest {
        let of_this = told.iter().filter(|other| other.detector == finding.detector).count();
        if told.len() < TOLD && of_this < TOLD_OF_ONE {
            told.push(finding);
        }
    }
    told
}

/// Prints what became of the input.
pub(super) fn reading(outcome: &Outcome, folder: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    counts(&outcome.counts, out)?;
    // Without rows there is no "now" to end a window with.
    if outcome.counts.values().any(|counts| counts.used > 0) {
        writeln!(out, "window {} to {}", outcome.since, outcome.as_of)?;
    }
    if outcome.rows_after > 0 {
        writeln!(out, "{} later than that were not looked at", counted(outcome.rows_after, "row"))?;
    }
    ambiguous_apps(&outcome.ambiguous_apps, out)?;
    problems(&outcome.problems, out)?;
    if let Some(folder) = folder {
        let findings = counted(outcome.findings.len() as u64, "finding");
        writeln!(out, "{findings} written into {}", visible(&folder.display().to_string()))?;
    }
    Ok(())
}

/// Prints what became of the rows, by event type.
pub(super) fn counts(counts: &BTreeMap<String, Counts>, out: &mut dyn Write) -> io::Result<()> {
    for (event_type, counts) in counts {
        let quarantined: u64 = counts.quarantined.values().sum();
        if counts.exports == 0 && counts.read == 0 {
            continue;
        }
        writeln!(
            out,
            "{event_type}: {} in {}, {} used + {} quarantined + {} repeated",
            counted(counts.read, "row"),
            counted(counts.exports, "export"),
            counts.used,
            quarantined,
            counts.repeated
        )?;
        for (reason, count) in &counts.quarantined {
            writeln!(out, "  {count} quarantined: {}", reason.words_alone())?;
        }
        if !counts.unknown_columns.is_empty() {
            let names: Vec<String> = counts.unknown_columns.iter().take(8).map(|name| plain(name)).collect();
            writeln!(out, "  not read, because the schema does not know them: {}", names.join(", "))?;
        }
    }
    Ok(())
}

/// Prints which exports could not be used, or not to their end.
pub(super) fn problems(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    for problem in problems {
        writeln!(out, "{}problem:{:#} {}", bold(AnsiColor::Red), bold(AnsiColor::Red), lines(&problem.to_string()))?;
    }
    Ok(())
}

/// Prints how many rows were written into which table's folder.
pub(super) fn tables(tables: &Tables, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    for table in tokentrail::batch::Table::ALL {
        let rows = tables.rows(table);
        if rows > 0 {
            let folder = visible(&folder.join(table.name()).display().to_string());
            writeln!(out, "{} written into {folder}", counted(rows as u64, "row"))?;
        }
    }
    Ok(())
}

/// So many apps of one name are listed; `coverage --json` lists all.
const NAMED_APPS: usize = 5;

/// Names that tell no app from another: a fake app may have a real one's name.
pub(super) fn ambiguous_apps(ambiguous: &[AmbiguousName], out: &mut dyn Write) -> io::Result<()> {
    for found in ambiguous {
        let mut apps: Vec<String> = found.apps.iter().take(NAMED_APPS).map(|app| plain(app)).collect();
        if found.apps.len() > NAMED_APPS {
            apps.push("…".to_owned());
        }
        let whose = found.registered.as_ref().map_or_else(
            || "rows that have only the name are judged apart from both".to_owned(),
            |app| format!("the register gives it to {}", plain(app)),
        );
        writeln!(
            out,
            "note: {} apps go by the name {}: {}; {whose}",
            found.apps.len(),
            plain(&found.name),
            apps.join(", ")
        )?;
    }
    Ok(())
}

/// Foreign text on one line, with nothing in it that a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    visible(text)
}

fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(&str, String, String), Group<'_>> = BTreeMap::new();
    for finding in findings {
        let subject = &finding.subject;
        let key = (finding.detector, name_of(subject.app.as_ref(), ""), name_of(subject.user.as_ref(), ""));
        let group = groups.entry(key).or_insert_with(|| Group { worst: finding, findings: Vec::new() });
        group.findings.push(finding);
        if (finding.severity, finding.score.total) > (group.worst.severity, group.worst.score.total) {
            group.worst = finding;
        }
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    groups.sort_by_key(|group| {
        (Reverse((group.worst.severity, group.worst.score.total)), group.worst.first, group.worst.id)
    });
    groups
}

fn table(groups: &[Group<'_>]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(160);
    }
    table.set_header(["SEVERITY", "DETECTOR", "APP", "USER", "SEEN", "FINDINGS", "LAST"]);
    for group in groups {
        let subject = &group.worst.subject;
        table.add_row([
            group.worst.severity.word().to_owned(),
            group.worst.detector.to_owned(),
            name_of(subject.app.as_ref(), "-"),
            name_of(subject.user.as_ref(), "-"),
            seen(group),
            group.findings.len().to_string(),
            group
                .findings
                .iter()
                .map(|finding| finding.last)
                .max()
                .map_or(String::new(), tokentrail::value::Time::date_text),
        ]);
    }
    table
}

/// The first fact of the group's findings: its name, and its first values.
fn seen(group: &Group<'_>) -> String {
    const SHOWN: usize = 3;
    let mut values: Vec<String> = Vec::new();
    for fact in group.findings.iter().filter_map(|finding| finding.seen.first()) {
        let value = plain(&fact.value.to_string());
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let more = values.len().saturating_sub(SHOWN);
    values.truncate(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let name = group.worst.seen.first().map_or("", |fact| fact.name);
    format!("{name} {}{more}", values.join(", "))
}

fn tell(number: usize, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let style = style(finding.severity);
    writeln!(out, "\n{number}. {style}{}{style:#}: {}", finding.severity.word(), finding.sentence)?;
    writeln!(out, "   Next: {}", finding.next_step)?;
    let evidence = finding
        .evidence
        .first()
        .map_or(String::new(), |first| format!("; first row: {} record {}", plain(&first.export), first.record));
    writeln!(out, "   {} to {} ({}{evidence})", finding.first, finding.last, finding.detector)
}

pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Info | Severity::Low => Style::new(),
        Severity::Medium => bold(AnsiColor::Yellow),
        Severity::High | Severity::Critical => bold(AnsiColor::Red),
    }
}

pub(super) fn bold(color: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(color.into()))
}

pub(super) fn counted(count: u64, thing: &str) -> String {
    format!("{count} {}", if count == 1 { thing.to_owned() } else { several(thing) })
}

/// Foreign text over several lines, each one safe.
pub(super) fn lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}
