//! `scan --deliver` and `deliver` without a network: files as destinations, and files of destinations that are wrong.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Told, program, refused, tokentrail};

fn destinations(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deliver.toml");
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap().to_owned();
    (folder, path)
}

fn scan(file: &str) -> Told {
    tokentrail(&["scan", "sample-data/staged", "--deliver", file])
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[test]
fn findings_go_to_a_file_once() {
    let (folder, file) = destinations("[[destination]]\nname = \"here\"\nkind = \"file\"\npath = \"found.ndjson\"\n");
    let first = scan(&file);
    assert_eq!((first.code, first.out.as_str()), (0, ""), "{}", first.err);
    let found = lines(&folder.path().join("found.ndjson"));
    assert!(found.len() > 10 && first.err.contains(&format!("here: {} delivered, 0 refused, 0 wait", found.len())));
    assert!(found.iter().all(|line| !line.contains("\"severity\":\"info\"")), "usually from low on");
    assert!(scan(&file).err.contains("here: 0 delivered"), "what was delivered is not sent again");
    assert_eq!(lines(&folder.path().join("found.ndjson")), found);
    let status = tokentrail(&["deliver", "status", "--to", &file]);
    assert_eq!(status.out, format!("here: {} findings delivered, 0 records wait, 0 were refused\n", found.len()));
    assert_eq!(tokentrail(&["deliver", "dead", "--to", &file]).out, "");
}

#[test]
fn what_cannot_be_delivered_waits_with_exit_code_5() {
    let unreachable =
        "[[destination]]\nname = \"there\"\nkind = \"splunk\"\nurl = \"http://127.0.0.1:1\"\ntoken-env = \"T\"\n";
    let here = "[[destination]]\nname = \"here\"\nkind = \"file\"\npath = \"found.ndjson\"\n";
    let (folder, file) = destinations(&format!("minutes = 0.01\n{unreachable}{here}"));
    let output = program(&["scan", "sample-data/staged", "--deliver", &file, "--fail-on", "info", "-q"])
        .env("T", "s3cr3t-token")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5), "before what --fail-on asks for");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("there: 0 delivered") && !told.contains("s3cr3t") && !told.contains("\nhere:"), "{told}");
    let delivered = lines(&folder.path().join("found.ndjson")).len();
    assert!(delivered > 10, "one destination does not wait for another");
    let status = tokentrail(&["deliver", "status", "--json", "--only", "there", "--to", &file]);
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!((&status["waiting"], &status["destination"]), (&delivered.into(), &"there".into()));
}

fn http(keys: &str) -> String {
    format!("[[destination]]\nname = \"a\"\nkind = \"splunk\"\ntoken-env = \"NONE\"\n{keys}\n")
}

#[test]
fn a_wrong_file_of_destinations_is_refused_before_anything_is_read() {
    for (text, error, hint) in [
        ("", "it has no destination", "[[destination]]"),
        ("[[destination]]\nname = \"a\"\nkind = \"carrier-pigeon\"\n", "no kind is called", "kinds are splunk,"),
        ("[[destination]]\nname = \"../a\"\nkind = \"file\"\npath = \"b\"\n", "is no name", "letters"),
        (
            "[[destination]]\nname = \"a\"\nkind = \"splunk\"\nurl = \"https://x\"\ntoken = \"s3cr3t\"\n",
            "token stands in the file itself",
            "token-env",
        ),
        (
            "[[destination]]\nname = \"a\"\nkind = \"file\"\npath = \"b\"\nformat = \"parquet\"\n",
            "is no format for it",
            "formats are ndjson",
        ),
    ] {
        let (_folder, file) = destinations(text);
        refused(&["scan", "sample-data/staged", "--deliver", &file], error, hint);
        let told = tokentrail(&["deliver", "--to", &file]);
        assert!(told.code == 2 && !told.err.contains("s3cr3t"), "{}", told.err);
    }
    for (text, error) in [
        ("[[destination]]\nkind = \"file\"\n", "it says no name"),
        ("[[destination]]\nname = \"a\"\nkind = \"file\"\npath = \"b\"\nverify = false\n", "nothing called \"verify\""),
        ("hours = 1\n[[destination]]\nname = \"a\"\nkind = \"file\"\npath = \"b\"\n", "nothing is called \"hours\""),
        ("remember = \"0 days\"\n[[destination]]\nname = \"a\"\n", "remember is no number of days: \"0 days\""),
        ("remember = \"for ever\"\n[[destination]]\nname = \"a\"\n", "remember is no number of days"),
        ("[[destination]]\nname = \"a\"\nkind = \"syslog\"\naddress = \"x\"\n", "address is not host:port"),
        ("[[destination]]\nname = \"a\"\nkind = \"sentinel\"\n", "it says no endpoint"),
        (&http("url = \"http://splunk.example\""), "is not encrypted"),
        (&http("url = \"https://me:s3cr3t@splunk.example\""), "url holds a password"),
        (&http("url = \"https://splunk.example\"\nproxy = \"http://me:s3cr3t@proxy\""), "proxy holds a password"),
        (&http("url = \"splunk.example\""), "begins neither with https://"),
    ] {
        let (_folder, file) = destinations(text);
        let told = tokentrail(&["deliver", "--to", &file]);
        assert!(told.code == 2 && told.err.contains(error) && !told.err.contains("s3cr3t"), "{text}: {}", told.err);
    }
    let (_folder, file) =
        destinations("[[destination]]\nname = \"a\"\nkind = \"splunk\"\nurl = \"https://x\"\ntoken-env = \"NONE\"\n");
    let told = tokentrail(&["deliver", "--to", &file]);
    assert!(told.code == 5 && told.err.contains("the variable NONE is not set"), "{}", told.err);
}
