//! IBM's Log Event Extended Format 1.0: one line a finding, without the syslog header that a sender puts before.
//!
//! `LEEF:1.0|tokentrail|tokentrail|<version>|<detector>|<key>=<value><tab>…`. Version 2.0 adds but a choice of the
//! separator; 1.0 is read by everything that reads 2.0, and its tab cannot be in a value, for hidden characters are
//! shown (`\u{9}`): the format has no escape. `|` is written `¦`. A value of more than its key takes, 1000 bytes where
//! the format has no limit, is cut and ends in `…[truncated]`.
//!
//! | key | from |
//! |---|---|
//! | `devTime` | last event time, milliseconds since 1970 |
//! | `cat`, `sev` | `Suspicious Activity`; 1, 3, 5, 8, 10, from info to critical |
//! | `src` | source address, where it is one |
//! | `usrName`, `accountName` | user's name, else the id; organisation id; 255 bytes each |
//! | `findingId` `title` `severity` `sentence` `nextStep` `score` `detectorVersion` | the same |
//! | `generated` `firstTime` `lastTime` `events` | when it was made, first and last event time, events |
//! | `appId` `appName` `userId` `session` `tokenReference` `assertion` `source` | subject, absent if unknown |
//! | `techniques` `seen` `judgedBy` | lists, joined by `, ` and `; ` |
//! | `evidenceTotal` | rows behind it in all |
//! | `export` `sha256` `record` `eventId` | the first of them |

use std::io::{self, Write};

use super::{Emitter, VERSION, address, label, text};
use crate::{
    finding::{Finding, Severity},
    value::Time,
};

/// The format `leef`.
pub struct Leef {
    /// When the findings are said to be made.
    pub generated: Time,
}

/// What a key without a limit of its own takes.
const VALUE_LIMIT: usize = 1000;
/// What `usrName` and `accountName` take.
const NAME_LIMIT: usize = 255;

impl Emitter for Leef {
    fn name(&self) -> &'static str {
        "leef"
    }

    fn file_name(&self) -> &'static str {
        "findings.leef"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "LEEF:1.0|tokentrail|tokentrail|{VERSION}|{}|", text::header(finding.detector, VALUE_LIMIT))?;
        let mut before = "";
        for (key, value) in pairs(finding, self.generated) {
            let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
            let most = if ["usrName", "accountName"].contains(&key) { NAME_LIMIT } else { VALUE_LIMIT };
            write!(out, "{before}{key}={}", text::value(&value, most))?;
            before = "\t";
        }
        out.write_all(b"\n")
    }
}

fn pairs(finding: &Finding, generated: Time) -> [(&'static str, Option<String>); 32] {
    let subject = &finding.subject;
    let (app, user) = (subject.app.clone().unwrap_or_default(), subject.user.clone().unwrap_or_default());
    let row = finding.evidence.first();
    [
        ("devTime", Some(text::millis(finding.last))),
        ("cat", Some("Suspicious Activity".to_owned())),
        ("sev", Some(severity(finding.severity).to_string())),
        ("src", address(subject).map(str::to_owned)),
        ("usrName", label(subject.user.as_ref()).map(str::to_owned)),
        ("accountName", subject.org.clone()),
        ("findingId", Some(finding.id.to_string())),
        ("title", Some(finding.title.to_owned())),
        ("severity", Some(finding.severity.word().to_owned())),
        ("sentence", Some(finding.sentence.clone())),
        ("nextStep", Some(finding.next_step.clone())),
        ("score", Some(finding.score.total.to_string())),
        ("detectorVersion", Some(finding.detector_version.to_string())),
        ("generated", Some(generated.to_string())),
        ("firstTime", Some(finding.first.to_string())),
        ("lastTime", Some(finding.last.to_string())),
        ("events", Some(finding.count.to_string())),
        ("appId", app.id),
        ("appName", app.name),
        ("userId", user.id),
        ("session", subject.session.clone()),
        ("tokenReference", subject.token.clone()),
        ("assertion", subject.assertion.clone()),
        ("source", subject.address.clone()),
        ("techniques", Some(finding.techniques.join(", "))),
        ("seen", Some(text::facts(&finding.seen))),
        ("judgedBy", Some(text::facts(&finding.judged_by))),
        ("evidenceTotal", Some(finding.evidence_total.to_string())),
        ("export", row.map(|row| row.export.clone())),
        ("sha256", row.map(|row| row.sha256.clone())),
        ("record", row.map(|row| row.record.to_string())),
        ("eventId", row.and_then(|row| row.event_id.clone())),
    ]
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 3,
        Severity::Medium => 5,
        Severity::High => 8,
        Severity::Critical => 10,
    }
}
