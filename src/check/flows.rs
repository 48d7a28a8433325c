//! How an app comes to its tokens, and whose app it is: what several checks ask, answered in one place.
//!
//! Told from the configuration, and from the logins that exports show. What neither says is nothing, never a no.
//!
//! Source: Object Reference, `LoginHistory` (login subtypes). No subtype stands for the JWT bearer flow: its logins show
//! their login type only, and so do those of the SAML bearer and the device flow.

use super::{Case, Verdict};
use crate::apps::scopes;
use crate::configuration::{AppKind, RefreshPolicy, Stated};

/// A login by OAuth of which no subtype is said: by a bearer assertion or the device flow.
const WITHOUT_SUBTYPE: &str = "login: Remote Access 2.0";
/// What begins logins that no code flow stands behind, and after which there is no refresh token.
const WITHOUT_CODE: &[&str] = &[WITHOUT_SUBTYPE, "login: OAuth Client Credentials", "login: OAuth Username-Password"];
const WITH_CODE: &str = "login: OAuth Web Server";
const REFRESH: &str = "login: OAuth Refresh Token";

impl Case<'_> {
    /// Whether the JWT bearer flow is its only one.
    ///
    /// Yes: it has a certificate, may have no refresh tokens, has no other flow turned on, and each of its logins that is
    /// seen (at least one) is one of OAuth without a subtype. No: it has no certificate, has another flow turned on, or
    /// another login is seen. Without any login seen it cannot be told: nothing turns the code flow off.
    pub fn is_jwt_only(&self) -> Option<bool> {
        let app = self.app;
        let others = [&app.client_credentials, &app.device_flow, &app.token_exchange, &app.code_credentials];
        if app.certificate.is(&None) || others.iter().any(|flow| flow.is(&true)) {
            return Some(false);
        }
        let mut logins = self.logins_by_oauth().peekable();
        logins.peek()?;
        if !logins.all(|used| used == WITHOUT_SUBTYPE) {
            return Some(false);
        }
        let has_certificate = matches!(app.certificate, Stated::Known(Some(_)));
        (has_certificate && self.may_have_refresh_tokens() == Some(false)).then_some(true)
    }

    /// Whether it gets refresh tokens.
    ///
    /// No: the scope is not granted, the policy ends refresh tokens at once, or all logins that are seen are of flows
    /// that give none, client credentials among them. Yes: the scope is granted and none of this holds, or no file says
    /// its scopes and a login by refresh token is seen.
    pub fn has_refresh_tokens(&self) -> Option<bool> {
        match self.may_have_refresh_tokens() {
            None if self.logins_by_oauth().any(|used| used.starts_with(REFRESH)) => Some(true),
            Some(true) if self.uses_client_credentials_only() => Some(false),
            told => told,
        }
    }

    /// The answer of checks of refresh tokens where there are none, or that cannot be told.
    pub fn without_refresh_tokens(&self) -> Option<Verdict> {
        match self.has_refresh_tokens() {
            Some(true) => None,
            Some(false) => Some(Verdict::not_applicable("it has no refresh tokens")),
            None => Some(Verdict::unknown("it cannot be told whether it has refresh tokens")),
        }
    }

    /// Whether the code flow is its way, as far as is known: PKCE protects nothing else.
    ///
    /// Yes: a login by it is seen, or a callback is configured and nothing shows another flow. No: JWT bearer is its
    /// only flow, it has metadata without any callback, or all logins that are seen are of flows without a code.
    pub fn uses_code_flow(&self) -> Option<bool> {
        if self.logins_by_oauth().any(|used| used.starts_with(WITH_CODE)) {
            return Some(true);
        }
        let mut logins = self.logins_by_oauth().peekable();
        let only_others = logins.peek().is_some() && logins.all(|used| WITHOUT_CODE.contains(&used));
        // A code flow is left without a trace where its only login was before the exports begin: refresh tokens follow it.
        if self.is_jwt_only() == Some(true) || (only_others && self.has_refresh_tokens() == Some(false)) {
            return Some(false);
        }
        match (self.app.callbacks.is_empty(), self.app.kind) {
            (true, AppKind::RowOnly) => None,
            // External client apps have their callbacks in a file that may not be at hand.
            (true, AppKind::ExternalClientApp) if self.app.pkce_required == Stated::Unsaid => None,
            (true, _) if self.app.scopes == Stated::Unsaid => None,
            (true, _) => Some(false),
            (false, _) => Some(true),
        }
    }

    /// Whether the app is one that a vendor gives to many organisations.
    ///
    /// The register says so (`partner`), else the app's distribution does. An app of which only a row of another
    /// organisation's (`888…`) is there is one; of other rows it cannot be told.
    pub fn is_partner(&self) -> Option<bool> {
        let registered = self.registered.and_then(|app| app.partner);
        let is_of_another = || {
            let id = self.app.id.as_deref()?;
            (self.app.kind == AppKind::RowOnly && id.starts_with("888")).then_some(true)
        };
        registered.or_else(|| self.app.is_distributed.known().copied()).or_else(is_of_another)
    }

    /// Whether the scope `refresh_token` is granted, and no policy ends refresh tokens at once.
    fn may_have_refresh_tokens(&self) -> Option<bool> {
        if self.app.refresh_policy.is(&RefreshPolicy::None) {
            return Some(false);
        }
        let scopes = self.app.scopes.known()?;
        Some(scopes.iter().any(|word| scopes::find(word).is_some_and(|scope| scope.meaning() == "refresh_token")))
    }

    fn uses_client_credentials_only(&self) -> bool {
        let mut logins = self.logins_by_oauth().peekable();
        self.app.client_credentials.is(&true)
            && logins.peek().is_some()
            && logins.all(|used| used == "login: OAuth Client Credentials")
    }

    /// Whether logins are seen of flows that give no refresh token.
    pub fn logs_in_without_refresh_tokens(&self) -> bool {
        self.logins_by_oauth().any(|used| WITHOUT_CODE.contains(&used))
    }

    /// What its logins by OAuth that succeeded were, each as [`Trace::used`](crate::inventory::Trace::used) has it.
    fn logins_by_oauth(&self) -> impl Iterator<Item = &str> {
        let done = self.traces().iter().filter(|trace| trace.is_login && trace.is_done());
        let used = done.filter_map(|trace| trace.used.as_deref());
        used.filter(|used| used.starts_with("login: OAuth") || *used == WITHOUT_SUBTYPE)
    }
}
