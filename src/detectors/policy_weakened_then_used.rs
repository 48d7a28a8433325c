//! An app's policy is weakened, and within a day it comes from where it never came from.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::setup_change;

pub(super) static DETECTOR: Detector = Detector {
    id: "policy-weakened-then-used",
    version: 1,
    title: "App policy weakened, then used from elsewhere",
    family: Family::Policy,
    // The one detector that joins two independent kinds of evidence by itself: a change of policy, and a new network.
    severity: Severity::Critical,
    integration: Severity::Critical,
    techniques: &["T1562", "T1078.004"],
    doc: include_str!("policy_weakened_then_used.md"),
    watch: Watch {
        tables: &[Table::SetupChanges, Table::Logins, Table::Calls, Table::Tokens],
        matching: Matching::And(&[DONE, Matching::Not(&Matching::Is(Role::App, "Browser"))]),
        subject: &[Role::App],
        pattern: Pattern::Loosening { loosens: setup_change::weakens },
    },
    limits: &[
        Limit {
            name: "within",
            value: 86_400,
            unit: Unit::Seconds,
            source: "project default: what is opened on purpose is used soon",
        },
        Limit {
            name: "history-days",
            value: 7,
            unit: Unit::Days,
            source: "project default: of an app without a past everything is new",
        },
    ],
    sentence: "A policy of {app} was weakened (\"{change}\"), and {minutes until the first|minute} later it was used as never before: from {new networks|new network} ({networks}), granted by {new users|new user}.",
    next_step: "Ask who made the change whether it was meant, and set the policy back if not. If the network is not the vendor's, revoke the tokens of {app} and look at what was read since.",
};
