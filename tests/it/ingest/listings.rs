//! Listings of `EventLogFile`: each body in them is read, and what is wrong with a row is told by its name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokentrail::batch::Role;

use super::packed::{gzip, zipped};
use super::{Read, Reader};

fn log(rows: &[u32]) -> String {
    let row = |rows: &u32| format!("\"Login\",\"r-{rows}\",\"2025-08-17T11:11:55.000Z\",\"192.0.2.{rows}\"\n");
    let header = "\"EVENT_TYPE\",\"REQUEST_ID\",\"TIMESTAMP_DERIVED\",\"SOURCE_IP\"\n";
    header.to_owned() + &rows.iter().map(row).collect::<String>()
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

const HEADER: &str = "\"Id\",\"EventType\",\"Interval\",\"Sequence\",\"LogDate\",\"LogFileLength\",\"LogFile\"\n";

/// A listing as Data Loader writes it, with a row for each of these bodies.
fn listing(bodies: &[&str]) -> String {
    let row = |(number, body): (usize, &&str)| {
        format!(
            "\"0ATA0000000000{number}\",\"Login\",\"Hourly\",\"{number}\",\"2025-08-17T11:00:00Z\",\"9\",\"{body}\"\n"
        )
    };
    HEADER.to_owned() + &(1..).zip(bodies).map(row).collect::<String>()
}

fn object(number: usize, body: &str) -> Value {
    json!({
        "attributes": {"type": "EventLogFile"}, "LogFile": body, "Id": format!("0ATA0000000000{number}"),
        "EventType": "Login", "Interval": "Hourly", "Sequence": number, "LogDate": "2025-08-17T11:00:00.000+0000",
    })
}

#[track_caller]
fn both_are_read(text: &str, ending: &str) {
    let read = Read::of(ending, text).clean();
    assert_eq!(read.cells(Role::SourceIp), ["192.0.2.1", "192.0.2.2", "192.0.2.3"], "{text}");
    let exports: Vec<&str> = read.rows.iter().map(|row| row.export.as_str()).collect();
    let name = |number| format!("export.{ending}!0ATA0000000000{number}OAA");
    assert_eq!(exports, [name(1), name(2), name(2)]);
}

/// The rows that were read can be found again in the listing.
#[test]
fn each_body_is_an_export() {
    let bodies = [encoded(log(&[1])), encoded(log(&[2, 3]))];
    let rows: Vec<Value> = (1..).zip(&bodies).map(|(number, body)| object(number, body)).collect();
    let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
    let csv = listing(&bodies.each_ref().map(String::as_str));
    both_are_read(&csv, "csv");
    both_are_read(&csv.replace("LogFile", "LOGFILE").replace("\",\"", "\";\""), "csv");
    both_are_read(&format!("\u{feff}{}", csv.replace('\n', "\r\n")), "csv");
    both_are_read(&lines.concat(), "ndjson");
    both_are_read(&json!({"totalSize": 2, "done": true, "records": rows}).to_string(), "json");
    both_are_read(&json!({"status": 0, "result": {"records": rows}}).to_string(), "json");
    both_are_read(&serde_json::to_string_pretty(&rows).unwrap(), "json");
}

/// Broken into lines, escaped, compressed.
#[test]
fn bodies_however_they_are_written() {
    let body = encoded(log(&[1]));
    let (front, back) = body.split_at(76);
    let csv = listing(&[&format!("{front}\r\n{back}\r\n")]);
    assert_eq!(Read::of("csv", csv).clean().cells(Role::SourceIp), ["192.0.2.1"]);
    let escaped = object(1, &body).to_string().replace('=', "\\u003d").replace(front, &format!("{front}\\n"));
    assert_eq!(Read::of("ndjson", escaped).clean().cells(Role::SourceIp), ["192.0.2.1"]);
    let packed = listing(&[&encoded(gzip(log(&[1]).as_bytes()))]);
    assert_eq!(Read::of("csv", packed).clean().cells(Role::SourceIp), ["192.0.2.1"]);
}

/// Longer than any block, and than what is looked at to know a listing.
#[test]
fn long_bodies() {
    let numbers: Vec<u32> = (0..30_000).collect();
    let body = encoded(log(&numbers));
    for (text, ending) in [
        (listing(&[&body]), "csv"),
        (object(1, &body).to_string(), "ndjson"),
        (json!([object(1, &body)]).to_string(), "json"),
    ] {
        let read = Reader { threads: 2, ..Reader::default() }.texts(&[(&format!("a.{ending}"), text.as_bytes())]);
        assert_eq!((read.sums().0, read.problems.len()), (30_000, 0), "{ending}");
    }
}

#[test]
fn rows_are_read_back() {
    let text = listing(&[&encoded(log(&[1])), &encoded(log(&[2, 3]))]);
    let folder = super::folder_of(&[("listing.csv", text.as_bytes())]);
    let read = Reader::default().paths(&[folder.path().to_owned()]).clean();
    read.can_be_read_back();
}

/// The others are read all the same.
#[track_caller]
fn told(text: &str, export: &str, what: &str, rows: &[&str]) {
    let read = Reader::default().texts(&[("listing.csv", text.as_bytes())]);
    assert_eq!(read.cells(Role::SourceIp), rows, "{what}");
    let [problem] = &read.problems[..] else { panic!("{what}: {:?}", read.problems) };
    assert!(problem.export.ends_with(export) && problem.what.contains(what), "{problem}");
}

#[test]
fn what_is_wrong_is_told() {
    let body = encoded(log(&[1]));
    let leads_on = "/services/data/v58.0/sobjects/EventLogFile/0ATA00000000002/LogFile";
    let all = listing(&[&body, leads_on]);
    told(&all, "listing.csv", "lists 2 event log files, and does not hold 1 of them", &["192.0.2.1"]);
    told(&listing(&[leads_on, ""]), "listing.csv", "none of their rows can be read here", &[]);
    told(
        &listing(&[&body, &body[..body.len() - 3]]),
        "listing.csv!0ATA00000000002OAA",
        "not whole base64",
        &["192.0.2.1"],
    );
    told(&listing(&[&body, &encoded("Name,Phone\n")]), "!0ATA00000000002OAA", "no schema fits", &["192.0.2.1"]);
    told(
        &listing(&[&body, &encoded(&all)]),
        "!0ATA00000000002OAA",
        "none of their rows can be read here",
        &["192.0.2.1"],
    );
    told(&(listing(&[&body]) + "too,short\n"), "listing.csv", "a row of it cannot be read", &["192.0.2.1"]);
    told(&(listing(&[&body]) + "\"0AT"), "listing.csv", "a row of it is not whole", &["192.0.2.1"]);
    let packed = Reader::default().texts(&[("listing.zip", &zipped(&[("a.csv", all.as_bytes())]))]);
    assert!(packed.problems[0].to_string().contains("unpack the listing"), "{:?}", packed.problems);
}

/// Neither an id that comes twice nor one that is none names a member.
#[test]
fn rows_without_an_id_of_their_own() {
    let twice = listing(&[&encoded(log(&[1])), &encoded(log(&[2]))]).replace("0ATA00000000002", "0ATA00000000001");
    let exports = |text: String| {
        let read = Read::of("csv", text).clean();
        read.rows.iter().map(|row| row.export.clone()).collect::<Vec<_>>()
    };
    assert_eq!(exports(twice.clone()), ["export.csv!0ATA00000000001OAA", "export.csv!row 2"]);
    assert_eq!(exports(twice.replace("0ATA00000000001", "../a")), ["export.csv!row 1", "export.csv!row 2"]);
}

/// Other files have a column of that name too.
#[test]
fn not_every_log_file_is_one_of_theirs() {
    let read = Read::of("csv", "Server,LogFile\none,app.log\n");
    assert!(read.problems[0].what.contains("event log files") || read.problems[0].what.contains("no schema fits"));
    assert_eq!(read.problems.len(), 1);
    let query =
        "EventIdentifier,EventDate,RowsReturned,Query\n1,2025-08-17T11:11:55Z,7,\"SELECT LogFile FROM EventLogFile\"\n";
    assert_eq!(Read::of("csv", query).clean().cells(Role::Rows), ["7"]);
}
