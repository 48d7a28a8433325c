//! Strings however they are stored: in dictionaries, plain, in both ways, in many pages; short, long, wrapped and missing.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use tokentrail::batch::Role;

use super::{Form, Read, table, text, written};

const ROWS: usize = 20_000;

/// Texts of all lengths around those that are treated in their own way: 12 bytes fit a view, 23 the dictionary.
fn value(row: usize, distinct: usize) -> Option<String> {
    let number = row * 7919 % distinct;
    (number % 11 != 5).then(|| format!("{number:0length$}", length = number % 40 + 1))
}

/// Nothing in half of the rows, and no id of 15 characters, which would get its checksum.
fn app_id(row: usize) -> Option<String> {
    value(row, 40).filter(|id| row.is_multiple_of(2) && id.len() != 15)
}

fn strings(value: impl Fn(usize) -> Option<String>) -> ArrayRef {
    Arc::new((0..ROWS).map(value).collect::<StringArray>())
}

/// Sessions that are met once or twice, clients that come again, and apps that one of two columns names.
fn batch() -> RecordBatch {
    let ids: Vec<String> = (0..ROWS).map(|row| format!("event {row}")).collect();
    table(vec![
        ("EventIdentifier", text(&ids.iter().map(String::as_str).collect::<Vec<_>>())),
        ("EventDate", text(&vec!["2025-08-17T11:11:55.214Z"; ROWS])),
        ("RowsReturned", text(&vec!["1"; ROWS])),
        ("SessionKey", strings(|row| value(row, 15_000).map(|text| format!(" \"{text}\" ")))),
        ("UserAgent", strings(|row| value(row, 300))),
        ("ConnectedAppId", strings(app_id)),
        ("Application", strings(|row| Some(if row % 3 == 0 { "N/A" } else { "an app" }.to_owned()))),
    ])
}

#[track_caller]
fn are_as_written(read: Read, how: &str) {
    let read = read.clean();
    let cells = |role: Role, expected: &dyn Fn(usize) -> String| {
        for (row, cell) in read.cells(role).iter().enumerate() {
            assert_eq!(*cell, expected(row), "{how}: {role:?} of row {row}");
        }
        assert_eq!(read.cells(role).len(), ROWS, "{how}");
    };
    cells(Role::Session, &|row| value(row, 15_000).unwrap_or_default());
    cells(Role::Client, &|row| value(row, 300).unwrap_or_default());
    cells(Role::App, &|row| match app_id(row) {
        Some(id) => id,
        None if row % 3 == 0 => String::new(),
        None => "an app".to_owned(),
    });
}

#[test]
fn in_every_encoding() {
    let plain = |builder: WriterPropertiesBuilder| builder.set_dictionary_enabled(false);
    let small_pages = |builder: WriterPropertiesBuilder| builder.set_data_page_row_count_limit(700);
    let both = |builder: WriterPropertiesBuilder| builder.set_dictionary_page_size_limit(20_000);
    let groups = |builder: WriterPropertiesBuilder| builder.set_max_row_group_row_count(Some(6000));
    let one_column =
        |builder: WriterPropertiesBuilder| builder.set_column_dictionary_enabled("ConnectedAppId".into(), false);
    let batch = batch();
    let check = |how: &str, of: &dyn Fn(WriterPropertiesBuilder) -> WriterPropertiesBuilder| {
        let bytes = written(std::slice::from_ref(&batch), of(WriterProperties::builder()).build());
        are_as_written(Read::of("parquet", bytes), how);
    };
    check("dictionaries", &|builder| builder);
    check("plain", &plain);
    check("plain in small pages", &|builder| small_pages(plain(builder)));
    check("dictionaries that are given up", &|builder| small_pages(both(builder)));
    check("row groups", &groups);
    check("one plain", &one_column);
}

#[test]
fn in_arrow() {
    for form in [Form::File, Form::Stream] {
        are_as_written(super::read(form, &[batch()]), form.ending());
    }
}
