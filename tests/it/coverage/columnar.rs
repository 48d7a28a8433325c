//! What cells of exports in columns leave open.

use std::fs;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use crate::cli::tokentrail;

/// In columns nothing stands between cells: an empty one does not count as what the next row says.
#[test]
fn placeholders_of_columns() {
    let folder = tempfile::tempdir().unwrap();
    let text = |cells: [Option<&str>; 4]| -> ArrayRef { Arc::new(StringArray::from(cells.to_vec())) };
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("EventDate", text([Some("2025-08-17T11:11:55.214Z"); 4]), true),
        ("EventIdentifier", text([Some("a"), Some("b"), Some("c"), Some("d")]), true),
        ("UserId", text([Some("005A0000000000A"); 4]), true),
        ("RowsReturned", text([Some("1"); 4]), true),
        ("SessionKey", text([None, Some("N/A"), Some(""), Some("\"N/A\"")]), true),
        ("SourceIp", text([Some("Unknown"), None, Some("null"), Some("Unknown")]), true),
    ])
    .unwrap();
    for plain in [true, false] {
        let properties = WriterProperties::builder().set_dictionary_enabled(!plain).build();
        let file = fs::File::create(folder.path().join("calls.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let told = tokentrail(&["coverage", folder.path().to_str().unwrap(), "--json"]);
        let told: Value = serde_json::from_str(&told.out).unwrap();
        let placeholders = told["covered"][0]["placeholders"].as_array().unwrap();
        let counts = placeholders.iter().map(|told| (told["column"].as_str().unwrap(), told["rows"].as_u64().unwrap()));
        assert_eq!(counts.collect::<Vec<_>>(), [("SourceIp", 2), ("SessionKey", 2)], "{told}");
    }
}
