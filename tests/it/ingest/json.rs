//! Every form of JSON that Salesforce and its exporters write.

use serde_json::{Value, json};
use tokentrail::batch::Role;
use tokentrail::ingest::Reason;

use super::{CALLS, NAMES, Read, Reader, all_calls};

/// A call as the API gives it: numbers as numbers, empty cells as null, and something about the record itself.
pub(super) fn object(cells: [&str; 7]) -> Value {
    let mut object = json!({"attributes": {"type": "ApiEvent", "url": "/services/data/v64.0/sobjects/ApiEvent/x"}});
    for (name, cell) in NAMES.iter().zip(cells) {
        object[name] = match (*name, cell) {
            (_, "") => Value::Null,
            ("RowsReturned", number) => json!(number.parse::<f64>().unwrap()),
            ("EventDate", time) => json!(time.replace('Z', "+0000")),
            (_, text) => json!(text),
        };
    }
    object
}

pub(super) fn objects() -> Vec<Value> {
    CALLS.iter().map(|call| object(call.cells())).collect()
}

/// A document, compact and indented.
#[track_caller]
fn check(document: &Value) {
    all_calls(Read::of("json", document.to_string()));
    all_calls(Read::of("json", serde_json::to_string_pretty(document).unwrap()));
    all_calls(Read::of("json", format!("\u{feff}\n {document}\n\n")));
}

#[test]
fn query_results() {
    check(&json!({"totalSize": 3, "done": true, "records": objects()}));
    check(&json!({"totalSize": 3, "done": false, "nextRecordsUrl": "/query/01g-2000", "records": objects()}));
    check(&json!({"records": objects(), "totalSize": 3, "done": true}));
}

#[test]
fn results_of_the_command_line() {
    check(&json!({"status": 0, "result": {"records": objects(), "totalSize": 3, "done": true}, "warnings": []}));
    check(&json!({"status": 0, "result": {"totalSize": 3, "done": true, "records": objects()}}));
}

#[test]
fn arrays() {
    check(&json!(objects()));
}

#[test]
fn one_object_a_line() {
    let lines: Vec<String> = objects().iter().map(Value::to_string).collect();
    all_calls(Read::of("ndjson", lines.join("\n")));
    all_calls(Read::of("ndjson", lines.join("\r\n") + "\r\n"));
    all_calls(Read::of("ndjson", format!("\u{feff}{}\n\n", lines.join("\n\n"))));
    all_calls(Read::of("json", lines.join("\n") + "\n"));
}

#[test]
fn objects_one_after_another() {
    let lines: Vec<String> = objects().iter().map(|object| serde_json::to_string_pretty(object).unwrap()).collect();
    all_calls(Read::of("json", lines.join("\n")));
}

#[test]
fn a_user_inside_a_user() {
    let mut with_name = object(CALLS[0].cells());
    with_name["UserId"] = Value::Null;
    with_name["User"] = json!({"attributes": {"type": "User"}, "Username": "mia@acme.example"});
    let mut without = object(CALLS[1].cells());
    without["User"] = Value::Null;
    let read = Read::of("json", json!([with_name, without]).to_string()).clean();
    assert_eq!(read.cells(Role::User), ["mia@acme.example", "0055j000000utlPAAQ"]);
}

#[test]
fn numbers_booleans_nulls_and_lists() {
    let text = r#"[
        {"EventIdentifier": 17, "EventDate": 1755429115214, "RowsReturned": 58, "UserAgent": true, "SourceIp": null},
        {"EventIdentifier": "b", "EventDate": 1755429116, "RowsReturned": 1.9103758e7, "Application": ["a", {"b": 1}]},
        {"EventIdentifier": "c", "EventDate": "2025-08-17T11:11:57Z", "RowsReturned": "3.0", "UserAgent": false},
        {"EventIdentifier": "d", "EventDate": "2025-08-17T11:11:58Z", "RowsReturned": null, "Query": {"deep": {"er": 1}}}
    ]"#;
    let read = Read::of("json", text).clean();
    assert_eq!(read.cells(Role::Rows), ["58", "19103758", "3", ""]);
    assert_eq!(read.cells(Role::Client), ["true", "", "false", ""]);
    let times = ["2025-08-17T11:11:55.214Z", "2025-08-17T11:11:56.000Z", "2025-08-17T11:11:57.000Z"];
    assert_eq!(read.cells(Role::Time)[..3], times);
}

#[test]
fn escapes_in_names_and_values() {
    let text = r#"[{"Event\u0049dentifier": "1", "EventDate": "2025-08-17T11:11:57Z", "RowsReturned": 1,
        "UserAgent": "tab \t quote \" slash \/ \\ chair \ud83e\ude91 {[", "Application": "}],\u005d"}]"#;
    let read = Read::of("json", text).clean();
    assert_eq!(read.cells(Role::Client), ["tab \t quote \" slash / \\ chair 🪑 {["]);
    assert_eq!(read.cells(Role::App), ["}],]"]);
}

/// A broken record spoils itself only: it stands between two good ones, and the document around all three.
#[track_caller]
fn broken([before, between, behind]: [&str; 3], spoilt: &str) {
    let [first, _, third] = &objects()[..] else { unreachable!() };
    let read = Read::of("json", format!("{before}{first}{between}{spoilt}{between}{third}{behind}"));
    assert_eq!(read.cells(Role::Client), [CALLS[0].client, CALLS[2].client], "{spoilt}");
    let [row] = &read.quarantined[..] else { panic!("{spoilt}: {:?}", read.quarantined) };
    assert_eq!((row.record, row.reason), (2, Reason::NotJson), "{spoilt}");
}

#[test]
fn a_broken_line_spoils_itself_only() {
    let lines = [
        r#"{"EventIdentifier": "2", "EventDate": }"#,
        r#"{"EventIdentifier": "2", "EventDate": "2025-08-1"#,
        r#"{"EventIdentifier": "2"}}"#,
        "nothing of the kind",
        "17",
        "[]",
        "\u{fffd}",
        "}",
        "\"",
    ];
    for line in lines {
        broken(["", "\n", "\n"], line);
    }
}

/// As when a log was rotated in the middle of a line.
#[test]
fn a_first_line_that_is_cut_off_spoils_itself_only() {
    let [first, second, _] = &objects()[..] else { unreachable!() };
    for cut in [r#"{"EventIdentifier": "0", "EventDate": "2025-08-"#, r#"{"EventIdentifier": "0", "Query": {"#] {
        let read = Read::of("ndjson", format!("{cut}\n{first}\n{second}\n"));
        assert_eq!(read.sums(), (3, 2, 1, 0), "{cut}");
    }
}

#[test]
fn a_broken_object_spoils_itself_only() {
    for object in
        [r#"{"EventIdentifier": "2", "EventDate": }"#, r#"{"EventIdentifier": 2 "EventDate": 3}"#, "17", "\"x\""]
    {
        broken(["[", ",\n", "]"], object);
        broken(["{\"done\":true,\"records\":[", ",\n", "]}"], object);
    }
}

#[test]
fn what_is_no_object_at_the_end_of_an_array_is_counted() {
    let text = format!("[{}, 17, \"x\"]", objects()[0]);
    let read = Read::of("json", text);
    assert_eq!((read.rows.len(), read.quarantined.is_empty()), (1, false), "{:?}", read.quarantined);
}

#[test]
fn a_document_that_ends_early() {
    let text = json!({"totalSize": 3, "done": true, "records": objects()}).to_string();
    let third = text.find("000000000003").unwrap();
    let read = Read::of("json", &text[..third + 100]);
    assert_eq!(read.rows.len(), 2);
    let [row] = &read.quarantined[..] else { panic!("{:?}", read.quarantined) };
    assert_eq!((row.record, row.reason), (3, Reason::CutOff));
}

#[test]
fn a_cell_of_100_kb() {
    let long = "SELECT \"Id\" FROM {Account} ".repeat(4_000);
    let mut object = object(CALLS[0].cells());
    object["UserAgent"] = json!(long);
    for text in [json!([object]).to_string(), object.to_string(), json!({"records": [object]}).to_string()] {
        assert_eq!(Read::of("json", text).clean().cells(Role::Client), [long.trim()]);
    }
}

#[test]
fn nothing_but_brackets() {
    let deep = "[".repeat(50_000);
    for text in ["[]", "{}", "[[]]", "{\"records\":[]}", "[{}]", &deep, "{\"a\":{}}", "[{]}"] {
        let read = Read::of("json", text);
        assert_eq!(read.rows.len(), 0, "{}", &text[..text.len().min(20)]);
        assert!(!read.problems.is_empty(), "{}", &text[..text.len().min(20)]);
    }
}

/// The same between braces, but told from what is beside it by nothing but a comma.
#[test]
fn a_broken_object_is_the_same_in_blocks_of_any_size() {
    let long = "x".repeat(3000);
    let padding =
        (0..100).map(|number| object([&format!("p{number}"), "2025-08-01T00:00:00Z", "", "", "", "1", &long]));
    let head = padding.map(|object| object.to_string() + ",\n").collect::<String>();
    let [first, second, third] = &objects()[..] else { unreachable!() };
    for gap in ["},\n", "; ", " , 17 ", " \" ", " x\n", "]\n", "\\"] {
        let text = format!("[{head}{first}{gap}{second}, {third},\n{first}\n]");
        let told = |block_bytes: usize| {
            let read = Reader::in_blocks_of(block_bytes).texts(&[("export.json", text.as_bytes())]);
            let bad: Vec<_> = read.quarantined.iter().map(|row| (row.record, row.offset, row.raw.clone())).collect();
            (read.sums(), bad, read.rows.iter().map(|row| (row.record, row.offset)).collect::<Vec<_>>())
        };
        let whole = told(1 << 20);
        for block_bytes in [1, 100, 500] {
            assert!(told(block_bytes) == whole, "{gap:?} in blocks of {block_bytes}");
        }
    }
}

/// The head of an export is one block whatever the size asked for: the records that count stand behind it.
#[test]
fn blocks_of_any_size_give_the_same_rows() {
    let long = "x".repeat(3000);
    let padding =
        (0..100).map(|number| object([&format!("p{number}"), "2025-08-01T00:00:00Z", "", "", "", "1", &long]));
    let calls = (0..50).map(|number| {
        let cells = CALLS[number % 3].cells();
        object([&format!("row {number}"), cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]])
    });
    let all: Vec<Value> = padding.chain(calls).collect();
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    let forms = [
        json!({"done": true, "records": all}).to_string(),
        serde_json::to_string_pretty(&json!({"status": 0, "result": {"records": all}})).unwrap(),
        lines.join("\n"),
        lines.join("\r\n\r\n") + "\r\n",
    ];
    for text in forms {
        let whole = Read::of("json", &text).clean();
        assert_eq!(whole.rows.len(), 150);
        for block_bytes in [1, 2, 3, 5, 64, 1000, 4096, 1 << 16] {
            let parts = Reader::in_blocks_of(block_bytes).texts(&[("export.json", text.as_bytes())]).clean();
            assert!(parts.rows == whole.rows, "in blocks of {block_bytes}");
        }
    }
}
