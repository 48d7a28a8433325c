//! OAuth scopes: the one table of their names, what each permits, how much is at risk, and which use proves it.
//!
//! No event log names the scope of a call, so the table says which scopes a call or login cannot do without. A word that
//! the table does not have stays unknown; nobody guesses what it permits.
//!
//! Sources: the `scopes_supported` of Salesforce's own discovery document (36 strings in August 2026); Metadata API
//! Developer Guide, `ConnectedApp` and `ExtlClntAppOauthSettings`; Object Reference, `ExtlClntAppOauthSettings` (its
//! columns) and `LoginHistory` (login subtypes); Salesforce Help, OAuth Tokens and Scopes.

mod platform;
mod services;

use std::collections::BTreeMap;

use crate::error::Error;
use crate::finding::Severity;
use crate::schema::match_key;

/// One scope and all that it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The parameter of an OAuth request; nothing where no source gives it.
    pub parameter: Option<&'static str>,
    /// Words of `ConnectedApp.oauthConfig.scopes` and of `commaSeparatedOauthScopes`; they differ for some.
    pub metadata: &'static [&'static str],
    /// The yes-or-no column of the object `ExtlClntAppOauthSettings`, where it has one.
    pub column: Option<&'static str>,
    /// What Setup calls it, older labels too, without the parameters in parentheses behind them.
    pub labels: &'static [&'static str],
    /// How much is at risk if a token with it is stolen; settings may say otherwise.
    pub risk: Severity,
    /// What it lets an app do, one sentence.
    pub permits: &'static str,
    /// The scope that it is another name of.
    pub same_as: Option<&'static str>,
    /// Uses that need it or one of a few, as [`Role::Use`](crate::batch::Role::Use) has them; `*`: all that begin so. None:
    /// no export shows that it is used.
    pub proven_by: &'static [&'static str],
}

/// All scopes that are known: those of data and sessions first.
pub fn all() -> impl Iterator<Item = &'static Scope> {
    platform::SCOPES.iter().chain(services::SCOPES)
}

/// The scope that a word of any vocabulary means: a parameter, a word of metadata, a column, a label with or without the
/// parameters behind it. A label that nobody knows is taken by the one parameter that stands behind it.
pub fn find(word: &str) -> Option<&'static Scope> {
    let word = word.trim();
    // Keys leave other letters out: what only looks like a known word would become it.
    if !word.is_ascii() {
        return None;
    }
    let whole = match_key(word);
    let by_key = |key: &str| all().find(|scope| scope.spellings().any(|spelling| match_key(spelling) == key));
    if let Some(scope) = by_key(&whole) {
        return Some(scope);
    }
    let (label, behind) = word.strip_suffix(')')?.rsplit_once('(')?;
    by_key(&match_key(label)).or_else(|| {
        let parameter = behind.trim();
        all().find(|scope| scope.parameter == Some(parameter))
    })
}

impl Scope {
    /// What it goes by here: its parameter, or the only name that is known.
    pub fn name(&self) -> &'static str {
        let others = self.metadata.first().or(self.column.as_ref());
        self.parameter.or_else(|| others.copied()).unwrap_or_default()
    }

    /// All its spellings.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> {
        let names = self.parameter.into_iter().chain(self.metadata.iter().copied());
        names.chain(self.column).chain(self.labels.iter().copied())
    }

    /// What stands for all names of the same permission: `refresh_token` for `offline_access`, too.
    pub fn meaning(&self) -> &'static str {
        self.same_as.unwrap_or_else(|| self.name())
    }
}

/// How risky scopes are: the table's judgement, and the user's over it.
#[derive(Clone, Debug, Default)]
pub struct Risks {
    set: BTreeMap<&'static str, Severity>,
}

impl Risks {
    /// What a settings file says under `[scopes]`.
    ///
    /// # Errors
    /// If a scope or a severity is not known.
    pub fn new(settings: &BTreeMap<String, String>) -> Result<Self, Error> {
        let mut risks = Self::default();
        for (word, severity) in settings {
            let Some(scope) = find(word) else {
                let hint = "hint: scopes go by their parameter, such as api or refresh_token";
                return Err(Error::Setting(format!("[scopes]: no scope is called {word:?}\n\n{hint}")));
            };
            let Some(severity) = crate::settings::severity(severity) else {
                let hint = "hint: info, low, medium, high or critical";
                return Err(Error::Setting(format!(
                    "[scopes]: `{word}`: no severity is called {severity:?}\n\n{hint}"
                )));
            };
            if risks.set.insert(scope.meaning(), severity).is_some_and(|other| other != severity) {
                let what = format!("[scopes]: `{word}` is another name of a scope that has another severity");
                return Err(Error::Setting(format!("{what}\n\nhint: leave one of the names out")));
            }
        }
        Ok(risks)
    }

    /// How risky a scope is; one with two names is it under both.
    pub fn of(&self, scope: &Scope) -> Severity {
        self.set.get(scope.meaning()).copied().unwrap_or(scope.risk)
    }
}

/// What a use needs: any one of these scopes.
pub(crate) fn needed_for(used: &str) -> Option<&'static [&'static str]> {
    match used {
        "login: OAuth Refresh Token" | "login: OAuth Refresh Token for Hybrid Apps" => Some(REFRESH),
        "login: OAuth User-Agent with ID Token" => Some(&["openid", "full"]),
        _ if used.starts_with("login: ") => None,
        // Logging in is no use of a token.
        "SOAP login" => None,
        _ if used.starts_with("REST oauth2") => None,
        "REST chatter" | "REST connect" => Some(CHATTER),
        "REST wave" => Some(WAVE),
        _ if ["REST", "SOAP", "Bulk"].iter().any(|family| used.starts_with(family)) => Some(API),
        _ => None,
    }
}

/// What would show that a scope is used; nothing for a scope whose use can leave no trace in the exports.
pub(crate) fn proof_of(scope: &str) -> Option<&'static str> {
    match scope {
        "api" => Some("an API call"),
        "refresh_token" | "offline_access" => Some("a login by refresh token"),
        _ => None,
    }
}

/// A scope by its parameter name; metadata and labels spell some of them otherwise. An unknown one stays as it is.
pub(crate) fn canonical(scope: &str) -> String {
    let parameter = find(scope).and_then(|scope| scope.parameter);
    parameter.map_or_else(|| scope.trim().to_lowercase(), str::to_owned)
}

const CHATTER: &[&str] = &["chatter_api", "api", "full"];
const WAVE: &[&str] = &["wave_api", "api", "full"];
const API: &[&str] = &["api", "full"];
const REFRESH: &[&str] = &["refresh_token", "offline_access"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_leads_to_its_scope_and_none_to_two() {
        let mut seen = BTreeMap::new();
        for scope in all() {
            // A parameter and a word of metadata may be the same word: within one scope that is no clash.
            let mut keys: Vec<String> = scope.spellings().map(match_key).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                assert!(!key.is_empty(), "{scope:?}");
                if let Some(other) = seen.insert(key.clone(), scope.name()) {
                    panic!("{key} is {other} and {}", scope.name());
                }
            }
            for spelling in scope.spellings() {
                assert_eq!(find(spelling), Some(scope), "{spelling}");
                assert_eq!(find(&format!(" {} ", spelling.to_uppercase())), Some(scope), "{spelling}");
            }
            assert!(scope.permits.ends_with('.') && !scope.permits.contains(['\n', '*']), "{}", scope.permits);
            assert!(scope.same_as.is_none_or(|name| find(name).is_some_and(|scope| scope.same_as.is_none())));
        }
    }

    #[test]
    fn the_discovery_document_has_thirty_six_strings() {
        let parameters: Vec<&str> = all().filter_map(|scope| scope.parameter).collect();
        assert_eq!(parameters.len(), 36, "{parameters:?}");
        let without: Vec<&str> = all().filter(|scope| scope.parameter.is_none()).map(Scope::name).collect();
        assert_eq!(without, ["A2A", "CmdbDiscovery", "SemanticLayer", "OauthScopesHUB_API"], "no string is known");
    }

    #[test]
    fn labels_are_known_with_the_parameters_behind_them() {
        let name = |word: &str| find(word).map(Scope::name);
        assert_eq!(name("Perform requests at any time (refresh_token, offline_access)"), Some("refresh_token"));
        assert_eq!(name("Access the identity URL service (id, profile, email, address, phone)"), Some("id"));
        assert_eq!(name("Manage user data via APIs (api)"), Some("api"));
        assert_eq!(name("A label of a later release (sfap_api)"), Some("sfap_api"), "its parameter says it");
        for unknown in
            ["", "()", "cms_api", "Api2", "A label (api, web)", "api web", "readonly", "ap\u{456}i", "api\u{200b}"]
        {
            assert_eq!(name(unknown), None, "{unknown:?} is not guessed");
        }
    }

    #[test]
    fn names_become_parameters_and_unknown_words_stay() {
        let words = ["Api", "RefreshToken", "OfflineAccess", "CustomApplications", "Wave", "Basic", " Odd One "];
        let canonical: Vec<String> = words.iter().map(|word| canonical(word)).collect();
        assert_eq!(canonical, ["api", "refresh_token", "offline_access", "visualforce", "wave_api", "id", "odd one"]);
        assert_eq!(find("OfflineAccess").map(Scope::meaning), Some("refresh_token"));
    }

    /// The table and the question that patterns ask say the same.
    #[test]
    fn what_proves_a_scope_is_what_needs_it() {
        for scope in all() {
            for used in scope.proven_by {
                let used = used.trim_end_matches('*');
                let needed = needed_for(used).unwrap_or_else(|| panic!("{used} needs nothing"));
                assert!(needed.contains(&scope.name()), "{used}: {}", scope.name());
            }
            if proof_of(scope.name()).is_some() {
                assert!(!scope.proven_by.is_empty(), "{}", scope.name());
            }
        }
        let uses = ["REST Query", "SOAP Partner query", "Bulk query", "REST chatter", "REST connect", "REST wave"];
        let logins = ["login: OAuth Refresh Token", "login: OAuth User-Agent with ID Token"];
        for used in uses.into_iter().chain(logins) {
            for name in needed_for(used).unwrap() {
                let proven_by = find(name).unwrap().proven_by;
                let proves = |pattern: &&str| match pattern.strip_suffix('*') {
                    Some(start) => used.starts_with(start),
                    None => *pattern == used,
                };
                assert!(proven_by.iter().any(proves), "{used} proves {name}");
            }
        }
    }

    #[test]
    fn settings_change_risks_and_name_what_they_cannot() {
        let settings = |word: &str, severity: &str| BTreeMap::from([(word.to_owned(), severity.to_owned())]);
        let risks = Risks::new(&settings("OfflineAccess", "critical")).unwrap();
        let risk = |name: &str| risks.of(find(name).unwrap());
        assert_eq!((risk("refresh_token"), risk("offline_access")), (Severity::Critical, Severity::Critical));
        assert_eq!((risk("full"), risk("web")), (Severity::Critical, Severity::Medium), "the table's own");
        for (word, severity, told) in [("appi", "low", "\"appi\""), ("api", "lo\nud", "\"lo\\nud\"")] {
            let error = Risks::new(&settings(word, severity)).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains("hint: "), "{error}");
        }
        let both = ["refresh_token", "RefreshToken"].map(str::to_owned);
        let twice = BTreeMap::from([(both[0].clone(), "low".to_owned()), (both[1].clone(), "high".to_owned())]);
        assert!(Risks::new(&twice).unwrap_err().to_string().contains("another severity"));
    }
}
