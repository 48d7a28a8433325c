//! The claims of a JWT assertion, read without checking the signature. The assertion itself is a secret: it is
//! decoded where it is read and never kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The claims that detectors judge, and those that tell assertions apart.
#[derive(Debug, Deserialize)]
pub struct Claims {
    /// Issuer: the consumer key of the connected app.
    pub iss: Option<String>,
    /// Subject: the username that the token will act for.
    pub sub: Option<String>,
    /// Audience: the login host.
    pub aud: Option<Audience>,
    /// Issued at, seconds since 1970.
    pub iat: Option<f64>,
    /// Expires at, seconds since 1970.
    pub exp: Option<f64>,
    /// The assertion's own id.
    pub jti: Option<String>,
}

/// One audience or several (RFC 7519 section 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// The usual case.
    One(String),
    /// A list.
    Many(Vec<String>),
}

/// Decodes the middle part of `header.claims.signature`; nothing if the text is no JWT.
pub fn claims(assertion: &str) -> Option<Claims> {
    let mut parts = assertion.trim().split('.');
    let (Some(_header), Some(claims), Some(_signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let decoded = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&decoded).ok()
}

impl Audience {
    /// The first audience.
    pub fn first(&self) -> Option<&str> {
        match self {
            Self::One(one) => Some(one),
            Self::Many(many) => many.first().map(String::as_str),
        }
    }
}
