//! An event counts once, however often and in whatever form it is exported.

use super::Reader;

/// Reads the files and says `(read, used, quarantined, repeated)`.
fn sums(files: &[(&str, &str)]) -> (u64, u64, u64, u64) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let read = Reader::default().texts(&files);
    assert_eq!(read.problems, []);
    read.sums()
}

const CALLS: &str = "EventIdentifier,EventDate,UserId,SourceIp,RowsReturned\n\
                     e-1,2025-08-17T11:11:55.000Z,0055j000000utlPAAQ,192.0.2.17,58\n\
                     e-2,2025-08-17T11:11:56.000Z,0055j000000utlPAAQ,192.0.2.17,58\n";
/// The same two, in another form, and without the milliseconds.
const CALLS_AS_JSON: &str = r#"[
    {"EventIdentifier":"e-1","EventDate":"2025-08-17T11:11:55Z","UserId":"0055j000000utlP","SourceIp":"192.0.2.17","RowsReturned":58.0},
    {"EventIdentifier":"e-2","EventDate":"2025-08-17T11:11:56+0000","UserId":"0055j000000utlP","SourceIp":"192.0.2.17","RowsReturned":58}]"#;

#[test]
fn within_a_file() {
    let twice = format!("{CALLS}e-1,2025-08-17T11:11:55.000Z,0055j000000utlPAAQ,192.0.2.17,58\n");
    assert_eq!(sums(&[("a.csv", &twice)]), (3, 2, 0, 1));
}

#[test]
fn across_files_and_forms() {
    assert_eq!(sums(&[("a.csv", CALLS), ("b.csv", CALLS), ("c.json", CALLS_AS_JSON)]), (6, 2, 0, 4));
}

/// Without an event identifier the row's own values tell, in whatever spelling they stand.
#[test]
fn across_forms_without_an_identifier() {
    let header = CALLS.replace("EventIdentifier", "Query");
    let calls = header.replace("e-1", "SELECT Id FROM Case").replace("e-2", "SELECT Id FROM Case");
    let json = CALLS_AS_JSON.replace("EventIdentifier", "Query");
    assert_eq!(sums(&[("a.csv", &calls)]), (2, 2, 0, 0));
    assert_eq!(sums(&[("a.csv", &calls), ("b.csv", &calls), ("c.json", &json)]), (6, 2, 0, 4));
}

#[test]
fn what_differs_in_one_value_is_another_event() {
    let one = "EventDate,Query,UserId,SourceIp,RowsReturned,Operation\n\
               2025-08-17T11:11:55Z,q,0055j000000utlPAAQ,192.0.2.17,58,Query\n";
    let others = [
        ("11:11:55Z", "11:11:55.001Z"),
        ("utlPAAQ", "utlp"),
        ("192.0.2.17", "192.0.2.18"),
        (",58", ",59"),
        (",58", ","),
        ("58,Query", "58,QueryMore"),
    ];
    for (from, to) in others {
        assert_eq!(sums(&[("a.csv", one), ("b.csv", &one.replace(from, to))]), (2, 2, 0, 0), "{to}");
    }
}

/// A login's own id, in 15 or in 18 characters.
#[test]
fn logins_by_their_id() {
    let login = |id: &str, time: &str| {
        format!("Id,LoginTime,UserId,SourceIp,Status\n{id},{time},0055j000000utlPAAQ,192.0.2.17,Success\n")
    };
    let long = login("0YaHn0000EUyGdHKQV", "2025-08-17T11:11:55Z");
    let short = login("0YaHn0000EUyGdH", "2025-08-17T11:11:55.000+0000");
    let other = login("0YaHn0000EUyGdh", "2025-08-17T11:11:55Z");
    assert_eq!(sums(&[("a.csv", &long), ("b.csv", &short), ("c.csv", &other)]), (3, 2, 0, 1));
}

/// The same identifier in two event types is two events.
#[test]
fn event_types_do_not_share_identifiers() {
    let login = "Id,LoginTime,UserId,SourceIp,Status\ne-1,2025-08-17T11:11:55Z,0055j000000utlPAAQ,192.0.2.17,Success\n";
    assert_eq!(sums(&[("a.csv", CALLS), ("b.csv", login)]), (3, 3, 0, 0));
}

#[test]
fn tokens_and_assertions() {
    let tokens = "AppName,UserId,CreatedDate,LastUsedDate,UseCount,DeleteToken\n\
                  Drift,0055j000000utlP,2025-01-01T00:00:00Z,2025-08-01T00:00:00Z,7,FAKE-1\n\
                  Drift,0055j000000utlP,2025-01-01T00:00:00Z,2025-08-01T00:00:00Z,7,FAKE-2\n";
    assert_eq!(sums(&[("a.csv", tokens), ("b.csv", tokens)]), (4, 2, 0, 2));
    let assertions =
        "received,iss,sub,iat,jti\n2025-08-17T11:11:55Z,a,b,1755429110,j-1\n2025-08-17T11:11:56Z,a,b,1755429110,j-1\n";
    assert_eq!(sums(&[("a.csv", assertions), ("b.csv", assertions)]), (4, 2, 0, 2), "sent twice is not exported twice");
}

/// Of the copies the first one counts, in order of names and records, whatever the order of arguments.
#[test]
fn the_first_copy_stays() {
    let read = Reader::default().texts(&[("b.csv", CALLS.as_bytes()), ("a.json", CALLS_AS_JSON.as_bytes())]);
    assert!(read.rows.iter().all(|row| row.export == "a.json"), "{:?}", read.rows);
}

/// A row that cannot be used is no first copy.
#[test]
fn a_bad_copy_does_not_stand_for_the_event() {
    let bad = CALLS.replace("2025-08-17T11:11:55.000Z", "soon");
    let read = Reader::default().texts(&[("a.csv", bad.as_bytes()), ("b.csv", CALLS.as_bytes())]);
    assert_eq!(read.sums(), (4, 2, 1, 1));
}

/// A query by somebody else, with other columns, of the same event.
#[test]
fn copies_that_name_other_columns() {
    let more = "EventIdentifier,EventDate,UserId,Username,Query,RowsReturned\n\
                e-1,2025-08-17T11:11:55Z,0055j000000utlPAAQ,mia@acme.example,q,58\n";
    assert_eq!(sums(&[("a.csv", CALLS), ("b.csv", more)]), (3, 2, 0, 1));
}
