//! A user's connected app is in use again after a long silence.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-revived",
    version: 1,
    title: "Connected app in use again after a long silence",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::High,
    techniques: &["T1078.004", "T1550.001"],
    doc: include_str!("app_revived.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: Matching::And(&[
            Matching::Known(Role::App),
            Matching::Known(Role::User),
            DONE,
            Matching::Not(&Matching::Is(Role::App, "Browser")),
        ]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Revival,
    },
    limits: &[
        Limit {
            name: "idle-days",
            value: 30,
            unit: Unit::Days,
            source: "Salesforce partner requirement of 2026: idle refresh tokens end after 30 days",
        },
        Limit {
            name: "baseline-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no use to come back to",
        },
        Limit {
            name: "covered",
            value: 50,
            unit: Unit::Percent,
            source: "project default: weekends without any row are no gap in the export",
        },
        Limit {
            name: "known-pauses",
            value: 1,
            unit: Unit::Count,
            source: "project default: who paused as long before is a quarterly job",
        },
    ],
    sentence: "{user} used {app} again after {idle days|day} of silence: {events|event} since. It was last used on \
               {last used}, and had been on {baseline active days|day} before.",
    next_step: "Ask the owner of {app} whether it was taken into use again on purpose. If nobody did, revoke the tokens of \
                {user} for {app} and look at what was read since.",
};
