//! One address tries the passwords of many users, and some of them are right.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::detectors::login_guessed::BY_PASSWORD;
use crate::detectors::login_guessing::WRONG_CREDENTIALS;
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::codes;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-stuffing",
    version: 1,
    title: "Failed logins of many users from one address, and some that succeed",
    family: Family::Access,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1110.004", "T1078.004"],
    doc: include_str!("login_stuffing.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: Matching::Or(&[WRONG_CREDENTIALS, BY_PASSWORD]),
        subject: &[Role::SourceIp],
        pattern: Pattern::Wave { by: Role::User, outcome: Role::Status, in_vain: codes::is_wrong_credentials },
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 10,
            unit: Unit::Count,
            source: "project default: a success weighs more than the sixteen users of `login-spray`",
        },
        Limit { name: "within", value: 3600, unit: Unit::Seconds, source: "project default: lists are tried slowly" },
        Limit {
            name: "failed-percent",
            value: 80,
            unit: Unit::Percent,
            source: "project default: behind an office's address most users get in",
        },
    ],
    sentence: "From {address}, logins of {failed|user} failed for user name or password, and {got through|user} got in: {through}. This is consistent with a list of passwords that were stolen elsewhere.",
    next_step: "Freeze the users who got in ({through}), end their sessions, have their passwords changed, and look at what was done since. Block {address} if it is not one of yours.",
};
