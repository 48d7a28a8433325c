//! What a row of `calls` says, and what was done, as far as its operation or method tells.

use crate::batch::Role;
use crate::convert::Row;

/// A call of an API.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// `REST`, `Bulk`, `SOAP Partner`.
    pub family: Option<&'a str>,
    /// `Query`, `ResultDownload`.
    pub operation: Option<&'a str>,
    /// `GET`, `POST`.
    pub method: Option<&'a str>,
    /// The resource, without host, version, ids and query.
    pub endpoint: Option<&'a str>,
    /// The objects it read or wrote: `Account, Contact`.
    pub objects: Option<&'a str>,
    /// The query's shape without its literals, hashed.
    pub fingerprint: Option<&'a str>,
    /// Rows returned.
    pub rows: Option<i64>,
    /// Bytes of the response.
    pub bytes: Option<i64>,
    /// The bulk job's id.
    pub job: Option<&'a str>,
    /// HTTP status.
    pub status_code: Option<i64>,
    /// Why it was refused.
    pub refusal: Option<&'a str>,
}

/// What a call did to data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Made a record.
    Create,
    /// Read records, or what is known of them.
    Read,
    /// Changed a record.
    Update,
    /// Deleted a record.
    Delete,
    /// Neither operation nor method tells.
    Unknown,
}

/// How operations begin, in lower case. `login` and the like are none of these.
const OPERATIONS: &[(&str, Access)] = &[
    ("query", Access::Read),
    ("search", Access::Read),
    ("retrieve", Access::Read),
    ("describe", Access::Read),
    ("get", Access::Read),
    ("resultdownload", Access::Read),
    ("create", Access::Create),
    ("insert", Access::Create),
    ("undelete", Access::Create),
    ("update", Access::Update),
    ("upsert", Access::Update),
    ("merge", Access::Update),
    ("delete", Access::Delete),
    ("harddelete", Access::Delete),
];

impl<'a> Call<'a> {
    pub(crate) fn of(row: &Row<'a>) -> Self {
        Self {
            family: row.text(Role::ApiFamily),
            operation: row.text(Role::Operation),
            method: row.text(Role::Method),
            endpoint: row.text(Role::Endpoint),
            objects: row.text(Role::Objects),
            fingerprint: row.text(Role::Fingerprint),
            rows: row.number(Role::Rows),
            bytes: row.number(Role::Bytes),
            job: row.text(Role::Job),
            status_code: row.number(Role::StatusCode),
            refusal: row.text(Role::Refusal),
        }
    }

    /// By the operation, or else by the method, or else by the log, where rows of it can mean one thing only.
    pub(crate) fn access(&self) -> Access {
        let operation = self.operation.map(str::to_ascii_lowercase).unwrap_or_default();
        let known = OPERATIONS.iter().find(|(start, _)| operation.starts_with(start)).map(|(_, access)| *access);
        known.unwrap_or_else(|| match self.method {
            Some("GET" | "HEAD") => Access::Read,
            Some("POST") => Access::Create,
            Some("PUT" | "PATCH") => Access::Update,
            Some("DELETE") => Access::Delete,
            _ if self.fingerprint.is_some() => Access::Read,
            _ => Access::Unknown,
        })
    }

    /// Whether results of a bulk job were downloaded.
    pub(super) fn is_download(&self) -> bool {
        self.operation.is_some_and(|operation| operation.eq_ignore_ascii_case("ResultDownload"))
    }

    /// Whether it was refused; nothing if the row says neither that nor an HTTP status.
    pub(super) fn is_refused(&self) -> Option<bool> {
        let by_code = self.status_code.map(|code| code >= 400);
        if self.refusal.is_some() { Some(true) } else { by_code }
    }

    /// The objects one by one.
    pub(super) fn each_object(&self) -> impl Iterator<Item = &'a str> {
        self.objects.unwrap_or_default().split(',').map(str::trim).filter(|object| !object.is_empty())
    }

    /// What was called, in the most telling word there is.
    pub(super) fn name(&self) -> Option<&'a str> {
        self.operation.or(self.method).or(self.endpoint).or(self.family)
    }
}
