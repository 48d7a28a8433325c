//! STIX 2.1: what a responder hands to others, as one bundle. No object of a bundle is in it twice.
//!
//! | object | of | from |
//! |---|---|---|
//! | `identity` | the bundle | tokentrail, class `system` |
//! | `attack-pattern` | each ATT&CK technique | its id, as `name` and as an external reference to `mitre-attack` |
//! | `indicator` | each address or user agent that findings name as new or listed | see `stix/indicator.rs` |
//! | `relationship` | each indicator and technique that a finding has both of | `indicates` |
//! | `ipv4-addr`, `ipv6-addr` | each address and network | subject, seen |
//! | `user-account` `software` | each user, each app | subject: `user_id`, `account_login`; the app's name, else its id |
//! | `observed-data` | each finding with any of these | first and last event time, events |
//! | `note` | each finding | title, sentence and next step; labels: severity, detector; external reference: finding id |
//! | `sighting` | each finding's indicators, or else its techniques | the same times and count; none where a check failed |
//!
//! `created` is a finding's first event time, `modified` when it was made, which the caller gives; what is the same in
//! all bundles has a time of its own. Times are cut to milliseconds.

mod indicator;
mod observable;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};

use serde_json::{Value, json};
use uuid::Uuid;

use self::indicator::Indicator;
use super::{Emitter, json, stated};
use crate::finding::Finding;
use crate::value::Time;

/// The format `stix`.
pub struct Stix {
    /// When the findings are said to be made.
    pub generated: Time,
}

/// The namespace of all ids but those of observables, which the standard fixes.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d3c_91b4_52e6_4a0f_b7d1_60f2_c9a8_e435);
/// When what never changes was made: 2026-11-23.
const FIXED: Time = Time(1_795_392_000_000_000);
/// The largest count that the standard allows.
const MOST: u64 = 999_999_999;

impl Emitter for Stix {
    fn name(&self) -> &'static str {
        "stix"
    }

    fn file_name(&self) -> &'static str {
        "findings.stix.json"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.bundle(&[finding], out)
    }

    fn emit_all(&self, findings: &[&Finding], out: &mut dyn Write) -> Option<io::Result<()>> {
        Some(self.bundle(findings, out))
    }
}

impl Stix {
    /// Findings share indicators, techniques and observables: those are gathered first, and then findings pass by.
    fn bundle(&self, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
        let mut findings = findings.to_vec();
        findings.sort_unstable_by_key(|finding| finding.id);
        let mut indicators: BTreeMap<String, Indicator> = BTreeMap::new();
        for finding in &findings {
            for indicator in indicator::named_by(finding) {
                match indicators.get_mut(&indicator.pattern) {
                    Some(known) => known.absorb(indicator),
                    None => drop(indicators.insert(indicator.pattern.clone(), indicator)),
                }
            }
        }
        let techniques: BTreeSet<&str> = findings.iter().flat_map(|finding| finding.techniques).copied().collect();

        let ids: Vec<u8> = findings.iter().flat_map(|finding| finding.id.into_bytes()).collect();
        let id = id("bundle", &[&self.generated.to_string().into_bytes(), &ids]);
        write!(out, "{{\"type\":\"bundle\",\"id\":\"{id}\",\"objects\":[")?;
        let mut objects = Objects { out, observables: HashSet::new(), is_first: true };
        objects.add(&identity())?;
        techniques.iter().try_for_each(|technique| objects.add(&attack_pattern(technique)))?;
        for indicator in indicators.values() {
            objects.add(&indicator.object(self.generated))?;
            indicator.relationships(self.generated).try_for_each(|one| objects.add(&one))?;
        }
        findings.iter().try_for_each(|finding| self.finding(finding, &mut objects))?;
        out.write_all(b"\n]}\n")
    }

    fn finding(&self, finding: &Finding, objects: &mut Objects<'_>) -> io::Result<()> {
        let mut refs = Vec::new();
        for (id, observable) in observable::of(finding) {
            if objects.observables.insert(id.clone()) {
                objects.add(&observable)?;
            }
            refs.push(id);
        }
        let observed = (!refs.is_empty()).then(|| id("observed-data", &[finding.id.as_bytes()]));
        if let Some(id) = &observed {
            objects.add(&self.object(
                "observed-data",
                id,
                finding,
                json!({
                    "first_observed": millis(finding.first),
                    "last_observed": millis(finding.last),
                    "number_observed": finding.count.clamp(1, MOST),
                    "object_refs": refs,
                }),
            ))?;
        }
        objects.add(&self.note(finding, observed.as_deref()))?;
        for sighted in sighted(finding) {
            let id = id("sighting", &[finding.id.as_bytes(), sighted.as_bytes()]);
            objects.add(&self.object(
                "sighting",
                &id,
                finding,
                json!({
                    "first_seen": millis(finding.first),
                    "last_seen": millis(finding.last),
                    "count": finding.count.min(MOST),
                    "sighting_of_ref": sighted,
                    "observed_data_refs": observed.as_ref().map(|id| [id]),
                    "where_sighted_refs": [identity_id()],
                }),
            ))?;
        }
        Ok(())
    }

    /// What the finding says to people; of observed data there is nothing to be said in the standard.
    fn note(&self, finding: &Finding, observed: Option<&str>) -> Value {
        let texts = [finding.sentence.as_str(), finding.next_step.as_str()];
        let texts: Vec<&str> = texts.into_iter().filter_map(|text| stated(Some(text))).collect();
        let about = observed.map_or_else(identity_id, str::to_owned);
        self.object(
            "note",
            &id("note", &[finding.id.as_bytes()]),
            finding,
            json!({
                "abstract": finding.title,
                "content": texts.join(" "),
                "object_refs": [about],
                "labels": [finding.severity.word(), finding.detector],
                "external_references": [{ "source_name": "tokentrail", "external_id": finding.id.to_string() }],
            }),
        )
    }

    fn object(&self, kind: &str, id: &str, finding: &Finding, says: Value) -> Value {
        object(kind, id, (finding.first, self.generated), says)
    }
}

/// What a finding is a sighting of. A check that fails tells how an app is configured, and that nobody has done anything:
/// its evidence is files as a whole.
fn sighted(finding: &Finding) -> Vec<String> {
    if !finding.evidence.is_empty() && finding.evidence.iter().all(|row| row.record == 0) {
        return Vec::new();
    }
    let indicators: Vec<String> = indicator::named_by(finding).map(|indicator| indicator.id()).collect();
    if indicators.is_empty() { finding.techniques.iter().map(|one| technique_id(one)).collect() } else { indicators }
}

/// The objects of a bundle on their way out, a line each.
struct Objects<'w> {
    out: &'w mut dyn Write,
    /// The ids of observables that are in the bundle already.
    observables: HashSet<String>,
    is_first: bool,
}

impl Objects<'_> {
    fn add(&mut self, object: &Value) -> io::Result<()> {
        self.out.write_all(if std::mem::take(&mut self.is_first) { b"\n" } else { b",\n" })?;
        json::write(object, self.out)
    }
}

fn identity() -> Value {
    let says = json!({ "name": "tokentrail", "identity_class": "system" });
    object("identity", &identity_id(), (FIXED, FIXED), says)
}

fn identity_id() -> String {
    id("identity", &[])
}

fn attack_pattern(technique: &str) -> Value {
    let references = json!([{ "source_name": "mitre-attack", "external_id": technique }]);
    let says = json!({ "name": technique, "external_references": references });
    object("attack-pattern", &technique_id(technique), (FIXED, FIXED), says)
}

fn technique_id(technique: &str) -> String {
    id("attack-pattern", &[technique.as_bytes()])
}

/// An object of ours: when it was made, when it was changed, by whom, and what it says.
fn object(kind: &str, id: &str, (created, modified): (Time, Time), says: Value) -> Value {
    let mut record = json::record(json!({
        "type": kind,
        "spec_version": "2.1",
        "id": id,
        "created_by_ref": (kind != "identity").then(identity_id),
        "created": millis(created),
        "modified": millis(modified.max(created)),
    }));
    record.extend(json::record(says));
    Value::Object(record)
}

/// The id that an object has in every run.
fn id(kind: &str, of: &[&[u8]]) -> String {
    let mut bytes = kind.as_bytes().to_vec();
    for part in of {
        bytes.push(0x1e);
        bytes.extend_from_slice(part);
    }
    format!("{kind}--{}", Uuid::new_v5(&NAMESPACE, &bytes))
}

fn millis(time: Time) -> Time {
    Time(time.0 - time.0.rem_euclid(1000))
}
