//! A token that was granted long ago.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Ageing, Pattern};

pub(super) static DETECTOR: Detector = Detector {
    id: "token-old",
    version: 1,
    title: "OAuth token granted more than 90 days ago",
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
    sentence: "The token of {user} for {app} was granted {days|day} ago, on {created}, and is in use since. It is one of {such tokens of the app} such tokens of the app.",
    next_step: "Let {app} rotate its refresh tokens, or end them after some time by its refresh token policy; then let {user} grant access anew.",
};
