//! Which files are read, and what is said of those that cannot be.

use std::fs;
use std::path::PathBuf;

use tokentrail::batch::Role;
use tokentrail::ingest::discover;

use super::{Read, Reader, folder_of};

/// An export with one call, told apart by its row count.
fn call(rows: u32) -> Vec<u8> {
    format!("EventIdentifier,EventDate,RowsReturned\nid-{rows},2025-08-17T11:11:55Z,{rows}\n").into_bytes()
}

#[track_caller]
fn check(paths: &[PathBuf], rows: &[&str]) {
    let read = Reader::default().paths(paths).clean();
    assert_eq!(read.cells(Role::Rows), rows);
}

#[test]
fn files_folders_and_patterns() {
    let folder = folder_of(&[("a.csv", &call(1)), ("b.json", b"[]"), ("c.CSV", &call(2))]);
    let path = folder.path();
    fs::remove_file(path.join("b.json")).unwrap();
    fs::create_dir_all(path.join("deep/er")).unwrap();
    fs::write(path.join("deep/er/d.csv"), call(3)).unwrap();
    check(&[path.to_owned()], &["1", "2", "3"]);
    check(&[path.join("a.csv"), path.join("deep")], &["1", "3"]);
    check(&[path.join("*.csv")], &["1"]);
    check(&[path.join("**/*.csv")], &["1", "3"]);
    check(&[path.join("?.[cC][sS][vV]")], &["1", "2"]);
}

#[test]
fn the_order_of_arguments_does_not_matter() {
    let folder = folder_of(&[("a.csv", &call(1)), ("b.csv", &call(2))]);
    let (a, b) = (folder.path().join("a.csv"), folder.path().join("b.csv"));
    check(&[a.clone(), b.clone()], &["1", "2"]);
    check(&[b, a], &["1", "2"]);
}

#[test]
fn a_file_given_twice_is_read_once() {
    let folder = folder_of(&[("a.csv", &call(1))]);
    let path = folder.path();
    let roundabout = path.join("../").join(path.file_name().unwrap()).join("a.csv");
    check(&[path.join("a.csv"), path.join("a.csv"), path.to_owned(), path.join("*.csv"), roundabout], &["1"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_is_not_another_file() {
    let folder = folder_of(&[("a.csv", &call(1))]);
    std::os::unix::fs::symlink(folder.path().join("a.csv"), folder.path().join("b.csv")).unwrap();
    check(&[folder.path().to_owned()], &["1"]);
}

#[cfg(unix)]
#[test]
fn a_circle_of_links_ends() {
    let folder = folder_of(&[("a.csv", &call(1))]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("self")).unwrap();
    assert_eq!(Reader::default().paths(&[folder.path().to_owned()]).rows.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_a_problem() {
    let folder = folder_of(&[("a.csv", &call(1))]);
    let link = folder.path().join("gone.csv");
    std::os::unix::fs::symlink(folder.path().join("nothing"), &link).unwrap();
    for paths in [vec![folder.path().to_owned()], vec![folder.path().join("a.csv"), link]] {
        let read = Reader::default().paths(&paths);
        assert_eq!(read.rows.len(), 1, "the others are read");
        let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
        assert!(problem.export.ends_with("gone.csv"), "{problem}");
    }
}

#[test]
fn other_files_in_a_folder_are_passed_over() {
    let names = ["notes.md", "apps.toml", "report.xlsx", "csv", "a.csv.bak", "README"];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b"not an export"[..])).collect();
    let folder = folder_of(&files);
    fs::write(folder.path().join("a.csv"), call(1)).unwrap();
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    check(&[folder.path().to_owned()], &["1"]);
}

#[test]
fn a_file_that_is_named_is_read_whatever_its_ending() {
    let folder = folder_of(&[("export of mine", &call(1))]);
    check(&[folder.path().join("export of mine")], &["1"]);
}

#[test]
fn a_name_that_looks_like_a_pattern_is_a_name() {
    let folder = folder_of(&[("[x].csv", &call(1)), ("x.csv", &call(2))]);
    check(&[folder.path().join("[x].csv")], &["1"]);
}

#[test]
fn a_path_that_leads_nowhere_is_a_problem() {
    let folder = folder_of(&[]);
    for name in ["gone.csv", "*.csv", "[", "no/such/folder"] {
        let (exports, problems) = discover(&[folder.path().join(name)]);
        assert_eq!((exports.len(), problems.len()), (0, 1), "{name}");
        assert!(problems[0].export.ends_with(name), "{name}");
    }
}

/// The others in the same folder are read all the same.
#[track_caller]
fn unusable(name: &str, bytes: &[u8], what: &str) {
    let read = Reader::default().texts(&[(name, bytes), ("good.csv", &call(1))]);
    assert_eq!(read.cells(Role::Rows), ["1"], "{what}");
    let [problem] = &read.problems[..] else { panic!("{what}: {:?}", read.problems) };
    assert!(problem.export.ends_with(name) && problem.what.contains(what), "{what}: {problem}");
}

#[test]
fn files_that_cannot_be_used_are_named_with_the_reason() {
    unusable("a.csv", b"", "is empty");
    unusable("a.csv", b"\xef\xbb\xbf", "is empty");
    unusable("a.csv", b"\n \r\n", "is empty");
    unusable("a.csv", b"EventIdentifier,EventDate,RowsReturned\n", "is ApiEvent and has no rows");
    unusable("a.csv", b"EventIdentifier,EventDate,RowsReturned", "is ApiEvent and has no rows");
    unusable("a.csv", b"EventIdentifier,EventDate,RowsReturned\n1,soon,1\n", "none of its 1 rows can be used");
    unusable("a.csv", b"Name,Phone\nMia,1\n", "no schema fits its 2 columns: Name, Phone");
    unusable("a.json", b"[{\"Name\":\"Mia\"}]", "no schema fits its 1 columns: Name");
    unusable("a.json", b"[1,2,3]", "has no records that are JSON objects");
    unusable("a.csv", b"EventIdentifier,RowsReturned,UserId\n1,2,3\n", "no schema fits");
    unusable("a.csv", b"iss,sub,aud,iat,assertion\na,b,c,d,e\n", "no schema fits");
    unusable("a.csv", b"PK\x03\x04zip", "is a zip archive");
    unusable("a.csv", b"PAR1", "is a Parquet file");
    let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        let text = String::from_utf8(call(1)).unwrap();
        [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
    };
    unusable("a.csv", &utf16(&[0xff, 0xfe], u16::to_le_bytes), "is UTF-16");
    unusable("a.csv", &utf16(&[0xfe, 0xff], u16::to_be_bytes), "is UTF-16");
    unusable("a.csv", &utf16(&[], u16::to_le_bytes), "UTF-16");
}

/// A missing column is named, with what to do.
#[test]
fn a_missing_column_is_named() {
    let text = "iss,sub,aud,iat,received_by\na,b,c,1755429115,d\n";
    let read = Read::of("csv", text);
    assert_eq!(read.problems.len(), 1);
    let text = "observed at,aud,sub\n2025-08-17T11:11:55Z,a,b\n";
    let read = Read::of("csv", text);
    assert_eq!(read.rows.len(), 0);
    assert!(read.problems[0].hint.is_some(), "{}", read.problems[0]);
}
