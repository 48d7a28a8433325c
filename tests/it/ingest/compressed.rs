//! Compressed exports: whole, in several members, cut off, and swollen.

use std::io::Write;

use tokentrail::batch::Role;
use tokentrail::ingest::{Limits, Reason};

use super::packed::{gzip, zstd};
use super::{Read, Reader, folder_of};

/// A CSV export of so many calls, and as lines of JSON.
fn calls(count: usize, json: bool) -> String {
    let line = |number: usize| {
        let (minute, second) = (number / 60 % 60, number % 60);
        let time = format!("2025-08-17T11:{minute:02}:{second:02}Z");
        // A little noise, so that the compressed bytes grow with the rows.
        let noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 1_000_000_007;
        if json {
            format!("{{\"EventIdentifier\":\"{number}-{noise}\",\"EventDate\":\"{time}\",\"RowsReturned\":{number}}}\n")
        } else {
            format!("{number}-{noise},{time},{number},\"line\nbreak\"\n")
        }
    };
    let header = if json { "" } else { "EventIdentifier,EventDate,RowsReturned,UserAgent\n" };
    [header.to_owned()].into_iter().chain((0..count).map(line)).collect()
}

/// Whatever the file is called, its first bytes say how it is compressed.
#[test]
fn gzip_and_zstd_by_their_first_bytes() {
    for json in [false, true] {
        let text = calls(300, json);
        let plain = Read::of("csv", &text).clean();
        assert_eq!(plain.rows.len(), 300);
        for (ending, bytes) in
            [("csv.gz", gzip(text.as_bytes())), ("csv", gzip(text.as_bytes())), ("csv.zst", zstd(text.as_bytes()))]
        {
            let read = Read::of(ending, bytes).clean();
            assert_eq!(read.cells(Role::Rows), plain.cells(Role::Rows), "{ending}");
            let offsets = |read: &Read| read.rows.iter().map(|row| row.offset).collect::<Vec<_>>();
            assert_eq!(offsets(&read), offsets(&plain), "offsets are those of the decompressed export");
        }
    }
}

/// `cat a.gz b.gz` is a gzip file, and so with zstd; a member may end in the middle of a record.
#[test]
fn several_members_are_one_export() {
    let text = calls(300, false);
    for cut in [1, 100, 4_321, text.len() - 1] {
        let (head, tail) = text.as_bytes().split_at(cut);
        for bytes in [
            [gzip(head), gzip(tail)].concat(),
            [gzip(head), gzip(b""), gzip(tail)].concat(),
            [zstd(head), zstd(tail)].concat(),
        ] {
            assert_eq!(Read::of("csv.gz", bytes).clean().rows.len(), 300, "cut at {cut}");
        }
    }
}

/// What came before the break is used, what is cut is counted, and the problem says where.
#[test]
fn a_file_that_breaks_off_is_used_up_to_there() {
    for count in [300, 30_000] {
        for json in [false, true] {
            let text = calls(count, json);
            for (name, bytes) in [("cut.csv.gz", gzip(text.as_bytes())), ("cut.csv.zst", zstd(text.as_bytes()))] {
                let read = Reader::default().texts(&[(name, &bytes[..bytes.len() * 2 / 3])]);
                let what = format!("{name}, {count} rows, json {json}");
                assert!(read.rows.len() < count, "{what}");
                // Small files are one block of their compressor: nothing of them may be decodable.
                assert!(count == 300 || read.rows.len() > count / 3, "{what}: {} rows", read.rows.len());
                let [problem] = &read.problems[..] else { panic!("{what}: {:?}", read.problems) };
                assert!(problem.what.contains("breaks off") || read.rows.is_empty(), "{what}: {}", problem.what);
                if !read.rows.is_empty() {
                    let offset = usize::try_from(problem.offset.expect("the problem has a position")).unwrap();
                    assert!(read.rows.iter().all(|row| row.offset <= offset as u64), "{what}");
                    assert!(offset <= text.len() && offset > text.len() / 3, "{what}: {offset} of {}", text.len());
                }
                let reasons: Vec<Reason> = read.quarantined.iter().map(|row| row.reason).collect();
                assert!(reasons.is_empty() || reasons == [Reason::CutOff], "{what}: {reasons:?}");
            }
        }
    }
}

#[test]
fn bytes_that_are_no_gzip_behind_the_magic_number() {
    for bytes in
        [&b"\x1f\x8b"[..], b"\x1f\x8b\x08\0\0\0\0\0\0\0garbage", b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfdgarbage"]
    {
        let read = Read::of("csv.gz", bytes);
        assert_eq!(read.rows.len(), 0);
        assert_eq!(read.problems.len(), 1, "{bytes:?}");
    }
}

/// Limits as small as this file's, so that the test need not unpack gigabytes.
#[test]
fn a_bomb_is_stopped_by_its_size() {
    let text = calls(20_000, false);
    let limits = Limits { decompressed_bytes: 300_000, ..Limits::default() };
    for bytes in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
        let read = Reader { limits, ..Reader::default() }.texts(&[("bomb.csv.gz", &bytes)]);
        assert!(read.rows.iter().all(|row| row.offset < 300_000) && !read.rows.is_empty());
        let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
        assert!(problem.what.contains("bomb") && problem.offset.is_some(), "{problem}");
    }
}

/// 200 MB of nothing in a few kilobytes: past the first 64 MiB the ratio is capped.
#[test]
fn a_bomb_is_stopped_by_its_ratio() {
    let mut encoder = ::zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(calls(10, false).as_bytes()).unwrap();
    let blank = vec![b'\n'; 1 << 20];
    for _ in 0..200 {
        encoder.write_all(&blank).unwrap();
    }
    encoder.write_all(b"after,2025-08-17T11:11:11Z,1,the end\n").unwrap();
    let read = Read::of("csv.zst", encoder.finish().unwrap());
    assert_eq!(read.rows.len(), 10);
    let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert!(problem.what.contains("bomb"), "{problem}");
}

/// A checksum is the last thing that a decoder looks at, and it tells only once that it is wrong.
#[test]
fn a_wrong_checksum_is_told() {
    for count in [3, 30_000] {
        let text = calls(count, false);
        let mut bytes = gzip(text.as_bytes());
        let place = bytes.len() - 8;
        bytes[place] ^= 1;
        let folder = folder_of(&[("export.csv.gz", &bytes)]);
        let read = Reader::default().paths(&[folder.path().to_owned()]);
        assert_eq!(read.rows.len(), count, "what was unpacked is used");
        let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
        assert!(problem.what.contains("checksum"), "{problem}");
        read.can_be_read_back();
    }
}
