//! Listings of `EventLogFile` whose rows hold the event log files themselves, as base64 in the column `LogFile`: each of
//! these bodies is an export of its own, as the members of a zip archive are.
//!
//! Only the place of each row is kept. A body is decoded when its export is opened, and again for evidence; it is never
//! larger than the row that holds it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use serde_json::{Map, Value};

use super::Export;
use super::archive::{MOST_MEMBERS, Member, Packing};
use super::json;
use super::open::is_packed;
use super::problem::Problem;
use super::sniff::{header_cells, header_end, json_framing};
use super::split::{Content, Framing, LONGEST_RECORD, Splitter};
use crate::schema::match_key;
use crate::value::id;

/// How a row of a listing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The columns of the header, as they are matched.
    Csv { delimiter: u8, columns: Vec<String> },
    /// One JSON object each.
    Json,
}

/// Keys and header of a listing stand in its first bytes, before the first body.
const HEAD: u64 = 8 << 10;
const BLOCK: usize = 1 << 20;

/// The exports in a file, and what is wrong with it; nothing if it is no listing, or one without any bodies.
pub(super) fn bodies(listing: &Export) -> Option<(Vec<Export>, Vec<Problem>)> {
    let mut file = File::open(&listing.path).ok()?;
    let mut head = Vec::new();
    (&mut file).take(HEAD).read_to_end(&mut head).ok()?;
    let (framing, form, start) = recognised(&head)?;
    file.seek(SeekFrom::Start(start as u64)).ok()?;
    let mut found =
        Found { listing, form, names: BTreeSet::new(), rows: 0, without: 0, exports: Vec::new(), problems: Vec::new() };
    let mut splitter = Splitter::new(Box::new(file), framing, BLOCK, Vec::new(), start as u64);
    let mut block = Vec::new();
    while let Some((content, offset)) = splitter.next(&mut block) {
        match content {
            Content::Records => found.rows_of(&block, offset, framing),
            _ => found.unreadable(offset, "is not whole, so that no event log file is read from it"),
        }
    }
    if let Some(failure) = splitter.failure.take() {
        found.unreadable(splitter.offset(), &format!("cannot be read: {failure}"));
    }
    found.finish()
}

/// How the rows of a listing are written, and where they start; nothing if the file is none.
fn recognised(head: &[u8]) -> Option<(Framing, Form, usize)> {
    if is_packed(head) {
        return None;
    }
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let is_listing = |names: &[String], says_so: bool| {
        let about = ["eventtype", "interval", "logdate", "logfilelength", "sequence"];
        let has = |key: &str| names.iter().any(|name| match_key(name) == key);
        has("logfile") && (says_so || about.into_iter().any(has))
    };
    if let b'{' | b'[' = head[bom..].trim_ascii_start().first()? {
        let (framing, start) = json_framing(head, bom);
        let says_so = memmem::find(head, b"\"EventLogFile\"").is_some();
        return is_listing(&keys(&head[start..]), says_so).then_some((framing, Form::Json, start));
    }
    let end = header_end(head, bom);
    let header = &head[bom..end];
    // Nearly no export is a listing: one look at the header tells.
    if !match_key(&String::from_utf8_lossy(header)).contains("logfile") {
        return None;
    }
    [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let names = header_cells(header, delimiter);
        let columns = || names.iter().map(|name| match_key(name)).collect();
        is_listing(&names, false).then(|| (Framing::Csv, Form::Csv { delimiter, columns: columns() }, end))
    })
}

/// The strings before a colon. The first object need not be whole, for it may be as long as its body.
fn keys(text: &[u8]) -> Vec<String> {
    let mut strings = text.split(|byte| *byte == b'"').skip(1);
    let mut keys = Vec::new();
    while let (Some(string), Some(behind)) = (strings.next(), strings.next()) {
        if behind.trim_ascii_start().starts_with(b":") {
            keys.push(String::from_utf8_lossy(string).into_owned());
        }
    }
    keys
}

/// What a listing has been found to hold.
struct Found<'l> {
    listing: &'l Export,
    form: Form,
    names: BTreeSet<String>,
    rows: usize,
    /// Rows that hold no body.
    without: usize,
    exports: Vec<Export>,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn rows_of(&mut self, block: &[u8], offset: u64, framing: Framing) {
        let records = match framing {
            Framing::Csv => csv_records(block),
            _ => json::objects(block, framing == Framing::Lines),
        };
        for (from, to) in records {
            self.rows += 1;
            match self.form.row(&block[from..to]) {
                Some(row) if row.has_body() => self.add(&row, offset + from as u64, (to - from) as u64),
                Some(_) => self.without += 1,
                None => self.unreadable(offset + from as u64, "cannot be read"),
            }
        }
    }

    fn add(&mut self, row: &Row, start: u64, length: u64) {
        let known = row.id.as_deref().and_then(|id| id::canonical(id.as_bytes())).filter(|id| id.starts_with("0AT"));
        let name = known.filter(|id| !self.names.contains(id)).unwrap_or_else(|| format!("row {}", self.rows));
        self.names.insert(name.clone());
        let packing = Packing::Listed(self.form.clone());
        let export = Export {
            path: self.listing.path.clone(),
            name: format!("{}!{name}", self.listing.name),
            size: length,
            member: Some(Member { name, sequence: row.sequence, start, length, packing }),
        };
        self.exports.push(export);
    }

    fn unreadable(&mut self, offset: u64, what: &str) {
        let hint = format!("rows are CSV or JSON, and no longer than {} MiB: export it again", LONGEST_RECORD >> 20);
        self.problem(Some(offset), format!("lists event log files, and a row of it {what}"), hint);
    }

    fn problem(&mut self, offset: Option<u64>, what: String, hint: String) {
        let export = self.listing.name.clone();
        self.problems.push(Problem { export, offset, what, hint: Some(hint) });
    }

    fn finish(mut self) -> Option<(Vec<Export>, Vec<Problem>)> {
        if self.exports.is_empty() {
            return None;
        }
        if self.exports.len() > MOST_MEMBERS {
            let what = format!("holds {} event log files, more than {MOST_MEMBERS}", self.exports.len());
            self.exports.clear();
            self.problem(None, what, "export it in parts".to_owned());
        }
        if self.without > 0 {
            let what = format!("lists {} event log files, and does not hold {} of them", self.rows, self.without);
            let hint = "download what the column LogFile of each leads to, and give those files too".to_owned();
            self.problem(None, what, hint);
        }
        Some((self.exports, self.problems))
    }
}

/// Where each record of a block starts and ends. Blank lines are none.
fn csv_records(block: &[u8]) -> Vec<(usize, usize)> {
    let mut records = Vec::new();
    let mut from = 0;
    while from < block.len() {
        let end = header_end(block, from);
        if !block[from..end].trim_ascii().is_empty() {
            records.push((from, end));
        }
        from = end;
    }
    records
}

/// What is known of an event log file.
struct Row {
    id: Option<String>,
    sequence: Option<u64>,
    /// The column `LogFile`: its bytes in base64, or where they are to be had.
    log_file: Option<String>,
}

impl Row {
    /// A query result over REST gives a path instead, as tools that follow it know.
    fn has_body(&self) -> bool {
        let leads_on = |text: &str| text.starts_with("/services/") || text.contains("://");
        self.log_file.as_deref().is_some_and(|text| !text.is_empty() && !leads_on(text))
    }
}

impl Form {
    /// A row of these bytes; nothing if they are none.
    fn row(&self, record: &[u8]) -> Option<Row> {
        match self {
            Self::Csv { delimiter, columns } => {
                let cells = header_cells(record, *delimiter);
                let cell = |key: &str| cells.get(columns.iter().position(|column| column == key)?).cloned();
                (cells.len() == columns.len()).then(|| Row::of(cell))
            }
            Self::Json => {
                let object: Map<String, Value> = serde_json::from_slice(record).ok()?;
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let find = |key: &str| object.iter().find(|(name, _)| match_key(name) == key);
                Some(Row::of(|key| find(key).map(|(_, value)| value).filter(|value| !value.is_null()).map(text)))
            }
        }
    }

    /// The body in a row.
    ///
    /// # Errors
    /// If the bytes are no row any more, or what it holds is no base64.
    pub(super) fn body(&self, record: &[u8]) -> io::Result<Vec<u8>> {
        let text = self.row(record).and_then(|row| row.log_file);
        let mut text = text.ok_or_else(|| io::Error::other("the listing has changed: no row stands there"))?;
        text.retain(|letter| !letter.is_ascii_whitespace());
        STANDARD.decode(text).map_err(|error| io::Error::other(format!("its LogFile is not whole base64: {error}")))
    }
}

impl Row {
    fn of(cell: impl Fn(&str) -> Option<String>) -> Self {
        // A number, and in some tools one with a fraction (`1.0`).
        let sequence = cell("sequence").and_then(|text| text.split('.').next()?.parse().ok());
        Self { id: cell("id"), sequence, log_file: cell("logfile") }
    }
}
