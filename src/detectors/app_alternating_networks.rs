//! A connected app is used from two networks in turns, one of them new.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-alternating-networks",
    version: 1,
    title: "Connected app used from a known and a new network in turns",
    family: Family::Network,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1550.001", "T1528"],
    doc: include_str!("app_alternating_networks.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        // Rows without an app or a user would be many apps or users taken for one, in many places at once.
        matching: Matching::And(&[
            DONE,
            Matching::Known(Role::App),
            Matching::Known(Role::User),
            Matching::Not(&Matching::Is(Role::App, "Browser")),
        ]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Alternation { of: Role::Network },
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 3,
            unit: Unit::Count,
            source: "project default: a move is one change, a visit two; three take two at once",
        },
        Limit {
            name: "baseline-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no habit",
        },
    ],
    sentence: "{user} used {app} from {known before} and from the new network {network} in turns: {changes|change} to and \
               fro on one day, {most changes on a day before} at most on any day before.",
    next_step: "Two places that use one token at a time are consistent with a copied token. Ask the owner or vendor of {app} \
                whether {network} is theirs; if nobody knows it, revoke the tokens of {user} for {app}.",
};
