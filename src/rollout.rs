//! The four OAuth controls that Salesforce asks of its partners' apps: what is asked of each app, what is missing, who has
//! to say yes first, and in which order to turn them on.
//!
//! The order is that of [`Control::ORDER`]: what breaks nothing first, rotation last, since it cannot be turned off again.
//! Source: the mandate of April 2026 as the documents have it (`STATEMENTS.md`, S4-1 to S4-9).

mod steps;

use serde::Serialize;

use crate::audit::Audit;
use crate::check::{Case, Integration};
use crate::checks::ROTATION_MISSING;
use crate::configuration::{AppConfiguration, AppKind};
use crate::finding::Named;
use crate::inventory::known;

/// What is known of the controls of all apps.
#[derive(Clone, Debug, Serialize)]
pub struct Rollout {
    /// Partners' apps first, then those of which it is not known, each by name.
    pub apps: Vec<AppPlan>,
}

/// One app's way to the four controls.
#[derive(Clone, Debug, Serialize)]
pub struct AppPlan {
    /// The app.
    pub app: Named,
    /// Its owner, if the register names one.
    pub owner: Option<String>,
    /// Whether the controls are asked of it: it is a partner's. Nothing if no file says.
    pub is_partner: Option<bool>,
    /// How it comes to its tokens.
    pub pattern: Pattern,
    /// Why that is thought, in one sentence.
    pub because: &'static str,
    /// One for each control, in the order in which they are turned on.
    pub steps: Vec<Step>,
    /// Who stands behind it, by what the last days show; rotation waits for each that refreshes.
    pub integrations: Vec<Integration>,
    /// Who these are, in the same order, in words.
    pub told: Vec<String>,
    /// What to think of, each in one sentence.
    pub warnings: Vec<String>,
}

/// How an app comes to its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// By JWT bearer only: there is no refresh token.
    JwtOnly,
    /// By flows of servers that give no refresh token, JWT bearer and client credentials.
    WithoutRefreshTokens,
    /// By the code flow, and refresh tokens from then on.
    Code,
    /// Both: integrations with and without refresh tokens share it.
    Mixed,
    /// It cannot be told.
    Unknown,
}

/// One of the four controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Proof key for code exchange.
    Pkce,
    /// Refresh tokens end when they are idle for 30 days.
    IdleLimit,
    /// Refresh tokens work from listed addresses only.
    AllowList,
    /// Each refresh token works once.
    Rotation,
}

/// What is to be done for one control.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The control.
    pub control: Control,
    /// Where it stands.
    pub state: State,
    /// Why, for the compliance file.
    pub evidence: String,
    /// What to do, in order; nothing where nothing is to do.
    pub actions: Vec<String>,
}

/// Where a control stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is on.
    On,
    /// It is not asked of this app.
    Exempt,
    /// It can be turned on now: no client has to change.
    Ready,
    /// Somebody has to confirm or change something first.
    Waiting,
    /// No file says where it stands, or whether it is asked.
    Unknown,
}

impl Control {
    /// The order in which they are turned on.
    pub const ORDER: [Self; 4] = [Self::Pkce, Self::IdleLimit, Self::AllowList, Self::Rotation];

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pkce => "PKCE",
            Self::IdleLimit => "idle limit",
            Self::AllowList => "allow-list",
            Self::Rotation => "rotation",
        }
    }
}

impl State {
    /// The word for it in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Exempt => "exempt",
            Self::Ready => "turn on",
            Self::Waiting => "confirm first",
            Self::Unknown => "unknown",
        }
    }
}

impl Pattern {
    /// The words for it in tables.
    pub fn words(self) -> &'static str {
        match self {
            Self::JwtOnly => "JWT only",
            Self::WithoutRefreshTokens => "no refresh tokens",
            Self::Code => "code flow",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }

    fn of(case: &Case<'_>) -> (Self, &'static str) {
        if case.is_jwt_only() == Some(true) {
            return (
                Self::JwtOnly,
                "it has a certificate, no refresh tokens, and all logins seen are by bearer assertion",
            );
        }
        match (case.has_refresh_tokens(), case.uses_code_flow(), case.logs_in_without_refresh_tokens()) {
            (Some(true), _, true) => {
                (Self::Mixed, "it has refresh tokens, and logins are seen of flows that give none")
            }
            (Some(true), _, false) => (Self::Code, "it has refresh tokens"),
            (Some(false), Some(false), _) => {
                (Self::WithoutRefreshTokens, "it has no refresh tokens, and does not use the code flow")
            }
            (Some(false), ..) => (Self::Code, "it has no refresh tokens, and a callback for the code flow"),
            (None, ..) => (Self::Unknown, "no file says its scopes, and no login tells its flow"),
        }
    }
}

impl Audit<'_> {
    /// The way to the four controls for each app that metadata describes, or that the register says is a partner's.
    pub fn rollout(&self) -> Rollout {
        let mut apps: Vec<AppPlan> = Vec::new();
        for known in known(self.configuration, self.inventory, self.register) {
            let undescribed = AppConfiguration::unsaid(AppKind::RowOnly, known.app.name.as_deref().unwrap_or_default());
            let is_partner = known.registered.and_then(|app| app.partner) == Some(true);
            let Some(app) = known.configuration.or_else(|| is_partner.then_some(&undescribed)) else { continue };
            let org = self.case(ROTATION_MISSING);
            let case = Case { app, used: known.used, registered: known.registered, org };
            apps.push(AppPlan::of(&case, known.app));
        }
        let rank = |plan: &AppPlan| match plan.is_partner {
            Some(true) => 0,
            None => 1,
            Some(false) => 2,
        };
        apps.sort_by_key(rank);
        Rollout { apps }
    }
}

impl AppPlan {
    fn of(case: &Case<'_>, app: Named) -> Self {
        let (pattern, because) = Pattern::of(case);
        let days = case.org.values.get("app-shared", "days");
        let integrations = case.integrations(days);
        let told: Vec<String> = integrations.iter().map(|integration| integration.told(case)).collect();
        let steps = steps::of(case, pattern, &integrations, &told);
        let mut warnings = Vec::new();
        let all_at_once = "rotation reaches all of them at once, ready or not";
        if pattern == Pattern::Mixed {
            warnings.push(format!("several integrations share this app: {all_at_once}"));
        } else if integrations.len() > 1 && pattern == Pattern::Code {
            let who = "several integrations share it, or somebody uses its tokens who should not";
            warnings.push(format!("groups of clients and networks have nothing in common: {who}; {all_at_once}"));
        }
        if integrations.is_empty() && pattern != Pattern::JwtOnly {
            warnings.push("exports show no call or refresh of it: who uses it has to be asked".to_owned());
        }
        if steps.iter().any(|step| step.control == Control::Rotation && step.state > State::Exempt) {
            warnings.push("rotation cannot be turned off once it is on".to_owned());
        }
        let owner = case.registered.and_then(|app| app.owner.clone());
        Self { app, owner, is_partner: case.is_partner(), pattern, because, steps, integrations, told, warnings }
    }
}
