//! What to look for elsewhere: addresses, user agents, apps, users, sessions and queries that findings rest on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use crate::batch::Role;
use crate::finding::{Named, Severity};
use crate::history::{Entry, History};
use crate::told::Told;

/// Kinds of words, in the order in which they say most.
const KINDS: [(&str, Role); 7] = [
    ("address", Role::SourceIp),
    ("client", Role::Client),
    ("session", Role::Session),
    ("login key", Role::LoginKey),
    ("query", Role::Shape),
    ("query fingerprint", Role::Fingerprint),
    ("endpoint", Role::Endpoint),
];

/// A word to look for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word {
    /// What it is: `address`, `client`, `session`, `app`, `user`, …
    pub kind: &'static str,
    /// The word. Hostile text.
    pub word: String,
    /// The detectors whose findings rest on rows with it.
    pub detectors: BTreeSet<String>,
    /// The severity of the worst of them.
    pub severity: Severity,
    /// Rows of evidence that have it.
    pub rows: u64,
}

/// For whom words are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// One word on each line, for `grep -F -f`.
    Grep,
    /// A search of Splunk's.
    Spl,
    /// A condition of Sentinel's.
    Kql,
}

/// The words of the rows that findings rest on, and of their subjects.
pub fn words(history: &History<'_>, told: &Told, least: Severity) -> Vec<Word> {
    let mut words: BTreeMap<(usize, String), Word> = BTreeMap::new();
    for finding in told.all.iter().filter(|finding| finding.severity >= least) {
        let subject = &finding.subject;
        let named = [("app", &subject.app), ("user", &subject.user)];
        let texts = named.into_iter().flat_map(|(kind, named)| each(named.as_ref()).map(move |text| (kind, text)));
        let plain = [("session", &subject.session), ("token", &subject.token), ("address", &subject.address)];
        let plain = plain.into_iter().filter_map(|(kind, text)| Some((kind, text.as_deref()?)));
        let foreign: Vec<IpNet> = finding.foreign_networks().collect();
        let plain = plain.filter(|(kind, text)| *kind != "address" || is_within(&foreign, Some(text)));
        for (kind, text) in texts.chain(plain) {
            add(&mut words, kind, text, finding.severity, &finding.detector, 0);
        }
    }
    for entry in history.entries() {
        take(&mut words, &entry, told, least);
    }
    words.into_values().collect()
}

/// Whether an address is in one of the networks; everything is if there are none.
fn is_within(networks: &[IpNet], address: Option<&str>) -> bool {
    let address = address.and_then(|address| address.parse::<IpAddr>().ok());
    networks.is_empty() || address.is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
}

fn each(named: Option<&Named>) -> impl Iterator<Item = &str> {
    named.into_iter().flat_map(|named| [named.id.as_deref(), named.name.as_deref()]).flatten()
}

fn take(words: &mut BTreeMap<(usize, String), Word>, entry: &Entry<'_>, told: &Told, least: Severity) {
    for finding in told.of(entry.place()).filter(|finding| finding.severity >= least) {
        // Evidence of what is foreign may stand beside what is usual: the app's own servers are nothing to look for.
        let foreign: Vec<IpNet> = finding.foreign_networks().collect();
        if !is_within(&foreign, entry.text(Role::SourceIp)) {
            continue;
        }
        for (kind, role) in KINDS {
            if let Some(text) = entry.text(role) {
                add(words, kind, text, finding.severity, &finding.detector, 1);
            }
        }
    }
}

fn add(
    words: &mut BTreeMap<(usize, String), Word>,
    kind: &'static str,
    text: &str,
    severity: Severity,
    detector: &str,
    rows: u64,
) {
    // What every row may say is no word to look for.
    if matches!(text, "" | "Unknown" | "Salesforce.com IP") {
        return;
    }
    let order = KINDS.iter().position(|(known, _)| *known == kind).unwrap_or(KINDS.len());
    let new = || Word { kind, word: text.to_owned(), detectors: BTreeSet::new(), severity, rows: 0 };
    let word = words.entry((order, text.to_owned())).or_insert_with(new);
    word.severity = word.severity.max(severity);
    word.rows += rows;
    if !word.detectors.contains(detector) {
        word.detectors.insert(detector.to_owned());
    }
}

/// The words as a search of another tool.
pub fn search(words: &[Word], tool: Search) -> String {
    let literal =
        |word: &&Word| !word.word.contains(['\n', '\r']) && !matches!(word.kind, "query" | "query fingerprint");
    let words: Vec<&Word> = words.iter().filter(literal).collect();
    match tool {
        Search::Grep => words.iter().fold(String::new(), |mut text, word| {
            let _ = writeln!(text, "{}", word.word);
            text
        }),
        Search::Spl => {
            let terms: Vec<String> = words.iter().map(|word| quoted(&word.word)).collect();
            if terms.is_empty() { String::new() } else { format!("search ({})\n", terms.join(" OR ")) }
        }
        Search::Kql => {
            let terms: Vec<String> = words.iter().map(|word| quoted(&word.word)).collect();
            let list = terms.join(" or ");
            if terms.is_empty() { String::new() } else { format!("search {list}\n") }
        }
    }
}

/// A string of SPL and of KQL: both escape quotes and backslashes alike, and neither has a way out of one.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#);
    format!("\"{}\"", crate::words::visible(&escaped).replace("\\u{", "\\\\u{"))
}
