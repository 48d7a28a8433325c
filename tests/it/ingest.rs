//! Reading: every export form gives the same rows, and nothing is dropped without being counted.
//!
//! Exports are read here as the engine reads them, but the rows themselves are looked at, not what detectors make of
//! them. [`Read::of`] also holds every single reading against the promise `read = used + quarantined + repeated`.

mod any_bytes;
mod archives;
mod codes;
mod columnar;
mod compressed;
mod csv;
mod envelopes;
mod event_types;
mod every_reader;
mod evidence;
mod files;
mod headers;
mod json;
mod layouts;
mod listings;
mod mixed;
mod mutations;
pub(crate) mod packed;
mod quarantine;
mod reading;
mod repeats;
mod times;
mod two_ways;
mod values;

pub(crate) use packed::{gzip, zipped, zstd};

use tokentrail::batch::Role;

use reading::{Read, Reader, Row, file_name, folder_of};

/// A call as it is before somebody exports it. Its texts have in them what export forms have to protect.
struct Call {
    id: &'static str,
    time: &'static str,
    user: &'static str,
    app: &'static str,
    address: &'static str,
    rows: &'static str,
    client: &'static str,
}

/// What `EventIdentifier` and so on are called in most exports; [`Call::cells`] has the same order.
const NAMES: [&str; 7] =
    ["EventIdentifier", "EventDate", "UserId", "Application", "SourceIp", "RowsReturned", "UserAgent"];

const CALLS: [Call; 3] = [
    Call {
        id: "11111111-0000-4000-8000-000000000001",
        time: "2025-08-17T11:11:55.214Z",
        user: "0055j000000utlPAAQ",
        app: "Drift",
        address: "192.0.2.17",
        rows: "58",
        client: "drift/1.0",
    },
    Call {
        id: "11111111-0000-4000-8000-000000000002",
        time: "2025-08-17T11:11:56.000Z",
        user: "0055j000000utlPAAQ",
        app: "Drift, \"beta\"; new",
        address: "2001:db8::17",
        rows: "0",
        client: "two\nlines, one \"quoted\"",
    },
    Call {
        id: "11111111-0000-4000-8000-000000000003",
        time: "2025-08-17T11:12:00.000Z",
        user: "0055j000000utlPAAQ",
        app: "Zeichnung für 東京 🪑",
        address: "198.51.100.7",
        rows: "63618",
        client: "a\ttab and a back\\slash",
    },
];

impl Call {
    fn cells(&self) -> [&'static str; 7] {
        [self.id, self.time, self.user, self.app, self.address, self.rows, self.client]
    }
}

/// All of [`CALLS`] are there, whole, in their order.
#[track_caller]
fn all_calls(read: Read) {
    let read = read.clean();
    let roles = [Role::Time, Role::User, Role::App, Role::SourceIp, Role::Rows, Role::Client];
    let is: Vec<Vec<&str>> = read.rows.iter().map(|row| roles.iter().map(|role| row.cell(*role)).collect()).collect();
    let should: Vec<Vec<&str>> = CALLS.iter().map(|call| call.cells()[1..].to_vec()).collect();
    assert_eq!(is, should);
    let records: Vec<u64> = read.rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [1, 2, 3]);
}
