//! Zip archives: each export in them is read, and what is wrong with an archive or a member is told by its name.

use tokentrail::batch::Role;
use tokentrail::ingest::Limits;
use tokentrail::ingest::discover;
use zip::CompressionMethod;

use super::packed::{gzip, zipped, zipped_by, zstd};
use super::{Read, Reader, folder_of};

fn call(rows: u32) -> Vec<u8> {
    format!("EventIdentifier,EventDate,RowsReturned\nid-{rows},2025-08-17T11:11:55Z,{rows}\n").into_bytes()
}

fn read(archive: &[u8]) -> Read {
    Reader::default().texts(&[("export.zip", archive)])
}

#[test]
fn every_member_that_looks_like_an_export_is_one() {
    let lines = b"{\"EventIdentifier\":\"x\",\"EventDate\":\"2025-08-17T11:11:55Z\",\"RowsReturned\":4}\n";
    let members: [(&str, &[u8]); 8] = [
        ("deep/er/b.csv", &call(2)),
        ("a.csv", &call(1)),
        ("c.CSV.gz", &gzip(&call(3))),
        ("d.ndjson.zst", &zstd(lines)),
        ("notes.md", b"no export"),
        ("report.xlsx", b"PK\x03\x04"),
        ("__MACOSX/._a.csv", b"\0\0\0\0 no export"),
        ("quarantine.ndjson", b"{}"),
    ];
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        let read = read(&zipped_by(&members, method)).clean();
        assert_eq!(read.cells(Role::Rows), ["1", "3", "4", "2"], "sorted by name");
        assert_eq!(read.rows[0].export, "export.zip!a.csv");
    }
}

/// Whatever it is called.
#[test]
fn an_archive_is_known_by_its_first_bytes() {
    let archive = zipped(&[("a.csv", &call(1))]);
    assert_eq!(Read::of("csv", &archive).clean().cells(Role::Rows), ["1"]);
    let folder = folder_of(&[("download", &archive)]);
    assert_eq!(Reader::default().paths(&[folder.path().join("download")]).clean().rows.len(), 1);
}

/// The others are read all the same.
#[track_caller]
fn told(archive: &[u8], member: &str, what: &str, rows: &[&str]) {
    let read = read(archive);
    assert_eq!(read.cells(Role::Rows), rows, "{what}");
    let [problem] = &read.problems[..] else { panic!("{what}: {:?}", read.problems) };
    assert!(problem.export.ends_with(member) && problem.what.contains(what), "{problem}");
    assert!(problem.hint.is_some() || what == "is empty", "{problem}");
}

#[test]
fn what_is_wrong_with_a_member_is_told() {
    let inner = zipped(&[("a.csv", &call(9))]);
    let with = |name: &str, bytes: &[u8]| zipped(&[("good.csv", &call(1)), (name, bytes)]);
    told(&with("inner.zip", &inner), "export.zip!inner.zip", "archive inside an archive", &["1"]);
    told(&with("inner.csv", &inner), "export.zip!inner.csv", "is a zip archive", &["1"]);
    told(&with("a.csv.gz", &gzip(&inner)), "!a.csv.gz", "is a zip archive", &["1"]);
    told(&with("../../etc/a.csv", &call(2)), "!../../etc/a.csv", "leads out of the archive", &["1"]);
    told(&with("/etc/a.csv", &call(2)), "a.csv", "leads out of the archive", &["1"]);
    told(&with("C:\\a.csv", &call(2)), "a.csv", "leads out of the archive", &["1"]);
    told(&with("empty.csv", b""), "!empty.csv", "is empty", &["1"]);
    told(&with("strange.csv", b"Name,Phone\nMia,1\n"), "!strange.csv", "no schema fits", &["1"]);
}

#[test]
fn what_is_wrong_with_an_archive_is_told() {
    let archive = zipped(&[("a.csv", &call(1))]);
    told(&zipped(&[]), "export.zip", "without exports", &[]);
    told(&zipped(&[("notes.md", b"nothing")]), "export.zip", "without exports", &[]);
    told(&archive[..archive.len() - 30], "export.zip", "cannot be read", &[]);
    told(b"PK\x03\x04", "export.zip", "cannot be read", &[]);
    told(b"", "export.zip", "cannot be read", &[]);
}

/// The flag stands in the member's header and in the archive's list.
#[test]
fn an_encrypted_member_is_told() {
    let mut archive = zipped(&[("a.csv", &call(1))]);
    let list = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    archive[6] |= 1;
    archive[list + 8] |= 1;
    told(&archive, "export.zip!a.csv", "is encrypted", &[]);
}

#[test]
fn a_damaged_member_is_told() {
    let mut archive = zipped_by(&[("a.csv", &call(1)), ("b.csv", &call(2))], CompressionMethod::Stored);
    let at = archive.windows(4).position(|bytes| bytes == b"id-1").unwrap();
    archive[at] = b'X';
    let read = read(&archive);
    let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert!(problem.export.ends_with("!a.csv") && problem.what.contains("checksum"), "{problem}");
    assert!(read.cells(Role::Rows).ends_with(&["2"]), "{:?}", read.rows);
}

#[test]
fn members_are_capped_like_files() {
    let mut text = b"EventIdentifier,EventDate,RowsReturned\n".to_vec();
    for number in 0..20_000 {
        text.extend_from_slice(format!("{number},2025-08-17T11:11:55Z,{number}\n").as_bytes());
    }
    let limits = Limits { decompressed_bytes: 300_000, ..Limits::default() };
    for member in [text.clone(), gzip(&text)] {
        let read = Reader { limits, ..Reader::default() }.texts(&[("bomb.zip", &zipped(&[("a.csv", &member)]))]);
        let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
        assert!(problem.what.contains("bomb") && problem.export.ends_with("bomb.zip!a.csv"), "{problem}");
    }
    let mut swollen = call(1);
    swollen.resize(100 << 20, b'\n');
    told(&zipped(&[("a.csv", &swollen)]), "!a.csv", "bomb", &["1"]);
}

/// As in a bomb that is all its members at once: two entries of the list lead to one place.
#[test]
fn members_that_share_bytes_are_refused() {
    let mut archive = zipped_by(&[("a.csv", &call(1)), ("b.csv", &call(2))], CompressionMethod::Stored);
    let entries: Vec<usize> = (0..archive.len() - 4).filter(|at| archive[*at..].starts_with(b"PK\x01\x02")).collect();
    let first: Vec<u8> = archive[entries[0] + 42..entries[0] + 46].to_vec();
    archive[entries[1] + 42..entries[1] + 46].copy_from_slice(&first);
    told(&archive, "export.zip", "share bytes", &[]);
}

/// One of them would hide the other.
#[test]
fn members_of_one_name_are_told() {
    let mut archive = zipped_by(&[("a.csv", &call(1)), ("b.csv", &call(2))], CompressionMethod::Stored);
    while let Some(at) = archive.windows(5).position(|bytes| bytes == b"b.csv") {
        archive[at] = b'a';
    }
    told(&archive, "export.zip", "1 members that go by the name of another one", &["2"]);
}

#[test]
fn an_archive_given_twice_is_read_once() {
    let folder = folder_of(&[("export.zip", &zipped(&[("a.csv", &call(1)), ("b.zip", b"")]))]);
    let file = folder.path().join("export.zip");
    let read = Reader::default().paths(&[file.clone(), folder.path().to_owned(), file]);
    assert_eq!((read.rows.len(), read.problems.len()), (1, 1), "{:?}", read.problems);
}

#[test]
fn sizes_are_those_of_the_packed_members() {
    let text = call(1).repeat(100);
    let folder = folder_of(&[("export.zip", &zipped(&[("a.csv", &text)]))]);
    let (exports, _) = discover(&[folder.path().to_owned()]);
    let file = folder.path().join("export.zip").metadata().unwrap().len();
    assert!(exports[0].size > 0 && exports[0].size < file, "{} of {file}", exports[0].size);
}
