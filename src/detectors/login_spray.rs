//! One address tries the passwords of many users.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Unit, Watch};
use crate::detectors::login_guessing::WRONG_CREDENTIALS;
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-spray",
    version: 1,
    title: "Failed logins of many users from one address",
    family: Family::Access,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1110.003"],
    doc: include_str!("login_spray.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: WRONG_CREDENTIALS,
        subject: &[Role::SourceIp],
        pattern: Pattern::Sweep { of: Role::User },
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 16,
            unit: Unit::Count,
            source: "Microsoft Sentinel, Salesforce-PasswordSpray: more than 15 users",
        },
        Limit {
            name: "within",
            value: 300,
            unit: Unit::Seconds,
            source: "Microsoft Sentinel, Salesforce-PasswordSpray: 5 minutes",
        },
        Limit { name: "quiet-days", value: 0, unit: Unit::Days, source: "project default: no habit excuses it" },
    ],
    sentence: "From {address}, logins of {distinct|user} failed for user name or password ({events|time} in all), at least {at least} users within {within seconds|second}: {user}.",
    next_step: "See whether any login from {address} succeeded. If the address is not one of yours, block it in the login IP ranges or the network.",
};
