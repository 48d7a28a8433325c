//! `tokentrail audit`: how apps are configured, against what they should be and what they do.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::AnsiColor;
use tokentrail::audit::{Audit, Matrix, Row};
use tokentrail::check::{Outcome, Verdict};
use tokentrail::checks;
use tokentrail::configuration::Configuration;
use tokentrail::emit;
use tokentrail::exceptions::{Exceptions, Sifted};
use tokentrail::finding::{Named, Severity};
use tokentrail::value::Time;
use tokentrail::words::{markdown, name_of, plain};

use super::form::Form;
use super::input::Input;
use super::organisation::Organisation;
use super::summary::{bold, style};
use super::{Ended, records, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Metadata as it is expected to be, for example of a repository: what differs fails the check configuration-drift.
    #[arg(long, value_name = "FOLDER")]
    expected: Option<PathBuf>,
    /// How to print the answers.
    #[arg(long, value_name = "FORM", default_value = "text")]
    print: Form,
    /// Write findings into this folder, as `scan` does.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// What to write there; see `scan`.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "ndjson")]
    format: Vec<String>,
    /// Failures that are expected, with reasons; exceptions.toml in a given folder is found by itself.
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// List the failures that are expected, too.
    #[arg(long)]
    show_excepted: bool,
    /// Exit with 1 if a failed check is at least this severe.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<String>,
    /// Print all answers, not only what fails.
    #[arg(long, short)]
    verbose: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let input = &arguments.input;
    let fail_on = arguments.fail_on.as_deref().map(super::scan::severity).transpose()?;
    let formats = records::chosen(&arguments.format)?;
    let expected =
        arguments.expected.as_ref().map(|folder| Configuration::read(std::slice::from_ref(folder))).transpose()?;
    let organisation = Organisation::read(input, arguments.out.as_deref(), arguments.verbose)?;
    let audit = organisation.audit(expected.as_ref());
    let mut matrix = audit.run();
    let exceptions = input.in_folder("exceptions.toml", arguments.exceptions.as_ref());
    let exceptions = exceptions.map(|path| Exceptions::read(&path)).transpose()?.unwrap_or_default();
    let Sifted { findings, excepted } = exceptions.sift(audit.findings(&matrix), audit.as_of.unwrap_or(Time::EARLIEST));
    matrix.except(&excepted);
    if let Some(folder) = &arguments.out {
        records::write(folder, &formats, &findings, audit.as_of.unwrap_or(Time::EARLIEST))?;
    }
    let mut out = super::stdout();
    match arguments.print {
        Form::Text => {
            text(&audit, &matrix, arguments.verbose, &mut out)?;
            summary::excepted(&excepted, arguments.show_excepted, &mut out)?;
        }
        Form::Markdown => table(&matrix, &mut out)?,
        Form::Json => emit::json_line(&matrix, &mut out)?,
        Form::Csv => csv(&audit, &matrix, &mut out)?,
    }
    let ended = organisation.problems()?;
    let is_grave = |severity: Severity| fail_on.is_some_and(|limit| severity >= limit);
    Ok(if findings.iter().any(|finding| is_grave(finding.severity)) { Ended::WithFindings } else { ended })
}

fn shown(app: Option<&Named>) -> String {
    name_of(app, "The organisation")
}

fn text(audit: &Audit<'_>, matrix: &Matrix, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    if matrix.rows.len() == 1 {
        writeln!(out, "No app's configuration was found.\n")?;
        writeln!(out, "hint: give the folder of `sf project retrieve`, or metadata files of connected apps")?;
    }
    let mut rows: Vec<&Row> = matrix.rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(worst(audit, row)));
    for row in rows {
        app(audit, row, verbose, out)?;
    }
    let failed = |severity: Severity| {
        let answers = matrix.rows.iter().flat_map(|row| failed_first(audit, row));
        answers.filter(|(known, _, verdict)| verdict.outcome == Outcome::Fail && *known == severity).count()
    };
    let failed = Severity::ALL.iter().rev().map(|severity| format!("{} {}", failed(*severity), severity.word()));
    let hint = if verbose { "" } else { "; --verbose prints all answers" };
    writeln!(out, "\nFailed in all: {}{hint}.", failed.collect::<Vec<_>>().join(", "))
}

/// How soon to look at a row's worst failure.
fn worst(audit: &Audit<'_>, row: &Row) -> Option<Severity> {
    let failed = failed_first(audit, row).into_iter().filter(|(_, _, verdict)| verdict.outcome == Outcome::Fail);
    failed.map(|(severity, _, _)| severity).max()
}

fn app(audit: &Audit<'_>, row: &Row, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let count = |outcome: Outcome| row.verdicts.values().filter(|verdict| verdict.outcome == outcome).count();
    let name = bold(AnsiColor::White);
    let excepted = count(Outcome::Excepted);
    let excepted = if excepted == 0 { String::new() } else { format!("{excepted} excepted, ") };
    writeln!(
        out,
        "{name}{}{name:#}: {} failed, {excepted}{} unknown, {} passed, {} not applicable",
        shown(row.app.as_ref()),
        count(Outcome::Fail),
        count(Outcome::Unknown),
        count(Outcome::Pass),
        count(Outcome::NotApplicable),
    )?;
    for (severity, check, verdict) in failed_first(audit, row) {
        let is_failed = verdict.outcome == Outcome::Fail;
        if !is_failed && !verbose {
            continue;
        }
        let style = if is_failed { style(severity) } else { anstyle::Style::new() };
        let word = if is_failed { severity.word() } else { verdict.outcome.word() };
        writeln!(out, "  {style}{word:<8}{style:#} {}: {}{}", check.id, plain(&verdict.why), facts(verdict))?;
        if is_failed {
            writeln!(out, "           {}\n           {}", check.setup_path, check.when_fixed)?;
        }
    }
    Ok(())
}

/// The answers of a row: failures first, the gravest before others.
fn failed_first<'r>(
    audit: &Audit<'_>,
    row: &'r Row,
) -> Vec<(Severity, &'static tokentrail::check::Check, &'r Verdict)> {
    let checks = checks::ALL.iter().filter_map(|check| Some((*check, row.verdicts.get(check.id)?)));
    let mut answers: Vec<_> = checks.map(|(check, verdict)| (audit.severity(check, verdict), check, verdict)).collect();
    answers.sort_by_key(|(severity, check, verdict)| {
        let failed = (verdict.outcome == Outcome::Fail).then_some(*severity);
        (std::cmp::Reverse(failed), std::cmp::Reverse(verdict.outcome), check.id)
    });
    answers
}

fn facts(verdict: &Verdict) -> String {
    let facts = verdict.facts.iter().map(|fact| format!("{}={}", fact.name, plain(&fact.value.to_string())));
    let facts: Vec<String> = facts.collect();
    if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) }
}

fn table(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = matrix.rows.iter().map(|row| markdown(&shown(row.app.as_ref()))).collect();
    writeln!(out, "| check | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()))?;
    for check in checks::ALL {
        let words =
            matrix.rows.iter().map(|row| row.verdicts.get(check.id).map_or("", |verdict| verdict.outcome.word()));
        writeln!(out, "| `{}` | {} |", check.id, words.collect::<Vec<_>>().join(" | "))?;
    }
    Ok(())
}

fn csv(audit: &Audit<'_>, matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    emit::csv_line(&["app_id", "app_name", "check", "outcome", "severity", "why", "facts"], out)?;
    for row in &matrix.rows {
        let part = |part: fn(&Named) -> Option<&String>| row.app.as_ref().and_then(part).map_or("", String::as_str);
        let (id, name) = (part(|app| app.id.as_ref()), part(|app| app.name.as_ref()));
        for (severity, check, verdict) in failed_first(audit, row) {
            let severity = if verdict.outcome == Outcome::Fail { severity.word() } else { "" };
            let (outcome, facts) = (verdict.outcome.word(), facts(verdict));
            emit::csv_line(&[id, name, check.id, outcome, severity, &verdict.why, &facts], out)?;
        }
    }
    Ok(())
}
