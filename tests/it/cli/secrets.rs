//! `tokentrail secrets`: what is told of secrets in records, and that no secret is.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::{Told, refused, tokentrail};

/// Texts that nobody may ever see again, by kind. They are put together here so that no scanner takes them for leaks.
fn canaries() -> Vec<(&'static str, String)> {
    let tail = "q8Zr3TtLmVb0XyWc9NfPd2KjHs5GuAe7RoIi1QwM";
    vec![
        ("aws-access-key-id", ["AK", "IAQYLPMN5HNM3XZ4QB"].concat()),
        ("github-token", ["gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"].concat()),
        ("slack-token", format!("xo{}-2345678901-2345678901234-{}", "xb", &tail[..24])),
        ("stripe-key", format!("sk_{}_51{}", "live", &tail[..22])),
        ("sendgrid-key", format!("S{}.{}.{tail}{}", "G", &tail[..22], &tail[..3])),
        ("salesforce-session", format!("00D5e000000QrsT!AQ{tail}.{tail}")),
        ("salesforce-refresh-token", format!("5A{}861{tail}{tail}", "ep")),
        ("database-url", "kelp-lantern-77".to_owned()),
        ("password-assigned", "Quayside-41-rope".to_owned()),
    ]
}

/// The text of a record that holds it.
fn text(kind: &str, secret: &str) -> String {
    match kind {
        "database-url" => format!("see postgres://reader:{secret}@db.alderfinch.example/x"),
        "password-assigned" => format!("Hi,\npassword: {secret}\n\"thanks\""),
        _ => format!("it is {secret} for now"),
    }
}

fn id(number: usize) -> String {
    format!("500Tr00000{number:05}")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn csv() -> String {
    let rows = canaries().into_iter().enumerate().map(|(number, (kind, secret))| {
        format!("{},{},{}\n", quoted(&id(number)), quoted("a case"), quoted(&text(kind, &secret)))
    });
    format!("\"Id\",\"Subject\",\"Description\"\n{}", rows.collect::<String>())
}

fn query_result() -> String {
    let records: Vec<Value> = canaries()
        .into_iter()
        .enumerate()
        .map(|(number, (kind, secret))| {
            json!({"attributes": {"type": "Case", "url": "/services/data/v60.0/sobjects/Case/x"}, "Id": id(number),
                   "Subject": "a case", "Description": text(kind, &secret)})
        })
        .collect();
    json!({"status": 0, "result": {"totalSize": records.len(), "done": true, "records": records}}).to_string()
}

fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[track_caller]
fn says_no_secret(told: &Told) {
    for (kind, secret) in canaries() {
        let inner = secret.trim_start_matches(|letter: char| letter != '-' && letter != '_').to_owned();
        for part in [&secret[..8.min(secret.len())], &secret[secret.len() - 8..], inner.as_str()] {
            if part.len() >= 8 {
                assert!(
                    !told.out.contains(part) && !told.err.contains(part),
                    "{kind} is told: {} {}",
                    told.out,
                    told.err
                );
            }
        }
    }
}

fn report(path: &Path, more: &[&str]) -> Value {
    let told = tokentrail(&[&["secrets", path.to_str().unwrap(), "--json"], more].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    says_no_secret(&told);
    serde_json::from_str(&told.out).unwrap()
}

fn kinds(report: &Value) -> Vec<String> {
    let hits = report["hits"].as_array().unwrap().iter();
    hits.map(|hit| format!("{} {}", hit["record"], hit["kind"].as_str().unwrap())).collect()
}

/// The same secrets in the same records, in whatever form the records were exported.
#[test]
fn every_form_of_export_tells_the_same_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let expected: Vec<String> = (1..).zip(canaries()).map(|(number, (kind, _))| format!("{number} {kind}")).collect();
    let semicolons = csv().replace("\",\"", "\";\"");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(csv().as_bytes()).unwrap();
    let records = serde_json::from_str::<Value>(&query_result()).unwrap()["result"]["records"].clone();
    let lines: Vec<String> = records.as_array().unwrap().iter().map(|record| format!("{record}\n")).collect();
    let forms: [(&str, Vec<u8>); 8] = [
        ("a.csv", csv().into_bytes()),
        ("bom.csv", format!("\u{feff}{}", csv()).into_bytes()),
        ("semicolons.csv", semicolons.into_bytes()),
        ("a.csv.gz", gz.finish().unwrap()),
        ("a.csv.zst", zstd::encode_all(csv().as_bytes(), 1).unwrap()),
        ("a.zip", zipped("Case.csv", &csv())),
        ("a.json", query_result().into_bytes()),
        ("a.ndjson", lines.concat().into_bytes()),
    ];
    let mut references = Vec::new();
    for (name, bytes) in forms {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let report = report(&path, &[]);
        assert_eq!(kinds(&report), expected, "{name}");
        assert_eq!(report["hits"][0]["object"], "Case", "{name}");
        assert_eq!(report["hits"][0]["column"], "Description", "{name}");
        assert_eq!(report["hits"][0]["id"].as_str().unwrap().len(), 18, "{name}");
        references
            .push(report["hits"].as_array().unwrap().iter().map(|hit| hit["reference"].clone()).collect::<Vec<_>>());
    }
    assert!(references.windows(2).all(|pair| pair[0] == pair[1]), "a reference rests on the secret alone");
    // All of them at once: each secret is one, however often it stands somewhere.
    let report = report(folder.path(), &[]);
    assert_eq!(report["secrets"].as_array().unwrap().len(), expected.len());
    assert_eq!(report["with_secrets"], expected.len(), "a record is one by its id");
    assert_eq!(report["secrets"][0]["severity"], "critical");
}

/// However it is asked for, and whatever is wrong with the export.
#[test]
fn no_secret_is_in_any_output_or_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let bare = canaries().iter().map(|(_, secret)| format!("{secret}\n")).collect::<Vec<_>>().concat();
    let told = canaries();
    let broken_json = told.iter().map(|(kind, secret)| format!("{{\"Id\": \"{}\n", text(kind, secret)));
    let keys = canaries()
        .iter()
        .map(|(_, secret)| format!("{{\"{secret}\": \"password: {secret}\"}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let files = [
        write("good.csv", &csv()),
        write("no-header.csv", &bare),
        write("header.csv", &format!("{}\n1,2\n", bare.trim_end().replace('\n', ","))),
        write("open-quote.csv", &format!("Id,Text\n1,\"{bare}")),
        write("ragged.csv", &format!("Id,Text\n{}", bare.replace('\n', ",x,y,z\n"))),
        write("broken.json", &format!("[{}", broken_json.collect::<String>())),
        write("keys.ndjson", &keys),
        write("utf16.csv", &format!("\u{0}{}", bare.replace("", "\u{0}"))),
    ];
    for file in &files {
        for form in [&["--verbose"][..], &["--json"], &["--csv"], &["--markdown"], &["--fail-on", "low"]] {
            let told = tokentrail(&[&["secrets", file], form].concat());
            assert!((0..=3).contains(&told.code), "{file}: {}", told.err);
            says_no_secret(&told);
        }
    }
    // A file of secrets, given by mistake.
    let told = tokentrail(&["secrets", &files[0], "--ids-from", &files[1]]);
    assert_eq!(told.code, 2);
    says_no_secret(&told);
    let mixed = write("mixed.txt", &format!("{}\n{bare}", id(0)));
    let told = tokentrail(&["secrets", &files[0], "--ids-from", &mixed]);
    assert!(told.err.contains("of the file of ids hold no id"), "{}", told.err);
    says_no_secret(&told);
}

/// A header that somebody left out is a record, and a secret in it is found.
#[test]
fn a_first_line_that_is_no_header_is_looked_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let (_, key) = &canaries()[0];
    fs::write(&path, format!("500Tr0000000001,{key}\n500Tr0000000002,nothing\n")).unwrap();
    let report = report(&path, &[]);
    assert_eq!(kinds(&report), ["0 aws-access-key-id"]);
    assert_eq!(report["hits"][0]["column"], "column 2");
}

#[test]
fn ids_choose_the_records() {
    let all = tokentrail(&["secrets", "sample-records/Case.csv", "--csv"]);
    let told = tokentrail(&["secrets", "sample-records/Case.csv", "--csv", "--ids-from", "sample-records/taken.csv"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.err.contains("8 records in 1 export, 4 looked through"), "{}", told.err);
    assert!(told.err.contains("5 ids asked for, 1 of them in no export"), "{}", told.err);
    let records = |told: &Told| -> Vec<String> {
        let mut records: Vec<String> =
            told.out.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
        records.dedup();
        records
    };
    assert_eq!(records(&told), ["1", "4", "7"]);
    assert_eq!(records(&all), ["1", "2", "3", "4", "5", "7"]);
    // The same ids in their long form, a line each.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ids.txt");
    fs::write(&path, "500Tr00000aBA1xIAG\r\n500Tr00000aBD4xIAG\r\n500Tr00000aBG7xIAG\r\n").unwrap();
    let long = tokentrail(&["secrets", "sample-records/Case.csv", "--csv", "--ids-from", path.to_str().unwrap()]);
    assert_eq!(long.out, told.out);
    refused(
        &["secrets", "sample-records/Case.csv", "--ids-from", "sample-records/README.md"],
        "holds no record ids",
        "a column Id",
    );
}

#[test]
fn the_exit_code_is_that_of_the_gravest_secret() {
    let code = |more: &[&str]| tokentrail(&[&["secrets", "sample-records/Case.csv", "-q"], more].concat()).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--fail-on", "critical"]), 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "Id,Text\n500Tr0000000001,AKIAIOSFODNN7EXAMPLE and password: ********\n").unwrap();
    let told = tokentrail(&["secrets", path.to_str().unwrap(), "--fail-on", "info"]);
    assert_eq!(told.code, 0, "examples are none");
    assert_eq!(told.out, "No secrets in 1 record; 2 examples left out.\n");
    assert_eq!(tokentrail(&["secrets", path.to_str().unwrap(), "no-such-file.csv"]).code, 3);
    assert_eq!(tokentrail(&["secrets", "no-such-file.csv"]).code, 2);
}

/// A record inside of a record has an id of its own.
#[test]
fn subqueries_are_records() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let comment = json!({"attributes": {"type": "CaseComment"}, "Id": "00aTr0000000001", "CommentBody": "password: Quayside-41-rope"});
    let case = json!({"attributes": {"type": "Case"}, "Id": "500Tr0000000001", "Description": "see below",
                      "CaseComments": {"totalSize": 1, "done": true, "records": [comment]}});
    fs::write(&path, json!({"totalSize": 1, "done": true, "records": [case]}).to_string()).unwrap();
    let report = report(&path, &[]);
    let hit = &report["hits"][0];
    assert_eq!((hit["object"].as_str(), hit["column"].as_str()), (Some("CaseComment"), Some("CommentBody")));
    assert_eq!((hit["record"].as_u64(), report["records"].as_u64()), (Some(1), Some(1)));
}

/// Names in exports are chosen by others.
#[test]
fn hostile_columns_are_inert() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ndjson");
    let record = json!({"Id": "500Tr0000000001", "=cmd|' /C calc'!A0": "password: Quayside-41-rope", "\u{202e}\u{1b}[2J": "password: Quayside-41-rope", "<b>|": "password: Quayside-41-rope"});
    fs::write(&path, format!("{record}\n")).unwrap();
    for form in [&["--verbose"][..], &["--json"], &["--csv"], &["--markdown"]] {
        let told = tokentrail(&[&["secrets", path.to_str().unwrap()], form].concat());
        assert!(
            !told.out.contains(['\u{1b}', '\u{202e}']) && !told.out.contains("cmd|") && !told.out.contains("<b>"),
            "{}",
            told.out
        );
    }
}

#[test]
fn any_number_of_workers_and_any_order_tell_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let filler = "nothing to see, the customer calls back tomorrow ".repeat(40);
    let mut paths = Vec::new();
    for name in ["a", "b", "c"] {
        let rows: Vec<String> = (0..2500).map(|row| format!("{},x,\"{filler}\nline {row}\"\n", id(row))).collect();
        let path = folder.path().join(format!("{name}.csv"));
        fs::write(&path, format!("{}{}{}", csv(), rows.concat(), csv().split_once('\n').unwrap().1)).unwrap();
        paths.push(path.to_str().unwrap().to_owned());
    }
    let run = |threads: &str, paths: &[&String]| {
        let mut arguments = vec!["secrets", "--json", "--threads", threads];
        arguments.extend(paths.iter().map(|path| path.as_str()));
        tokentrail(&arguments).out
    };
    let one = run("1", &[&paths[0], &paths[1], &paths[2]]);
    assert!(one.contains("\"record\":2518"), "the last record of an export of several blocks");
    for threads in ["2", "3", "8"] {
        assert!(one == run(threads, &[&paths[2], &paths[0], &paths[1]]), "{threads} workers");
    }
}
