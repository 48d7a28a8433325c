//! Small exact types for the values that exports hold: parsed once, at the edge, and never again.

pub mod address;
pub mod client;
pub mod codes;
pub mod endpoint;
pub mod flag;
pub mod hunted;
pub mod id;
pub mod job;
pub mod jwt;
pub mod likeness;
pub mod number;
pub mod object;
pub mod probe;
pub mod refusal;
pub mod secret;
pub mod selection;
pub mod setup_change;
pub mod soql;
pub mod time;

pub use address::Address;
pub use time::{Time, Zone};

/// What a cell says when it has nothing to say: nothing, or one of the placeholders that Salesforce writes.
///
/// `Salesforce.com IP` is an address placeholder and is handled with addresses.
#[inline]
pub fn is_blank(cell: &[u8]) -> bool {
    matches!(cell, b"" | b"N/A" | b"null" | b"NULL")
}

/// A cell without surrounding blanks and without the one wrapping pair of quotes that event log files leave around
/// values with special characters (`"""x"""` in the file is `"x"` after CSV decoding).
#[inline]
pub fn unwrap_cell(cell: &[u8]) -> &[u8] {
    // Nearly every cell begins with a letter or digit and ends with one.
    if let [first, .., last] = cell
        && first.is_ascii_alphanumeric()
        && !last.is_ascii_whitespace()
    {
        return cell;
    }
    let cell = cell.trim_ascii();
    match cell {
        [b'"', inner @ .., b'"'] => inner,
        _ => cell,
    }
}
