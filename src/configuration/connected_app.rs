//! `ConnectedApp`: one file says all of it. Source of elements and defaults: Metadata API Developer Guide, `ConnectedApp`.

use std::collections::BTreeSet;

use super::notes::{Notes, all_of, listed};
use super::xml::Element;
use super::{
    AppConfiguration, AppKind, IpRelaxation, PermittedUsers, PolicyAction, RefreshPolicy, SessionLevel, Stated,
    certificate,
};
use crate::apps::scopes;

pub(super) const RELAXATIONS: &str = "connected apps say ENFORCE, ENFORCE_RELAXREFRESH, BYPASS_2FACTOR or BYPASS; external client apps Enforce, \
     Enforce_RelaxRefresh, Bypass_2factor or Bypass";
pub(super) const LEVELS: &str = "it is HIGH_ASSURANCE, STANDARD or LOW";
pub(super) const ACTIONS: &str = "it is Block, RaiseSessionLevel or StepUpMFA";
const REFRESH_POLICIES: &str =
    "it is infinite, zero, specific_lifetime:N:UNIT or specific_inactivity:N:UNIT with HOURS, DAYS or MONTHS";

/// Elements that are found in the wrong section, and where they belong.
const OF_CONFIG: [(&str, &str); 6] = [
    ("isRefreshTokenRotationEnabled", "oauthConfig/isRefreshTokenRotationEnabled"),
    ("refreshTokenRotationEnabled", "oauthConfig/isRefreshTokenRotationEnabled"),
    ("isPkceRequired", "oauthConfig/isPkceRequired"),
    ("isAdminApproved", "oauthConfig/isAdminApproved"),
    ("isClientCredentialEnabled", "oauthConfig/isClientCredentialEnabled"),
    ("isConsumerSecretOptional", "oauthConfig/isConsumerSecretOptional"),
];
const OF_POLICY: [(&str, &str); 4] = [
    ("ipRelaxation", "oauthPolicy/ipRelaxation"),
    ("refreshTokenPolicy", "oauthPolicy/refreshTokenPolicy"),
    ("isClientCredentialFlowEnabled", "oauthConfig/isClientCredentialEnabled"),
    ("isTokenExchangeFlowEnabled", "oauthPolicy/isTokenExchangeFlowEnabled"),
];

/// The app that a file describes.
pub(super) fn read(root: &Element, name: &str, notes: &mut Notes) -> AppConfiguration {
    let mut app = AppConfiguration::unsaid(AppKind::ConnectedApp, name);
    app.label = notes.text(root, "label").map(str::to_owned);
    app.saml = root.child("samlConfig").is_some();
    let mut assigned: Vec<String> = named(root, "profileName").chain(named(root, "permissionSetName")).collect();
    assigned.sort();
    assigned.dedup();
    if !assigned.is_empty() {
        app.assigned_to = Stated::Known(assigned);
    }
    if let Some(oauth) = root.child("oauthConfig") {
        app.trusted_ranges = notes.ranges(root, "ipRanges", ["start", "end"]);
        granted(&mut app, oauth, notes);
        flows(&mut app, oauth, notes);
        policy(&mut app, oauth, root.child("oauthPolicy").unwrap_or(&Element::default()), notes);
    }
    session(&mut app, root.child("sessionPolicy").unwrap_or(&Element::default()), notes);
    app
}

/// What it may ask for, and by what it says who it is.
fn granted(app: &mut AppConfiguration, oauth: &Element, notes: &mut Notes) {
    app.callbacks = callbacks(oauth);
    app.consumer_key = notes.text(oauth, "consumerKey").map(str::to_owned);
    app.scopes = scopes_of(oauth.all("scopes").flat_map(|scope| listed(Some(&scope.text))));
    app.certificate = certificate_of(oauth, notes);
    let permitted = |text: &str| match crate::value::flag::is_yes(text) {
        true => Stated::Known(PermittedUsers::AdminApproved),
        false if crate::value::flag::is_no(text) => Stated::Known(PermittedUsers::SelfAuthorized),
        false => Stated::Unknown(text.to_owned()),
    };
    let by_default = Stated::Known(PermittedUsers::SelfAuthorized);
    app.permitted_users = notes.word(oauth, "isAdminApproved", by_default, permitted, "it is true or false");
}

/// Which flows it may use, and what they ask of it. Where the guide states no default, nothing is said.
fn flows(app: &mut AppConfiguration, oauth: &Element, notes: &mut Notes) {
    notes.misplaced(oauth, &OF_POLICY);
    app.client_credentials = notes.flag(oauth, "isClientCredentialEnabled", Stated::Known(false));
    app.client_credentials_user = notes.text(oauth, "oauthClientCredentialUser").map(str::to_owned);
    app.code_credentials = notes.flag(oauth, "isCodeCredentialEnabled", Stated::Known(false));
    app.device_flow = notes.flag(oauth, "isDeviceFlowEnabled", Stated::Unsaid);
    app.idle_limit = notes.flag(oauth, "isEnforceRefreshTokenTTL", Stated::Unsaid);
    app.rotation = notes.flag(oauth, "isRefreshTokenRotationEnabled", Stated::Unsaid);
    app.pkce_required = notes.flag(oauth, "isPkceRequired", Stated::Known(false));
    app.secret_optional = notes.flag(oauth, "isConsumerSecretOptional", Stated::Known(false));
    app.secret_for_refresh = notes.flag(oauth, "isSecretRequiredForRefreshToken", Stated::Known(true));
    app.jwt_access_tokens = notes.flag(oauth, "isNamedUserJwtEnabled", Stated::Unsaid);
}

fn policy(app: &mut AppConfiguration, oauth: &Element, policy: &Element, notes: &mut Notes) {
    notes.misplaced(policy, &OF_CONFIG);
    let enforce = Stated::Known(IpRelaxation::Enforce);
    app.ip_relaxation = notes.word(policy, "ipRelaxation", enforce, IpRelaxation::parse, RELAXATIONS);
    let forever = Stated::Known(RefreshPolicy::UntilRevoked);
    app.refresh_policy = notes.word(policy, "refreshTokenPolicy", forever, RefreshPolicy::parse, REFRESH_POLICIES);
    app.token_exchange = all_of([
        notes.flag(oauth, "isTokenExchangeEnabled", Stated::Unsaid),
        notes.flag(policy, "isTokenExchangeFlowEnabled", Stated::Unsaid),
    ]);
}

fn session(app: &mut AppConfiguration, session: &Element, notes: &mut Notes) {
    app.session_level = notes.word(session, "sessionLevel", Stated::Known(None), level, LEVELS);
    app.policy_action = notes.word(session, "policyAction", Stated::Known(None), action, ACTIONS);
    app.session_timeout = notes.minutes(session, "sessionTimeout");
}

/// One callback a line.
pub(super) fn callbacks(of: &Element) -> Vec<String> {
    let lines = of.all("callbackUrl").flat_map(|urls| urls.text.lines());
    lines.map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned).collect()
}

/// Scopes in one spelling, each once.
pub(super) fn scopes_of<'t>(written: impl Iterator<Item = &'t str>) -> Stated<Vec<String>> {
    let scopes: BTreeSet<String> = written.map(scopes::canonical).collect();
    Stated::Known(scopes.into_iter().collect())
}

/// The certificate that assertions are signed with.
pub(super) fn certificate_of(of: &Element, notes: &mut Notes) -> Stated<Option<super::Certificate>> {
    let Some(text) = notes.text(of, "certificate") else { return Stated::Known(None) };
    let certificate = certificate::read(text);
    if certificate.not_after.is_none() {
        let what = format!("certificate of {} is no X.509 certificate that can be read", of.written);
        notes.note(what, "that it is there is known, and not until when it is valid");
    }
    Stated::Known(Some(certificate))
}

pub(super) fn level(text: &str) -> Stated<Option<SessionLevel>> {
    SessionLevel::parse(text).map(Some)
}

pub(super) fn action(text: &str) -> Stated<Option<PolicyAction>> {
    PolicyAction::parse(text).map(Some)
}

fn named(root: &Element, name: &str) -> impl Iterator<Item = String> {
    root.all(name).map(|one| one.text.clone()).filter(|name| !name.is_empty())
}
