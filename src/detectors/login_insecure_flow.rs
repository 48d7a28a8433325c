//! An app logs in by an OAuth flow that is held to be insecure.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-insecure-flow",
    version: 1,
    title: "Login by an insecure OAuth flow",
    family: Family::Access,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1528"],
    doc: include_str!("login_insecure_flow.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: Matching::And(&[DONE, Matching::IsIn(Role::LoginSubtype, INSECURE)]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Spread { of: Role::LoginSubtype },
    },
    limits: &[Limit { name: "at-least", value: 1, unit: Unit::Count, source: "project default: each flow counts" }],
    sentence: "{app} logs {user} in by {login subtype}, {events|time}. Salesforce recommends to block this flow.",
    next_step: "Let {app} use the web server flow with PKCE, or the client credentials or JWT bearer flow for a server, and block the old flow in Setup, OAuth and OpenID Connect Settings.",
};

/// Subtypes of the flows that hand out tokens in a URL or ask the app for the password.
const INSECURE: &[&str] = &[
    "OAuth Username-Password",
    "OAuth User-Agent",
    "OAuth User-Agent with ID Token",
    "OAuth User-Agent for Hybrid Apps",
];
