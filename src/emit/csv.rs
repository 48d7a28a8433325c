//! A row per finding for spreadsheets: RFC 4180, UTF-8 without a byte order mark, one line each. For people: programs
//! read `ndjson`, which keeps every value exactly.
//!
//! | column | from |
//! |---|---|
//! | `finding_id` `severity` `score` `detector` `detector_version` `title` `sentence` `next_step` | the same |
//! | `first` `last` `events` | first and last event time, number of events |
//! | `org` `app_id` `app_name` `user_id` `user_name` | subject, empty if unknown |
//! | `session` `token` `address` `assertion` | subject, empty if unknown |
//! | `techniques` `seen` `judged_by` `score_parts` `evidence` | lists, see below |
//! | `evidence_total` | rows behind it in all |
//!
//! How texts are changed on the way into a cell:
//! - a text that a spreadsheet would take for a formula gets a leading apostrophe: one that begins with `=` `+` `-` `@`
//!   (also full-width, also after blanks or hidden characters), a tab, or a line break. The same inside a text behind
//!   a `;`, which separates cells in some locales;
//! - hidden characters are shown: `\n`, `\u{0}`, `\u{202e}`;
//! - lists are joined by ` | `, and a `|` within an item is written `\u{7c}`;
//! - at most 32000 bytes of a text are kept, then `…[truncated]`: spreadsheets hold 32767 characters in a cell.

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use super::{
    Emitter,
    text::{CUT_MARK, head},
};
use crate::finding::{Evidence, Fact, Finding, ScorePart};
use crate::words::is_hidden;

/// The format `csv`.
pub struct Csv;

type Column = (&'static str, fn(&Finding) -> String);

const COLUMNS: [Column; 26] = [
    ("finding_id", |f| f.id.to_string()),
    ("severity", |f| f.severity.word().to_owned()),
    ("score", |f| f.score.total.to_string()),
    ("detector", |f| f.detector.to_owned()),
    ("detector_version", |f| f.detector_version.to_string()),
    ("title", |f| f.title.to_owned()),
    ("sentence", |f| f.sentence.clone()),
    ("next_step", |f| f.next_step.clone()),
    ("first", |f| f.first.to_string()),
    ("last", |f| f.last.to_string()),
    ("events", |f| f.count.to_string()),
    ("org", |f| text(f.subject.org.as_ref())),
    ("app_id", |f| text(f.subject.app.as_ref().and_then(|app| app.id.as_ref()))),
    ("app_name", |f| text(f.subject.app.as_ref().and_then(|app| app.name.as_ref()))),
    ("user_id", |f| text(f.subject.user.as_ref().and_then(|user| user.id.as_ref()))),
    ("user_name", |f| text(f.subject.user.as_ref().and_then(|user| user.name.as_ref()))),
    ("session", |f| text(f.subject.session.as_ref())),
    ("token", |f| text(f.subject.token.as_ref())),
    ("address", |f| text(f.subject.address.as_ref())),
    ("assertion", |f| text(f.subject.assertion.as_ref())),
    ("techniques", |f| list(f.techniques, |technique| (*technique).to_owned())),
    ("seen", |f| list(&f.seen, fact)),
    ("judged_by", |f| list(&f.judged_by, fact)),
    ("score_parts", |f| list(&f.score.parts, score_part)),
    ("evidence_total", |f| f.evidence_total.to_string()),
    ("evidence", |f| list(&f.evidence, evidence)),
];

/// The most bytes of a text that a cell keeps.
const CELL_LIMIT: usize = 32_000;

impl Emitter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn file_name(&self) -> &'static str {
        "findings.csv"
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = rows(out);
        rows.write_record(COLUMNS.map(|(name, _)| name))?;
        rows.flush()
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = rows(out);
        rows.write_record(COLUMNS.map(|(_, value)| cell(&value(finding))))?;
        rows.flush()
    }
}

/// One line of cells.
pub(super) fn line(cells: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let mut rows = rows(out);
    rows.write_record(cells.iter().map(|text| cell(text)))?;
    rows.flush()
}

fn rows(out: &mut dyn Write) -> Writer<&mut dyn Write> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}

fn text(known: Option<&String>) -> String {
    known.cloned().unwrap_or_default()
}

fn fact(fact: &Fact) -> String {
    format!("{}: {}", fact.name, fact.value)
}

fn score_part(part: &ScorePart) -> String {
    format!("{}: {:+}", part.reason, part.points)
}

fn evidence(row: &Evidence) -> String {
    let event = row.event_id.as_ref().map(|id| format!(" event {id}")).unwrap_or_default();
    format!("{} record {}{event}", row.export, row.record)
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    let texts: Vec<String> = items.iter().map(|item| text(item).replace('|', "\\u{7c}")).collect();
    texts.join(" | ")
}

/// A text as it may stand in a spreadsheet.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    if begins_formula(text) || text.starts_with(['\t', '\r', '\n']) {
        cell.push('\'');
    }
    for (at, character) in text.char_indices() {
        if is_hidden(character) {
            cell.extend(character.escape_default());
        } else {
            cell.push(character);
        }
        if character == ';' && begins_formula(&text[at + 1..]) {
            cell.push('\'');
        }
    }
    if cell.len() > CELL_LIMIT {
        cell.truncate(head(&cell, CELL_LIMIT).len());
        cell.push_str(CUT_MARK);
    }
    cell
}

fn begins_formula(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || is_hidden(c))
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}
