//! Kits: they name exactly the fields that emitters write, and the program puts them into a folder.

mod folder;
mod queries;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::IpAddr;

use serde_json::Value;
use tokentrail::emit::{self, Field, Kind, Sentinel, Splunk};
use tokentrail::finding::Finding;
use tokentrail::kit::Kit;
use tokentrail::value::Time;

use crate::emitters::findings;

/// A kit's files by path.
fn files(kit: Kit) -> BTreeMap<String, Vec<u8>> {
    let files = kit.files().unwrap();
    let count = files.len();
    let files: BTreeMap<String, Vec<u8>> = files.into_iter().map(|file| (file.path, file.bytes)).collect();
    assert_eq!(files.len(), count, "{}: a path twice", kit.name());
    files
}

fn text(kit: Kit, path: &str) -> String {
    String::from_utf8(files(kit).remove(path).unwrap_or_else(|| panic!("no {path}"))).unwrap()
}

fn json(kit: Kit, path: &str) -> Value {
    serde_json::from_str(&text(kit, path)).unwrap()
}

/// The resources of the template, of one type.
fn resources(kind: &str) -> Vec<Value> {
    let Value::Array(resources) = json(Kit::Sentinel, "azuredeploy.json")["resources"].take() else {
        panic!("no list")
    };
    resources.into_iter().filter(|resource| resource["type"] == kind).collect()
}

/// What an emitter writes for all findings of the tests, and for one that has to be cut.
fn written(format: &str) -> Vec<Value> {
    let long = Finding { sentence: "x".repeat(1_000_000), ..findings().swap_remove(0) };
    let findings: Vec<Finding> = findings().into_iter().chain([long]).collect();
    let emitter = emit::all(Time::EARLIEST).into_iter().find(|emitter| emitter.name() == format).unwrap();
    let line = |finding: &Finding| {
        let mut bytes = Vec::new();
        emitter.emit(finding, &mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    findings.iter().map(line).collect()
}

/// Every key is declared, in the order of the table, with a value of its kind; and every field is written somewhere.
fn held_equal(records: &[Value], fields: &[Field]) {
    let mut used = BTreeSet::new();
    for record in records {
        let mut last = 0;
        for (key, value) in record.as_object().unwrap() {
            let cut = key.strip_suffix("_truncated");
            let name = cut.unwrap_or(key);
            let place = fields.iter().position(|field| field.name == name);
            let place = place.unwrap_or_else(|| panic!("{key} is written and not declared"));
            if cut.is_some() {
                assert_eq!(value, &Value::Bool(true), "{key}");
                continue;
            }
            assert!(fits(value, fields[place].kind), "{key}: {value}");
            assert!(place >= last, "{key} stands elsewhere in the table");
            last = place;
            used.insert(fields[place].name);
        }
    }
    let unused: Vec<&str> = fields.iter().map(|field| field.name).filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "declared and never written: {unused:?}");
}

fn fits(value: &Value, kind: Kind) -> bool {
    let is_text = Value::is_string;
    match kind {
        Kind::Text => is_text(value),
        Kind::Whole => value.is_i64() || value.is_u64(),
        Kind::Time => value.as_str().is_some_and(|text| Time::parse(text.as_bytes(), None).is_ok()),
        Kind::Address => value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok()),
        Kind::Texts => value.as_array().is_some_and(|list| list.iter().all(is_text)),
        Kind::Object => match value {
            Value::Array(list) => list.iter().all(Value::is_object),
            other => other.is_object(),
        },
    }
}

#[test]
fn splunks_table_is_what_events_hold() {
    let events: Vec<Value> = written("splunk").into_iter().map(|mut envelope| envelope["event"].take()).collect();
    held_equal(&events, Splunk::FIELDS);
}

#[test]
fn sentinels_tables_are_what_rows_hold() {
    let mut rows = written("sentinel");
    held_equal(&rows, Sentinel::COLUMNS);
    let additional: Vec<Value> = rows.iter_mut().map(|row| row["AdditionalFields"].take()).collect();
    held_equal(&additional, Sentinel::ADDITIONAL);
}

#[test]
fn the_stream_declares_the_columns_and_no_others() {
    let rules = resources("Microsoft.Insights/dataCollectionRules");
    let properties = &rules[0]["properties"];
    let streams = properties["streamDeclarations"].as_object().unwrap();
    let flow = &properties["dataFlows"][0];
    assert_eq!(streams.keys().collect::<Vec<_>>(), ["Custom-Tokentrail"]);
    assert_eq!(flow["streams"][0], "Custom-Tokentrail");
    assert_eq!(flow["outputStream"], "Microsoft-ASimAlertEventLogs");
    assert_eq!(flow["destinations"][0], properties["destinations"]["logAnalytics"][0]["name"]);
    let columns = streams["Custom-Tokentrail"]["columns"].as_array().unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert_eq!(names, Sentinel::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>());
    let kind = |name: &str| columns.iter().find(|column| column["name"] == name).unwrap()["type"].clone();
    assert_eq!(kind("TimeGenerated"), "datetime");
    assert_eq!(kind("ThreatRiskLevel"), "int");
    assert_eq!(kind("DvcIpAddr"), "string");
    assert_eq!(kind("AdditionalFields"), "dynamic");
}

#[test]
fn the_template_holds_the_same_queries_and_the_same_workbook_as_the_files() {
    let saved = resources("Microsoft.OperationalInsights/workspaces/savedSearches");
    let queries: BTreeSet<String> =
        saved.iter().map(|query| query["properties"]["query"].as_str().unwrap().to_owned()).collect();
    let in_files: BTreeSet<String> = files(Kit::Sentinel)
        .into_iter()
        .filter(|(path, _)| path.starts_with("queries/"))
        .map(|(_, bytes)| String::from_utf8(bytes).unwrap())
        .collect();
    assert_eq!(queries, in_files);
    assert_eq!(queries.len(), saved.len());
    assert!(saved.iter().all(|query| query["etag"] == "*"), "they can be deployed again");
    let workbook = &resources("Microsoft.Insights/workbooks")[0]["properties"]["serializedData"];
    let workbook: Value = serde_json::from_str(workbook.as_str().unwrap()).unwrap();
    assert_eq!(workbook, json(Kit::Sentinel, "workbook.json"));
}

/// No evaluator of templates can be had offline; this much of their language is plain.
#[test]
fn expressions_of_the_template_are_whole_and_name_what_there_is() {
    const FUNCTIONS: [&str; 9] = [
        "resourceId",
        "parameters",
        "concat",
        "guid",
        "resourceGroup",
        "subscriptionResourceId",
        "reference",
        "not",
        "empty",
    ];
    let template = json(Kit::Sentinel, "azuredeploy.json");
    let mut expressions = Vec::new();
    texts(&template, &mut expressions);
    expressions.retain(|text| text.starts_with('['));
    assert!(expressions.len() > 20, "{}", expressions.len());
    for expression in expressions {
        assert!(expression.ends_with(']'), "{expression}");
        let outside: String = expression.split('\'').step_by(2).collect();
        assert_eq!(expression.matches('\'').count() % 2, 0, "{expression}");
        assert_eq!(outside.matches('(').count(), outside.matches(')').count(), "{expression}");
        for called in outside.split('(').rev().skip(1) {
            let name = called.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap();
            assert!(FUNCTIONS.contains(&name), "{name} in {expression}");
        }
        for rest in expression.split("parameters('").skip(1) {
            let (name, _) = rest.split_once('\'').unwrap();
            assert!(template["parameters"].get(name).is_some(), "{name} in {expression}");
        }
    }
}

/// All texts of a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|part| texts(part, found)),
        Value::Object(parts) => parts.values().for_each(|part| texts(part, found)),
        _ => {}
    }
}

#[test]
fn every_place_in_a_text_is_filled() {
    for kit in Kit::ALL {
        let files = files(kit);
        assert!(files.keys().any(|path| path.ends_with("README.md")), "{}", kit.name());
        for (path, bytes) in files.into_iter().filter(|(path, _)| path != "TA-tokentrail.tgz") {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.ends_with('\n') && !text.contains('\r'), "{path}");
            for place in ["{version}", "{fields}", "{columns}", "{additional}", "{queries}"] {
                assert!(!text.contains(place), "{path} still says {place}");
            }
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(text(Kit::Splunk, "TA-tokentrail/default/app.conf").matches(version).count(), 2);
    for field in Splunk::FIELDS {
        assert!(text(Kit::Splunk, "TA-tokentrail/README.md").contains(&format!("\n| `{}` |", field.name)));
    }
}

#[test]
fn the_packed_add_on_is_the_folder() {
    let mut files = files(Kit::Splunk);
    let packed = files.remove("TA-tokentrail.tgz").unwrap();
    assert_eq!(Some(&packed), self::files(Kit::Splunk).get("TA-tokentrail.tgz"), "the same bytes in every run");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    let mut unpacked = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.mode().unwrap(), header.mtime().unwrap(), header.uid().unwrap()), (0o644, 0, 0));
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        unpacked.insert(path, bytes);
    }
    assert_eq!(unpacked, files);
}
