//! Logins and calls of users who had been deactivated or frozen by then.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::detectors::token_of_inactive_user::BARRED;
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "use-after-deactivation",
    version: 1,
    title: "Activity of a user after deactivation",
    family: Family::Access,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1078.004", "T1550.001"],
    doc: include_str!("use_after_deactivation.md"),
    watch: Watch {
        tables: &[Table::Users, Table::Logins, Table::Calls],
        matching: DONE,
        subject: &[Role::User],
        pattern: Pattern::Afterlife { listing: Table::Users, says: BARRED },
    },
    limits: &[Limit {
        name: "grace",
        value: 300,
        unit: Unit::Seconds,
        source: "project default: clocks differ, and what has begun may end",
    }],
    sentence: "{user} was {standing} since {since at the latest} at the latest, and was active through {app} on {last active}, {hours after|hour} after that.",
    next_step: "End all sessions of {user}, revoke the tokens, and look at what was done in that time. Ask who changed the user and whether it was to let somebody in or to keep somebody out.",
};
