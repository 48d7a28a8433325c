//! Many logins of one user that fail for the password.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::codes;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-guessing",
    version: 1,
    title: "Many failed logins of one user",
    family: Family::Access,
    severity: Severity::Medium,
    integration: Severity::High,
    techniques: &["T1110.001"],
    doc: include_str!("login_guessing.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: WRONG_CREDENTIALS,
        subject: &[Role::User],
        pattern: Pattern::Burst,
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 10,
            unit: Unit::Count,
            source: "Microsoft Sentinel, Salesforce-BruteForce: 10 failures",
        },
        Limit {
            name: "within",
            value: 1200,
            unit: Unit::Seconds,
            source: "Microsoft Sentinel, Salesforce-BruteForce: 20 minutes",
        },
    ],
    sentence: "Logins of {user} failed {events|time} for user name or password, at least {at least} within {within seconds|second}.",
    next_step: "Ask {user} whether it was them. If not, look at where the tries came from, and see that the user has to use multi-factor authentication.",
};

/// Logins that failed because user name or password were wrong, or were wrong too often.
pub(super) const WRONG_CREDENTIALS: Matching = Matching::Satisfies(Role::Status, codes::is_wrong_credentials);
