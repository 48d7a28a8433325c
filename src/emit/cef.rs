//! Common Event Format (CEF), version 0: one line a finding, without the syslog header that a sender puts before.
//!
//! `CEF:0|tokentrail|tokentrail|<version>|<detector>|<title>|<severity>|<key>=<value> …`, severity 1, 3, 6, 8, 10 from
//! info to critical. In values `\` and `=` are escaped, as the format asks; hidden characters are shown (`\u{a}`), and
//! `|` is written `¦`, which no receiver trips over. A value that is longer than its key takes is cut and ends in
//! `…[truncated]`. `rt` stands first: one reader, liblognorm, spoils the first key, and `rt` is the least of them.
//!
//! | key | from |
//! |---|---|
//! | `rt` | when the finding was made, given by the caller |
//! | `start`, `end`, `cnt` | first and last event time, events |
//! | `externalId` | finding id, 36 of the 40 characters that it takes |
//! | `cat`, `msg`, `reason` | ATT&CK ids, sentence, next step |
//! | `src` | source address of version 4 |
//! | `c6a2` | source address of version 6 |
//! | `shost` | source as the export has it, where it is no address |
//! | `suid`, `suser` | user's id and name |
//! | `sourceServiceName` | name of the connected app |
//! | `deviceExternalId` | organisation id |
//! | `cs1` … `cs6` | app's id, session, token reference, assertion, what was seen, what it was judged by |
//! | `fname`, `fileHash`, `flexNumber1` | the first row's export, its SHA-256, the record's number |
//! | `flexString1` | the first row's event |
//! | `cn1`, `cn2`, `cn3` | score, detector version, rows behind it in all |
//!
//! Times are milliseconds since 1970. Only the first row of evidence has a place; `ndjson` has all that were kept.

use std::{
    io::{self, Write},
    net::IpAddr,
};

use super::{Emitter, VERSION, address, text};
use crate::{
    finding::{Finding, Severity},
    value::Time,
};

/// The format `cef`.
pub struct Cef {
    /// When the findings are said to be made.
    pub generated: Time,
}

/// A key, the label of a custom key, what bytes it takes, and its value.
type Pair = (&'static str, &'static str, usize, Option<String>);

/// What numbers and times take: they are never cut.
const NUMBER: usize = 20;

impl Emitter for Cef {
    fn name(&self) -> &'static str {
        "cef"
    }

    fn file_name(&self) -> &'static str {
        "findings.cef"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let (detector, title) = (text::header(finding.detector, 1023), text::header(finding.title, 512));
        let severity = severity(finding.severity);
        write!(out, "CEF:0|tokentrail|tokentrail|{VERSION}|{detector}|{title}|{severity}|")?;
        let mut before = "";
        for (key, label, most, value) in pairs(finding, self.generated) {
            let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
            write!(out, "{before}{key}={}", escaped(&text::value(&value, most)))?;
            if !label.is_empty() {
                write!(out, " {key}Label={label}")?;
            }
            before = " ";
        }
        out.write_all(b"\n")
    }
}

fn pairs(finding: &Finding, generated: Time) -> [Pair; 28] {
    let subject = &finding.subject;
    let (app, user) = (subject.app.clone().unwrap_or_default(), subject.user.clone().unwrap_or_default());
    let ip = address(subject).and_then(|address| address.parse::<IpAddr>().ok());
    let row = finding.evidence.first();
    [
        ("rt", "", NUMBER, Some(text::millis(generated))),
        ("start", "", NUMBER, Some(text::millis(finding.first))),
        ("end", "", NUMBER, Some(text::millis(finding.last))),
        ("cnt", "", NUMBER, Some(finding.count.to_string())),
        ("externalId", "", 40, Some(finding.id.to_string())),
        ("cat", "", 1023, Some(finding.techniques.join(","))),
        ("msg", "", 1023, Some(finding.sentence.clone())),
        ("reason", "", 1023, Some(finding.next_step.clone())),
        ("src", "", 40, ip.filter(IpAddr::is_ipv4).map(|ip| ip.to_string())),
        ("c6a2", "Source IPv6 Address", 40, ip.filter(IpAddr::is_ipv6).map(|ip| ip.to_string())),
        ("shost", "", 1023, subject.address.clone().filter(|_| ip.is_none())),
        ("suid", "", 1023, user.id),
        ("suser", "", 1023, user.name),
        ("sourceServiceName", "", 1023, app.name),
        ("deviceExternalId", "", 255, subject.org.clone()),
        ("cs1", "Connected App Id", 4000, app.id),
        ("cs2", "Session", 4000, subject.session.clone()),
        ("cs3", "Token Reference", 4000, subject.token.clone()),
        ("cs4", "Assertion", 4000, subject.assertion.clone()),
        ("cs5", "Seen", 4000, Some(text::facts(&finding.seen))),
        ("cs6", "Judged By", 4000, Some(text::facts(&finding.judged_by))),
        ("fname", "", 1023, row.map(|row| row.export.clone())),
        ("fileHash", "", 255, row.map(|row| row.sha256.clone())),
        ("flexString1", "Event Identifier", 1023, row.and_then(|row| row.event_id.clone())),
        ("flexNumber1", "Record", NUMBER, row.map(|row| row.record.to_string())),
        ("cn1", "Score", NUMBER, Some(finding.score.total.to_string())),
        ("cn2", "Detector Version", NUMBER, Some(finding.detector_version.to_string())),
        ("cn3", "Evidence Total", NUMBER, Some(finding.evidence_total.to_string())),
    ]
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('=', "\\=")
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 3,
        Severity::Medium => 6,
        Severity::High => 8,
        Severity::Critical => 10,
    }
}
