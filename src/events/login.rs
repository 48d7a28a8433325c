//! What a row of `logins` says, and the words of ASIM and OCSF for it.
//!
//! Microsoft's own parser for Salesforce's Login event type (`ASimAuthenticationSalesforceSC` in Azure-Sentinel)
//! decides which of ASIM's words a code gets, odd ones included: Lightning Login is `Username & Password` there. Where
//! that has no word, a note says so here.

use crate::batch::Role;
use crate::convert::Row;
use crate::value::codes::is_success;

/// A login or a token refresh, tried or done.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// How somebody came in: `Remote Access 2.0`.
    pub login_type: Option<&'a str>,
    /// Which flow: `OAuth Refresh Token`.
    pub subtype: Option<&'a str>,
    /// How it ended, in the spelling of [`crate::value::codes`].
    pub status: Option<&'a str>,
    /// How it ended, in a word.
    pub outcome: Outcome,
    /// Country code or name, as Salesforce places the address.
    pub country: Option<&'a str>,
    /// City, as Salesforce places the address.
    pub city: Option<&'a str>,
}

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded.
    Success,
    /// It did not: every status but the one of success.
    Failure,
    /// The row does not say.
    Unsaid,
}

/// A word for which ASIM has none of its own.
const OTHER: &str = "Other";

impl<'a> Login<'a> {
    pub(super) fn of(row: &Row<'a>) -> Self {
        let status = row.text(Role::Status);
        let outcome = status
            .map_or(Outcome::Unsaid, |status| if is_success(status) { Outcome::Success } else { Outcome::Failure });
        Self {
            login_type: row.text(Role::LoginType),
            subtype: row.text(Role::LoginSubtype),
            status,
            outcome,
            country: row.text(Role::Country),
            city: row.text(Role::City),
        }
    }

    /// ASIM's `EventResultDetails`: why it failed.
    pub(super) fn result_details(&self) -> Option<&'static str> {
        let status = self.status.filter(|_| self.outcome == Outcome::Failure)?;
        Some(match status {
            "Invalid password" | "LOGIN_ERROR_SSO_PWD_INVALID" => "Incorrect password",
            // Not in Microsoft's table. Salesforce says it of an unknown username.
            "Invalid login" => "No such user or password",
            "LOGIN_SAML_INVALID_USERNAME" => "No such user",
            "Password lockout" | "User is frozen" => "User locked",
            "User is inactive" => "User disabled",
            "Two-factor required" | "Multi-factor required" | "LOGIN_END_SESSION_TXN_SECURITY_POLICY" => {
                "Logon violates policy"
            }
            _ => OTHER,
        })
    }

    /// ASIM's `LogonMethod`.
    pub(super) fn method(&self) -> Option<&'static str> {
        Some(match self.login_type? {
            "Certificate-based login" => "PKI",
            "Lightning Login" => "Username & Password",
            // Passkeys are newer than Microsoft's table.
            login_type if login_type.starts_with("Passwordless Login") => "Passwordless",
            _ => OTHER,
        })
    }

    /// ASIM's `LogonProtocol`: what Microsoft's table says of the subtypes. SAML is not in it; the type's label names
    /// it.
    pub(super) fn protocol(&self) -> Option<&'static str> {
        match self.subtype {
            Some("UI Username-Password") => Some("Basic Auth"),
            Some(subtype) if starts_with(subtype, "OAuth") => Some("OAuth"),
            _ if self.login_type.is_some_and(|login_type| login_type.starts_with("Remote Access")) => Some("OAuth"),
            _ if self.login_type.is_some_and(|login_type| login_type.starts_with("SAML")) => Some("SAML"),
            _ => None,
        }
    }

    /// OCSF's `auth_protocol_id` and its name.
    pub(super) fn ocsf_protocol(&self) -> Option<(i64, &'static str)> {
        match (self.protocol()?, self.login_type) {
            ("OAuth", Some("Remote Access Client")) => Some((99, "OAuth 1.0")),
            ("OAuth", _) => Some((6, "OAUTH 2.0")),
            ("SAML", _) => Some((5, "SAML")),
            _ => None,
        }
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}
