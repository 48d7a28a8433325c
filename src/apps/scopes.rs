//! OAuth scopes, as far as event logs can prove their use.
//!
//! Source: Salesforce Help, OAuth Tokens and Scopes; Object Reference, `LoginHistory` (login subtypes). No event log names
//! the scope of a call, so this table says which scope a call or login cannot do without.

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

/// A scope by its parameter name; metadata and labels spell some of them otherwise.
pub(crate) fn canonical(scope: &str) -> String {
    let key = crate::schema::match_key(scope);
    let known = match key.as_str() {
        "refreshtoken" => "refresh_token",
        "offlineaccess" => "offline_access",
        "chatter" | "chatterapi" => "chatter_api",
        "customapplications" => "visualforce",
        "custompermissions" => "custom_permissions",
        "wave" => "wave_api",
        _ => return scope.trim().to_lowercase(),
    };
    known.to_owned()
}

const CHATTER: &[&str] = &["chatter_api", "api", "full"];
const WAVE: &[&str] = &["wave_api", "api", "full"];
const API: &[&str] = &["api", "full"];
const REFRESH: &[&str] = &["refresh_token", "offline_access"];
