//! Text that an attacker chose, in every cell: nothing of it acts on a terminal or breaks a record.

use std::fs;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Scanned, scan, scan_folder};
use crate::cli::tokentrail;

/// What does something somewhere, if it is let.
fn hostile() -> Vec<String> {
    let texts = [
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}]0;title\u{7}",
        "\u{9b}31mred",
        "bell \u{7} back \u{8}\u{7f}",
        "null \0 end",
        "two\nlines",
        "two\r\nlines",
        "\rover",
        "\u{85}next",
        "\u{2028}line\u{2029}",
        "\ttab",
        "\u{b}\u{c}",
        "\u{202e}gpj.exe",
        "\u{2066}isolated\u{2069}",
        "\u{61c}mark\u{200f}",
        "\u{feff}\u{200b}wide\u{2060}",
        "soft\u{ad}hyphen",
        "\u{fff9}note\u{fffb}",
        "tag\u{e0041}\u{e007f}",
        "\u{180e}vowel",
        "=cmd|'/c calc'!A1",
        "@SUM(1)",
        "+1+1",
        "-1-1",
        "|pipe|",
        "<script>alert(1)</script>",
        "{app} {user} {0}",
        "%s%n%x",
        "'; DROP TABLE x;--",
        "\"quoted\"",
        "back\\slash\\",
        "\\u001b[31m",
        "a,b;c\td",
        "[x](javascript:y)",
        "e\u{301}\u{301}\u{301}",
        "👩‍👩‍👧‍👦",
        "problem: not me",
        "\n\nhint: run this",
    ];
    let mut texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
    texts.push("long name ".repeat(10_000));
    texts.push("界".repeat(30_000));
    texts
}

/// Exports in which each of the texts stands in every cell that takes text, and leads to findings.
fn exports() -> Vec<(String, Vec<u8>)> {
    let (mut calls, mut logins, mut tokens, mut assertions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, text) in hostile().iter().enumerate() {
        // Not one subject for all of them.
        let name = format!("{text} {number}");
        for day in 1..=17 {
            for hour in 0..4 {
                let address = if day == 17 { "203.0.113.9" } else { "192.0.2.17" };
                calls.push(json!({
                    "EventIdentifier": format!("{text} {number} {day} {hour}"), "EventDate": format!("2025-08-{day:02}T1{hour}:00:00Z"),
                    "UserId": name, "Username": name, "Application": name, "ConnectedAppId": text, "SourceIp": address,
                    "SessionKey": text, "LoginKey": text, "ApiType": text, "Operation": if day == 17 { text } else { "Query" },
                    "RowsReturned": 1, "UserAgent": text, text.as_str(): text,
                }));
            }
        }
        logins.push(json!({
            "Id": name, "LoginTime": "2025-08-17T12:00:00Z", "UserId": name, "Username": name, "SourceIp": "203.0.113.9",
            "Application": name, "LoginType": text, "LoginSubType": text, "Status": text, "Browser": text,
        }));
        tokens.push(json!({
            "AppName": name, "UserId": name, "User": {"Username": name}, "CreatedDate": "2025-01-01T00:00:00Z",
            "LastUsedDate": "2025-06-01T00:00:00Z", "UseCount": 3, "DeleteToken": text,
        }));
        for (second, address) in [(0, "192.0.2.17"), (9, "203.0.113.9")] {
            assertions.push(json!({
                "received": format!("2025-08-17T11:11:0{second}Z"), "iss": name, "sub": name, "aud": text, "iat": 1_755_429_000,
                "exp": 1_755_439_000, "jti": name, "source_ip": address, "outcome": text,
            }));
        }
    }
    calls.push(json!({"EventIdentifier": "bad", "EventDate": hostile().concat()}));
    let forms =
        [("calls.json", calls), ("logins.json", logins), ("tokens.json", tokens), ("assertions.json", assertions)];
    forms.into_iter().map(|(name, records)| (name.to_owned(), Value::from(records).to_string().into_bytes())).collect()
}

/// The tests below look at one scan from several sides.
static SCANNED: LazyLock<Scanned> = LazyLock::new(|| {
    let exports = exports();
    let exports: Vec<(&str, &[u8])> = exports.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    scan(&exports, &[])
});

/// The characters that a terminal obeys, that end lines, or that are not seen.
fn acts(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn tame(name: &str, text: &str) {
    if let Some((at, letter)) = text.char_indices().find(|(_, letter)| acts(*letter)) {
        let line = text[..at].lines().count();
        let around: String = text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{name} has {} in line {line}, after {around:?}", letter.escape_unicode());
    }
}

#[test]
fn people_see_text_that_does_nothing() {
    let scanned = &*SCANNED;
    assert_eq!(scanned.code, 0, "{}", scanned.err);
    assert!(scanned.out.matches("app-new-network").count() > 30, "the texts lead to findings");
    tame("standard output", &scanned.out);
    tame("standard error", &scanned.err);
    let longest = scanned.out.lines().chain(scanned.err.lines()).map(|line| line.chars().count()).max();
    assert!(longest < Some(3_000), "a line of {longest:?} characters");
    // A name cannot make itself look like a line of the program's own.
    assert!(
        !scanned.err.contains("\nproblem: ") && !scanned.out.contains("\nhint: ") && !scanned.err.contains("\nhint: ")
    );
}

#[test]
fn records_stay_records() {
    let scanned = &*SCANNED;
    let findings = scanned.lines("findings.ndjson");
    assert!(findings.len() > 150, "{}", findings.len());
    for name in
        ["findings.splunk.ndjson", "findings.splunk-file.ndjson", "findings.sentinel.ndjson", "findings.ocsf.ndjson"]
    {
        assert_eq!(scanned.lines(name).len(), findings.len(), "{name}");
    }
    for name in ["findings.cef", "findings.leef"] {
        assert_eq!(std::str::from_utf8(&scanned.files[name]).unwrap().lines().count(), findings.len(), "{name}");
    }
    let parts = scanned.files.iter().filter(|(name, _)| name.starts_with("findings.sentinel-"));
    let records = parts.map(|(name, bytes)| {
        assert!(bytes.len() <= 1_000_000, "{name}: {} bytes", bytes.len());
        serde_json::from_slice::<Vec<Value>>(bytes).unwrap().len()
    });
    assert_eq!(records.sum::<usize>(), findings.len());
    let mut csv = csv::Reader::from_reader(&scanned.files["findings.csv"][..]);
    assert_eq!(csv.records().map(Result::unwrap).count(), findings.len());
    for (name, bytes) in scanned.files.iter().filter(|(name, _)| name.as_str() != "quarantine.ndjson") {
        let text = std::str::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        // Between the pairs of LEEF stand tabs.
        tame(name, &if name == "findings.leef" { text.replace('\t', " ") } else { text });
    }
}

/// People open the quarantine to see what is wrong, so it is as tame as the rest, and still says what stood there.
#[test]
fn the_quarantine_escapes_what_it_shows() {
    let scanned = &*SCANNED;
    let [row] = &scanned.lines("quarantine.ndjson")[..] else { panic!("one row is bad") };
    assert!(row["value"].as_str().unwrap().starts_with("\u{1b}[31mred"));
    tame("quarantine.ndjson", std::str::from_utf8(&scanned.files["quarantine.ndjson"]).unwrap());
}

/// A sentence shows a name as it is: what looks like a place in a template is none.
#[test]
fn names_are_no_templates() {
    let scanned = &*SCANNED;
    assert!(scanned.out.contains("{app} {user} {0} "), "shown as it stands");
}

#[test]
fn spreadsheets_get_no_formulas() {
    let scanned = &*SCANNED;
    let mut csv = csv::Reader::from_reader(&scanned.files["findings.csv"][..]);
    for record in csv.records() {
        for cell in &record.unwrap() {
            let number = cell.parse::<f64>().is_ok();
            assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_do_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["\u{1b}[31m.csv", "two\nlines.csv", "\u{202e}vsc.csv", "problem: x\u{7}.json"] {
        fs::write(folder.path().join(name), "Name,Phone\nMia,1\n").unwrap();
    }
    fs::write(folder.path().join("bad\u{1b}[2J.csv"), "EventIdentifier,EventDate,RowsReturned\n1,soon,1\n").unwrap();
    let scanned = scan_folder(folder.path(), &[]);
    assert_eq!(scanned.code, 3);
    tame("standard error", &scanned.err);
    assert_eq!(scanned.lines("quarantine.ndjson").len(), 1);
    let told = tokentrail(&["scan", folder.path().join("gone\u{1b}[31m").to_str().unwrap()]);
    tame("standard error", &told.err);
}

/// Headers are as foreign as cells.
#[test]
fn names_of_columns_do_nothing_either() {
    let unknown = "EventIdentifier,EventDate,RowsReturned,\"\u{1b}[31mX\",\"a\nb\",\"\u{202e}\u{61c}y\"\n1,2025-08-17T11:11:55Z,1,,,\n";
    let scanned =
        scan(&[("a.csv", unknown.as_bytes()), ("b.csv", "\u{1b}[31mA,\u{7},Name\u{202e}\n1,2,3\n".as_bytes())], &[]);
    assert_eq!(scanned.code, 3);
    tame("standard error", &scanned.err);
}
