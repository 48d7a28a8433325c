//! A user comes in by a way that this user never took.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-new-type",
    version: 1,
    title: "User logged in by a new way",
    family: Family::Access,
    severity: Severity::Low,
    integration: Severity::Medium,
    techniques: &["T1078.004"],
    doc: include_str!("login_new_type.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: DONE,
        subject: &[Role::User],
        pattern: Pattern::FirstSeen { of: Role::Use, within: None, sum: None },
    },
    limits: &[
        Limit {
            name: "baseline-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no habit",
        },
        Limit { name: "baseline-events", value: 20, unit: Unit::Count, source: "project default" },
        Limit {
            name: "common-subjects",
            value: 0,
            unit: Unit::Count,
            source: "project default: most ways are common, and new to this user all the same",
        },
        Limit {
            name: "common-days",
            value: 14,
            unit: Unit::Days,
            source: "project default: … since this long before the window",
        },
        Limit { name: "steady-values", value: 0, unit: Unit::Count, source: "project default: no app is judged here" },
    ],
    sentence: "{user} came in by a way that is new for this user: {use}, {events|time}. In {baseline active days|active day} before, it was never used.",
    next_step: "Ask {user} whether a new app or device was set up. If not, look at the address of the login and at what followed.",
};
