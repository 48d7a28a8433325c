//! Syslog by RFC 5424 over TCP or TLS, counted by octets (RFC 6587, RFC 5425).
//!
//! Syslog answers nothing. A batch counts as taken when the receiver, told that there is no more, has closed the connection
//! without an error: then it has read all of it. Whether it kept it, nobody can tell.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt;

use super::destination::Keys;
use super::receiver::{Most, Outcome, Receiver, Record};
use crate::error::Error;
use crate::value::Time;

/// How to reach a receiver.
#[derive(Debug)]
pub(super) struct Settings {
    /// `host:port`.
    address: String,
    tls: bool,
    ca: Option<PathBuf>,
    /// 0 to 23; 20 is local4.
    facility: u8,
    hostname: String,
    timeout: Duration,
}

pub(super) struct Peer {
    address: String,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    priority: u8,
    hostname: String,
    timeout: Duration,
}

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let address: String = keys.required("address")?;
        if address.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
            return Err(format!("address is not host:port: {address:?}"));
        }
        let facility = keys.take("facility")?.unwrap_or(20);
        if facility > 23 {
            return Err(format!("facility is not 0 to 23: {facility}"));
        }
        let ca: Option<PathBuf> = keys.take("ca-file")?;
        let hostname: Option<String> = keys.take("hostname")?;
        let hostname = hostname.unwrap_or_else(|| "-".to_owned());
        if hostname.is_empty() || hostname.len() > 255 || !hostname.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("hostname is none: {hostname:?}"));
        }
        let seconds: Option<u64> = keys.take("timeout-seconds")?;
        Ok(Self {
            address,
            tls: keys.take("tls")?.unwrap_or(true),
            ca: ca.map(|path| keys.folder.join(path)),
            facility,
            hostname,
            timeout: Duration::from_secs(seconds.unwrap_or(60).max(1)),
        })
    }

    pub(super) fn receiver(&self) -> Result<Peer, Error> {
        let wrong = |error: &dyn std::fmt::Display| Error::Delivery(format!("TLS to {}: {error}", self.address));
        let tls = if self.tls {
            let host = self.address.rsplit_once(':').map_or("", |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = ServerName::try_from(host).map_err(|error| wrong(&error))?;
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
            let config = config.map_err(|error| wrong(&error))?;
            let config = match &self.ca {
                Some(path) => {
                    let mut roots = RootCertStore::empty();
                    for certificate in super::http::certificates(path)? {
                        roots.add(certificate).map_err(|error| wrong(&error))?;
                    }
                    config.with_root_certificates(roots)
                }
                None => config.with_platform_verifier().map_err(|error| wrong(&error))?,
            };
            Some((Arc::new(config.with_no_client_auth()), name))
        } else {
            None
        };
        Ok(Peer {
            address: self.address.clone(),
            tls,
            // Everything at the severity "notice": the record itself says how grave it is.
            priority: self.facility * 8 + 5,
            hostname: self.hostname.clone(),
            timeout: self.timeout,
        })
    }
}

impl Peer {
    fn exchange(&self, bytes: &[u8]) -> io::Result<bool> {
        let addresses = self.address.to_socket_addrs()?;
        let mut last = io::Error::other("the name has no address");
        for address in addresses {
            match TcpStream::connect_timeout(&address, self.timeout) {
                Ok(stream) => return self.talk(stream, bytes),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Sends all, says that it is all, and waits for the other side to close; whether it did.
    fn talk(&self, mut stream: TcpStream, bytes: &[u8]) -> io::Result<bool> {
        stream.set_write_timeout(Some(self.timeout))?;
        stream.set_read_timeout(Some(self.timeout))?;
        match &self.tls {
            None => {
                stream.write_all(bytes)?;
                stream.shutdown(std::net::Shutdown::Write)?;
                closed(&mut stream)
            }
            Some((config, name)) => {
                let connection = ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
                let mut stream = StreamOwned::new(connection, stream);
                stream.write_all(bytes)?;
                stream.conn.send_close_notify();
                stream.flush()?;
                while stream.conn.wants_write() {
                    stream.conn.write_tls(&mut stream.sock)?;
                }
                stream.sock.shutdown(std::net::Shutdown::Write)?;
                closed(&mut stream.sock)
            }
        }
    }

    /// `<PRI>1 TIME HOST APP PROC MSGID SD MSG`, with its length before it.
    fn frame(&self, record: &Record, now: Time, out: &mut Vec<u8>) {
        let Self { priority, hostname, .. } = self;
        let message = format!("<{priority}>1 {now} {hostname} tokentrail - finding - {}", record.text);
        out.extend(format!("{} {message}", message.len()).bytes());
    }
}

/// Whether the other side has closed in order; a reset is an error, silence is neither.
fn closed(stream: &mut TcpStream) -> io::Result<bool> {
    let mut ignored = [0; 1024];
    loop {
        match stream.read(&mut ignored) {
            Ok(0) => return Ok(true),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
    }
}

impl Receiver for Peer {
    fn most(&self) -> Most {
        Most { bytes: 900_000, records: 1_000 }
    }

    fn around(&self) -> usize {
        self.hostname.len() + 80
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let (mut bytes, now) = (Vec::new(), super::clock::now());
        for record in batch {
            self.frame(record, now, &mut bytes);
        }
        match self.exchange(&bytes) {
            Ok(true) => Outcome::Taken(None),
            Ok(false) => {
                Outcome::Taken(Some("the receiver did not close: nobody can tell whether it took it".to_owned()))
            }
            Err(error) => Outcome::Again(None, error.to_string()),
        }
    }
}
