//! An app that is new in the organisation bears nearly the name of a known one.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-look-alike",
    version: 1,
    title: "New connected app with a name like that of a known one",
    family: Family::Token,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1528", "T1036.005"],
    doc: include_str!("app_look_alike.md"),
    watch: Watch {
        tables: &[Table::Tokens, Table::Logins, Table::Calls],
        matching: Matching::Not(&Matching::Is(Role::App, "Browser")),
        subject: &[Role::App],
        pattern: Pattern::LookAlike { created: Some(Role::Created), name: Role::AppName, known: WELL_KNOWN },
    },
    limits: &[
        Limit {
            name: "history-days",
            value: 7,
            unit: Unit::Days,
            source: "project default: as long as the detection window",
        },
        Limit { name: "edits", value: 2, unit: Unit::Count, source: "project default: a typing error or two" },
        Limit {
            name: "letters-per-edit",
            value: 4,
            unit: Unit::Count,
            source: "project default: of short names, many are near to each other",
        },
    ],
    sentence: "{app} was not seen in the organisation before {first seen}, and its name, {name}, resembles {resembles}: it has {has}. Apps choose their names freely.",
    next_step: "Ask who allowed {app}, and whether they took it for {resembles}. If so, revoke its tokens, block it and look at what was read through it.",
};

/// Apps that many organisations have, and further names of them. Who imitates an app imitates one that people know.
const WELL_KNOWN: &[&str] = &[
    "Data Loader",
    "Dataloader",
    "Dataloader Bulk",
    "Dataloader Partner",
    "dataloader.io",
    "Drift",
    "Gainsight",
    "Klue Battlecards",
    "Salesforce CLI",
    "Salesforce for Android",
    "Salesforce for iOS",
    "Salesforce Inspector",
    "Workbench",
];
