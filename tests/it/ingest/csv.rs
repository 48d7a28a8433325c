//! Every form of CSV that Salesforce and its exporters write.

use std::fmt::Write as _;

use tokentrail::batch::Role;

use super::{CALLS, NAMES, Read, Reader, all_calls};

/// How a file is written.
#[derive(Clone)]
struct Form {
    names: [&'static str; 7],
    /// Which of the names and cells come first.
    order: [usize; 7],
    delimiter: char,
    /// Every cell, or only those that need it.
    quote_all: bool,
    line_end: &'static str,
    mark: &'static str,
}

/// As Bulk API writes: every cell quoted, LF.
const QUOTED: Form =
    Form { names: NAMES, order: [0, 1, 2, 3, 4, 5, 6], delimiter: ',', quote_all: true, line_end: "\n", mark: "" };
/// As the command line writes: quotes where they are needed.
const MINIMAL: Form = Form { quote_all: false, ..QUOTED };

impl Form {
    fn text(&self) -> String {
        let mut text = self.mark.to_owned();
        text.push_str(&self.line(self.names));
        for call in &CALLS {
            text.push_str(&self.line(call.cells()));
        }
        text
    }

    fn line(&self, cells: [&str; 7]) -> String {
        let cells = self.order.map(|place| self.cell(cells[place]));
        cells.join(&self.delimiter.to_string()) + self.line_end
    }

    fn cell(&self, text: &str) -> String {
        if self.quote_all || text.contains([self.delimiter, '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    }
}

#[track_caller]
fn check(form: &Form) {
    all_calls(Read::of("csv", form.text()));
}

#[test]
fn every_cell_quoted() {
    check(&QUOTED);
}

#[test]
fn quotes_only_where_needed() {
    check(&MINIMAL);
}

#[test]
fn byte_order_mark_and_crlf() {
    check(&Form { mark: "\u{feff}", line_end: "\r\n", ..QUOTED });
    check(&Form { mark: "\u{feff}", line_end: "\r\n", ..MINIMAL });
}

#[test]
fn semicolons_and_tabs() {
    for delimiter in [';', '\t'] {
        check(&Form { delimiter, ..QUOTED });
        check(&Form { delimiter, ..MINIMAL });
    }
}

#[test]
fn columns_in_another_order() {
    check(&Form { order: [6, 5, 4, 3, 2, 1, 0], ..MINIMAL });
    check(&Form { order: [3, 0, 6, 1, 5, 2, 4], ..QUOTED });
}

#[test]
fn names_in_every_spelling() {
    let capitals = ["EVENTIDENTIFIER", "EVENTDATE", "USERID", "APPLICATION", "SOURCEIP", "ROWSRETURNED", "USERAGENT"];
    let snake =
        ["EVENT_IDENTIFIER", "EVENT_DATE", "USER_ID", "APPLICATION", "SOURCE_IP", "ROWS_RETURNED", "USER_AGENT"];
    let labels = ["API Event ID", "Event Date", "User ID", "Application", "Source IP", "Rows Returned", "User Agent"];
    let archived = [
        "std__EventIdentifier__c",
        "std__EventDate__c",
        "std__UserId__c",
        "std__Application__c",
        "std__SourceIp__c",
        "std__RowsReturned__c",
        "std__UserAgent__c",
    ];
    for names in [capitals, snake, labels, archived] {
        check(&Form { names, ..QUOTED });
        check(&Form { names, ..MINIMAL });
    }
}

#[test]
fn no_line_end_at_the_end() {
    let text = MINIMAL.text();
    all_calls(Read::of("csv", text.trim_end()));
    let text = Form { line_end: "\r\n", ..QUOTED }.text();
    all_calls(Read::of("csv", text.trim_end()));
}

#[test]
fn half_a_line_end_at_the_end() {
    for form in [QUOTED, MINIMAL] {
        let text = Form { line_end: "\r\n", ..form }.text();
        all_calls(Read::of("csv", text.strip_suffix('\n').unwrap()));
    }
}

#[test]
fn blank_lines_are_no_records() {
    for line_end in ["\n", "\r\n"] {
        let form = Form { line_end, ..QUOTED };
        let lines: Vec<String> = CALLS.iter().map(|call| form.line(call.cells())).collect();
        let text = form.line(NAMES) + line_end + &lines.join(line_end) + line_end + line_end;
        all_calls(Read::of("csv", text));
    }
}

#[test]
fn blank_lines_before_the_header() {
    all_calls(Read::of("csv", format!("\n\r\n{}", QUOTED.text())));
}

#[test]
fn quotes_that_event_log_files_leave_inside() {
    let text = "EventIdentifier,EventDate,RowsReturned,UserAgent,SourceIp\n\
                1,2025-08-17T11:11:55Z,\"\"\"58\"\"\",\"\"\"x\"\"\",\"\"\"192.0.2.17\"\"\"\n\
                2,2025-08-17T11:11:56Z,1,\"a \"\"b\"\" c\",\"\"\n";
    let read = Read::of("csv", text).clean();
    assert_eq!(read.cells(Role::Client), ["x", "a \"b\" c"]);
    assert_eq!(read.cells(Role::SourceIp), ["192.0.2.17", ""]);
    assert_eq!(read.cells(Role::Rows), ["58", "1"]);
}

#[test]
fn a_user_by_name_only() {
    for name in ["User.Username", "Username", "USER.USERNAME", "User Name"] {
        let text =
            format!("EventIdentifier,EventDate,RowsReturned,{name}\n1,2025-08-17T11:11:55Z,1,mia@acme.example\n");
        assert_eq!(Read::of("csv", text).clean().cells(Role::User), ["mia@acme.example"], "{name}");
    }
}

#[test]
fn two_hundred_columns() {
    let others = |what: &str| {
        (0..193).fold(String::new(), |mut text, number| {
            write!(text, ",{what}{number}").unwrap();
            text
        })
    };
    let mut lines = MINIMAL.line(NAMES).replace('\n', &(others("Custom") + "\n"));
    for call in &CALLS {
        let line = MINIMAL.line(call.cells());
        writeln!(lines, "{}{}", line.strip_suffix('\n').unwrap(), others("value ")).unwrap();
    }
    let read = Read::of("csv", lines);
    assert_eq!(read.counts["ApiEvent"].unknown_columns.len(), 193, "columns that are not read are named");
    all_calls(read);
}

#[test]
fn of_two_columns_with_one_name_the_first_counts() {
    let text = "EventIdentifier,EventDate,RowsReturned,Rows Returned,Application,Application\n\
                1,2025-08-17T11:11:55Z,58,99,Drift,Other\n\
                2,2025-08-17T11:11:56Z,0,99,,Other\n";
    let read = Read::of("csv", text).clean();
    assert_eq!(read.cells(Role::Rows), ["58", "0"]);
    assert_eq!(read.cells(Role::App)[0], "Drift");
}

#[test]
fn a_cell_of_100_kb() {
    let long = "SELECT \"Id\", Name\nFROM Account, ".repeat(3_500);
    let cell = QUOTED.cell(&long);
    let text = format!(
        "EventIdentifier,EventDate,Query,RowsReturned,UserAgent\n\
         1,2025-08-17T11:11:55Z,{cell},1,first\n2,2025-08-17T11:11:56Z,,2,{cell}\n"
    );
    let read = Read::of("csv", text).clean();
    assert_eq!(read.cells(Role::Rows), ["1", "2"]);
    assert_eq!(read.cells(Role::Client), ["first", long.trim()]);
}

/// Quoted text that looks like records is text, wherever a block may end in it.
#[test]
fn a_cell_of_3_mb_that_looks_like_records() {
    let line = "9,2025-08-17T11:11:59Z,\"\"9\"\",9,nobody\n";
    let cell = line.repeat((3 << 20) / line.len() + 1);
    let text = format!(
        "EventIdentifier,EventDate,Query,RowsReturned,UserAgent\n1,2025-08-17T11:11:55Z,a,1,first\n\
         2,2025-08-17T11:11:56Z,\"{cell}\",2,second\n3,2025-08-17T11:11:57Z,b,3,third\n"
    );
    for block_bytes in [1, 4096, 1 << 20, 16 << 20] {
        let read = Reader::in_blocks_of(block_bytes).texts(&[("export.csv", text.as_bytes())]).clean();
        assert_eq!(read.cells(Role::Client), ["first", "second", "third"], "in blocks of {block_bytes}");
    }
}

/// The head of an export is one block whatever the size asked for: the records that count stand behind it.
#[test]
fn blocks_of_any_size_give_the_same_rows() {
    let long = "x".repeat(3000);
    for form in [QUOTED, MINIMAL, Form { line_end: "\r\n", ..QUOTED }] {
        let mut text = form.line(NAMES);
        for number in 0..100 {
            let id = format!("padding {number}");
            text.push_str(&form.line([&id, "2025-08-01T00:00:00Z", "", "", "", "1", &long]));
        }
        for number in 0..50 {
            let id = format!("row {number}");
            let cells = CALLS[number % 3].cells();
            text.push_str(&form.line([&id, cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]]));
            text.push_str(if number % 7 == 0 { form.line_end } else { "" });
        }
        let whole = Read::of("csv", &text).clean();
        assert_eq!(whole.rows.len(), 150);
        for block_bytes in [1, 2, 3, 5, 64, 1000, 4096, 1 << 16] {
            let parts = Reader::in_blocks_of(block_bytes).texts(&[("export.csv", text.as_bytes())]).clean();
            assert!(parts.rows == whole.rows, "in blocks of {block_bytes}");
        }
    }
}
