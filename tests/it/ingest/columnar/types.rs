//! Columns of every type: those that are read, those that are not, and values that no row may have.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, StringArray,
    StringViewArray, StructArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt16Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int8Type, Int64Type};
use tokentrail::batch::Role;
use tokentrail::ingest::Reason;

use super::{FORMS, micros, read, table, text};
use crate::run::Run;

const NOON: &str = "2025-08-17T11:11:55.214Z";

/// Reads a call with this column in the place of one of the usual ones, in all forms.
fn with(name: &str, column: &ArrayRef) -> Vec<super::Read> {
    let usual = |given: &str, value: &str| {
        if name == given { Arc::clone(column) } else { text(&vec![value; column.len()]) }
    };
    let ids: Vec<String> = (0..column.len()).map(|row| row.to_string()).collect();
    let batch = table(vec![
        ("EventIdentifier", text(&ids.iter().map(String::as_str).collect::<Vec<_>>())),
        ("EventDate", usual("EventDate", NOON)),
        ("RowsReturned", usual("RowsReturned", "1")),
        ("Application", usual("Application", "Drift")),
        ("SourceIp", usual("SourceIp", "192.0.2.17")),
    ]);
    FORMS.into_iter().map(|form| read(form, std::slice::from_ref(&batch))).collect()
}

#[track_caller]
fn is_read(name: &str, role: Role, column: impl Array + 'static, expected: &[&str]) {
    let column: ArrayRef = Arc::new(column);
    for read in with(name, &column) {
        assert_eq!(read.clean().cells(role), expected, "{}", column.data_type());
    }
}

#[test]
fn times() {
    let noon = micros(NOON);
    let check = |column: ArrayRef, expected: &str| {
        for read in with("EventDate", &column) {
            assert_eq!(read.clean().cells(Role::Time), [expected], "{}", column.data_type());
        }
    };
    for zone in [None, Some("UTC"), Some("+02:00"), Some("America/New_York")] {
        let zone = zone.map(Into::into);
        check(Arc::new(TimestampMicrosecondArray::from(vec![noon]).with_timezone_opt::<Arc<str>>(zone.clone())), NOON);
        check(Arc::new(TimestampMillisecondArray::from(vec![noon / 1000]).with_timezone_opt(zone.clone())), NOON);
        check(Arc::new(TimestampNanosecondArray::from(vec![noon * 1000 + 999]).with_timezone_opt(zone.clone())), NOON);
        check(
            Arc::new(TimestampSecondArray::from(vec![noon / 1_000_000]).with_timezone_opt(zone)),
            "2025-08-17T11:11:55.000Z",
        );
    }
    check(Arc::new(Date32Array::from(vec![20_317])), "2025-08-17T00:00:00.000Z");
    check(Arc::new(Int64Array::from(vec![noon / 1000])), NOON);
    check(Arc::new(Int32Array::from(vec![1_755_429_115])), "2025-08-17T11:11:55.000Z");
    check(Arc::new(LargeStringArray::from(vec!["2025-08-17T11:11:55.214+0000"])), NOON);
}

#[test]
fn numbers() {
    let rows = |column: ArrayRef, expected: &[&str]| {
        for read in with("RowsReturned", &column) {
            assert_eq!(read.clean().cells(Role::Rows), expected, "{}", column.data_type());
        }
    };
    rows(Arc::new(Int64Array::from(vec![Some(58), None, Some(-1)])), &["58", "", "-1"]);
    rows(Arc::new(Int8Array::from(vec![7])), &["7"]);
    rows(Arc::new(UInt16Array::from(vec![65_535])), &["65535"]);
    rows(Arc::new(UInt64Array::from(vec![63_618])), &["63618"]);
    rows(
        Arc::new(Float64Array::from(vec![Some(58.9), None, Some(f64::NAN), Some(1.910_375_8e7)])),
        &["58", "", "", "19103758"],
    );
    rows(Arc::new(Float32Array::from(vec![3.0])), &["3"]);
    rows(Arc::new(Decimal128Array::from(vec![5800]).with_precision_and_scale(10, 2).unwrap()), &["58"]);
    rows(Arc::new(StringArray::from(vec!["1.9103758e+07"])), &["19103758"]);
    rows(Arc::new(NullArray::new(2)), &["", ""]);
}

#[test]
fn strings() {
    let names = ["Drift", "", "\"Zeichnung 🪑\"", "Drift", "  "];
    let expected = ["Drift", "", "Zeichnung 🪑", "Drift", ""];
    is_read("Application", Role::App, StringArray::from(names.to_vec()), &expected);
    is_read("Application", Role::App, LargeStringArray::from(names.to_vec()), &expected);
    is_read("Application", Role::App, StringViewArray::from(names.to_vec()), &expected);
    is_read("Application", Role::App, names.into_iter().collect::<DictionaryArray<Int8Type>>(), &expected);
    is_read("Application", Role::App, names.into_iter().map(Some).collect::<DictionaryArray<Int64Type>>(), &expected);
    is_read("Application", Role::App, Int64Array::from(vec![17]), &["17"]);
    is_read("Application", Role::App, BooleanArray::from(vec![true]), &["true"]);
    let addresses: DictionaryArray<Int8Type> =
        ["192.0.2.17", "Salesforce.com IP", "2001:DB8::17"].into_iter().collect();
    is_read("SourceIp", Role::SourceIp, addresses, &["192.0.2.17", "", "2001:db8::17"]);
}

/// Of several columns with one role, the first that says something counts.
#[test]
fn the_first_column_that_says_something() {
    let dictionary =
        |values: [Option<&str>; 3]| -> ArrayRef { Arc::new(values.into_iter().collect::<DictionaryArray<Int8Type>>()) };
    let (ids, names) = ([Some("0H4Tr0001PKGYgPKQX"), None, Some(" ")], [Some("Drift"), Some("Drift"), Some("Slack")]);
    for (first, second) in [
        (dictionary(ids), dictionary(names)),
        (Arc::new(StringArray::from(ids.to_vec())) as ArrayRef, dictionary(names)),
        (dictionary(ids), Arc::new(StringArray::from(names.to_vec()))),
    ] {
        let batch = table(vec![
            ("EventIdentifier", text(&["1", "2", "3"])),
            ("EventDate", text(&[NOON; 3])),
            ("Application", second),
            ("ConnectedAppId", first),
            ("RowsProcessed", Arc::new(StringArray::from(vec!["7", "8", "9"]))),
            ("RowsReturned", Arc::new(Float64Array::from(vec![Some(1.0), None, Some(3.0)]))),
        ]);
        for form in FORMS {
            let read = read(form, std::slice::from_ref(&batch)).clean();
            assert_eq!(read.cells(Role::App), ["0H4Tr0001PKGYgPKQX", "Drift", "Slack"], "{form:?}");
            assert_eq!(read.cells(Role::Rows), ["1", "8", "3"], "{form:?}");
        }
    }
}

/// In the words that text has for them.
#[test]
fn values_that_no_row_may_have_are_quarantined() {
    let check = |name: &str, column: ArrayRef, reason: Reason, value: &str| {
        for read in with(name, &column) {
            let [row] = &read.quarantined[..] else { panic!("{name} {}: {:?}", column.data_type(), read.problems) };
            assert_eq!((row.reason, row.column.as_deref()), (reason, Some(name)), "{}", column.data_type());
            assert_eq!(row.value.as_deref(), Some(value), "{}", column.data_type());
        }
    };
    let (range, number) = (Reason::TimeOutOfRange, Reason::NotANumber);
    check(
        "EventDate",
        Arc::new(TimestampSecondArray::from(vec![i64::MAX / 2_000_000])),
        range,
        "+148108-07-06T14:00:27",
    );
    check("EventDate", Arc::new(Date32Array::from(vec![-1])), range, "1969-12-31");
    check("EventDate", Arc::new(StringArray::from(vec!["soon"])), Reason::NotATime, "soon");
    check("RowsReturned", Arc::new(Float64Array::from(vec![f64::INFINITY])), number, "inf");
    check("RowsReturned", Arc::new(StringArray::from(vec!["many"])), number, "many");
    check("RowsReturned", Arc::new(BooleanArray::from(vec![true])), number, "true");
}

/// A column that cannot be read is named, and the others are read.
#[test]
fn other_types_are_told() {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])]);
    let field = Arc::new(Field::new("Username", DataType::Utf8, true));
    let columns: [ArrayRef; 3] = [
        Arc::new(list),
        Arc::new(BinaryArray::from(vec![&b"Drift"[..]])),
        Arc::new(StructArray::from(vec![(field, text(&["mia"]))])),
    ];
    for column in columns {
        for read in with("Application", &column) {
            assert_eq!((read.rows.len(), read.cells(Role::App)), (1, vec![""]));
            let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
            assert!(problem.what.starts_with("the column Application has the type "), "{problem}");
        }
        for read in with("EventDate", &column) {
            assert_eq!(read.rows.len(), 0);
            let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
            assert!(problem.what.starts_with("the column EventDate has the type "), "{problem}");
        }
        // What nobody reads may be of any type.
        for read in with("Whatever", &column) {
            assert_eq!(read.clean().rows.len(), 1);
        }
    }
}

/// Secrets are references as soon as they are read, whatever their column is made of.
#[test]
fn secrets_are_hashed() {
    let secret = "5Aep861TSESvWeug_secret_token";
    let dictionary: DictionaryArray<Int8Type> = [secret].into_iter().collect();
    for column in [text(&[secret]), Arc::new(dictionary) as ArrayRef] {
        let batch = table(vec![
            ("AppName", text(&["Drift"])),
            ("UserId", text(&["005Tr0001aEqx0LIAR"])),
            ("CreatedDate", text(&["2025-01-01T00:00:00Z"])),
            ("LastUsedDate", text(&["2025-01-02T00:00:00Z"])),
            ("UseCount", text(&["not a number"])),
            ("AccessToken", Arc::clone(&column)),
            ("DeleteToken", column),
        ]);
        for form in FORMS {
            let bytes = form.bytes(std::slice::from_ref(&batch));
            let ran = Run::default().scan_texts(&[(&format!("tokens.{}", form.ending()), &bytes)]);
            let told = format!("{:?} {:?}", ran.outcome, ran.quarantined);
            assert!(!told.contains("secret_token"), "{form:?}: {told}");
            assert_eq!(ran.quarantined.len(), 1, "{form:?}");
            let good = batch.project(&[0, 1, 2, 3, 5, 6]).unwrap();
            let read = read(form, &[good]).clean();
            let token = read.rows[0].cell(Role::Token);
            assert!(!token.is_empty() && !token.contains("secret_token"), "{token}");
        }
    }
}
