//! An app and its user look around: they count, describe and list what there is.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-reconnaissance",
    version: 1,
    title: "Connected app counts, describes and lists what there is",
    family: Family::Sequence,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1526", "T1087.004"],
    doc: include_str!("app_reconnaissance.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Known(Role::Probe),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Sweep { of: Role::Probe },
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 3,
            unit: Unit::Count,
            source: "project default: the published sweeps of 2025 asked for three and four things at a time",
        },
        Limit {
            name: "within",
            value: 3600,
            unit: Unit::Seconds,
            source: "project default: those took 8 and 20 seconds; a slow one may take an hour",
        },
        Limit {
            name: "quiet-days",
            value: 30,
            unit: Unit::Days,
            source: "project default: who swept in the month before the window does so as a habit",
        },
    ],
    sentence: "{user} asked for {distinct} kinds of things through {app} within a short time: {probes}. Counting, describing and listing come before data is taken.",
    next_step: "Ask the owner of {app} whether a setup or first synchronisation was under way. If not, revoke the tokens of {user} for {app} now and look at what was read since.",
};
