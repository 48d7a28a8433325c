//! What no receiver's schema has a place for, under our own names: the object `tokentrail` or `unmapped` of a record.
//!
//! | field | from |
//! |---|---|
//! | `severity` `detector_version` `events` `next_step` | the same; `next_step` absent if empty |
//! | `app.id` `app.name` `session` `token_reference` `assertion` `source` | subject, absent if unknown |
//! | `seen`, `judged_by` | facts by name, `_` for blanks |
//! | `score_parts` | list of `{reason, points}` |
//! | `evidence_total`, `evidence` | rows in all, list of `{time, export, sha256, record, offset, event_id}` |

use serde_json::json;

use super::{
    json::{self, Record},
    stated,
};
use crate::finding::Finding;

/// Everything of a finding but its id, detector, title, severity number, score, sentence, times, user and organisation.
pub(super) fn fields(finding: &Finding) -> Record {
    let subject = &finding.subject;
    let app = subject.app.as_ref().map(|app| json::record(json!({ "id": app.id, "name": app.name })));
    json::record(json!({
        "severity": finding.severity.word(),
        "detector_version": finding.detector_version,
        "events": finding.count,
        "next_step": stated(Some(&finding.next_step)),
        "app": app,
        "session": subject.session,
        "token_reference": subject.token,
        "assertion": subject.assertion,
        "source": subject.address,
        "seen": json::facts(&finding.seen),
        "judged_by": json::facts(&finding.judged_by),
        "score_parts": finding.score.parts,
        "evidence_total": finding.evidence_total,
        "evidence": finding.evidence,
    }))
}
