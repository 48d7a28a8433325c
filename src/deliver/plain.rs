//! Any server that takes lines of JSON by POST.

use super::destination::Keys;
use super::http::{self, Client};
use super::receiver::{Most, Outcome, Receiver, Record};
use super::secret::{Environment, Kept, Secret};
use crate::error::Error;

/// How to reach it.
#[derive(Debug)]
pub(super) struct Settings {
    url: String,
    /// The name of a header, and where its value is kept.
    header: Option<(String, Kept)>,
    bytes: usize,
    http: http::Settings,
}

pub(super) struct Server {
    url: String,
    header: Option<(String, Secret)>,
    bytes: usize,
    client: Client,
}

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let name: Option<String> = keys.take("header")?;
        let value = keys.secret("header-value")?;
        let header = match (name, value) {
            (name, Some(value)) => Some((name.unwrap_or_else(|| "Authorization".to_owned()), value)),
            (None, None) => None,
            (Some(_), None) => return Err("header needs header-value-env or header-value-file".to_owned()),
        };
        Ok(Self {
            url: http::Settings::url(keys, "url", None)?,
            header,
            bytes: keys.take("batch-bytes")?.unwrap_or(900_000),
            http: http::Settings::of(keys)?,
        })
    }

    pub(super) fn receiver(&self, environment: Environment<'_>) -> Result<Server, Error> {
        let header = match &self.header {
            Some((name, kept)) => Some((name.clone(), kept.read(environment)?)),
            None => None,
        };
        Ok(Server { url: self.url.clone(), header, bytes: self.bytes, client: self.http.client()? })
    }
}

impl Receiver for Server {
    fn most(&self) -> Most {
        Most { bytes: self.bytes, records: usize::MAX }
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let headers: Vec<(&str, &str)> =
            self.header.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
        let mut body = Vec::new();
        for record in batch {
            body.extend(record.text.bytes());
            body.push(b'\n');
        }
        let secret = self.header.as_ref().map(|(_, secret)| secret);
        match self.client.post(&self.url, "application/x-ndjson", &headers, &body) {
            Ok(answer) => answer.by_status(secret),
            Err(why) => Outcome::Again(None, why),
        }
    }
}
