//! Exports whose rows are of several event types, and rows that say to be what nobody knows.

use tokentrail::batch::Role;
use tokentrail::detectors;
use tokentrail::ingest::Reason;

use super::{Read, Reader};
use crate::run::Run;

/// As Sentinel and Panther give out again what they took in: one table for all types.
const MIXED: &str = "\
EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,URI,CLIENT_IP,SOURCE_IP,LOGIN_STATUS,LOGIN_TYPE,API_FAMILY,API_RESOURCE,p_row_id\n\
Login,2025-08-17T11:00:00.000Z,0055j000000utlP,/services/oauth2/token,Salesforce.com IP,192.0.2.1,LOGIN_NO_ERROR,i,,,1\n\
RestApi,2025-08-17T11:00:01.000Z,0055j000000utlP,/services/data/v62.0/query,192.0.2.2,,,,,,2\n\
ApiTotalUsage,2025-08-17T11:00:02.000Z,0055j000000utlP,,192.0.2.3,,,,SOAP,login,3\n\
AuraRequest,2025-08-17T11:00:03.000Z,0055j000000utlP,/aura,192.0.2.4,,,,,,4\n\
,2025-08-17T11:00:04.000Z,0055j000000utlP,/,192.0.2.5,,,,,,5\n\
RestApiEvent,2025-08-17T11:00:05.000Z,0055j000000utlP,/services/data/v62.0/limits,192.0.2.6,,,,,,6\n\
Login,2025-08-17T11:00:06.000Z,0055j000000utlP,too,few\n\
LightningUriEvent,soon,0055j000000utlP,/lightning/page/home,192.0.2.7,,,,,,8\n\
LightningUriEvent,2025-08-17T11:00:08.000Z,0055j000000utlP,/lightning/page/home,192.0.2.8,,,,,,9\n";

#[track_caller]
fn is_mixed(read: &Read) {
    assert_eq!(read.problems, []);
    let used: Vec<(&str, u64)> = read.counts.iter().map(|(name, counts)| (name.as_str(), counts.used)).collect();
    assert_eq!(used, [("ApiTotalUsage", 1), ("Login", 1), ("RestApi", 2), ("URI", 1), ("unknown event type", 0)]);
    assert_eq!(read.sums(), (9, 5, 4, 0));
    let mut rows: Vec<(u64, &str, &str)> =
        read.rows.iter().map(|row| (row.record, row.cell(Role::SourceIp), row.cell(Role::Endpoint))).collect();
    rows.sort_unstable();
    assert_eq!(
        rows,
        [
            (1, "192.0.2.1", "/services/oauth2/token"),
            (2, "192.0.2.2", "/query"),
            (3, "192.0.2.3", "login"),
            (6, "192.0.2.6", "/limits"),
            (9, "192.0.2.8", "/lightning/page/home"),
        ]
    );
    let reasons: Vec<(u64, Reason, Option<&str>)> =
        read.quarantined.iter().map(|row| (row.record, row.reason, row.value.as_deref())).collect();
    assert_eq!(
        reasons,
        [
            (4, Reason::UnknownEventType, Some("AuraRequest")),
            (5, Reason::UnknownEventType, Some("")),
            (7, reasons[2].1, None),
            (8, Reason::NotATime, Some("soon")),
        ]
    );
    assert!(matches!(reasons[2].1, Reason::Ragged | Reason::NotJson));
}

#[test]
fn a_table_of_many_types() {
    let read = Read::of("csv", MIXED);
    is_mixed(&read);
    let exports: Vec<u64> = read.counts.values().map(|counts| counts.exports).collect();
    assert_eq!(exports, [1; 5]);
    for row in &read.rows {
        let line = MIXED[usize::try_from(row.offset).unwrap()..].lines().next().unwrap();
        assert!(line.contains(row.cell(Role::SourceIp)), "the offset is where the row stands: {line}");
    }
    let unknown: Vec<&String> = read.counts["Login"].unknown_columns.iter().collect();
    assert_eq!(unknown, ["p_row_id"], "columns of the other types are known");
}

#[test]
fn blocks_do_not_matter() {
    for bytes in [1, 100, 300, 700] {
        let read = Reader::in_blocks_of(bytes).texts(&[("mixed.csv", MIXED.as_bytes())]);
        is_mixed(&read);
    }
}

/// Two words for one event type are one type: of two copies the first one counts, whatever it calls itself.
#[test]
fn copies_under_two_names() {
    let row =
        |word: &str| format!("{word},2025-08-17T11:00:00.000Z,0055j000000utlP,/services/data/v62.0/query,192.0.2.2\n");
    let header = "EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,URI,CLIENT_IP\n";
    for words in [["RestApiEvent", "RestApi"], ["RestApi", "RestApiEvent"]] {
        for bytes in [1 << 20, 1] {
            let text = header.to_owned() + &row("URI") + &row(words[0]) + &row(words[1]);
            let read = Reader::in_blocks_of(bytes).texts(&[("mixed.csv", text.as_bytes())]);
            assert_eq!(read.sums(), (3, 2, 0, 1));
            assert_eq!(read.rows.iter().map(|row| row.record).collect::<Vec<_>>(), [1, 2], "{words:?}");
        }
    }
}

/// The first row that says its type in a way that is known tells what the export mainly is; nothing else hangs on it.
#[test]
fn the_order_of_rows_does_not_matter() {
    let mut lines: Vec<&str> = MIXED.lines().collect();
    lines[1..].reverse();
    let read = Read::of("csv", lines.join("\n"));
    let used: Vec<(&str, u64)> = read.counts.iter().map(|(name, counts)| (name.as_str(), counts.used)).collect();
    assert_eq!(used, [("ApiTotalUsage", 1), ("Login", 1), ("RestApi", 2), ("URI", 1), ("unknown event type", 0)]);
}

/// The same as lines of JSON, with Sentinel's names and empty values left out.
#[test]
fn lines_of_many_types() {
    let header: Vec<String> =
        MIXED.lines().next().unwrap().split(',').map(|name| format!("{}_s", name.to_lowercase())).collect();
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        if cells.len() < header.len() {
            return "{\"event_type_s\": \"Login\", \"timestamp\n".to_owned();
        }
        let present = header.iter().zip(&cells).filter(|(_, cell)| !cell.is_empty());
        let object: serde_json::Map<_, _> = present.map(|(name, cell)| (name.clone(), (*cell).into())).collect();
        format!("{}\n", serde_json::Value::Object(object))
    };
    let lines: String = MIXED.lines().skip(1).map(line).collect();
    is_mixed(&Read::of("ndjson", &lines));
    is_mixed(&Reader::in_blocks_of(150).texts(&[("mixed.ndjson", lines.as_bytes())]));
}

/// Query results say in `attributes` what their records are.
#[test]
fn records_of_several_objects() {
    let lines = r#"{"attributes":{"type":"LoginAsEvent"},"EventDate":"2025-08-17T11:00:00.000+0000","DelegatedUsername":"admin@acme.example"}
{"attributes":{"type":"LogoutEvent"},"EventDate":"2025-08-17T12:00:00.000+0000","Username":"mia@acme.example","UserId":"0055j000000utlP"}
{"attributes":{"type":"Account"},"EventDate":"2025-08-17T12:00:00.000+0000"}
"#;
    let read = Read::of("ndjson", lines);
    assert_eq!(read.sums(), (3, 2, 1, 0));
    assert_eq!(read.cells(Role::Action), ["LoginAs", "Logout"]);
    assert_eq!(read.quarantined[0].reason, Reason::UnknownEventType);
}

/// A whole file of a type that is not read is one problem, and not a quarantine full of its rows.
#[test]
fn a_file_of_an_unknown_type() {
    let text =
        "EVENT_TYPE,TIMESTAMP,USER_ID,URI\n\"AuraRequest\",\"20250817110000.000\",\"0055j000000utlP\",\"/aura\"\n";
    let read = Read::of("csv", text);
    assert_eq!((read.sums(), read.problems.len()), ((0, 0, 0, 0), 1));
    let problem = read.problems[0].to_string();
    assert!(
        problem.contains("\"AuraRequest\", which no schema is called by") && problem.contains("hint:"),
        "{problem}"
    );
    let json = r#"[{"EventType":"AuraRequest","Timestamp":"2025-08-17T11:00:00Z"}]"#;
    assert!(Read::of("json", json).problems[0].what.contains("AuraRequest"));
}

/// The list of event log files names event types and holds no events.
#[test]
fn a_list_of_files() {
    let text =
        "Id,EventType,LogDate,LogFileLength,LogFile\n0ATTr0000000001,Login,2025-08-17T00:00:00Z,12,/services/data/x\n";
    let read = Read::of("csv", text);
    assert!(read.problems[0].what.contains("lists event log files"), "{:?}", read.problems);
}

/// A signer's log may have event types of its own, even such as Salesforce has.
#[test]
fn event_types_of_others() {
    for word in ["token_request", "Login"] {
        let text = format!("received,iss,sub,iat,event_type\n2025-08-17T11:11:55Z,key,mia,1755429110,{word}\n");
        assert_eq!(Read::of("csv", text).clean().counts["JwtAssertion"].used, 1, "{word}");
    }
}

/// What is of an unknown type may hold secrets all the same.
#[test]
fn secrets_of_unknown_types_are_withheld() {
    let lines = r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20250817110000.000","USER_ID":"0055j000000utlP"}
{"EVENT_TYPE":"TokenDump","TIMESTAMP":"20250817110000.000","DeleteToken":"FAKE-SECRET"}
{"EVENT_TYPE":"Harmless","TIMESTAMP":"20250817110000.000","Note":"shown"}
"#;
    let many = lines.lines().next().unwrap().to_owned() + "\n";
    for text in [lines.to_owned(), many.repeat(200) + lines] {
        let read = Read::of("ndjson", &text);
        let raw: Vec<&str> = read.quarantined.iter().map(|row| row.raw.as_str()).collect();
        assert_eq!(raw.len(), 2);
        assert!(raw[0].starts_with("withheld") && !format!("{read:?}").contains("FAKE-SECRET"), "{raw:?}");
    }
}

/// What a query result says in passing does not keep its columns from telling what it is.
#[test]
fn an_unknown_object_with_known_columns() {
    let json = r#"[{"attributes":{"type":"My_Login_Copy__x"},"LoginTime":"2025-08-17T11:00:00Z","UserId":"0055j000000utlP","Status":"Success"}]"#;
    assert_eq!(Read::of("json", json).clean().counts["LoginHistory"].used, 1);
}

/// A type that appears only long after the head was looked at is read all the same.
#[test]
fn a_type_that_comes_late() {
    let login = "Login,2025-08-17T11:00:00.000Z,0055j000000utlP,,192.0.2.1,LOGIN_NO_ERROR\n";
    let rows: String = (0..6000)
        .map(|row| login.replace("00.000", &format!("00.{:03}", row % 1000)).replace(",,", &format!(",/{row},")))
        .collect();
    let text = format!(
        "EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,URI,SOURCE_IP,LOGIN_STATUS\n{rows}RestApi,2025-08-17T12:00:00.000Z,0055j000000utlP,/services/data/v62.0/query,,\n"
    );
    assert!(text.len() > 400_000, "longer than a head");
    let read = Read::of("csv", &text);
    assert_eq!((read.counts["RestApi"].used, read.counts["RestApi"].exports), (1, 1));
    assert_eq!(read.counts["RestApi"].read + read.counts["Login"].read, 6001);
    assert_eq!(read.rows.iter().map(|row| row.record).max(), Some(6001));
}

/// Evidence from such an export leads back to the very row, however it was cut into blocks.
#[test]
fn evidence_leads_back_into_a_mixed_export() {
    let header =
        "EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID_DERIVED,METHOD,URI,CONNECTED_APP_ID,CLIENT_IP,SOURCE_IP,LOGIN_STATUS\n";
    let rows = |number: usize| {
        let (new, minute) = (number % 7 == 3, number % 60);
        let day = if new { 20 + number % 5 } else { 1 + number % 15 };
        let time = format!("2025-08-{day:02}T10:{minute:02}:{:02}.000Z", number / 60);
        let address = if new { "203.0.113.9" } else { "192.0.2.17" };
        let other = format!("198.51.100.{number}");
        let unknown = "Nothing,2025-08-01T00:00:00.000Z,005Tr0001aEqx0LIAR,,,,203.0.113.9,,\n";
        [
            format!(
                "RestApi,{time},005Tr0001aEqx0LIAR,GET,/services/data/v62.0/query,0H4Tr0001PKSuDhKQL,{address},,\n"
            ),
            format!("Login,{time},005Tr0001aEqwjdIAB,,\"/index\n.jsp\",,{other},{other},LOGIN_NO_ERROR\n"),
            if number.is_multiple_of(9) { unknown.to_owned() } else { String::new() },
        ]
    };
    let text = header.to_owned() + &(0..140).flat_map(rows).collect::<String>();
    let lines: Vec<&str> = text.split("RestApi,").collect();
    assert_eq!(lines.len(), 141);
    for block_bytes in [1 << 20, 4096, 1] {
        let run = Run { detectors: vec![detectors::find("app-new-network").unwrap()], block_bytes, ..Run::default() };
        let outcome = run.scan_texts(&[("mixed.csv", text.as_bytes())]).outcome;
        assert_eq!(outcome.problems, []);
        let [finding] = &outcome.findings[..] else { panic!("{:?}", outcome.findings) };
        assert_eq!((finding.count, finding.subject.address.as_deref()), (20, Some("203.0.113.9")));
        assert!(!finding.evidence.is_empty());
        for evidence in &finding.evidence {
            let row = &text[usize::try_from(evidence.offset).unwrap()..];
            let row = row.lines().next().unwrap();
            assert!(row.starts_with("RestApi,") && row.contains("203.0.113.9"), "{row}");
            assert!(row.contains(&evidence.time.to_string()), "{row}");
        }
    }
}
