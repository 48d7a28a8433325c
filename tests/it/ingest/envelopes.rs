//! JSON records in what surrounds them: several query results in one file, and the wrappers of streams and brokers.

use serde_json::{Value, json};
use tokentrail::batch::Role;
use tokentrail::ingest::Reason;

use super::json::{object, objects};
use super::{CALLS, Read, Reader, all_calls};

/// A document as it is, indented, and cut into blocks of every kind.
#[track_caller]
fn check(text: &str) {
    all_calls(Read::of("json", text));
    for block_bytes in [1, 7, 100, 1000] {
        all_calls(Reader::in_blocks_of(block_bytes).texts(&[("export.json", text.as_bytes())]));
    }
}

fn page(calls: &[Value]) -> Value {
    json!({"totalSize": 3, "done": false, "nextRecordsUrl": "/query/01g-2000", "records": calls})
}

fn of_the_command_line(calls: &[Value]) -> Value {
    json!({"status": 0, "result": {"records": calls, "totalSize": 3, "done": true}, "warnings": ["[a]", "}"]})
}

/// Who fetches page after page appends one answer to the other, or collects them in an array.
#[test]
fn pages_one_after_another() {
    let calls = objects();
    let envelopes: [fn(&[Value]) -> Value; 4] =
        [page, of_the_command_line, |calls| json!(calls), |calls| json!({"records": calls, "done": true})];
    for (number, envelope) in envelopes.iter().enumerate() {
        for parts in [vec![&calls[..1], &calls[1..2], &calls[2..]], vec![&calls[..0], &calls[..], &calls[..0]]] {
            let pages: Vec<Value> = parts.into_iter().map(envelope).collect();
            let lines: Vec<String> = pages.iter().map(Value::to_string).collect();
            let indented: Vec<String> = pages.iter().map(|page| serde_json::to_string_pretty(page).unwrap()).collect();
            check(&lines.join("\n"));
            check(&lines.concat());
            check(&indented.join("\r\n"));
            check(&serde_json::to_string_pretty(&pages).unwrap());
            check(&format!("[{}]", lines.join(",")));
            let other = envelopes[(number + 1) % 4];
            check(&format!("{}\n{}\n{}", envelope(&calls[..1]), other(&calls[1..2]), envelope(&calls[2..])));
        }
    }
}

#[test]
fn a_page_and_records_of_their_own() {
    let calls = objects();
    check(&format!("{}\n{}\n{}\n", page(&calls[..1]), calls[1], calls[2]));
    check(&format!("[{}]\n[{},{}]\n", calls[0], calls[1], calls[2]));
}

/// Later pages are no longer in the head of the file.
#[test]
fn many_pages_of_many_records() {
    let long = "x".repeat(2000);
    let row = |number: usize| object([&format!("id {number}"), "2025-08-01T00:00:00Z", "", "", "", "1", &long]);
    let pages: Vec<Value> =
        (0..40).map(|page_number| page(&[row(page_number * 2), row(page_number * 2 + 1)])).collect();
    let lines: Vec<String> = pages.iter().map(Value::to_string).collect();
    for text in [lines.join("\n"), serde_json::to_string_pretty(&pages).unwrap()] {
        let whole = Read::of("json", &text).clean();
        assert_eq!(whole.rows.len(), 80);
        assert!(whole.rows.iter().zip(1..).all(|(row, number)| row.record == number));
        for row in &whole.rows {
            assert_eq!(
                text.as_bytes()[usize::try_from(row.offset).unwrap()],
                b'{',
                "records are where they are said to be"
            );
        }
        for block_bytes in [1, 333, 5000, 1 << 16] {
            let parts = Reader::in_blocks_of(block_bytes).texts(&[("export.json", text.as_bytes())]).clean();
            assert!(parts.rows == whole.rows, "in blocks of {block_bytes}");
        }
    }
}

#[test]
fn a_broken_record_in_a_page_spoils_itself_only() {
    let calls = objects();
    let broken = format!("{{\"records\":[{},{{\"EventDate\": }}]}}", calls[0]);
    for text in [
        format!("{broken}\n{}", page(&calls[1..])),
        format!("[{broken},{}]", page(&calls[1..])),
        format!("{}\n{{\"records\":[{{\"EventDate\": }},{}]}}", page(&calls[..2]), calls[2]),
    ] {
        for block_bytes in [1, 100, 1 << 20] {
            let read = Reader::in_blocks_of(block_bytes).texts(&[("export.json", text.as_bytes())]);
            assert_eq!(read.sums(), (4, 3, 1, 0), "{text}");
            assert_eq!(read.quarantined[0].reason, Reason::NotJson);
        }
    }
}

#[test]
fn what_stands_behind_a_page_is_not_lost() {
    let first = page(&objects()[..1]).to_string();
    for (behind, rows) in [("\n17", 1), ("\nWarning: update available", 1), ("\n{\"totalSize\": 3, \"reco", 1)] {
        let read = Read::of("json", format!("{first}{behind}"));
        assert_eq!((read.rows.len(), read.quarantined.len()), (rows, 1), "{behind}: {:?}", read.quarantined);
    }
}

/// Each event in a wrapper: one a line, in an array, indented.
#[track_caller]
fn wrapped(wrap: impl Fn(Value) -> Value) {
    let events: Vec<Value> = objects().into_iter().map(wrap).collect();
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    let indented: Vec<String> = events.iter().map(|event| serde_json::to_string_pretty(event).unwrap()).collect();
    for text in [lines.join("\n"), json!(events).to_string(), indented.join("\n"), lines.join("\r\n") + "\r\n"] {
        check(&text);
        let read = Read::of("json", &text);
        assert!(read.counts["ApiEvent"].unknown_columns.is_empty(), "{:?}", read.counts["ApiEvent"].unknown_columns);
    }
}

#[test]
fn events_of_streams() {
    wrapped(|event| {
        let data = json!({"schema": "5E1wv", "payload": event, "event": {"replayId": 1}});
        json!({"data": data, "channel": "/event/ApiEventStream"})
    });
    wrapped(|event| json!({"schema": "5E1wv", "payload": event, "event": {"replayId": 1}}));
    wrapped(|event| json!({"replayId": "AAAAAAAAAAE=", "payload": event}));
    wrapped(|event| json!({"event": event}));
    wrapped(|event| json!({"event": {"id": "x", "schemaId": "y", "payload": event}}));
    wrapped(|event| json!({"time": 1, "sourcetype": "x", "event": event}));
    wrapped(|event| json!({"_index": "salesforce", "_source": event}));
}

/// What can be null is a union there, and says its type; times are milliseconds.
#[test]
fn avro_unions() {
    let call = CALLS[0].cells();
    let event = json!({
        "EventIdentifier": call[0], "EventDate": {"long": 1_755_429_115_214_i64}, "UserId": {"string": call[2]},
        "Application": {"string": call[3]}, "SourceIp": {"string": call[4]}, "RowsReturned": {"double": 58.0},
        "UserAgent": {"string": call[6]}, "Query": null, "HasMore": {"boolean": true}, "CreatedDate": 1_755_429_115_214_i64,
    });
    for event in [event.clone(), json!({"payload": event}), json!({"data": {"payload": event}})] {
        let read = Read::of("json", event.to_string()).clean();
        let is: Vec<&str> = [Role::User, Role::App, Role::SourceIp, Role::Rows, Role::Client, Role::Time]
            .map(|role| read.rows[0].cell(role))
            .to_vec();
        assert_eq!(is, [call[2], call[3], call[4], "58", call[6], "2025-08-17T11:11:55.214Z"]);
        let unknown: Vec<&str> = read.counts["ApiEvent"].unknown_columns.iter().map(String::as_str).collect();
        assert_eq!(unknown, ["HasMore"]);
    }
}

/// `Records` holds JSON as a string, cut off perhaps, or as an object: neither is an envelope.
#[test]
fn records_inside_of_a_record() {
    let inner = json!({"totalSize": 1, "done": true, "records": [{"attributes": {"type": "Account"}, "Id": "001"}]});
    for records in [json!(inner.to_string()), json!("{\"totalSize\":3,\"rec"), inner, json!({"recordIds": ["001"]})] {
        let mut calls = objects();
        for call in &mut calls {
            call["Records"] = records.clone();
        }
        let lines: Vec<String> = calls.iter().map(Value::to_string).collect();
        for text in [json!(calls).to_string(), lines.join("\n"), page(&calls).to_string(), lines.concat()] {
            check(&text);
            assert!(Read::of("json", &text).counts["ApiEvent"].unknown_columns.is_empty());
        }
    }
}

/// An envelope is one by its first 4 KiB; an object whose list comes later is a record, whatever the block size.
#[test]
fn what_is_an_envelope_does_not_depend_on_blocks() {
    for length in 4030..4110 {
        let text = format!("[]{{\"a\":\"{}\", \"records\" : [{}]}}", "x".repeat(length), objects()[0]);
        let text = format!("{}\n{text}", page(&objects()[1..]));
        let told = |block_bytes: usize| {
            let read = Reader::in_blocks_of(block_bytes).texts(&[("export.json", text.as_bytes())]);
            (read.sums(), read.rows)
        };
        let whole = told(1 << 20);
        assert_eq!(whole.0.0, 3, "{length}");
        for block_bytes in [1, 64, 4096] {
            assert!(told(block_bytes) == whole, "{length} in blocks of {block_bytes}");
        }
    }
}
