//! Indicators: the addresses and user agents that a finding names as new or as listed, for others to look for.
//!
//! | attribute | from |
//! |---|---|
//! | `pattern` | `[ipv4-addr:value = '…']`, `[ipv6-addr:value = '…']`, or a request with such a header `User-Agent` |
//! | `name`, `description` | the value; the titles of the findings that name it |
//! | `indicator_types` | by detector, see below |
//! | `valid_from`, `created` | the first event time of these findings |
//!
//! Networks are none: too many live there. Nor is what nobody else meets: private and other addresses that are not routed,
//! words in place of addresses, and what a list holds of old.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use crate::finding::Finding;
use crate::value::Time;
use crate::words;

/// What is to be looked for, and why.
pub(super) struct Indicator {
    pub(super) pattern: String,
    value: String,
    kinds: BTreeSet<&'static str>,
    titles: BTreeSet<&'static str>,
    techniques: BTreeSet<&'static str>,
    since: Time,
}

/// What a detector's findings name.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Address,
    UserAgent,
}

/// The detectors whose findings name something new or listed, and the standard's word for what that indicates.
const NAMING: [(&str, Names, &str); 5] = [
    ("address-anonymiser", Names::Address, "anonymization"),
    ("address-in-several-orgs", Names::Address, "anomalous-activity"),
    ("address-listed", Names::Address, "malicious-activity"),
    ("app-new-address", Names::Address, "anomalous-activity"),
    ("client-listed", Names::UserAgent, "malicious-activity"),
];

/// The indicators that a finding names.
pub(super) fn named_by(finding: &Finding) -> impl Iterator<Item = Indicator> {
    let naming = NAMING.iter().find(|(detector, ..)| *detector == finding.detector && !is_of_old(finding));
    let comparisons: BTreeSet<(String, String)> =
        naming.map_or_else(BTreeSet::new, |(_, names, _)| comparisons(finding, *names));
    let kind = naming.map_or("", |(.., kind)| kind);
    comparisons.into_iter().map(move |(pattern, value)| Indicator {
        pattern,
        value,
        kinds: BTreeSet::from([kind]),
        titles: BTreeSet::from([finding.title]),
        techniques: finding.techniques.iter().copied().collect(),
        since: finding.first,
    })
}

impl Indicator {
    /// Takes in what another finding says of the same.
    pub(super) fn absorb(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        self.titles.extend(other.titles);
        self.techniques.extend(other.techniques);
        self.since = self.since.min(other.since);
    }

    pub(super) fn id(&self) -> String {
        super::id("indicator", &[self.pattern.as_bytes()])
    }

    pub(super) fn object(&self, generated: Time) -> Value {
        let titles: Vec<&str> = self.titles.iter().copied().collect();
        super::object(
            "indicator",
            &self.id(),
            (self.since, generated),
            json!({
                "name": words::plain(&self.value),
                "description": format!("{}.", titles.join(". ")),
                "indicator_types": self.kinds,
                "pattern": self.pattern,
                "pattern_type": "stix",
                "valid_from": super::millis(self.since),
            }),
        )
    }

    /// That it indicates each technique.
    pub(super) fn relationships(&self, generated: Time) -> impl Iterator<Item = Value> {
        let source = self.id();
        self.techniques.iter().map(move |technique| {
            let target = super::technique_id(technique);
            let id = super::id("relationship", &[source.as_bytes(), target.as_bytes()]);
            super::object(
                "relationship",
                &id,
                (self.since, generated),
                json!({
                    "relationship_type": "indicates",
                    "source_ref": source,
                    "target_ref": target,
                }),
            )
        })
    }
}

/// What compares with each value, and the values in them.
fn comparisons(finding: &Finding, names: Names) -> BTreeSet<(String, String)> {
    let facts = |name: &'static str| {
        finding.seen.iter().filter(move |fact| fact.name == name).map(|fact| fact.value.to_string())
    };
    match names {
        Names::Address => {
            let texts = facts("address").chain(finding.subject.address.clone());
            let addresses = texts.filter_map(|text| text.parse().ok()).filter(|ip| is_met_elsewhere(*ip));
            addresses.map(|ip| (of_address(ip), ip.to_string())).collect()
        }
        Names::UserAgent => {
            facts("client").filter(|text| !text.is_empty()).map(|text| (of_user_agent(&text), text)).collect()
        }
    }
}

fn of_address(ip: IpAddr) -> String {
    let kind = if ip.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
    format!("[{kind}:value = '{ip}']")
}

fn of_user_agent(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '{escaped}']")
}

/// Whether a list holds it no longer: addresses change hands.
fn is_of_old(finding: &Finding) -> bool {
    finding.seen.iter().any(|fact| fact.name == "confidence" && fact.value.to_string() == "of old")
}

/// Whether somebody else may meet it: it is of no private network, and routed.
fn is_met_elsewhere(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            let is_reserved = first == 0 || first >= 240 || ip == Ipv4Addr::BROADCAST;
            let is_local = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast();
            !(is_shared || is_reserved || is_local)
        }
        IpAddr::V6(ip) => {
            let is_site_local = ip.segments()[0] & 0xffc0 == 0xfec0;
            let is_local = ip.is_unique_local() || ip.is_unicast_link_local() || is_site_local;
            !(is_local || ip.is_loopback() || ip.is_unspecified() || ip.is_multicast())
        }
    }
}
