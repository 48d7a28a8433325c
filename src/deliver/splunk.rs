//! Splunk's HTTP Event Collector: envelopes one after another, an answer with a code, acknowledgements where offered.
//!
//! What the codes mean is Splunk's documentation of the collector; texts differ between receivers and are not looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::json;

use super::destination::Keys;
use super::http::{self, Answer, Client};
use super::receiver::{Most, Outcome, Receiver, Record};
use super::secret::{Environment, Kept, Secret};
use crate::error::Error;

/// How to reach a collector.
#[derive(Debug)]
pub(super) struct Settings {
    url: String,
    token: Kept,
    /// Sends a channel with each request, and waits for acknowledgements.
    ack: bool,
    index: Option<String>,
    bytes: usize,
    http: http::Settings,
}

pub(super) struct Collector {
    events: String,
    acks: String,
    token: Secret,
    header: String,
    /// A number of this run alone; none where acknowledgements are not asked for.
    channel: Option<String>,
    index: Option<String>,
    bytes: usize,
    client: Client,
}

#[derive(Deserialize)]
struct Says {
    code: u16,
    #[serde(rename = "ackId")]
    ack: Option<u64>,
    #[serde(rename = "invalid-event-number")]
    invalid: Option<usize>,
}

#[derive(Deserialize)]
struct Acks {
    acks: BTreeMap<String, bool>,
}

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        Ok(Self {
            url: http::Settings::url(keys, "url", None)?,
            token: keys.required_secret("token")?,
            ack: keys.take("ack")?.unwrap_or(false),
            index: keys.take("index")?,
            // A collector of Splunk Cloud takes 1 MB at once.
            bytes: keys.take("batch-bytes")?.unwrap_or(900_000),
            http: http::Settings::of(keys)?,
        })
    }

    pub(super) fn receiver(&self, environment: Environment<'_>) -> Result<Collector, Error> {
        let token = self.token.read(environment)?;
        let mut channel = [0; 16];
        channel.fill_with(|| fastrand::u8(..));
        let channel = uuid::Builder::from_random_bytes(channel).into_uuid().to_string();
        Ok(Collector {
            events: format!("{}/services/collector/event", self.url),
            acks: format!("{}/services/collector/ack?channel={channel}", self.url),
            header: format!("Splunk {}", token.reveal()),
            token,
            channel: self.ack.then_some(channel),
            index: self.index.clone(),
            bytes: self.bytes,
            client: self.http.client()?,
        })
    }
}

impl Collector {
    fn headers(&self) -> Vec<(&str, &str)> {
        let channel = self.channel.as_deref().map(|channel| ("X-Splunk-Request-Channel", channel));
        [("Authorization", self.header.as_str())].into_iter().chain(channel).collect()
    }

    /// What an answer means for a batch of so many records.
    fn outcome(&self, answer: &Answer, records: usize) -> Outcome {
        let Ok(says) = serde_json::from_str::<Says>(&answer.body) else {
            return match answer.by_status(Some(&self.token)) {
                Outcome::Taken(_) => {
                    Outcome::Stop(format!("this is no event collector: {}", answer.refusal(None).says))
                }
                other => other,
            };
        };
        let refusal = answer.refusal(Some(&self.token));
        let said = format!("status {}, code {}: {}", answer.status, says.code, refusal.says);
        match says.code {
            0 if self.channel.is_some() => match says.ack {
                Some(number) => Outcome::Unconfirmed(number),
                None => Outcome::Taken(Some("it gives no acknowledgements for this token".to_owned())),
            },
            0 => Outcome::Taken(None),
            // Its queues are nearly full, and it has taken the batch.
            24 | 25 => match says.ack.filter(|_| self.channel.is_some()) {
                Some(number) => Outcome::Unconfirmed(number),
                None => Outcome::Taken(Some(said)),
            },
            8 | 9 | 18..=20 | 23 | 26 => Outcome::Again(answer.wait, said),
            27 => Outcome::TooLarge(refusal),
            6 | 12 | 13 | 15 if answer.status == 413 => Outcome::TooLarge(refusal),
            6 | 12 | 13 | 15 => match says.invalid.filter(|number| *number < records) {
                Some(number) => Outcome::Without(number, refusal),
                None => Outcome::Refused(refusal),
            },
            // Disabled or unknown tokens, no such index, no channel: somebody has to change a setting.
            _ => Outcome::Stop(said),
        }
    }

    /// An envelope, for the index that the settings name.
    fn envelope(&self, record: &Record, out: &mut Vec<u8>) {
        match (&self.index, record.text.strip_prefix('{')) {
            (Some(index), Some(rest)) => {
                out.extend(format!("{{\"index\":{},", json!(index)).bytes());
                out.extend(rest.bytes());
            }
            _ => out.extend(record.text.bytes()),
        }
        out.push(b'\n');
    }
}

impl Receiver for Collector {
    fn most(&self) -> Most {
        Most { bytes: self.bytes, records: usize::MAX }
    }

    fn around(&self) -> usize {
        self.index.as_ref().map_or(1, |index| index.len() + 16)
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let mut body = Vec::with_capacity(self.bytes.min(4 << 20));
        for record in batch {
            self.envelope(record, &mut body);
        }
        match self.client.post(&self.events, "application/json", &self.headers(), &body) {
            Ok(answer) => self.outcome(&answer, batch.len()),
            Err(why) => Outcome::Again(None, why),
        }
    }

    fn confirmed(&self, numbers: &[u64]) -> Result<BTreeSet<u64>, String> {
        let body = json!({ "acks": numbers }).to_string();
        let answer = self.client.post(&self.acks, "application/json", &self.headers(), body.as_bytes())?;
        let acks: Acks = serde_json::from_str(&answer.body)
            .map_err(|_| format!("status {}: {}", answer.status, answer.refusal(Some(&self.token)).says))?;
        let done = acks.acks.into_iter().filter(|(_, is_done)| *is_done);
        Ok(done.filter_map(|(number, _)| number.parse().ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collector(ack: bool) -> Collector {
        let table: toml::Table =
            toml::from_str(&format!("url = \"http://127.0.0.1:1\"\ntoken-env = \"T\"\nack = {ack}\n")).unwrap();
        let mut keys = Keys::of(table);
        Settings::of(&mut keys).unwrap().receiver(&|_| Some("s3cr3t".to_owned())).unwrap()
    }

    /// The outcome's name.
    fn outcome(collector: &Collector, status: u16, body: &str) -> String {
        let answer = Answer { status, wait: None, body: body.to_owned() };
        let told = format!("{:?}", collector.outcome(&answer, 3));
        assert!(!told.contains("s3cr3t"), "{told}");
        told.split(['(', ' ']).next().unwrap().to_owned()
    }

    /// Codes of the collector by Splunk's documentation, and what each makes of a batch.
    #[test]
    fn every_code_is_acted_on() {
        let plain = collector(false);
        for (code, status, expected) in [
            (0, 200, "Taken"),
            (1, 403, "Stop"),
            (2, 401, "Stop"),
            (3, 401, "Stop"),
            (4, 403, "Stop"),
            (5, 400, "Stop"),
            (6, 400, "Refused"),
            (7, 400, "Stop"),
            (8, 500, "Again"),
            (9, 503, "Again"),
            (10, 400, "Stop"),
            (11, 400, "Stop"),
            (12, 400, "Refused"),
            (13, 400, "Refused"),
            (14, 400, "Stop"),
            (15, 400, "Refused"),
            (16, 400, "Stop"),
            (18, 503, "Again"),
            (19, 503, "Again"),
            (20, 503, "Again"),
            (21, 400, "Stop"),
            (22, 400, "Stop"),
            (23, 503, "Again"),
            (24, 200, "Taken"),
            (25, 200, "Taken"),
            (26, 429, "Again"),
            (27, 413, "TooLarge"),
        ] {
            assert_eq!(
                outcome(&plain, status, &format!("{{\"text\":\"s3cr3t\",\"code\":{code}}}")),
                expected,
                "{code}"
            );
        }
        // A real Splunk says event 0 beside a code that accuses none; and a number may be beyond the batch.
        let with = |code: u16, status, number: usize| {
            outcome(&plain, status, &format!("{{\"text\":\"\",\"code\":{code},\"invalid-event-number\":{number}}}"))
        };
        assert_eq!(
            (with(6, 400, 1), with(9, 503, 0), with(6, 400, 3)),
            ("Without".into(), "Again".into(), "Refused".into())
        );
        assert_eq!(outcome(&plain, 413, "{\"text\":\"Data payload too large\",\"code\":6}"), "TooLarge");
    }

    #[test]
    fn answers_that_are_not_its_own_are_understood() {
        let plain = collector(false);
        assert_eq!(outcome(&plain, 401, "error: unauthorized"), "Stop");
        assert_eq!(outcome(&plain, 502, "<html>"), "Again");
        assert_eq!(outcome(&plain, 413, "<html>"), "TooLarge");
        assert_eq!(outcome(&plain, 200, "<html>welcome</html>"), "Stop", "some other server");
    }

    #[test]
    fn acknowledgements_are_waited_for_where_they_are_asked_for() {
        let body = "{\"text\":\"Success\",\"code\":0,\"ackId\":3756319535275602}";
        assert_eq!(outcome(&collector(true), 200, body), "Unconfirmed");
        assert_eq!(outcome(&collector(true), 200, "{\"text\":\"Success\",\"code\":0}"), "Taken");
        assert_eq!(outcome(&collector(false), 200, body), "Taken");
    }
}
