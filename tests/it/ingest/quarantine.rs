//! Rows that cannot be used: where they stand, what is wrong with them, and what they said.

use tokentrail::batch::Role;
use tokentrail::ingest::{QuarantinedRow, Reason};
use tokentrail::value::Zone;

use super::{Read, Reader, file_name, folder_of};

const HEADER: &str = "EventIdentifier,EventDate,RowsReturned,UserAgent,SourceIp";
const GOOD: &str = "good,2025-08-17T11:11:55Z,1,good,192.0.2.17";

/// The bad record stands between two good ones, and spoils neither.
#[track_caller]
fn check(bad: &[u8], reason: Reason, column: Option<&str>, value: Option<&str>) -> QuarantinedRow {
    let head = format!("{HEADER}\n{GOOD}\n");
    let text = [head.as_bytes(), bad, b"\n", GOOD.replace("good", "other").as_bytes(), b"\n"].concat();
    let read = Read::of("csv", &text);
    let shown = String::from_utf8_lossy(bad).into_owned();
    assert_eq!(read.cells(Role::Client), ["good", "other"], "{shown}");
    let [row] = &read.quarantined[..] else { panic!("{shown}: {:?}", read.quarantined) };
    assert_eq!(file_name(&row.export), "export.csv");
    assert_eq!((row.record, row.offset), (2, head.len() as u64), "{shown}");
    assert_eq!((row.reason, row.column.as_deref(), row.value.as_deref()), (reason, column, value), "{shown}");
    assert_eq!(row.raw, shown, "the record as it stands");
    row.clone()
}

#[test]
fn a_time_that_is_none() {
    let bad = |time: &str, reason: Reason| {
        check(format!("bad,{time},1,x,").as_bytes(), reason, Some("EventDate"), Some(time));
    };
    bad("soon", Reason::NotATime);
    bad("2025-02-30T00:00:00Z", Reason::NotATime);
    bad("8/17/2025 11:11:55", Reason::ZoneNeeded);
    bad("2025-08-17T11:11:55", Reason::ZoneNeeded);
    bad("1999-12-31T23:59:59Z", Reason::TimeOutOfRange);
    bad("2100-01-01T00:00:00Z", Reason::TimeOutOfRange);
}

#[test]
fn a_local_time_that_its_zone_had_twice() {
    let text =
        format!("{HEADER}\n1,2025-11-02T01:30:00,1,x,\n2,2025-03-09T02:30:00,1,x,\n3,2025-11-02T03:30:00,1,x,\n");
    let zone: Zone = "America/New_York".parse().unwrap();
    let read = Reader { zone: Some(zone), ..Reader::default() }.texts(&[("export.csv", text.as_bytes())]);
    let reasons: Vec<Reason> = read.quarantined.iter().map(|row| row.reason).collect();
    assert_eq!(reasons, [Reason::AmbiguousTime, Reason::AmbiguousTime]);
    assert_eq!(read.cells(Role::Time), ["2025-11-02T08:30:00.000Z"]);
}

#[test]
fn a_number_that_is_none() {
    for number in ["many", "1e400", "NaN", "-", "0x10"] {
        let bad = format!("bad,2025-08-17T11:11:55Z,{number},x,");
        check(bad.as_bytes(), Reason::NotANumber, Some("RowsReturned"), Some(number));
    }
}

#[test]
fn a_time_that_is_missing() {
    for blank in ["", "\"\"", "N/A", "null", "  "] {
        check(format!("bad,{blank},1,x,").as_bytes(), Reason::Missing, Some("EventDate"), None);
    }
}

#[test]
fn another_number_of_cells() {
    check(b"bad,2025-08-17T11:11:55Z,1,x", Reason::Ragged, None, None);
    check(b"bad,2025-08-17T11:11:55Z,1,x,,", Reason::Ragged, None, None);
    check(b"a note by somebody", Reason::Ragged, None, None);
    check(b"bad,\"2025\n08\",1,\"x\ny\"", Reason::Ragged, None, None);
}

#[test]
fn a_quote_where_none_may_stand() {
    check(b"bad,2025-08-17T11:11:55Z,1,x\"y\",", Reason::StrayQuote, None, None);
    check(b"bad,2025-08-17T11:11:55Z,1,\"x\"y,", Reason::StrayQuote, None, None);
    check(b"bad,2025-08-17T11:11:55Z,1,\"x\" ,", Reason::StrayQuote, None, None);
}

/// A quote that is never closed does not swallow the rest of the export.
#[test]
fn a_quote_that_is_never_closed() {
    check(b"bad,2025-08-17T11:11:55Z,1,\"x,", Reason::OpenQuote, None, None);
}

#[test]
fn bytes_that_are_no_utf_8() {
    let bad = b"bad,2025-08-17T11:11:55Z,1,caf\xe9,";
    check(bad, Reason::NotUtf8, Some("UserAgent"), Some("caf\u{fffd}"));
}

/// Nobody reads `ActionName`: a Latin-1 letter in it costs nothing.
#[test]
fn bytes_in_columns_that_nobody_reads_do_no_harm() {
    let text = b"EventIdentifier,EventDate,RowsReturned,ActionName\n1,2025-08-17T11:11:55Z,1,caf\xe9\n";
    assert_eq!(Read::of("csv", text).clean().rows.len(), 1);
}

/// One odd cell must not cost the export: whoever can put it there could hide behind it.
#[test]
fn a_nul_in_a_cell_costs_no_more_than_its_row() {
    let text = format!("{HEADER}\n1,2025-08-17T11:11:55Z,1,a\0b,\n{GOOD}\n");
    let read = Read::of("csv", text);
    assert_eq!(read.total(|counts| counts.read), 2, "{:?}", read.problems);
    assert!(read.cells(Role::Client).contains(&"good"));
}

#[test]
fn long_cells_and_records_are_shortened_between_characters() {
    let long = "ü".repeat(50_000);
    let text = format!("{HEADER}\nbad,{long},1,x,\n{GOOD}\n");
    let read = Read::of("csv", text);
    let [row] = &read.quarantined[..] else { panic!("one row is bad") };
    let value = row.value.as_ref().unwrap();
    assert!(value.len() < 300 && value.starts_with("üüü") && value.ends_with("(100000 bytes)"), "{value}");
    assert!(row.raw.len() < 5_000 && row.raw.ends_with(" bytes)") && !row.raw.contains('\u{fffd}'));
}

#[test]
fn the_first_thing_wrong_with_a_row_is_told() {
    let read = Read::of("csv", format!("{HEADER}\nbad,soon,many,caf,\n{GOOD}\n"));
    assert_eq!(read.quarantined.len(), 1, "a row is quarantined once");
}

#[test]
fn a_raw_assertion_that_is_none() {
    let text = "received,assertion\n2025-08-17T11:11:55Z,not.a.jwt\n2025-08-17T11:11:56Z,eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwic3ViIjoiYiJ9.c2ln\n";
    let read = Read::of("csv", text);
    let [row] = &read.quarantined[..] else { panic!("{:?}", read.quarantined) };
    assert_eq!((row.reason, row.column.as_deref()), (Reason::NotAnAssertion, Some("assertion")));
    assert_eq!(row.value, None, "assertions are secrets");
    assert!(row.raw.starts_with("withheld"), "{}", row.raw);
    assert_eq!(read.cells(Role::Issuer), ["a"]);
}

/// It is shown as far as it can be; before, the row was used and could not be read back.
#[test]
fn an_identifier_that_is_no_utf_8_can_be_read_back() {
    let text = b"EventIdentifier,EventDate,RowsReturned\na\xffb,2025-08-17T11:11:55Z,1\n";
    let folder = folder_of(&[("export.csv", text)]);
    let read = Reader::default().paths(&[folder.path().to_owned()]).clean();
    assert_eq!(read.rows.len(), 1);
    read.can_be_read_back();
}
