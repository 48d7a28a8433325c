//! Tokens of users who are inactive or frozen.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Pattern, Says};
use crate::value::flag;

/// What keeps a user out.
pub(super) const BARRED: &[Says] = &[
    Says { role: Role::Active, holds: flag::is_no, words: "inactive" },
    Says { role: Role::Frozen, holds: flag::is_yes, words: "frozen" },
];

pub(super) static DETECTOR: Detector = Detector {
    id: "token-of-inactive-user",
    version: 1,
    title: "OAuth tokens of an inactive or frozen user",
    family: Family::Token,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1528", "T1078.004"],
    doc: include_str!("token_of_inactive_user.md"),
    watch: Watch {
        tables: &[Table::Tokens, Table::Users],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::Holder { held: Role::Token, listing: Table::Users, says: BARRED },
    },
    limits: &[Limit {
        name: "at-least",
        value: 1,
        unit: Unit::Count,
        source: "project default: one token lets in as much as many",
    }],
    sentence: "{user} is {standing} and still holds {tokens|token}, for {apps}.",
    next_step: "Revoke the tokens in Setup, Connected Apps OAuth Usage: they work again when {user} is activated or unfrozen. Find out which integration runs as {user} before it is missed.",
};
