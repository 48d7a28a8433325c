//! A layer for MITRE's ATT&CK Navigator: which techniques findings point at, and how many.
//!
//! Form: ATT&CK Navigator Layer File Format 4.5, as the Navigator's repository documents it.

use serde_json::{Value, json};

use super::Report;
use crate::finding::Severity;

/// Techniques by id, as ATT&CK for Enterprise names them.
const NAMES: &[(&str, &str)] = &[
    ("T1030", "Data Transfer Size Limits"),
    ("T1036.005", "Masquerading: Match Legitimate Resource Name or Location"),
    ("T1070", "Indicator Removal"),
    ("T1078.004", "Valid Accounts: Cloud Accounts"),
    ("T1087.004", "Account Discovery: Cloud Account"),
    ("T1090.003", "Proxy: Multi-hop Proxy"),
    ("T1098", "Account Manipulation"),
    ("T1098.001", "Account Manipulation: Additional Cloud Credentials"),
    ("T1110.001", "Brute Force: Password Guessing"),
    ("T1110.003", "Brute Force: Password Spraying"),
    ("T1110.004", "Brute Force: Credential Stuffing"),
    ("T1199", "Trusted Relationship"),
    ("T1213", "Data from Information Repositories"),
    ("T1213.004", "Data from Information Repositories: Customer Relationship Management Software"),
    ("T1526", "Cloud Service Discovery"),
    ("T1528", "Steal Application Access Token"),
    ("T1530", "Data from Cloud Storage"),
    ("T1539", "Steal Web Session Cookie"),
    ("T1550.001", "Use Alternate Authentication Material: Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1562", "Impair Defenses"),
    ("T1583.003", "Acquire Infrastructure: Virtual Private Server"),
];

/// Of severities, from light to dark.
const COLOURS: [&str; 5] = ["#fff3d6", "#f8cb88", "#f2a33a", "#ca6524", "#a1260d"];

/// The name of a technique; its id where that is not known here.
pub fn name(technique: &str) -> &str {
    NAMES.iter().find(|(id, _)| *id == technique).map_or(technique, |(_, name)| name)
}

/// The layer.
pub fn layer(report: &Report) -> Value {
    let worst = |technique: &str| {
        let theirs = report.findings.iter().filter(|finding| finding.techniques.contains(&technique));
        theirs.map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    };
    let technique = |(id, detectors): (&&str, &std::collections::BTreeMap<&str, usize>)| {
        let told: Vec<String> = detectors.iter().map(|(detector, count)| format!("{detector}: {count}")).collect();
        json!({
            "techniqueID": id,
            "score": worst(id) as u8 + 1,
            "comment": told.join("\n"),
            "enabled": true,
            "showSubtechniques": id.contains('.'),
        })
    };
    let techniques = report.techniques();
    json!({
        "name": "tokentrail",
        "versions": { "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": format!("Techniques that findings from {} to {} point at", report.since, report.as_of),
        "sorting": 3,
        "hideDisabled": false,
        "gradient": { "colors": ["#fff3d6", "#f2a33a", "#a1260d"], "minValue": 1, "maxValue": 5 },
        "legendItems": Severity::ALL.map(|severity| json!({
            "label": severity.word(),
            "color": COLOURS[severity as usize],
        })),
        "techniques": techniques.iter().map(technique).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{NAMES, name};
    use crate::{checks, detectors};

    #[test]
    fn every_technique_has_a_name() {
        let of_detectors = detectors::ALL.iter().flat_map(|detector| detector.techniques);
        let of_checks = checks::ALL.iter().flat_map(|check| check.techniques);
        for technique in of_detectors.chain(of_checks) {
            assert_ne!(name(technique), *technique, "no name");
        }
        assert!(NAMES.is_sorted(), "in order of their ids");
    }
}
