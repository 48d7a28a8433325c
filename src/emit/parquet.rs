//! A row per finding as a Parquet file, for `DuckDB`, Spark, notebooks and lakes: the columns of `csv` with their types and
//! with every text as it is. Compressed with zstd. Nothing in the file knows the time, the version or the machine, so
//! the same findings are the same bytes.
//!
//! | column | type | from |
//! |---|---|---|
//! | `finding_id` `severity` `detector` `title` `sentence` `next_step` | text | the same |
//! | `score` `detector_version` `events` `evidence_total` | 64-bit integer | the same |
//! | `first` `last` | timestamp, microseconds, UTC | first and last event time |
//! | `org` `app_id` `app_name` `user_id` `user_name` | text, null if unknown | subject |
//! | `session` `token` `address` `assertion` | text, null if unknown | subject |
//! | `techniques` | list of texts | ATT&CK ids |
//! | `seen` `judged_by` | list of texts | facts, `baseline events: 412` |
//! | `score_parts` | list of texts | `new network: +45` |
//! | `evidence` | list of texts | `exports/api.csv record 17 event e1f0`; `ndjson` also has hashes and offsets |

use std::{
    io::{self, Write},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, Int64Array, ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray},
    datatypes::{Field, Schema},
    error::ArrowError,
    record_batch::RecordBatch,
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};

use super::{
    Emitter,
    csv::{evidence, fact, score_part},
};
use crate::{
    finding::{Finding, Named},
    value::Time,
};

/// The format `parquet`.
pub struct Parquet;

/// So many findings are turned into columns at once.
const AT_ONCE: usize = 4096;

/// How a column gets its values.
enum Column {
    Text(fn(&Finding) -> Option<String>),
    Number(fn(&Finding) -> u64),
    Time(fn(&Finding) -> Time),
    List(fn(&Finding) -> Vec<String>),
}

const COLUMNS: [(&str, Column); 26] = [
    ("finding_id", Column::Text(|f| Some(f.id.to_string()))),
    ("severity", Column::Text(|f| Some(f.severity.word().to_owned()))),
    ("score", Column::Number(|f| f.score.total.into())),
    ("detector", Column::Text(|f| Some(f.detector.to_owned()))),
    ("detector_version", Column::Number(|f| f.detector_version.into())),
    ("title", Column::Text(|f| Some(f.title.to_owned()))),
    ("sentence", Column::Text(|f| Some(f.sentence.clone()))),
    ("next_step", Column::Text(|f| Some(f.next_step.clone()))),
    ("first", Column::Time(|f| f.first)),
    ("last", Column::Time(|f| f.last)),
    ("events", Column::Number(|f| f.count)),
    ("org", Column::Text(|f| f.subject.org.clone())),
    ("app_id", Column::Text(|f| id(f.subject.app.as_ref()))),
    ("app_name", Column::Text(|f| name(f.subject.app.as_ref()))),
    ("user_id", Column::Text(|f| id(f.subject.user.as_ref()))),
    ("user_name", Column::Text(|f| name(f.subject.user.as_ref()))),
    ("session", Column::Text(|f| f.subject.session.clone())),
    ("token", Column::Text(|f| f.subject.token.clone())),
    ("address", Column::Text(|f| f.subject.address.clone())),
    ("assertion", Column::Text(|f| f.subject.assertion.clone())),
    ("techniques", Column::List(|f| f.techniques.iter().map(|id| (*id).to_owned()).collect())),
    ("seen", Column::List(|f| f.seen.iter().map(fact).collect())),
    ("judged_by", Column::List(|f| f.judged_by.iter().map(fact).collect())),
    ("score_parts", Column::List(|f| f.score.parts.iter().map(score_part).collect())),
    ("evidence_total", Column::Number(|f| f.evidence_total)),
    ("evidence", Column::List(|f| f.evidence.iter().map(evidence).collect())),
];

impl Emitter for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn file_name(&self) -> &'static str {
        "findings.parquet"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&file(&[finding]).map_err(io::Error::other)?)
    }

    fn emit_all(&self, findings: &[&Finding], out: &mut dyn Write) -> Option<io::Result<()>> {
        Some(file(findings).map_err(io::Error::other).and_then(|bytes| out.write_all(&bytes)))
    }
}

fn file(findings: &[&Finding]) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by("tokentrail".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let schema = rows(&[])?.schema();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))?;
    for some in findings.chunks(AT_ONCE) {
        writer.write(&rows(some)?)?;
    }
    writer.into_inner()
}

fn rows(findings: &[&Finding]) -> Result<RecordBatch, ArrowError> {
    let arrays: Vec<ArrayRef> = COLUMNS.iter().map(|(_, column)| column.array(findings)).collect();
    let fields = COLUMNS.iter().zip(&arrays).map(|((name, column), array)| {
        let is_nullable = matches!(column, Column::Text(_));
        Field::new(*name, array.data_type().clone(), is_nullable)
    });
    RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), arrays)
}

impl Column {
    fn array(&self, findings: &[&Finding]) -> ArrayRef {
        let findings = findings.iter();
        match self {
            Column::Text(value) => Arc::new(findings.map(|finding| value(finding)).collect::<StringArray>()),
            Column::Number(value) => {
                let number = |finding: &&Finding| i64::try_from(value(finding)).unwrap_or(i64::MAX);
                Arc::new(Int64Array::from_iter_values(findings.map(number)))
            }
            Self::Time(value) => {
                let times = TimestampMicrosecondArray::from_iter_values(findings.map(|finding| value(finding).0));
                Arc::new(times.with_timezone("UTC"))
            }
            Column::List(values) => {
                let mut lists = ListBuilder::new(StringBuilder::new());
                for finding in findings {
                    lists.append_value(values(finding).into_iter().map(Some));
                }
                Arc::new(lists.finish())
            }
        }
    }
}

fn id(named: Option<&Named>) -> Option<String> {
    named?.id.clone()
}

fn name(named: Option<&Named>) -> Option<String> {
    named?.name.clone()
}
