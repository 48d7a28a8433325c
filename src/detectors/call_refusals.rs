//! Many calls of an app are refused: somebody tries out what there is.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::refusal;

pub(super) static DETECTOR: Detector = Detector {
    id: "call-refusals",
    version: 1,
    title: "Many refused calls in a short time",
    family: Family::Objects,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1087.004", "T1526"],
    doc: include_str!("call_refusals.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Satisfies(Role::Refusal, refusal::is_tried_out),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Rush,
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 20,
            unit: Unit::Count,
            source: "project default: fewer are a mistake, and not a search",
        },
        Limit {
            name: "times",
            value: 3,
            unit: Unit::Count,
            source: "project default: three times the own busiest quarter, of which most days have one",
        },
        Limit {
            name: "history-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: refused on fewer days is no habit",
        },
        Limit {
            name: "cold-at-least",
            value: 20,
            unit: Unit::Count,
            source: "project default: the same without a habit, for most apps are hardly ever refused anything",
        },
    ],
    sentence: "{most in a quarter|call} of {user} through {app} were refused in one quarter of an hour, for fields or objects that are not there or not theirs; the busiest one of a usual day had {usual in the busiest quarter}. {events|call} in {quarters|quarter} in all.",
    next_step: "Ask the owner of {app} whether a new release asks for what the user may not read. If not, look at what {user} asked for, and at what was not refused.",
};
