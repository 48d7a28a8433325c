//! Datadog's log intake: JSON arrays with a key in a header.
//!
//! Source: Datadog API, "Send logs": 5 MB and 1000 records at once.

use super::destination::Keys;
use super::http::{self, Client};
use super::receiver::{Most, Outcome, Receiver, Record};
use super::secret::{Environment, Kept, Secret};
use crate::error::Error;

/// How to reach the intake.
#[derive(Debug)]
pub(super) struct Settings {
    url: String,
    key: Kept,
    http: http::Settings,
}

pub(super) struct Intake {
    url: String,
    key: Secret,
    client: Client,
}

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let site: Option<String> = keys.take("site")?;
        let site = site.unwrap_or_else(|| "datadoghq.com".to_owned());
        let url = http::Settings::url(keys, "url", Some(format!("https://http-intake.logs.{site}")))?;
        Ok(Self {
            url: format!("{url}/api/v2/logs"),
            key: keys.required_secret("api-key")?,
            http: http::Settings::of(keys)?,
        })
    }

    pub(super) fn receiver(&self, environment: Environment<'_>) -> Result<Intake, Error> {
        Ok(Intake { url: self.url.clone(), key: self.key.read(environment)?, client: self.http.client()? })
    }
}

impl Receiver for Intake {
    fn most(&self) -> Most {
        Most { bytes: 4_250_000, records: 1_000 }
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let headers = [("DD-API-KEY", self.key.reveal())];
        match self.client.post(&self.url, "application/json", &headers, &http::array(batch)) {
            Ok(answer) => answer.by_status(Some(&self.key)),
            Err(why) => Outcome::Again(None, why),
        }
    }
}
