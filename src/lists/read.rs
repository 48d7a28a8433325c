//! Files of lists: TOML as the program's own; CSV with a header line that has a column `value`; or text with an address or
//! a network on each line; or JSON as it is shared: a STIX bundle, MISP events.

use std::path::Path;

use serde::Deserialize;

use super::{Class, Confidence, EXPIRES_AFTER, Entry, Kind, network, shared};
use crate::error::Error;
use crate::value::Time;
use crate::value::time::DAY;

const COLUMNS: [&str; 8] = ["value", "kind", "name", "confidence", "valid-from", "valid-until", "source", "class"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlFile {
    #[serde(default)]
    list: Vec<TomlList>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TomlList {
    name: String,
    kind: Kind,
    class: Option<Class>,
    confidence: Confidence,
    first_seen: Option<toml::value::Datetime>,
    last_seen: Option<toml::value::Datetime>,
    source: String,
    values: Vec<String>,
}

/// The entries of a file, of this class where it says none, and how many of its indicators are none of ours.
pub(super) fn file(path: &Path, class: Class) -> Result<(Vec<Entry>, u64), Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let text = text.trim_start_matches('\u{feff}');
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return Ok((toml_entries(text, path)?, 0));
    }
    if text.trim_start().starts_with(['{', '[']) {
        let shared = shared::read(text, path, class)?;
        return Ok((shared.entries, shared.left_out));
    }
    let first = text.lines().find(|line| !is_remark(line)).unwrap_or_default();
    let has_header = first.split(',').any(|name| column(name) == "value");
    let entries = if has_header { csv_entries(text, path, class) } else { plain_entries(text, path, class) };
    Ok((entries?, 0))
}

/// The entries of a TOML file.
pub(super) fn toml_entries(text: &str, path: &Path) -> Result<Vec<Entry>, Error> {
    let file: TomlFile =
        toml::from_str(text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })?;
    let mut entries = Vec::new();
    for list in file.list {
        let date = |date: &Option<toml::value::Datetime>| {
            date.as_ref().map(|date| time(&date.to_string(), false, &Place::of(path, None, "date"))).transpose()
        };
        let (first, last) = (date(&list.first_seen)?, date(&list.last_seen)?);
        for value in list.values {
            let entry = Entry {
                kind: list.kind,
                value,
                class: list.class.unwrap_or(Class::Indicator),
                name: list.name.clone(),
                confidence: list.confidence,
                valid_from: first,
                // The day on which it was last seen is the first of those days.
                valid_until: last.map(|last| Time(last.0 + EXPIRES_AFTER + DAY - 1)),
                source: list.source.clone(),
            };
            entries.push(checked(entry, &Place::of(path, None, "values"))?);
        }
    }
    Ok(entries)
}

fn csv_entries(text: &str, path: &Path, class: Class) -> Result<Vec<Entry>, Error> {
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let broken = |error: csv::Error| Error::Setting(format!("cannot read {}: {error}", path.display()));
    let header: Vec<String> = reader.headers().map_err(broken)?.iter().map(column).collect();
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
        let hint = format!("hint: columns of a list are {}", COLUMNS.join(", "));
        return Err(Error::Setting(format!("{}: a list has no column {unknown:?}\n\n{hint}", path.display())));
    }
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |name: &str| {
            let place = header.iter().position(|known| known == name)?;
            record.get(place).filter(|cell| !cell.is_empty())
        };
        let place = |column| Place::of(path, Some(line), column);
        let Some(value) = cell("value") else {
            return Err(place("value").wrong("there is no value", ""));
        };
        let date = |name: &'static str, is_end| cell(name).map(|text| time(text, is_end, &place(name))).transpose();
        let entry = Entry {
            kind: word(cell("kind"), Kind::Address, &KINDS, &place("kind"))?,
            value: value.to_owned(),
            class: word(cell("class"), class, &CLASSES, &place("class"))?,
            name: cell("name").map_or_else(|| name_of(path), str::to_owned),
            confidence: word(cell("confidence"), Confidence::Strong, &CONFIDENCES, &place("confidence"))?,
            valid_from: date("valid-from", false)?,
            valid_until: date("valid-until", true)?,
            source: cell("source").map_or_else(|| name_of(path), str::to_owned),
        };
        entries.push(checked(entry, &place("value"))?);
    }
    Ok(entries)
}

fn plain_entries(text: &str, path: &Path, class: Class) -> Result<Vec<Entry>, Error> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !is_remark(line));
    let entry = |(number, line): (u64, &str)| {
        // What stands behind a blank or a sign for a remark says more about the address.
        let value = line.split(['#', ';']).next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
        let entry = Entry {
            kind: Kind::Address,
            value: value.to_owned(),
            class,
            name: name_of(path),
            confidence: Confidence::Strong,
            valid_from: None,
            valid_until: None,
            source: name_of(path),
        };
        checked(entry, &Place::of(path, Some(number), "value"))
    };
    lines.map(entry).collect()
}

fn checked(entry: Entry, place: &Place<'_>) -> Result<Entry, Error> {
    if entry.kind == Kind::Address && network(&entry.value).is_none() {
        let hint = "an address or a network is needed, for example 192.0.2.7 or 192.0.2.0/24";
        return Err(place.wrong(&format!("no address: {:?}", entry.value), hint));
    }
    if entry.value.trim_end_matches('*').trim().is_empty() {
        return Err(place.wrong(&format!("this would be on every row: {:?}", entry.value), "give at least a beginning"));
    }
    if entry.valid_from.zip(entry.valid_until).is_some_and(|(from, until)| until < from) {
        return Err(place.wrong("it ends before it begins", "valid-from must not be later than valid-until"));
    }
    Ok(entry)
}

/// Where in a file something stands.
struct Place<'a> {
    path: &'a Path,
    line: Option<u64>,
    column: &'static str,
}

impl<'a> Place<'a> {
    fn of(path: &'a Path, line: Option<u64>, column: &'static str) -> Self {
        Self { path, line, column }
    }

    fn wrong(&self, what: &str, hint: &str) -> Error {
        let line = self.line.map_or_else(String::new, |line| format!(", line {line}"));
        let hint = if hint.is_empty() { String::new() } else { format!("\n\nhint: {hint}") };
        Error::Setting(format!("{}{line}, {}: {what}{hint}", self.path.display(), self.column))
    }
}

const KINDS: [(&str, Kind); 3] =
    [("address", Kind::Address), ("user-agent", Kind::UserAgent), ("app-name", Kind::AppName)];
const CLASSES: [(&str, Class); 2] = [("indicator", Class::Indicator), ("anonymiser", Class::Anonymiser)];
const CONFIDENCES: [(&str, Confidence); 2] = [("strong", Confidence::Strong), ("weak", Confidence::Weak)];

fn word<T: Copy>(cell: Option<&str>, otherwise: T, words: &[(&str, T)], place: &Place<'_>) -> Result<T, Error> {
    let Some(cell) = cell else { return Ok(otherwise) };
    let spelled = column(cell);
    let known = words.iter().find(|(word, _)| *word == spelled).map(|(_, value)| *value);
    known.ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        place.wrong(&format!("nothing is called {cell:?}"), &format!("it can be {}", words.join(" or ")))
    })
}

/// A time, or a date: its first moment, or for an end its last.
fn time(text: &str, is_end: bool, place: &Place<'_>) -> Result<Time, Error> {
    let date = if text.len() == 10 { Time::parse(format!("{text} 00:00:00").as_bytes(), None).ok() } else { None };
    if let Some(Time(midnight)) = date {
        return Ok(Time(midnight + if is_end { DAY - 1 } else { 0 }));
    }
    Time::parse(text.as_bytes(), None)
        .map_err(|_| place.wrong(&format!("no time: {text:?}"), "write 2025-08-17 or 2025-08-17T11:00:00Z"))
}

/// Columns and words meet in kebab case.
fn column(name: &str) -> String {
    name.trim().trim_matches('"').to_lowercase().replace(['_', ' '], "-")
}

fn is_remark(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#') || line.starts_with(';')
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
