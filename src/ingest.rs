//! Exports in, batches out.
//!
//! ```text
//! discover → open (zip, gzip, zstd, base64, capped) → sniff (format, schema) → split (blocks of whole records, in order)
//!          → scan (cells) → shape (typed columns) → number and dedupe (in order) → batches
//! ```
//! Reading never fails for a row: a row that cannot be used goes to the quarantine with its reason, a file that cannot
//! be used becomes a [`Problem`], and the rest goes on. `rows read = used + quarantined + repeated`, always.
//!
//! Two rows are the same event if they have the same event identifier, or, where the export has none, the same values
//! in the columns that the schema's `identity` lists. The first copy counts, in order of exports and records.

mod any_records;
mod archive;
mod cells;
mod chunks;
mod columnar;
mod csv;
mod discover;
mod feed;
mod identity;
mod json;
mod kinds;
mod listing;
mod open;
mod problem;
mod read_all;
mod read_back;
mod shape;
mod sniff;
mod source;
mod split;
mod turns;

pub(crate) use any_records::{AnyBlock, AnyExport, AnyForm, AnyRecord};
pub use archive::Member;
pub(crate) use archive::members_like;
pub(crate) use cells::Texts;
pub(crate) use columnar::{Origins, TABLE_KEY, converted_table, origins};
pub use csv::{CsvRecord, count_csv_records, csv_records};
pub use discover::{Export, discover, discover_as};
pub(crate) use discover::{files_like, is_archive};
pub use feed::{Counts, Feed, Limits, ReadExport, Shaped};
pub(crate) use identity::{event_identity, seed as identity_seed};
pub use json::{JsonRecord, json_cells, json_records};
pub(crate) use open::open;
pub use problem::{Problem, Quarantine, QuarantinedRow, Reason};
pub(crate) use read_all::{ReadAll, joined};
pub use read_back::{Origin, ReadBack, read_back};
pub(crate) use shape::{Choice, RemarkKind, Survey};
pub use shape::{Demand, Shaper};
pub use turns::Turns;
