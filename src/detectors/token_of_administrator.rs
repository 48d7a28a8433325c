//! Tokens of users who may do everything.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Pattern, Says};
use crate::value::{codes, flag};

/// What makes an administrator.
const PRIVILEGED: &[Says] = &[
    Says { role: Role::Profile, holds: codes::is_administrator, words: "an administrator by profile" },
    Says { role: Role::ModifiesAll, holds: flag::is_yes, words: "allowed to modify all data" },
];

pub(super) static DETECTOR: Detector = Detector {
    id: "token-of-administrator",
    version: 1,
    title: "OAuth tokens of an administrator",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1528", "T1078.004"],
    doc: include_str!("token_of_administrator.md"),
    watch: Watch {
        tables: &[Table::Tokens, Table::Users],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::Holder { held: Role::Token, listing: Table::Users, says: PRIVILEGED },
    },
    limits: &[Limit {
        name: "at-least",
        value: 1,
        unit: Unit::Count,
        source: "project default: one token lets in as much as many",
    }],
    sentence: "{user} is {standing} and holds {tokens|token}, for {apps}: who has such a token can do what {user} can do.",
    next_step: "Give each integration a user of its own with the permissions that it needs, and revoke the tokens of {user} that nobody needs.",
};
