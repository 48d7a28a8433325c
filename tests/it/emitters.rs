//! The promises of all emitters: golden output, one record per finding, sizes, and what the receivers' schemas ask.

mod asim;
mod cim;
mod hostile;
mod limits;
mod lines;
mod sample;
mod stix;
mod table;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::PathBuf,
};

use serde_json::Value;
use tokentrail::{
    emit::{self, Emitter},
    finding::{Finding, Severity},
    value::Time,
};

pub(crate) use sample::findings;

/// The run time of all tests: 2026-03-02T00:00:00Z.
const GENERATED: Time = Time(1_772_409_600_000_000);

#[test]
fn output_is_as_reviewed() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden");
    let update = std::env::var_os("UPDATE").is_some();
    for emitter in emit::all(GENERATED) {
        for (name, bytes) in files(emitter.as_ref(), &findings()) {
            let path = folder.join(&name);
            if update {
                fs::write(&path, &bytes).unwrap();
            }
            let reviewed = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            let (is, should) = (String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&reviewed));
            for (line, (is, should)) in is.lines().zip(should.lines()).enumerate() {
                assert_eq!(is, should, "{name}, line {}; UPDATE=1 rewrites it", line + 1);
            }
            assert_eq!(bytes, reviewed, "{name}");
        }
    }
}

#[test]
fn every_golden_file_belongs_to_an_emitter() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden");
    let written: Vec<String> =
        emit::all(GENERATED).iter().flat_map(|emitter| files(emitter.as_ref(), &findings()).into_keys()).collect();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with("findings.") || written.contains(&name), "{name} is left over");
    }
}

#[test]
fn names_and_files_are_distinct() {
    let emitters = emit::all(GENERATED);
    let names: Vec<&str> = emitters.iter().map(|emitter| emitter.name()).collect();
    let listed = [
        "splunk",
        "splunk-file",
        "sentinel",
        "sentinel-ndjson",
        "ocsf",
        "ecs",
        "datadog",
        "cef",
        "leef",
        "ndjson",
        "csv",
        "parquet",
        "stix",
    ];
    assert_eq!(names, listed);
    let mut files: Vec<&str> = emitters.iter().map(|emitter| emitter.file_name()).collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), names.len());
}

#[test]
fn every_finding_is_one_record_with_its_id() {
    for emitter in emit::all(GENERATED) {
        let ids: Vec<String> = records(emitter.as_ref(), &findings()).iter().map(id).collect();
        let expected: Vec<String> = findings().iter().map(|finding| finding.id.to_string()).collect();
        assert_eq!(ids, expected, "{}", emitter.name());
    }
}

#[test]
fn every_severity_has_its_word() {
    let words = |name: &str, read: fn(&Value) -> &Value| -> Vec<String> {
        let records = records(by_name(name).as_ref(), &Severity::ALL.map(of_severity));
        records.iter().map(|record| read(record).as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        words("splunk", |record| &record["event"]["severity"]),
        ["informational", "low", "medium", "high", "critical"]
    );
    assert_eq!(
        words("sentinel", |record| &record["EventSeverity"]),
        ["Informational", "Low", "Medium", "High", "High"]
    );
    assert_eq!(words("ocsf", |record| &record["severity"]), ["Informational", "Low", "Medium", "High", "Critical"]);
    assert_eq!(words("datadog", |record| &record["status"]), ["info", "notice", "warning", "error", "critical"]);
    assert_eq!(words("cef", |record| &record["severity"]), ["1", "3", "6", "8", "10"]);
    assert_eq!(words("leef", |record| &record["sev"]), ["1", "3", "5", "8", "10"]);
    let own = ["info", "low", "medium", "high", "critical"];
    assert_eq!(words("sentinel", |record| &record["EventOriginalSeverity"]), own);
    assert_eq!(words("splunk-file", |record| &record["vendor_severity"]), own);
    assert_eq!(words("ndjson", |record| &record["severity"]), own);
    assert_eq!(words("csv", |record| &record["severity"]), own);
    assert_eq!(words("parquet", |record| &record["severity"]), own);
    assert_eq!(words("leef", |record| &record["severity"]), own);
    assert_eq!(words("ecs", |record| &record["tokentrail"]["severity"]), own);
    let numbers = |name: &str, place: &str| -> Vec<u64> {
        let records = records(by_name(name).as_ref(), &Severity::ALL.map(of_severity));
        records.iter().map(|record| record.pointer(place).unwrap().as_u64().unwrap()).collect()
    };
    assert_eq!(numbers("ecs", "/event/severity"), [1, 21, 47, 73, 99]);
    assert_eq!(numbers("ocsf", "/severity_id"), [1, 2, 3, 4, 5]);
}

#[test]
fn a_run_without_findings_leaves_one_file_that_reads_as_empty() {
    for emitter in emit::all(GENERATED) {
        assert_eq!(files(emitter.as_ref(), &[]).len(), 1, "{}", emitter.name());
        assert!(records(emitter.as_ref(), &[]).is_empty(), "{}", emitter.name());
    }
}

fn of_severity(severity: Severity) -> Finding {
    Finding { severity, ..findings().swap_remove(0) }
}

fn by_name(name: &str) -> Box<dyn Emitter> {
    emit::all(GENERATED).into_iter().find(|emitter| emitter.name() == name).unwrap()
}

/// What an emitter writes, by file name.
fn files(emitter: &dyn Emitter, findings: &[Finding]) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| File::create_new(folder.path().join(name));
    let parts = emit::write_parts(emitter, findings, open).unwrap();
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        files.insert(name.to_owned(), fs::read(&path).unwrap());
    }
    assert_eq!(files.len(), parts);
    files
}

/// The records of all files, read back; a CSV row as an object of texts by column.
fn records(emitter: &dyn Emitter, findings: &[Finding]) -> Vec<Value> {
    let files = files(emitter, findings);
    files.iter().flat_map(|(name, bytes)| read_back(name, bytes)).collect()
}

fn read_back(name: &str, bytes: &[u8]) -> Vec<Value> {
    if name.ends_with(".parquet") {
        return table::rows(bytes);
    }
    let text = str::from_utf8(bytes).unwrap();
    match name.rsplit_once('.').unwrap().1 {
        "json" if name.contains(".stix.") => notes(text),
        "json" => serde_json::from_str(text).unwrap(),
        "ndjson" if name.contains(".ecs.") => documents(text),
        "cef" => text.lines().map(lines::cef).collect(),
        "leef" => text.lines().map(lines::leef).collect(),
        "ndjson" => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        "csv" => csv::Reader::from_reader(bytes)
            .deserialize::<BTreeMap<String, String>>()
            .map(|row| serde_json::to_value(row.unwrap()).unwrap())
            .collect(),
        other => panic!("no reader for {other}"),
    }
}

/// The documents of a bulk request, each with the action before it that creates it.
fn documents(text: &str) -> Vec<Value> {
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pairs = lines.chunks(2).map(|pair| {
        let [action, document] = pair else { panic!("an action without a document") };
        let created =
            serde_json::json!({ "_index": "logs-tokentrail.finding-default", "_id": document["event"]["id"] });
        assert_eq!(action, &serde_json::json!({ "create": created }));
        document.clone()
    });
    pairs.collect()
}

/// What a bundle says of each finding; other objects are shared.
fn notes(text: &str) -> Vec<Value> {
    let mut bundle: Value = serde_json::from_str(text).unwrap();
    let Value::Array(objects) = bundle["objects"].take() else { panic!("a bundle without objects") };
    objects.into_iter().filter(|object| object["type"] == "note").collect()
}

/// The finding's id, wherever a format keeps it.
fn id(record: &Value) -> String {
    let own = "/external_references/0/external_id";
    let places = [own, "/event/id", "/EventUid", "/id", "/finding_id", "/metadata/uid", "/externalId", "/findingId"];
    let found = places.iter().find_map(|place| record.pointer(place));
    found.and_then(Value::as_str).unwrap().to_owned()
}
