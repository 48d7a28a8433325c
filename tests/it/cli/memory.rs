//! `--state` and `tokentrail memory`, as a user runs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{files, tokentrail};

/// The generations in a folder.
fn generations(state: &Path) -> Vec<String> {
    let names = fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("generation-")).collect();
    names.sort();
    names
}

fn bytes(state: &Path) -> BTreeMap<String, Vec<u8>> {
    files(&state.join(generations(state).pop().unwrap()))
}

#[test]
fn a_second_run_finds_the_same_and_learns_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (state, out) = (folder.path().join("state"), folder.path().join("out"));
    let run = |threads: &str| {
        let (state, out) = (state.to_str().unwrap(), out.to_str().unwrap());
        let told = tokentrail(&["scan", "sample-data", "--state", state, "--out", out, "--threads", threads]);
        assert_eq!(told.code, 0, "{}", told.err);
        files(Path::new(out))
    };
    let first = run("2");
    assert_eq!(generations(&state), ["generation-000001"]);
    assert!(first == run("1"));
    assert_eq!(generations(&state), ["generation-000001"], "what brings nothing new is no generation");
    // Another folder learns the same bytes, by another number of workers.
    let other = folder.path().join("other");
    assert_eq!(tokentrail(&["scan", "sample-data", "--state", other.to_str().unwrap(), "--threads", "3"]).code, 0);
    assert!(bytes(&state) == bytes(&other));
    let shown = tokentrail(&["memory", "show", state.to_str().unwrap()]);
    assert!(shown.out.starts_with("generation 1, up to 2025-08-18T23:31:27.930Z, from "), "{}", shown.out);
    assert!(shown.out.contains("app-new-network"), "{}", shown.out);
}

#[test]
fn a_memory_beside_exports_is_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let columns = "EventDate,Username,Application,SourceIp,RowsReturned,QueriedEntities";
    let export = format!("{columns}\n2025-08-11T00:00:00Z,mia@acme.example,Drift,198.51.100.7,1,Account\n");
    fs::write(folder.path().join("ApiEvent.csv"), export).unwrap();
    let (exports, state) = (folder.path().to_str().unwrap(), folder.path().join("state"));
    for _ in 0..2 {
        let told = tokentrail(&["scan", exports, "--state", state.to_str().unwrap()]);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(told.err.contains("ApiEvent: 1 row in 1 export"), "{}", told.err);
    }
}

#[test]
fn memories_are_corrected_and_joined() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (one, two, joined) = (path("one"), path("two"), path("joined"));
    for (state, exports) in [(&one, "sample-data/quiet/api"), (&two, "sample-data/quiet/logins")] {
        assert_eq!(tokentrail(&["scan", exports, "--state", state, "--quiet"]).code, 0);
    }
    assert_eq!(tokentrail(&["memory", "merge", &one, &two, "--into", &joined]).code, 0);
    let again = tokentrail(&["memory", "merge", &one, &two, "--into", &joined]);
    assert!(again.code == 2 && again.err.contains("hint: name a new folder"), "{}", again.err);
    let span = ["--from", "2025-08-10", "--to", "2025-08-12", "--reason", "an incident"];
    assert_eq!(tokentrail(&[&["memory", "exclude", &joined], &span[..]].concat()).code, 0);
    let shown = tokentrail(&["memory", "show", &joined]).out;
    assert!(shown.starts_with("generation 2, "), "{shown}");
    let excluded = "not learned from: 2025-08-10T00:00:00.000Z to 2025-08-12T00:00:00.000Z: an incident";
    assert!(shown.contains(excluded), "{shown}");
    assert_eq!(tokentrail(&["memory", "forget", &joined, "--before", "2030-01-01"]).code, 0);
    let shown = tokentrail(&["memory", "show", &joined]).out;
    assert!(!shown.contains("app-new-network"), "{shown}");
    let none = tokentrail(&["memory", "show", &path("none")]);
    assert!(none.code == 2 && none.err.contains("there is no memory in"), "{}", none.err);
    let backwards = ["memory", "exclude", &joined, "--from", "2025-08-12", "--to", "2025-08-10", "--reason", "x"];
    assert_eq!(tokentrail(&backwards).code, 2);
}

#[test]
fn a_memory_is_of_one_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let scan = |org: &str| tokentrail(&["scan", "sample-data/quiet/api", "--state", state, "--org", org, "--quiet"]);
    assert_eq!(scan("00D000000000001EAA").code, 0);
    let other = scan("00D000000000002EAA");
    assert!(other.code == 2 && other.err.contains("hint: give each organisation its own --state"), "{}", other.err);
}
