//! Many logins of one user that fail for the password, and then one that does not.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::detectors::login_guessing::WRONG_CREDENTIALS;
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::codes;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-guessed",
    version: 1,
    title: "Login after many failed ones",
    family: Family::Access,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1110.001", "T1078.004"],
    doc: include_str!("login_guessed.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: Matching::Or(&[WRONG_CREDENTIALS, BY_PASSWORD]),
        subject: &[Role::User],
        pattern: Pattern::Breakthrough { of: Role::Status, in_vain: codes::is_wrong_credentials },
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
        Limit {
            name: "then-within",
            value: 1200,
            unit: Unit::Seconds,
            source: "Microsoft Sentinel, Salesforce-BruteForce: a success in the same 20 minutes",
        },
    ],
    sentence: "{user} logged in {seconds until success|second} after {tries in vain} logins that failed for user name or password. This is consistent with a guessed password.",
    next_step: "Ask {user} whether it was them. If not, freeze the user, end all sessions, set a new password and look at what was done since.",
};

/// Logins with a Salesforce password that succeeded. Single sign-on and tokens say nothing of a guessed password.
pub(super) const BY_PASSWORD: Matching = Matching::And(&[
    Matching::Satisfies(Role::Status, codes::is_success),
    Matching::Or(&[
        Matching::Is(Role::LoginSubtype, "OAuth Username-Password"),
        Matching::Not(&Matching::Satisfies(Role::LoginType, codes::is_without_password)),
    ]),
]);
