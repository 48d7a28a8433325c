//! Elastic: a data stream `logs-tokentrail.finding-*` in the names of ECS 9.5, without lifecycle policies of the cluster.

use serde_json::{Map, Value, json};

use super::{KitFile, json_file, text_file};

/// The data stream, whatever its namespace.
const PATTERN: &str = "logs-tokentrail.finding-*";
/// The mappings' name in the cluster.
const MAPPINGS: &str = "tokentrail.finding@mappings";
/// Above that of Elastic's own template for `logs-*-*`, which is 100.
const PRIORITY: u32 = 300;
/// ECS's own for keywords.
const IGNORE_ABOVE: u32 = 1024;
/// Sentences and queries are longer; Lucene refuses terms above 32766 bytes, of up to four for each character.
const LONG: u32 = 8191;

/// Fields of ECS that findings may have, with the type that ECS gives them. `message` holds the sentence.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("@timestamp", "date"),
    ("message", "match_only_text"),
    ("labels", "object"),
    ("tags", "keyword"),
    ("ecs.version", "keyword"),
    ("data_stream.type", "constant_keyword"),
    ("data_stream.dataset", "constant_keyword"),
    ("data_stream.namespace", "constant_keyword"),
    ("event.action", "keyword"),
    ("event.category", "keyword"),
    ("event.code", "keyword"),
    ("event.created", "date"),
    ("event.dataset", "keyword"),
    ("event.end", "date"),
    ("event.id", "keyword"),
    ("event.ingested", "date"),
    ("event.kind", "keyword"),
    ("event.module", "keyword"),
    ("event.outcome", "keyword"),
    ("event.provider", "keyword"),
    ("event.reason", "keyword"),
    ("event.risk_score", "float"),
    ("event.risk_score_norm", "float"),
    ("event.severity", "long"),
    ("event.start", "date"),
    ("event.type", "keyword"),
    ("rule.category", "keyword"),
    ("rule.description", "keyword"),
    ("rule.id", "keyword"),
    ("rule.name", "keyword"),
    ("rule.reference", "keyword"),
    ("rule.ruleset", "keyword"),
    ("rule.uuid", "keyword"),
    ("rule.version", "keyword"),
    ("threat.framework", "keyword"),
    ("threat.tactic.id", "keyword"),
    ("threat.tactic.name", "keyword"),
    ("threat.tactic.reference", "keyword"),
    ("threat.technique.id", "keyword"),
    ("threat.technique.name", "keyword"),
    ("threat.technique.reference", "keyword"),
    ("threat.technique.subtechnique.id", "keyword"),
    ("threat.technique.subtechnique.name", "keyword"),
    ("threat.technique.subtechnique.reference", "keyword"),
    ("related.ip", "ip"),
    ("related.user", "keyword"),
    ("user.email", "keyword"),
    ("user.id", "keyword"),
    ("user.name", "keyword"),
    ("source.address", "keyword"),
    ("source.ip", "ip"),
    ("user_agent.original", "keyword"),
    ("organization.id", "keyword"),
    ("cloud.account.id", "keyword"),
    ("cloud.provider", "keyword"),
    ("observer.product", "keyword"),
    ("observer.type", "keyword"),
    ("observer.vendor", "keyword"),
    ("observer.version", "keyword"),
];

pub(super) const STEPS: &[&str] = &[
    "PUT component-template.json to _component_template/tokentrail.finding@mappings",
    "PUT index-template.json to _index_template/logs-tokentrail.finding",
    "send what --format ecs writes to _bulk, and open logs-tokentrail.finding-* in Discover",
];

pub(super) fn files() -> Vec<KitFile> {
    vec![
        text_file("README.md", include_str!("../../kits/elastic/README.md"), &[("{fields}", &field_table())]),
        json_file("component-template.json", &component_template()),
        json_file("index-template.json", &index_template()),
    ]
}

fn field_table() -> String {
    let rows: Vec<String> = FIELDS.iter().map(|(name, kind)| format!("| `{name}` | {kind} |")).collect();
    format!("| field | type |\n|---|---|\n{}", rows.join("\n"))
}

fn component_template() -> Value {
    let mut properties = Map::new();
    for (name, kind) in FIELDS {
        put(&mut properties, name, mapping(kind));
    }
    // Rows of evidence are read, not searched: they stay in the source.
    for unsearched in ["tokentrail.evidence", "tokentrail.score_parts"] {
        put(&mut properties, unsearched, json!({ "type": "object", "enabled": false }));
    }
    json!({
        "_meta": { "description": "Findings of tokentrail", "version": env!("CARGO_PKG_VERSION") },
        "template": {
            "mappings": {
                "date_detection": false,
                "dynamic_templates": [
                    {
                        "tokentrail_texts": {
                            "path_match": "tokentrail.*",
                            "match_mapping_type": "string",
                            "mapping": { "type": "keyword", "ignore_above": LONG },
                        },
                    },
                    {
                        "texts": {
                            "match_mapping_type": "string",
                            "mapping": { "type": "keyword", "ignore_above": IGNORE_ABOVE },
                        },
                    },
                ],
                "properties": properties,
            },
        },
    })
}

fn mapping(kind: &str) -> Value {
    match kind {
        "keyword" => json!({ "type": kind, "ignore_above": IGNORE_ABOVE }),
        _ => json!({ "type": kind }),
    }
}

/// Puts a mapping where a dotted name says.
fn put(properties: &mut Map<String, Value>, name: &str, mapping: Value) {
    match name.split_once('.') {
        None => drop(properties.insert(name.to_owned(), mapping)),
        Some((first, rest)) => {
            let object = properties.entry(first).or_insert_with(|| json!({ "properties": {} }));
            if let Some(inner) = object["properties"].as_object_mut() {
                put(inner, rest, mapping);
            }
        }
    }
}

fn index_template() -> Value {
    json!({
        "_meta": { "description": "Findings of tokentrail", "version": env!("CARGO_PKG_VERSION") },
        "index_patterns": [PATTERN],
        "priority": PRIORITY,
        "data_stream": {},
        "composed_of": [MAPPINGS, "tokentrail.finding@custom"],
        "ignore_missing_component_templates": ["tokentrail.finding@custom"],
        "template": { "lifecycle": { "data_retention": "365d" } },
    })
}
