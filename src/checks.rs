//! The checks: one file and one page each, listed here.

use crate::check::Check;

mod continuous_enforcement_off;
mod idle_limit_missing;
mod ip_enforcement_decorative;
mod ip_relaxation_unjustified;
mod pkce_missing;
mod refresh_token_endless;
mod rotation_missing;
mod scope_full_granted;
mod scopes_removable;
mod tokens_orphaned;
mod users_approved_none;
mod users_self_authorised;

/// All checks, by id.
pub static ALL: &[&Check] = &[
    &continuous_enforcement_off::CHECK,
    &idle_limit_missing::CHECK,
    &ip_enforcement_decorative::CHECK,
    &ip_relaxation_unjustified::CHECK,
    &pkce_missing::CHECK,
    &refresh_token_endless::CHECK,
    &rotation_missing::CHECK,
    &scope_full_granted::CHECK,
    &scopes_removable::CHECK,
    &tokens_orphaned::CHECK,
    &users_approved_none::CHECK,
    &users_self_authorised::CHECK,
];

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.id == id).copied()
}
