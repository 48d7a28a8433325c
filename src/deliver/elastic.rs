//! Elasticsearch and `OpenSearch` by `_bulk`: each record has an answer of its own, and `create` with the finding's id makes
//! sending twice harmless.

use serde::Deserialize;
use serde_json::json;

use super::destination::Keys;
use super::http::{self, Answer, Client};
use super::receiver::{Fate, Most, Outcome, Receiver, Record, Refusal};
use super::secret::{Environment, Kept, Secret};
use crate::error::Error;
use crate::words::plain;

/// How to reach a cluster.
#[derive(Debug)]
pub(super) struct Settings {
    url: String,
    index: String,
    api_key: Option<Kept>,
    password: Option<(String, Kept)>,
    http: http::Settings,
}

pub(super) struct Bulk {
    url: String,
    index: String,
    header: Option<(Secret, String)>,
    client: Client,
}

#[derive(Deserialize)]
struct Says {
    /// Whether any record was not taken.
    errors: bool,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    create: Created,
}

#[derive(Deserialize)]
struct Created {
    status: u16,
    #[serde(default)]
    error: Option<serde_json::Value>,
}

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let user: Option<String> = keys.take("user")?;
        let (api_key, password) = (keys.secret("api-key")?, keys.secret("password")?);
        let password = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            _ => return Err("user and password-env or password-file belong together".to_owned()),
        };
        let index: Option<String> = keys.take("index")?;
        Ok(Self {
            url: http::Settings::url(keys, "url", None)?,
            index: index.unwrap_or_else(|| "logs-tokentrail.finding-default".to_owned()),
            api_key,
            password,
            http: http::Settings::of(keys)?,
        })
    }

    pub(super) fn receiver(&self, environment: Environment<'_>) -> Result<Bulk, Error> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let header = match (&self.api_key, &self.password) {
            (Some(key), _) => {
                let key = key.read(environment)?;
                let header = format!("ApiKey {}", key.reveal());
                Some((key, header))
            }
            (None, Some((user, password))) => {
                let password = password.read(environment)?;
                let both = BASE64_STANDARD.encode(format!("{user}:{}", password.reveal()));
                Some((password, format!("Basic {both}")))
            }
            (None, None) => None,
        };
        Ok(Bulk { url: format!("{}/_bulk", self.url), index: self.index.clone(), header, client: self.http.client()? })
    }
}

impl Bulk {
    fn outcome(&self, answer: &Answer, records: usize) -> Outcome {
        let secret = self.header.as_ref().map(|(secret, _)| secret);
        if answer.status != 200 {
            return answer.by_status(secret);
        }
        let Ok(says) = serde_json::from_str::<Says>(&answer.body) else {
            return Outcome::Stop(format!("this is no answer to _bulk: {}", answer.refusal(secret).says));
        };
        // Some receivers that stand in for it answer with fewer items then.
        if !says.errors {
            return Outcome::Taken(None);
        }
        if says.items.len() != records {
            return Outcome::Again(None, format!("it answers {} of {records} records", says.items.len()));
        }
        Outcome::Each(says.items.into_iter().map(|item| item.create.fate()).collect())
    }
}

impl Created {
    fn fate(self) -> Fate {
        let says = plain(&self.error.map(|error| error.to_string()).unwrap_or_default());
        match self.status {
            // 409: it is there already.
            200..=299 | 409 => Fate::Taken,
            408 | 429 | 500..=599 => Fate::Again(format!("status {}: {says}", self.status)),
            status => Fate::Refused(Refusal { status, says }),
        }
    }
}

impl Receiver for Bulk {
    fn most(&self) -> Most {
        // Elasticsearch takes 100 MB at once; small batches are repeated sooner.
        Most { bytes: 4_000_000, records: 5_000 }
    }

    fn around(&self) -> usize {
        self.index.len() + 90
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let mut body = Vec::new();
        for record in batch {
            let action = json!({ "create": { "_index": self.index, "_id": record.id.to_string() } });
            body.extend(format!("{action}\n{}\n", record.text).bytes());
        }
        let headers: Vec<(&str, &str)> =
            self.header.iter().map(|(_, header)| ("Authorization", header.as_str())).collect();
        match self.client.post(&self.url, "application/x-ndjson", &headers, &body) {
            Ok(answer) => self.outcome(&answer, batch.len()),
            Err(why) => Outcome::Again(None, why),
        }
    }
}
