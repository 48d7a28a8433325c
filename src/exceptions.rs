//! Exceptions: findings that somebody has declared to be expected.
//!
//! ```toml
//! [[exception]]
//! detector = "app-new-network"      # or "*" for all
//! app = "Northwind BI"              # at least one of app, user, address; all that are given must fit
//! user = "sync@example.com"
//! address = "203.0.113.0/24"
//! reason = "the vendor moved to another provider, ticket 4711"
//! owner = "analytics@example.com"
//! expires = "2026-12-31"            # the last day on which it holds
//! ```
//! An exception that has expired holds no longer, and is a finding itself for as long as it would still apply.

use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Error;
use crate::finding::{Fact, Finding, Named, Score, ScorePart, Severity, Subject};
use crate::value::time::DAY;
use crate::value::{Address, Time};
use crate::{checks, detectors};

/// What the user has declared to be expected.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    all: Vec<Exception>,
}

/// One declaration.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The detector's id; nothing for all.
    detector: Option<String>,
    app: Option<String>,
    user: Option<String>,
    address: Option<IpNet>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The first moment at which it holds no longer.
    expired_from: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Declared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    detector: String,
    app: Option<String>,
    user: Option<String>,
    address: Option<String>,
    reason: String,
    owner: String,
    expires: String,
}

/// What is left of findings, and what was taken out.
#[derive(Clone, Debug, Default)]
pub struct Sifted {
    /// Findings that nobody expected, and those about exceptions that have expired.
    pub findings: Vec<Finding>,
    /// Findings that were expected, each with the reason.
    pub excepted: Vec<(Finding, String)>,
}

impl Exceptions {
    /// Reads a file of exceptions.
    ///
    /// # Errors
    /// If it cannot be read, or an exception is for nothing in particular, for a detector that there is not, or ends on a
    /// day that is none.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let file: File =
            toml::from_str(&text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })?;
        let all = (1..).zip(file.exception).map(|(number, declared)| {
            Exception::of(declared)
                .map_err(|why| Error::Setting(format!("{}: exception {number}: {why}", path.display())))
        });
        Ok(Self { all: all.collect::<Result<_, _>>()? })
    }

    /// Takes out what is expected. `now` decides what has expired.
    pub fn sift(&self, findings: Vec<Finding>, now: Time) -> Sifted {
        let mut sifted = Sifted::default();
        // By exception: the places of findings that it does not hold for any more.
        let mut missed: Vec<Vec<usize>> = vec![Vec::new(); self.all.len()];
        for finding in findings {
            let fitting = || self.all.iter().enumerate().filter(|(_, exception)| exception.fits(&finding));
            let holding = fitting().find(|(_, exception)| now < exception.expired_from);
            if let Some((_, exception)) = holding {
                sifted.excepted.push((finding, exception.reason.clone()));
                continue;
            }
            fitting().for_each(|(exception, _)| missed[exception].push(sifted.findings.len()));
            sifted.findings.push(finding);
        }
        let missed =
            missed.iter().map(|places| places.iter().map(|place| &sifted.findings[*place]).collect::<Vec<_>>());
        let expired = self.all.iter().zip(missed).filter_map(|(exception, missed)| exception.expired(&missed));
        let expired: Vec<Finding> = expired.collect();
        sifted.findings.extend(expired);
        sifted
    }
}

/// The detector that findings about expired exceptions go by.
pub const EXPIRED: &str = "exception-expired";

impl Exception {
    fn of(declared: Declared) -> Result<Self, String> {
        let Declared { detector, app, user, address, reason, owner, expires } = declared;
        let is_known = || detectors::find(&detector).is_some() || checks::find(&detector).is_some();
        if detector != "*" && !is_known() {
            return Err(format!(
                "no detector and no check is called {detector:?}\n\nhint: list them with: tokentrail detectors, tokentrail \
                 checks"
            ));
        }
        if app.is_none() && user.is_none() && address.is_none() {
            return Err("it fits everything\n\nhint: name an app, a user or an address".to_owned());
        }
        let address = match address {
            Some(text) => Some(network(&text).ok_or_else(|| format!("{text:?} is neither an address nor a network"))?),
            None => None,
        };
        let midnight = Time::parse(format!("{expires} 00:00:00").as_bytes(), None);
        let midnight = midnight.map_err(|_| format!("{expires:?} is not a day\n\nhint: write 2026-12-31"))?;
        let detector = Some(detector).filter(|detector| detector != "*");
        Ok(Self { detector, app, user, address, reason, owner, expired_from: Time(midnight.0 + DAY) })
    }

    fn fits(&self, finding: &Finding) -> bool {
        let is = |asked: &Option<String>, named: &Option<Named>| {
            asked.as_ref().is_none_or(|asked| {
                named.as_ref().is_some_and(|named| [&named.id, &named.name].contains(&&Some(asked.clone())))
            })
        };
        let from = || finding.subject.address.as_ref()?.parse::<IpAddr>().ok();
        self.detector.as_ref().is_none_or(|detector| detector == finding.detector)
            && is(&self.app, &finding.subject.app)
            && is(&self.user, &finding.subject.user)
            && self.address.is_none_or(|network| from().is_some_and(|address| network.contains(&address)))
    }

    /// The finding that this exception does not hold any more and would still apply to these, if there are any.
    fn expired(&self, findings: &[&Finding]) -> Option<Finding> {
        let first = findings.iter().map(|finding| finding.first).min()?;
        let last = findings.iter().map(|finding| finding.last).max()?;
        let org = findings[0].subject.org.clone();
        let detector = self.detector.as_deref().unwrap_or("*");
        let fact = |name: &'static str, value: &str| Fact { name, value: value.into() };
        let last_day = Time(self.expired_from.0 - DAY).date_text();
        let parts = [detector, &self.reason, &self.owner, &last_day].join("\u{1f}");
        Some(Finding {
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{EXPIRED}\u{1e}{parts}").as_bytes()),
            detector: EXPIRED,
            detector_version: 1,
            title: "Exception has expired and would still apply",
            severity: Severity::Low,
            score: Score { total: 20, parts: vec![ScorePart { reason: "severity low".to_owned(), points: 20 }] },
            techniques: &[],
            subject: Subject { org, ..Subject::default() },
            first,
            last,
            count: findings.len() as u64,
            seen: vec![fact("findings", &findings.len().to_string()), fact("detector", detector)],
            judged_by: vec![fact("expired after", &last_day), fact("owner", &self.owner), fact("reason", &self.reason)],
            sentence: format!("The exception \"{}\" has expired after {last_day}, and would still apply.", self.reason),
            next_step: format!("Ask {} whether it is still needed; renew it or take it out.", self.owner),
            evidence: Vec::new(),
            evidence_total: 0,
        })
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| Some(Address::parse(text).ok()?.to_string().parse::<IpAddr>().ok()?.into()))
}
