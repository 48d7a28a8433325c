//! `tokentrail diff`: what is new since the last run, what is gone, and what has changed.

use std::io::{self, Write};
use std::path::PathBuf;

use tokentrail::diff::{Change, Diff, Run};
use tokentrail::emit;
use tokentrail::told::ToldFinding;
use tokentrail::words::{markdown, name_of, plain};

use super::Ended;
use super::form::{Form, Printed};
use super::summary::style;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The earlier run: the folder of `scan --out` or `audit --out`, or its findings.ndjson.
    old: PathBuf,
    /// The later run.
    new: PathBuf,
    #[command(flatten)]
    printed: Printed,
    /// Exit with 1 if a new finding is at least this severe.
    #[arg(long, value_name = "SEVERITY")]
    fail_on_new: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let fail_on = arguments.fail_on_new.as_deref().map(super::scan::severity).transpose()?;
    let diff = Diff::of(&Run::read(&arguments.old)?, &Run::read(&arguments.new)?);
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&diff, &mut out)?,
        Form::Markdown => document(&diff, &mut out)?,
        Form::Json => emit::json_line(&diff, &mut out)?,
        Form::Csv => csv(&diff, &mut out)?,
    }
    let is_grave = fail_on.zip(diff.worst_new()).is_some_and(|(limit, worst)| worst >= limit);
    Ok(if is_grave { Ended::WithFindings } else { Ended::Well })
}

/// A finding of the lists, one after another: what became of it, and how.
struct Line<'d> {
    state: &'static str,
    told: &'d ToldFinding,
    how: String,
    changes: &'d [Change],
}

fn lines(diff: &Diff) -> Vec<Line<'_>> {
    let new = diff.new.iter().map(|told| Line { state: "new", told, how: String::new(), changes: &[] });
    let changed = diff.changed.iter().map(|changed| {
        let words = |change: &Change| format!("{} {} → {}", change.what, change.from, change.to);
        let how = changed.changes.iter().map(words).collect::<Vec<_>>().join("; ");
        Line { state: "changed", told: &changed.finding, how, changes: &changed.changes }
    });
    let gone = diff.gone.iter().map(|gone| {
        let how = gone.excepted.as_ref().map(|reason| format!("expected now: {reason}")).unwrap_or_default();
        Line { state: "gone", told: &gone.finding, how, changes: &[] }
    });
    new.chain(changed).chain(gone).collect()
}

fn totals(diff: &Diff) -> String {
    let same = if diff.unchanged == 1 { "1 is".to_owned() } else { format!("{} are", diff.unchanged) };
    let (new, changed, gone) = (diff.new.len(), diff.changed.len(), diff.gone.len());
    format!("{new} new, {changed} changed, {gone} gone; {same} the same.")
}

fn text(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", totals(diff))?;
    let mut state = "";
    for line in lines(diff) {
        if line.state != state {
            state = line.state;
            writeln!(
                out,
                "\n{}:",
                ["New", "Changed", "Gone"][usize::from(state != "new") + usize::from(state == "gone")]
            )?;
        }
        let style = style(line.told.severity);
        let (severity, detector) = (line.told.severity.word(), plain(&line.told.detector));
        writeln!(
            out,
            "  {style}{severity:8}{style:#}  {} ({detector}, score {})",
            sentence(line.told),
            line.told.score.total
        )?;
        if !line.how.is_empty() {
            writeln!(out, "            {}", plain_long(&line.how))?;
        }
    }
    Ok(())
}

/// A sentence was made by this program, and a file can be changed: nothing of it moves a cursor.
fn sentence(told: &ToldFinding) -> String {
    plain_long(&told.sentence)
}

fn plain_long(text: &str) -> String {
    tokentrail::words::visible(text)
}

fn document(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", totals(diff))?;
    writeln!(out, "| | severity | score | detector | finding | what changed |\n|---|---|---:|---|---|---|")?;
    for Line { state, told, how, .. } in lines(diff) {
        let (severity, score) = (told.severity.word(), told.score.total);
        let (detector, sentence, how) = (markdown(&told.detector), markdown(&told.sentence), markdown(&how));
        writeln!(out, "| {state} | {severity} | {score} | {detector} | {sentence} | {how} |")?;
    }
    Ok(())
}

fn csv(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let changes = ["severity", "score", "events", "evidence", "first", "last", "sentence"];
    let before: Vec<String> = changes.iter().map(|what| format!("{what}_before")).collect();
    let header =
        ["state", "finding_id", "severity", "score", "detector", "app", "user", "first", "last", "sentence", "how"];
    let header: Vec<&str> = header.into_iter().chain(before.iter().map(String::as_str)).collect();
    emit::csv_line(&header, out)?;
    for Line { state, told, how, changes: changed } in lines(diff) {
        let (app, user) = (told.subject.app.as_ref(), told.subject.user.as_ref());
        let (app, user, score) = (name_of(app, ""), name_of(user, ""), told.score.total.to_string());
        let ToldFinding { id, detector, severity, first, last, sentence, .. } = told;
        let cells = [
            state,
            id,
            severity.word(),
            &score,
            detector,
            &app,
            &user,
            &first.to_string(),
            &last.to_string(),
            sentence,
            &how,
        ];
        let before = changes
            .iter()
            .map(|what| changed.iter().find(|change| change.what == *what).map_or("", |change| change.from.as_str()));
        emit::csv_line(&cells.into_iter().chain(before).collect::<Vec<_>>(), out)?;
    }
    Ok(())
}
