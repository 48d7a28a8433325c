//! A policy of a connected app is set to let more through.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::setup_change;

pub(super) static DETECTOR: Detector = Detector {
    id: "setup-change-relaxing",
    version: 1,
    title: "App policy set to let more through",
    family: Family::Policy,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1562"],
    doc: include_str!("setup_change_relaxing.md"),
    watch: Watch {
        tables: &[Table::SetupChanges],
        matching: Matching::Satisfies(Role::Change, setup_change::weakens),
        subject: &[Role::App, Role::User, Role::Change],
        pattern: Pattern::Spread { of: Role::Change },
    },
    limits: &[Limit {
        name: "at-least",
        value: 1,
        unit: Unit::Count,
        source: "project default: each is worth knowing",
    }],
    sentence: "{user} changed a policy of {app} so that it lets more through: \"{change}\".",
    next_step: "Ask {user} whether it was meant and for how long; if nobody knows of it, set it back and look at what {user} did that day.",
};
