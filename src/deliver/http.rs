//! Requests over HTTP: TLS, proxy, compression, and answers that may be anything.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use super::clock;
use super::destination::Keys;
use super::receiver::{Outcome, Record, Refusal};
use super::secret::Secret;
use crate::error::Error;
use crate::words::plain;

/// What all destinations over HTTP have in common.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Certificates to trust instead of the system's, PEM.
    ca: Option<PathBuf>,
    /// A proxy instead of the environment's.
    proxy: Option<String>,
    gzip: bool,
    timeout: Duration,
}

/// Sends requests.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    gzip: bool,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// How long to wait, if it says so.
    pub(super) wait: Option<Duration>,
    /// The body, as far as it is text.
    pub(super) body: String,
}

/// The most that is read of an answer: `_bulk` answers with some 200 bytes for each record.
const MOST_OF_ANSWER: u64 = 16 << 20;

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let ca: Option<PathBuf> = keys.take("ca-file")?;
        let seconds: Option<u64> = keys.take("timeout-seconds")?;
        keys.unencrypted()?;
        let proxy: Option<String> = keys.take("proxy")?;
        if proxy.as_ref().is_some_and(|proxy| proxy.contains('@')) {
            let hint = "leave it out and set the variable HTTPS_PROXY";
            return Err(format!("proxy holds a password\n\nhint: {hint}"));
        }
        Ok(Self {
            ca: ca.map(|path| keys.folder.join(path)),
            proxy,
            gzip: keys.take("gzip")?.unwrap_or(true),
            timeout: Duration::from_secs(seconds.unwrap_or(60).max(1)),
        })
    }

    /// The value of a key that is a URL. One that is not encrypted has to be wanted: a secret goes there.
    pub(super) fn url(keys: &mut Keys<'_>, key: &str, usual: Option<String>) -> Result<String, String> {
        let given: Option<String> = keys.take(key)?;
        let url = given.or(usual).ok_or_else(|| format!("it says no {key}"))?;
        let uri: Uri = url.parse().map_err(|_| format!("{key} is no URL"))?;
        let host = uri.host().unwrap_or_default();
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(format!("{key} holds a password\n\nhint: keep it in a variable or a file of its own"));
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_here || keys.unencrypted()? => {}
            Some("http") => {
                let hint = "use https, or say unencrypted = true";
                return Err(format!("{key} is not encrypted, and a secret goes there\n\nhint: {hint}"));
            }
            _ => return Err(format!("{key} begins neither with https:// nor with http://")),
        }
        Ok(url.trim_end_matches('/').to_owned())
    }

    pub(super) fn client(&self) -> Result<Client, Error> {
        let roots = match &self.ca {
            Some(path) => {
                let own = |der: CertificateDer<'static>| Certificate::from_der(der.as_ref()).to_owned();
                RootCerts::Specific(Arc::new(certificates(path)?.into_iter().map(own).collect()))
            }
            None => RootCerts::PlatformVerifier,
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would carry the token elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.timeout))
            .user_agent(concat!("tokentrail/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls);
        if let Some(proxy) = &self.proxy {
            let proxy =
                ureq::Proxy::new(proxy).map_err(|_| Error::Delivery("proxy is no URL of a proxy".to_owned()))?;
            config = config.proxy(Some(proxy));
        }
        Ok(Client { agent: config.build().new_agent(), gzip: self.gzip })
    }
}

/// The certificates of a PEM file.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let wrong = |why: String| Error::Delivery(format!("{}: {why}\n\nhint: give certificates as PEM", path.display()));
    let read = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
    let all: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    if all.is_empty() { Err(wrong("it holds no certificate".to_owned())) } else { Ok(all) }
}

impl Client {
    /// Sends a body, and returns whatever answer comes; an error where none does.
    pub(super) fn post(&self, url: &str, kind: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, String> {
        if !self.gzip {
            return self.post_plain(url, kind, headers, body);
        }
        let mut packed = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
        let packed = packed.write_all(body).and_then(|()| packed.finish()).map_err(|error| error.to_string())?;
        let headers: Vec<_> = headers.iter().copied().chain([("Content-Encoding", "gzip")]).collect();
        self.post_plain(url, kind, &headers, &packed)
    }

    /// The same, never packed.
    pub(super) fn post_plain(
        &self,
        url: &str,
        kind: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let mut request = self.agent.post(url).header("Content-Type", kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request.send(body).map_err(|error| error.to_string())?;
        let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let wait = header.and_then(|text| wait(text, clock::system()));
        let mut bytes = Vec::new();
        let read = response.body_mut().as_reader().take(MOST_OF_ANSWER).read_to_end(&mut bytes);
        read.map_err(|error| format!("the answer broke off: {error}"))?;
        Ok(Answer { status: response.status().as_u16(), wait, body: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

/// Records as the elements of a JSON array.
pub(super) fn array(batch: &[Record]) -> Vec<u8> {
    let texts: Vec<&str> = batch.iter().map(|record| record.text.as_str()).collect();
    format!("[{}]", texts.join(",")).into_bytes()
}

/// `Retry-After`: seconds, or a date.
fn wait(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(date.timestamp()).ok()?);
    Some(at.duration_since(now).unwrap_or_default())
}

impl Answer {
    /// What it said, short enough for a message, without the secret.
    pub(super) fn refusal(&self, secret: Option<&Secret>) -> Refusal {
        let says = plain(self.body.trim());
        let says = secret.map_or_else(|| says.clone(), |secret| secret.redact(&says));
        Refusal { status: self.status, says }
    }

    /// What it means where the receiver's own code says nothing: by its status alone.
    pub(super) fn by_status(&self, secret: Option<&Secret>) -> Outcome {
        let refusal = self.refusal(secret);
        let said = format!("status {}: {}", self.status, refusal.says);
        match self.status {
            200..=299 => Outcome::Taken(None),
            413 => Outcome::TooLarge(refusal),
            400 | 415 | 422 => Outcome::Refused(refusal),
            501 => Outcome::Stop(said),
            408 | 429 | 500..=599 => Outcome::Again(self.wait, said),
            _ => Outcome::Stop(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_409_600);
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Mon, 02 Mar 2026 00:02:00 GMT", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Sun, 01 Mar 2026 00:02:00 GMT", now), Some(Duration::ZERO), "a date that is over");
        assert_eq!(wait("soon", now), None);
    }

    #[test]
    fn a_status_alone_tells_what_to_do() {
        let outcome = |status| Answer { status, ..Answer::default() }.by_status(None);
        assert_eq!(outcome(204), Outcome::Taken(None));
        assert!(matches!(outcome(301), Outcome::Stop(_)), "a redirect would carry the token elsewhere");
        assert!(matches!(outcome(401), Outcome::Stop(_)) && matches!(outcome(404), Outcome::Stop(_)));
        assert!(matches!(outcome(400), Outcome::Refused(_)) && matches!(outcome(413), Outcome::TooLarge(_)));
        assert!(matches!(outcome(429), Outcome::Again(..)) && matches!(outcome(503), Outcome::Again(..)));
        assert!(matches!(outcome(501), Outcome::Stop(_)));
    }
}
