//! The file of destinations, and what each is to receive.
//!
//! ```toml
//! spool = "spool"                       # beside this file; each destination has a folder in it
//! minutes = 15                          # nothing is begun after so long; what is left waits for the next run
//! remember = "400 days"                 # what was delivered is not sent again for so long at least
//!
//! [[destination]]
//! name = "splunk"
//! kind = "splunk"                       # splunk, sentinel, elastic, datadog, http, syslog, file
//! url = "https://splunk.example:8088"
//! token-env = "SPLUNK_HEC_TOKEN"        # or token-file
//! least-severity = "medium"
//! ```

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Table;

use super::courier::Effort;
use super::receiver::{Receiver, Record};
use super::secret::{Environment, Kept};
use super::spool::Spool;
use super::taken::Remember;
use super::{clock, datadog, elastic, file, plain, sentinel, splunk, syslog};
use crate::emit::{self, Emitter};
use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::value::time::DAY;

/// All destinations of a file.
#[derive(Debug)]
pub struct Destinations {
    /// In the order of the file.
    pub all: Vec<Destination>,
    /// How much effort each is worth.
    pub effort: Effort,
    /// The folder with a spool for each.
    spool: PathBuf,
    /// For so many days it is remembered what was delivered.
    remember: i64,
}

/// Somewhere to deliver to.
#[derive(Debug)]
pub struct Destination {
    /// What it is called, and its folder in the spool.
    pub name: String,
    /// What is less severe is not delivered.
    least: Severity,
    /// Whether a finding that was delivered once is left alone when more is known of it.
    keep_first: bool,
    /// The format of its records.
    format: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Splunk(splunk::Settings),
    Sentinel(sentinel::Settings),
    Elastic(elastic::Settings),
    Datadog(datadog::Settings),
    Http(plain::Settings),
    Syslog(syslog::Settings),
    File(file::Settings),
}

/// The keys of one destination that nobody has asked for yet.
pub(super) struct Keys<'a> {
    table: Table,
    /// Whether secrets may go unencrypted, once somebody has asked.
    unencrypted: Option<bool>,
    /// The folder of the file: what paths in it are relative to.
    pub(super) folder: &'a Path,
}

impl Destinations {
    /// Reads a file of destinations. Secrets are not read yet.
    ///
    /// # Errors
    /// If it cannot be read, or does not say what a destination needs.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let mut file: Table =
            toml::from_str(&text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })?;
        let wrong = |why: String| Error::Delivery(format!("{}: {why}", path.display()));
        let folder = path.parent().unwrap_or(Path::new(""));
        let spool = match file.remove("spool") {
            Some(toml::Value::String(spool)) => folder.join(spool),
            Some(other) => return Err(wrong(format!("spool is not a folder: {other:?}"))),
            None => folder.join("spool"),
        };
        let Some(toml::Value::Array(declared)) = file.remove("destination") else {
            return Err(wrong("it has no destination\n\nhint: begin one with [[destination]]".to_owned()));
        };
        let mut keys = Keys { table: file, unencrypted: None, folder };
        let effort = Effort::of(&mut keys).map_err(wrong)?;
        let remember = days(keys.take("remember").map_err(wrong)?).map_err(wrong)?;
        if let Some(key) = keys.table.keys().next() {
            return Err(wrong(format!("nothing is called {key:?} there")));
        }
        let mut all: Vec<Destination> = Vec::new();
        for (number, declared) in (1..).zip(declared) {
            let toml::Value::Table(table) = declared else {
                return Err(wrong(format!("destination {number} is no table")));
            };
            let destination = Destination::of(Keys { table, unencrypted: None, folder })
                .map_err(|why| wrong(format!("destination {number}: {why}")))?;
            if all.iter().any(|other| other.name == destination.name) {
                return Err(wrong(format!("two destinations are called {:?}", destination.name)));
            }
            all.push(destination);
        }
        Ok(Self { all, effort, spool, remember })
    }

    /// The spool of a destination, held as long as it is open.
    ///
    /// # Errors
    /// If it cannot be opened, or another run holds it.
    pub fn spool(&self, destination: &Destination) -> Result<Spool, Error> {
        let remember = Remember { today: clock::now().0 / DAY, days: self.remember };
        Spool::open(&self.spool.join(&destination.name), remember)
    }
}

impl Destination {
    fn of(mut keys: Keys<'_>) -> Result<Self, String> {
        let name: String = keys.required("name")?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(format!("{name:?} is no name\n\nhint: use letters, digits, - and _"));
        }
        let wrong = |why: String| format!("{name}: {why}");
        let word: Option<String> = keys.take("least-severity").map_err(wrong)?;
        let least = match &word {
            Some(word) => {
                crate::settings::severity(word).ok_or_else(|| wrong(format!("no severity is called {word:?}")))?
            }
            None => Severity::Low,
        };
        let kind: String = keys.required("kind").map_err(wrong)?;
        let asked: Option<String> = keys.take("format").map_err(wrong)?;
        let keep_first: Option<bool> = keys.take("keep-first").map_err(wrong)?;
        let (kind, formats): (Kind, &[&str]) = match kind.as_str() {
            "splunk" => (Kind::Splunk(splunk::Settings::of(&mut keys).map_err(wrong)?), &["splunk"]),
            "sentinel" => (Kind::Sentinel(sentinel::Settings::of(&mut keys).map_err(wrong)?), &["sentinel-ndjson"]),
            "elastic" => (Kind::Elastic(elastic::Settings::of(&mut keys).map_err(wrong)?), &["ecs"]),
            "datadog" => (Kind::Datadog(datadog::Settings::of(&mut keys).map_err(wrong)?), &["datadog"]),
            "http" => (Kind::Http(plain::Settings::of(&mut keys).map_err(wrong)?), &["ndjson", "ocsf", "splunk-file"]),
            "syslog" => {
                (Kind::Syslog(syslog::Settings::of(&mut keys).map_err(wrong)?), &["cef", "leef", "ndjson", "ocsf"])
            }
            "file" => (
                Kind::File(file::Settings::of(&mut keys).map_err(wrong)?),
                &["ndjson", "splunk-file", "ocsf", "sentinel-ndjson", "cef", "leef"],
            ),
            other => {
                let known = "splunk, sentinel, elastic, datadog, http, syslog, file";
                return Err(wrong(format!("no kind is called {other:?}\n\nhint: kinds are {known}")));
            }
        };
        let format = asked.unwrap_or_else(|| formats[0].to_owned());
        if !formats.contains(&format.as_str()) {
            return Err(wrong(format!("{format:?} is no format for it\n\nhint: formats are {}", formats.join(", "))));
        }
        if let Some(key) = keys.table.keys().next() {
            return Err(wrong(format!("it has nothing called {key:?}")));
        }
        Ok(Self { keep_first: keep_first.unwrap_or(matches!(kind, Kind::Elastic(_))), name, least, format, kind })
    }

    /// Puts findings into its spool that it has not got yet; says how many.
    ///
    /// # Errors
    /// If the spool cannot be written.
    pub fn spool(&self, findings: &[Finding], spool: &Spool) -> Result<usize, Error> {
        // Receivers file a record by when it was made, and not by when something happened.
        let all = emit::all(clock::now());
        let emitter = all.iter().find(|emitter| emitter.name() == self.format);
        let emitter = emitter.ok_or_else(|| Error::Delivery(format!("no format is called {:?}", self.format)))?;
        let grave = findings.iter().filter(|finding| finding.severity >= self.least);
        let records: Vec<Record> = grave
            .map(|finding| record(emitter.as_ref(), finding))
            .collect::<std::io::Result<_>>()
            .map_err(|error| Error::Delivery(format!("cannot write a record for {}: {error}", self.name)))?;
        spool.put(records.into_iter(), self.keep_first)
    }

    /// The receiver, with its secrets.
    pub(super) fn receiver(&self, environment: Environment<'_>) -> Result<Box<dyn Receiver>, Error> {
        Ok(match &self.kind {
            Kind::Splunk(settings) => Box::new(settings.receiver(environment)?),
            Kind::Sentinel(settings) => Box::new(settings.receiver(environment)?),
            Kind::Elastic(settings) => Box::new(settings.receiver(environment)?),
            Kind::Datadog(settings) => Box::new(settings.receiver(environment)?),
            Kind::Http(settings) => Box::new(settings.receiver(environment)?),
            Kind::Syslog(settings) => Box::new(settings.receiver()?),
            Kind::File(settings) => Box::new(settings.receiver()),
        })
    }
}

/// A finding as one line: the last line of what the emitter writes, since `_bulk` has its action before it.
fn record(emitter: &dyn Emitter, finding: &Finding) -> std::io::Result<Record> {
    let (mut text, mut said) = (Vec::new(), Vec::new());
    emitter.emit(finding, &mut text)?;
    emit::write_line(finding, &mut said)?;
    let text = String::from_utf8(text).map_err(|_| std::io::ErrorKind::InvalidData)?;
    let line = text.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
    Ok(Record { id: finding.id, digest: xxhash_rust::xxh3::xxh3_64(&said), text: line.to_owned() })
}

/// `400 days`.
fn days(asked: Option<String>) -> Result<i64, String> {
    const USUAL: i64 = 400;
    let Some(text) = asked else { return Ok(USUAL) };
    let number = text.strip_suffix(" days").or(text.strip_suffix(" day")).and_then(|number| number.parse::<u16>().ok());
    let days = number.filter(|days| *days > 0).map(i64::from);
    days.ok_or_else(|| format!("remember is no number of days: {text:?}\n\nhint: {USUAL} days"))
}

#[cfg(test)]
impl Keys<'static> {
    /// The keys of one table.
    pub(super) fn of(table: Table) -> Self {
        Keys { table, unencrypted: None, folder: Path::new("") }
    }
}

impl Keys<'_> {
    /// The value of a key, if there is one.
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, String> {
        let Some(value) = self.table.remove(key) else { return Ok(None) };
        T::deserialize(value).map(Some).map_err(|error| format!("{key}: {}", error.message()))
    }

    /// The value of a key that must be there.
    pub(super) fn required<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, String> {
        self.take(key)?.ok_or_else(|| format!("it says no {key}"))
    }

    /// Whether somebody wants secrets to go unencrypted.
    pub(super) fn unencrypted(&mut self) -> Result<bool, String> {
        if self.unencrypted.is_none() {
            self.unencrypted = Some(self.take("unencrypted")?.unwrap_or(false));
        }
        Ok(self.unencrypted == Some(true))
    }

    /// Where a secret is kept.
    pub(super) fn secret(&mut self, name: &str) -> Result<Option<Kept>, String> {
        Kept::take(&mut self.table, name, self.folder)
    }

    /// Where a secret is kept that must be there.
    pub(super) fn required_secret(&mut self, name: &str) -> Result<Kept, String> {
        self.secret(name)?.ok_or_else(|| format!("it says neither {name}-env nor {name}-file"))
    }
}
