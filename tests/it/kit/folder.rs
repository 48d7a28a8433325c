//! `tokentrail kit` as a user meets it.

use std::fs;

use crate::cli::tokentrail;

fn kit(siem: &str, folder: &tempfile::TempDir, more: &[&str]) -> crate::cli::Told {
    let arguments = [&["kit", siem, "--out", folder.path().to_str().unwrap()], more].concat();
    tokentrail(&arguments)
}

#[test]
fn files_are_written_once_and_those_of_others_are_left_alone() {
    for siem in ["splunk", "sentinel", "elastic"] {
        let folder = tempfile::tempdir().unwrap();
        let told = kit(siem, &folder, &[]);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{siem}");
        assert!(told.out.contains(" files written") && told.out.contains("\n  1. "), "{}", told.out);
        let again = kit(siem, &folder, &[]);
        assert_eq!(again.code, 0);
        assert!(again.out.contains(": 0 files written"), "{}", again.out);
    }
}

#[test]
fn a_file_that_differs_is_replaced_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    kit("sentinel", &folder, &[]);
    let path = folder.path().join("workbook.json");
    let ours = fs::read(&path).unwrap();
    fs::write(&path, "mine").unwrap();
    fs::remove_file(folder.path().join("README.md")).unwrap();

    let refused = kit("sentinel", &folder, &[]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("there already: workbook.json\n"), "{}", refused.err);
    assert!(refused.err.contains("\nhint: ") && refused.err.contains("--replace"), "{}", refused.err);
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    assert!(!folder.path().join("README.md").exists(), "nothing is written when something is in the way");

    let replaced = kit("sentinel", &folder, &["--replace"]);
    assert!(replaced.out.contains(": 2 files written"), "{}", replaced.out);
    assert_eq!(fs::read(&path).unwrap(), ours);
    let left_over = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left_over.into_iter().all(|name| !name.to_string_lossy().ends_with(".part")));
}

#[test]
fn an_unknown_siem_is_refused_with_those_that_are_known() {
    let told = tokentrail(&["kit", "excel", "--out", "nowhere"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("splunk, sentinel, elastic"), "{}", told.err);
}
