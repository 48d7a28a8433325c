//! Tokens of an app that were granted long ago.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Ageing, Pattern};

pub(super) static DETECTOR: Detector = Detector {
    id: "token-old",
    version: 2,
    title: "OAuth tokens granted more than 90 days ago",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1528"],
    doc: include_str!("token_old.md"),
    watch: Watch {
        tables: &[Table::Tokens],
        matching: Matching::Known(Role::Token),
        subject: &[Role::Token],
        pattern: Pattern::Age { used: Role::LastUsed, created: Role::Created, of: Ageing::Alive },
    },
    limits: &[
        Limit { name: "more-than", value: 90, unit: Unit::Days, source: "project default: a quarter" },
        Limit { name: "worse-after", value: 365, unit: Unit::Days, source: "project default: a year" },
    ],
    sentence: "{app} has {tokens|token} of {users|user} that were granted more than {more than days|day} ago and are in use, the oldest since {oldest created}.",
    next_step: "Let {app} rotate its refresh tokens, or end them after some time by its refresh token policy; then let its users grant access anew.",
};
