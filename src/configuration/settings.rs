//! An app's settings as names and words, for holding one configuration against another.

use super::{AppConfiguration, Certificate, IpRange, Stated};

impl AppConfiguration {
    /// All settings that somebody can change, each by its name here and in words. What no file says is left out.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let said = |name: &'static str, words: Option<String>| words.map(|words| (name, words));
        let flag = |name: &'static str, flag: &Stated<bool>| said(name, words(flag, bool::to_string));
        let all = [
            said("scopes", words(&self.scopes, |scopes| scopes.join(", "))),
            said("custom scopes", listed(&self.custom_scopes)),
            said("callbacks", listed(&self.callbacks)),
            said("permitted users", words(&self.permitted_users, |users| format!("{users:?}"))),
            said("assigned to", words(&self.assigned_to, |assigned| assigned.join(", "))),
            said("IP relaxation", words(&self.ip_relaxation, |relaxation| format!("{relaxation:?}"))),
            said("trusted ranges", words(&self.trusted_ranges, ranges)),
            said("refresh token ranges", words(&self.token_ranges, ranges)),
            said("refresh policy", words(&self.refresh_policy, |policy| format!("{policy:?}"))),
            flag("idle limit", &self.idle_limit),
            flag("rotation", &self.rotation),
            flag("PKCE required", &self.pkce_required),
            flag("secret optional", &self.secret_optional),
            flag("secret for refresh", &self.secret_for_refresh),
            flag("client credentials flow", &self.client_credentials),
            said("client credentials user", self.client_credentials_user.clone()),
            flag("code and credentials flow", &self.code_credentials),
            flag("device flow", &self.device_flow),
            flag("token exchange flow", &self.token_exchange),
            flag("JWT access tokens", &self.jwt_access_tokens),
            said("certificate", words(&self.certificate, |known| certificate(known.as_ref()))),
            said("session level", words(&self.session_level, |level| or_none(level.as_ref()))),
            said("below the session level", words(&self.policy_action, |action| or_none(action.as_ref()))),
            said("session timeout", words(&self.session_timeout, |minutes| or_none(minutes.as_ref()))),
        ];
        all.into_iter().flatten().collect()
    }
}

fn words<T>(stated: &Stated<T>, in_words: impl Fn(&T) -> String) -> Option<String> {
    match stated {
        Stated::Known(value) => Some(in_words(value)),
        Stated::Unknown(raw) => Some(format!("unknown: {raw}")),
        Stated::Unsaid => None,
    }
}

fn listed(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| list.join(", "))
}

#[expect(clippy::ptr_arg, reason = "what a Stated holds")]
fn ranges(ranges: &Vec<IpRange>) -> String {
    ranges.iter().map(|range| format!("{}-{}", range.start, range.end)).collect::<Vec<_>>().join(", ")
}

fn or_none(value: Option<&impl std::fmt::Debug>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"))
}

fn certificate(certificate: Option<&Certificate>) -> String {
    match certificate.map(|certificate| certificate.not_after) {
        None => "none".to_owned(),
        Some(None) => "one that cannot be read".to_owned(),
        Some(Some(end)) => format!("until {end}"),
    }
}
