//! An administrator logs in as another user for the first time.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-as-new-admin",
    version: 1,
    title: "First login as another user",
    family: Family::Access,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1098"],
    doc: include_str!("login_as_new_admin.md"),
    watch: Watch {
        tables: &[Table::Sessions],
        matching: Matching::Is(Role::Action, "LoginAs"),
        subject: &[Role::User],
        pattern: Pattern::Debut { created: None },
    },
    limits: &[Limit {
        name: "history-days",
        value: 7,
        unit: Unit::Days,
        source: "project default: as long as the detection window",
    }],
    sentence: "{user} logged in as another user for the first time on {first seen} ({events|time} in all).",
    next_step: "Ask {user} what it was for, and whether the user that was logged in as knew of it.",
};
