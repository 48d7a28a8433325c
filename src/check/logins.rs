//! What a login's use says of its flow, and what its status says of why it failed.
//!
//! Source: Object Reference, `LoginHistory` (login subtypes) and login status codes. No subtype stands for the JWT bearer,
//! the SAML bearer and the device flow: such logins show their login type only.

use std::net::IpAddr;

use crate::apps::policy::{Flow, Login, Phase};
use crate::inventory::Trace;

/// Statuses that say that the address was the reason.
const REFUSED_BY_ADDRESS: &[&str] = &["Restricted IP", "Failed: IP Address Not Allowed"];
/// Statuses that say that nobody has let the user use the app.
const NOT_APPROVED: &[&str] =
    &["Failed: Not approved for access", "Failed: OAuth API access disabled", "LOGIN_ERROR_CLIENT_NO_ACCESS"];

impl Trace {
    /// Whether an app came with a refresh token.
    pub fn is_refresh(&self) -> bool {
        self.is_login && self.used.as_deref().is_some_and(|used| used.starts_with("login: OAuth Refresh Token"))
    }

    /// Whether it failed because of where it came from.
    pub fn is_refused_by_address(&self) -> bool {
        self.status.as_deref().is_some_and(|status| REFUSED_BY_ADDRESS.contains(&status))
    }

    /// Whether it failed because nobody has let the user use the app.
    pub fn is_not_approved(&self) -> bool {
        self.status.as_deref().is_some_and(|status| NOT_APPROVED.contains(&status))
    }

    /// Where it came from, if that is an address.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.as_deref()?.parse().ok()
    }

    /// The login as the policy table looks at it; nothing for what is no login by OAuth. `is_jwt_only`: the app has no other
    /// flow than the JWT bearer flow.
    pub fn as_login(&self, is_jwt_only: bool) -> Option<Login> {
        let used = self.used.as_deref().filter(|_| self.is_login)?.strip_prefix("login: ")?;
        let (flow, phase) = match used {
            "OAuth Refresh Token" | "OAuth Refresh Token for Hybrid Apps" => (Flow::Unknown, Phase::Refresh),
            "OAuth Web Server" | "OAuth Web Server for Hybrid Apps" => (Flow::WebServer, Phase::InitialLogin),
            "OAuth User-Agent" | "OAuth User-Agent for Hybrid Apps" | "OAuth User-Agent with ID Token" => {
                (Flow::UserAgent, Phase::InitialLogin)
            }
            "OAuth Client Credentials" => (Flow::ClientCredentials, Phase::InitialLogin),
            "OAuth Username-Password" => (Flow::UsernamePassword, Phase::InitialLogin),
            "OAuth Token Exchange" | "OAuth Token Exchange for Hybrid Apps" => {
                (Flow::TokenExchange, Phase::InitialLogin)
            }
            "Remote Access 2.0" if is_jwt_only => (Flow::JwtBearer, Phase::InitialLogin),
            "Remote Access 2.0" => (Flow::Unknown, Phase::InitialLogin),
            _ => return None,
        };
        Some(Login { address: self.ip(), flow, phase: Some(phase), identity_verified: None })
    }
}
