//! The finding itself as JSON, one per line: nothing left out, nothing cut, nothing renamed.
//!
//! | field | from |
//! |---|---|
//! | `id`, `detector`, `detector_version`, `title` | the same |
//! | `severity` | `info` `low` `medium` `high` `critical` |
//! | `score` | `{total, parts: [{reason, points}]}` |
//! | `techniques` | list of ATT&CK ids |
//! | `subject` | `{org, app: {id, name}, user: {id, name}, session, token, address, assertion}`, unknown ones null |
//! | `first`, `last` | RFC 3339 in UTC |
//! | `count` | events of the match |
//! | `seen`, `judged_by` | list of `{name, value}` |
//! | `sentence`, `next_step` | text |
//! | `evidence` | list of `{time, export, sha256, record, offset, event_id}` |
//! | `evidence_total` | rows behind it in all |

use std::io::{self, Write};

use super::{Emitter, write_line};
use crate::finding::Finding;

/// The format `ndjson`.
pub struct Ndjson;

impl Emitter for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn file_name(&self) -> &'static str {
        "findings.ndjson"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        write_line(finding, out)
    }
}
