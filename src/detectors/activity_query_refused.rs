//! A query asks for more tasks and events than can be read at once.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::refusal;

pub(super) static DETECTOR: Detector = Detector {
    id: "activity-query-refused",
    version: 1,
    title: "Query for more activities than can be read",
    family: Family::Objects,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1213"],
    doc: include_str!("activity_query_refused.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Is(Role::Refusal, refusal::TOO_MANY_ACTIVITIES),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Burst,
    },
    limits: &[
        Limit { name: "at-least", value: 1, unit: Unit::Count, source: "project default: hardly any query fails so" },
        Limit { name: "within", value: 3600, unit: Unit::Seconds, source: "project default" },
    ],
    sentence: "{events|query} of {user} through {app} failed for asking for the activities of too many records at once.",
    next_step: "Ask the owner of {app} whether it reads all tasks and events. If not, revoke the tokens of {user} for {app} and look at what else was read in these hours.",
};
