//! What inputs and verdicts are called: by the document, by people, in logs.

use std::fmt;

use super::rows::THREE;
use super::{Flow, Input, Phase, Place, Reason, Restrictions, Verdict};
use crate::configuration::IpRelaxation;
use crate::schema::match_key;

/// The four settings, strictest first.
pub const RELAXATIONS: [IpRelaxation; 4] = [
    IpRelaxation::Enforce,
    IpRelaxation::EnforceRelaxRefresh,
    IpRelaxation::RelaxActivatedDevices,
    IpRelaxation::Relax,
];

/// A setting by its label in Setup.
pub fn label(relaxation: IpRelaxation) -> &'static str {
    match relaxation {
        IpRelaxation::Enforce => "Enforce IP restrictions",
        IpRelaxation::EnforceRelaxRefresh => "Enforce IP restrictions, but relax for refresh tokens",
        IpRelaxation::RelaxActivatedDevices => "Relax IP restrictions for activated devices",
        IpRelaxation::Relax => "Relax IP restrictions",
    }
}

impl Input {
    /// All inputs.
    pub const ALL: [Self; 7] = [
        Self::Relaxation,
        Self::Flow,
        Self::Phase,
        Self::ProfileRanges,
        Self::AppRanges,
        Self::IdentityVerified,
        Self::Continuous,
    ];

    /// What it is.
    pub fn words(self) -> &'static str {
        match self {
            Self::Relaxation => "the app's IP relaxation",
            Self::Flow => "the flow",
            Self::Phase => "whether it is an initial login or a refresh",
            Self::ProfileRanges => "whether the address is in the profile's login ranges",
            Self::AppRanges => "whether the address is in the app's trusted ranges",
            Self::IdentityVerified => "whether the user verified the identity",
            Self::Continuous => "whether continuous IP enforcement is on",
        }
    }
}

impl Flow {
    /// All flows that are known.
    pub const KNOWN: [Self; 9] = [
        Self::WebServer,
        Self::UserAgent,
        Self::JwtBearer,
        Self::SamlBearer,
        Self::Device,
        Self::ClientCredentials,
        Self::UsernamePassword,
        Self::TokenExchange,
        Self::SamlSso,
    ];

    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::WebServer => "web server",
            Self::UserAgent => "user-agent",
            Self::JwtBearer => "JWT bearer",
            Self::SamlBearer => "SAML bearer",
            Self::Device => "device",
            Self::ClientCredentials => "client credentials",
            Self::UsernamePassword => "username-password",
            Self::TokenExchange => "token exchange",
            Self::SamlSso => "SAML SSO without OAuth",
            Self::Unknown => "unknown",
        }
    }

    /// The flow that a word means: the document's, OAuth's, or a login subtype.
    pub fn parse(word: &str) -> Option<Self> {
        let key = match_key(word);
        let key = key.strip_prefix("oauth").unwrap_or(&key);
        let key = key.strip_suffix("flow").unwrap_or(key);
        Some(match key {
            "webserver" | "webserverforhybridapps" | "hybridwebserver" | "authorizationcode" | "authorisationcode" => {
                Self::WebServer
            }
            "useragent"
            | "useragentidtoken"
            | "useragentwithidtoken"
            | "useragentforhybridapps"
            | "hybriduseragent"
            | "implicit" => Self::UserAgent,
            "jwt" | "jwtbearer" | "jwtbearertoken" => Self::JwtBearer,
            "samlbearer" | "samlbearerassertion" => Self::SamlBearer,
            "device" => Self::Device,
            "clientcredentials" | "clientcredential" => Self::ClientCredentials,
            "usernamepassword" | "password" => Self::UsernamePassword,
            "tokenexchange" | "tokenexchangeforhybridapps" | "hybridtokenexchange" => Self::TokenExchange,
            "saml"
            | "samlsso"
            | "samlssowithoutoauth"
            | "samlwebsso"
            | "samlidpinitiatedsso"
            | "samlsfdcinitiatedsso" => Self::SamlSso,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }
}

impl Phase {
    /// Both.
    pub const ALL: [Self; 2] = [Self::InitialLogin, Self::Refresh];

    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::InitialLogin => "initial login",
            Self::Refresh => "refresh",
        }
    }

    /// The phase that a word means.
    pub fn parse(word: &str) -> Option<Self> {
        match match_key(word).as_str() {
            "initiallogin" | "initial" | "login" => Some(Self::InitialLogin),
            "refresh"
            | "refreshtoken"
            | "oauthrefreshtoken"
            | "oauthrefreshtokenforhybridapps"
            | "oauthhybridrefreshtoken" => Some(Self::Refresh),
            _ => None,
        }
    }
}

impl Place {
    /// All that are known.
    pub const KNOWN: [Self; 3] = [Self::NoRanges, Self::Inside, Self::Outside];

    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoRanges => "no ranges",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// One word: `allow`, `deny`, `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotKnown(inputs) => {
                let words: Vec<&str> = inputs.iter().map(|input| input.words()).collect();
                write!(formatter, "not known: {}", words.join("; "))
            }
            Self::NotInTable => formatter.write_str("the table does not decide it"),
        }
    }
}

impl Restrictions {
    /// What it means for the user.
    pub fn words(self) -> &'static str {
        match self {
            Self::No => "none",
            Self::Apply => THREE,
            Self::Unknown => {
                "not known whether the user can change the password, register a verification method and open pages of a login flow"
            }
        }
    }
}
