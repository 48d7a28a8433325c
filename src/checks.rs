//! The checks: one file and one page each, listed here.

use crate::check::Check;

mod scope_full_granted;

/// All checks, by id.
pub static ALL: &[&Check] = &[&scope_full_granted::CHECK];

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.id == id).copied()
}
