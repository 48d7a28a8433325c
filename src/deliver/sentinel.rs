//! Microsoft Sentinel by the Logs Ingestion API: JSON arrays of at most 1 MB, packed or not, with a token that ends.
//!
//! Source: Azure Monitor documentation, Logs Ingestion API and its limits.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::clock::instant;
use super::destination::Keys;
use super::http::{self, Client};
use super::receiver::{Most, Outcome, Receiver, Record};
use super::secret::{Environment, Kept, Secret};
use crate::error::Error;

/// How to reach a data collection rule.
#[derive(Debug)]
pub(super) struct Settings {
    endpoint: String,
    rule: String,
    stream: String,
    tenant: String,
    client_id: String,
    client_secret: Kept,
    login_url: String,
    audience: String,
    http: http::Settings,
}

pub(super) struct Ingestion {
    url: String,
    login: String,
    form: String,
    secret: Secret,
    token: Mutex<Option<Token>>,
    client: Client,
}

#[derive(Clone)]
struct Token {
    header: String,
    renewed_from: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
}

/// 1 MB for the whole array, packed or not.
const MOST: usize = 1_000_000;
/// A token is renewed so long before it ends.
const EARLY: Duration = Duration::from_secs(300);

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let or = |text: Option<String>, default: &str| text.unwrap_or_else(|| default.to_owned());
        Ok(Self {
            endpoint: http::Settings::url(keys, "endpoint", None)?,
            rule: keys.required("rule")?,
            stream: keys.required("stream")?,
            tenant: keys.required("tenant")?,
            client_id: keys.required("client-id")?,
            client_secret: keys.required_secret("client-secret")?,
            login_url: http::Settings::url(keys, "login-url", Some("https://login.microsoftonline.com".to_owned()))?,
            audience: or(keys.take("audience")?, "https://monitor.azure.com"),
            http: http::Settings::of(keys)?,
        })
    }

    pub(super) fn receiver(&self, environment: Environment<'_>) -> Result<Ingestion, Error> {
        let secret = self.client_secret.read(environment)?;
        let scope = format!("{}/.default", self.audience);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", secret.reveal()),
            ("scope", &scope),
        ];
        let form: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        Ok(Ingestion {
            url: format!(
                "{}/dataCollectionRules/{}/streams/{}?api-version=2023-01-01",
                self.endpoint,
                encoded(&self.rule),
                encoded(&self.stream)
            ),
            login: format!("{}/{}/oauth2/v2.0/token", self.login_url.trim_end_matches('/'), encoded(&self.tenant)),
            form: form.join("&"),
            secret,
            token: Mutex::new(None),
            client: self.http.client()?,
        })
    }
}

/// A text as it stands in a URL or a form.
fn encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

impl Ingestion {
    /// The token; a new one where there is none, it is about to end, or it is the one that was refused.
    fn token(&self, refused: Option<&str>) -> Result<String, Outcome> {
        let mut known = self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(token) = known.as_ref()
            && instant() < token.renewed_from
            && refused != Some(&token.header)
        {
            return Ok(token.header.clone());
        }
        let (kind, form) = ("application/x-www-form-urlencoded", self.form.as_bytes());
        let answer = self.client.post_plain(&self.login, kind, &[], form).map_err(|why| Outcome::Again(None, why))?;
        if answer.status != 200 {
            return Err(match answer.by_status(Some(&self.secret)) {
                again @ Outcome::Again(..) => again,
                _ => Outcome::Stop(format!(
                    "no token is given, status {}: {}",
                    answer.status,
                    answer.refusal(Some(&self.secret)).says
                )),
            });
        }
        let granted: Granted = serde_json::from_str(&answer.body)
            .map_err(|_| Outcome::Stop("the answer to the request for a token holds none".to_owned()))?;
        let secret = Secret::given(granted.access_token);
        let lives = Duration::from_secs(granted.expires_in).saturating_sub(EARLY);
        let token = Token { header: format!("Bearer {}", secret.reveal()), renewed_from: instant() + lives };
        let header = token.header.clone();
        *known = Some(token);
        Ok(header)
    }

    fn send_with(&self, header: &str, body: &[u8]) -> Outcome {
        match self.client.post(&self.url, "application/json", &[("Authorization", header)], body) {
            Ok(answer) if answer.status == 401 => Outcome::Stop("status 401".to_owned()),
            Ok(answer) => answer.by_status(Some(&Secret::given(header.trim_start_matches("Bearer ").to_owned()))),
            Err(why) => Outcome::Again(None, why),
        }
    }
}

impl Receiver for Ingestion {
    fn most(&self) -> Most {
        Most { bytes: MOST - 2, records: usize::MAX }
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let body = http::array(batch);
        let header = match self.token(None) {
            Ok(header) => header,
            Err(outcome) => return outcome,
        };
        match self.send_with(&header, &body) {
            // A token may be ended before its time: once more with a new one.
            Outcome::Stop(said) if said == "status 401" => match self.token(Some(&header)) {
                Ok(header) => self.send_with(&header, &body),
                Err(outcome) => outcome,
            },
            outcome => outcome,
        }
    }
}
