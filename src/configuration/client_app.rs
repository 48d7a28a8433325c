//! External client apps: one app in up to six files, which name it.
//!
//! Source of elements and defaults: Metadata API Developer Guide, `ExternalClientApplication`,
//! `ExtlClntAppGlobalOauthSettings`, `ExtlClntAppOauthSettings`, `ExtlClntAppOauthConfigurablePolicies`,
//! `ExtlClntAppOauthSecuritySettings`, `ExtlClntAppConfigurablePolicies`.

use std::collections::BTreeMap;

use super::connected_app::{ACTIONS, LEVELS, RELAXATIONS, action, callbacks, certificate_of, level, scopes_of};
use super::notes::{Notes, all_of, listed};
use super::xml::Element;
use super::{AppConfiguration, AppKind, IpRelaxation, PermittedUsers, RefreshPolicy, Stated};
use crate::ingest::Problem;
use crate::value::id;

/// The six kinds of files, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Application,
    Global,
    Settings,
    OauthPolicies,
    Security,
    Policies,
}

/// One of the files.
pub(super) struct Part {
    pub(super) kind: Kind,
    /// The app that it names.
    app: Option<String>,
    /// Its file's name without endings.
    stem: String,
    pub(super) file: String,
    root: Element,
}

impl Kind {
    /// The kind that a root element stands for, in lower case.
    pub(super) fn of_root(name: &str) -> Option<Self> {
        Some(match name {
            "externalclientapplication" => Self::Application,
            "extlclntappglobaloauthsettings" => Self::Global,
            "extlclntappoauthsettings" => Self::Settings,
            "extlclntappoauthconfigurablepolicies" => Self::OauthPolicies,
            "extlclntappoauthsecuritysettings" => Self::Security,
            "extlclntappconfigurablepolicies" => Self::Policies,
            _ => return None,
        })
    }
}

impl Part {
    pub(super) fn new(kind: Kind, root: Element, stem: &str, file: &str) -> Self {
        let named = match kind {
            Kind::Application => Some(stem),
            _ => root.text_of("externalClientApplication"),
        };
        let app = named.map(str::to_owned);
        Self { kind, app, stem: stem.to_owned(), file: file.to_owned(), root }
    }
}

/// The apps that the files describe together, with the problems of their files.
pub(super) fn join(parts: Vec<Part>) -> (Vec<AppConfiguration>, Vec<Problem>) {
    let known: Vec<String> = parts.iter().filter_map(|part| part.app.clone()).collect();
    let mut apps: BTreeMap<String, (String, Vec<Part>)> = BTreeMap::new();
    for part in parts {
        let name = part.app.clone().unwrap_or_else(|| by_file(&part.stem, &known));
        apps.entry(name.to_lowercase()).or_insert_with(|| (name, Vec::new())).1.push(part);
    }
    let mut problems = Vec::new();
    let apps = apps.into_values().map(|(name, mut parts)| {
        parts.sort_by(|left, right| (left.kind, &left.file).cmp(&(right.kind, &right.file)));
        together(&name, &parts, &mut problems)
    });
    let apps = apps.collect();
    (apps, problems)
}

/// The app whose name a file's name begins with; the file's name if there is none.
fn by_file(stem: &str, known: &[String]) -> String {
    let begins = |name: &&String| {
        stem.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && stem[name.len()..].starts_with(['_', '.'])
    };
    known.iter().filter(begins).max_by_key(|name| name.len()).cloned().unwrap_or_else(|| stem.to_owned())
}

fn together(name: &str, parts: &[Part], problems: &mut Vec<Problem>) -> AppConfiguration {
    let mut app = AppConfiguration::unsaid(AppKind::ExternalClientApp, name);
    let mut last: Option<&Part> = None;
    for part in parts {
        let mut notes = Notes::new(&part.file);
        if let Some(first) = last.filter(|last| last.kind == part.kind) {
            let what =
                format!("describes {} of the app {name:?}, as {} does: that one counts", part.root.written, first.file);
            notes.note(what, "give each part of an app once");
        } else {
            last = Some(part);
            app.files.push(part.file.clone());
            part.tell(&mut app, &mut notes);
        }
        problems.append(&mut notes.problems);
    }
    app.files.sort();
    app
}

impl Part {
    fn tell(&self, app: &mut AppConfiguration, notes: &mut Notes) {
        let root = &self.root;
        match self.kind {
            Kind::Application => application(root, app, notes),
            Kind::Global => global(root, app, notes),
            Kind::Settings => settings(root, app, notes),
            Kind::OauthPolicies => oauth_policies(root, app, notes),
            Kind::Security => {
                app.token_ranges = notes.ranges(root, "tokenIpRanges", ["startIpAddress", "endIpAddress"]);
            }
            Kind::Policies => {
                app.saml = root.text_of("startPage").is_some_and(|page| page.eq_ignore_ascii_case("SAML"));
            }
        }
    }
}

fn application(root: &Element, app: &mut AppConfiguration, notes: &mut Notes) {
    app.label = notes.text(root, "label").map(str::to_owned);
    let distributed = |text: &str| match text.to_ascii_lowercase().as_str() {
        "local" => Stated::Known(false),
        "packaged" | "managed" | "autoinstalled" => Stated::Known(true),
        _ => Stated::Unknown(text.to_owned()),
    };
    let hint = "it is Local, Packaged, Managed or AutoInstalled";
    app.is_distributed = notes.word(root, "distributionState", Stated::Unsaid, distributed, hint);
}

fn global(root: &Element, app: &mut AppConfiguration, notes: &mut Notes) {
    app.callbacks = callbacks(root);
    app.consumer_key = notes.text(root, "consumerKey").map(str::to_owned);
    app.certificate = certificate_of(root, notes);
    app.client_credentials = notes.flag(root, "isClientCredentialsFlowEnabled", Stated::Unsaid);
    app.code_credentials = notes.flag(root, "isCodeCredFlowEnabled", Stated::Known(false));
    app.device_flow = notes.flag(root, "isDeviceFlowEnabled", Stated::Unsaid);
    app.token_exchange = notes.flag(root, "isTokenExchangeEnabled", Stated::Unsaid);
    app.idle_limit = notes.flag(root, "isEnforceRefreshTokenTTL", Stated::Unsaid);
    app.rotation = notes.flag(root, "isRefreshTokenRotationEnabled", Stated::Unsaid);
    app.pkce_required = notes.flag(root, "isPkceRequired", Stated::Known(true));
    app.secret_optional = notes.flag(root, "isConsumerSecretOptional", Stated::Known(false));
    app.secret_for_refresh = notes.flag(root, "isSecretRequiredForRefreshToken", Stated::Known(true));
    app.jwt_access_tokens = notes.flag(root, "isNamedUserJwtEnabled", Stated::Known(false));
}

fn settings(root: &Element, app: &mut AppConfiguration, notes: &mut Notes) {
    app.scopes = scopes_of(listed(notes.text(root, "commaSeparatedOauthScopes")));
    add_custom_scopes(root, app);
    app.trusted_ranges = notes.ranges(root, "trustedIpRanges", ["startIpAddress", "endIpAddress"]);
    // `<organisation>:<consumer>`, ids of both.
    let consumer = root.text_of("oauthLink").and_then(|link| link.split_once(':'));
    app.id = consumer.and_then(|(_, consumer)| id::canonical(consumer.trim().as_bytes()));
}

fn oauth_policies(root: &Element, app: &mut AppConfiguration, notes: &mut Notes) {
    let users = "it is AdminApprovedPreAuthorized or AllSelfAuthorized";
    app.permitted_users = notes.word(root, "permittedUsersPolicyType", Stated::Unsaid, PermittedUsers::parse, users);
    app.ip_relaxation = notes.word(root, "ipRelaxationPolicyType", Stated::Unsaid, IpRelaxation::parse, RELAXATIONS);
    app.refresh_policy = refresh_policy(root, notes);
    app.session_level = notes.word(root, "requiredSessionLevel", Stated::Known(None), level, LEVELS);
    app.policy_action = notes.word(root, "policyAction", Stated::Known(None), action, ACTIONS);
    app.session_timeout = notes.minutes(root, "sessionTimeoutInMinutes");
    app.client_credentials_user = notes.text(root, "clientCredentialsFlowUser").map(str::to_owned);
    add_custom_scopes(root, app);
    let named = ["commaSeparatedProfile", "commaSeparatedPermissionSet"];
    let mut assigned: Vec<String> =
        named.into_iter().flat_map(|name| listed(root.text_of(name))).map(str::to_owned).collect();
    assigned.sort();
    assigned.dedup();
    app.assigned_to = Stated::Known(assigned);
    // A flow runs if both the developer's settings and the administrator's policies let it.
    let policy = |notes: &mut Notes, name: &str| notes.flag(root, name, Stated::Known(false));
    let credentials = policy(notes, "isClientCredentialsFlowEnabled");
    app.client_credentials = all_of([std::mem::take(&mut app.client_credentials), credentials]);
    let exchange = policy(notes, "isTokenExchangeFlowEnabled");
    app.token_exchange = all_of([std::mem::take(&mut app.token_exchange), exchange]);
}

fn refresh_policy(root: &Element, notes: &mut Notes) -> Stated<RefreshPolicy> {
    let Some(kind) = notes.text(root, "refreshTokenPolicyType") else { return Stated::Unsaid };
    let period = notes.text(root, "refreshTokenValidityPeriod");
    let unit = notes.text(root, "refreshTokenValidityUnit");
    let policy = RefreshPolicy::of_parts(kind, period, unit);
    let hint = "it is Infinite, Zero, SpecificLifetime or SpecificInactivity; the latter two need \
                refreshTokenValidityPeriod and refreshTokenValidityUnit (Hours, Days, Months)";
    notes.unless_known(&policy, root, "refreshTokenPolicyType", hint);
    policy
}

fn add_custom_scopes(root: &Element, app: &mut AppConfiguration) {
    app.custom_scopes.extend(listed(root.text_of("commaSeparatedCustomScopes")).map(str::to_owned));
    app.custom_scopes.sort();
    app.custom_scopes.dedup();
}
