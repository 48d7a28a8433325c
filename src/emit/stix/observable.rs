//! What a finding is about, as the standard's observables. Their ids follow from what they say, as the standard lays
//! down, so that everybody's observable of an address is the same object.

use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{json, stated};
use crate::finding::{Finding, Named};

/// The namespace that the standard gives to observables.
const NAMESPACE: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

/// The facts that name addresses or networks, one or several.
const PLACES: [&str; 6] = ["address", "addresses", "network", "networks", "from network", "to network"];

/// A finding's observables with their ids, each once.
pub(super) fn of(finding: &Finding) -> Vec<(String, Value)> {
    let subject = &finding.subject;
    let named = finding.seen.iter().filter(|fact| PLACES.contains(&fact.name)).map(|fact| fact.value.to_string());
    let places: Vec<String> = subject.address.iter().cloned().chain(named).collect();
    let mut all: Vec<(String, Value)> = places.iter().flat_map(|texts| texts.split(", ")).filter_map(address).collect();
    all.extend(subject.user.as_ref().and_then(account));
    all.extend(subject.app.as_ref().and_then(software));
    all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    all.dedup_by(|(one, _), (other, _)| one == other);
    all
}

/// An address or a network.
fn address(text: &str) -> Option<(String, Value)> {
    let (ip, bits) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
    let ip: IpAddr = ip.parse().ok()?;
    let (kind, most) = if ip.is_ipv4() { ("ipv4-addr", 32) } else { ("ipv6-addr", 128) };
    let value = match bits {
        None => ip.to_string(),
        Some(bits) => format!("{ip}/{}", bits.parse().ok().filter(|bits: &u8| *bits <= most)?),
    };
    Some(observable(kind, json!({ "value": value })))
}

fn account(user: &Named) -> Option<(String, Value)> {
    let says =
        json::known(json!({ "account_login": stated(user.name.as_deref()), "user_id": stated(user.id.as_deref()) }));
    says.map(|says| observable("user-account", Value::Object(says)))
}

fn software(app: &Named) -> Option<(String, Value)> {
    let name = stated(app.name.as_deref()).or(stated(app.id.as_deref()))?;
    Some(observable("software", json!({ "name": name })))
}

/// `says` holds only what makes the id, its keys sorted: as JSON it is canonical then.
fn observable(kind: &str, says: Value) -> (String, Value) {
    let id = format!("{kind}--{}", Uuid::new_v5(&NAMESPACE, says.to_string().as_bytes()));
    let mut record = json::record(json!({ "type": kind, "spec_version": "2.1", "id": id }));
    record.extend(json::record(says));
    (id, Value::Object(record))
}
