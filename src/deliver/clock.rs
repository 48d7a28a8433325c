//! The one clock of the library: patience, waits, and when a record was made. No finding depends on it.
#![expect(clippy::disallowed_methods, reason = "patience needs a clock; results do not")]

use std::time::{Instant, SystemTime};

use crate::value::Time;

/// Now, for receivers that file a record by it.
pub(super) fn now() -> Time {
    let since = system().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Now, to be held against a date that a receiver names.
pub(super) fn system() -> SystemTime {
    SystemTime::now()
}

/// Now, to measure how long something takes.
pub(super) fn instant() -> Instant {
    Instant::now()
}
