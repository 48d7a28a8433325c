//! The checks: one file and one page each, listed here.

use crate::check::{Check, LISTED, listed};
use crate::configuration::AppConfiguration;

mod allow_list_applicability;
mod allow_list_size;
mod app_shared;
mod callback_unsafe;
mod client_credentials_user;
mod configuration_drift;
mod continuous_enforcement_off;
mod credential_age;
mod high_assurance_deferred;
mod idle_limit_missing;
mod insecure_flow;
mod ip_enforcement_decorative;
mod ip_relaxation_unjustified;
mod jwt_access_tokens;
mod pkce_missing;
mod policy_contradiction;
mod ranges_lost_in_move;
mod refresh_outside_allow_list;
mod refresh_token_endless;
mod refresh_token_on_jwt_app;
mod rotation_fallout;
mod rotation_missing;
mod scope_full_granted;
mod scope_widened_then_used;
mod scopes_removable;
mod session_too_long;
mod tokens_orphaned;
mod users_approved_none;
mod users_blocked;
mod users_self_authorised;

/// The check of one of the four controls that a rollout turns on.
pub(crate) static ROTATION_MISSING: &Check = &rotation_missing::CHECK;

/// All checks, by id.
pub static ALL: &[&Check] = &[
    &allow_list_applicability::CHECK,
    &allow_list_size::CHECK,
    &app_shared::CHECK,
    &callback_unsafe::CHECK,
    &client_credentials_user::CHECK,
    &configuration_drift::CHECK,
    &continuous_enforcement_off::CHECK,
    &credential_age::CHECK,
    &high_assurance_deferred::CHECK,
    &idle_limit_missing::CHECK,
    &insecure_flow::CHECK,
    &ip_enforcement_decorative::CHECK,
    &ip_relaxation_unjustified::CHECK,
    &jwt_access_tokens::CHECK,
    &pkce_missing::CHECK,
    &policy_contradiction::CHECK,
    &ranges_lost_in_move::CHECK,
    &refresh_outside_allow_list::CHECK,
    &refresh_token_endless::CHECK,
    &refresh_token_on_jwt_app::CHECK,
    &rotation_fallout::CHECK,
    &rotation_missing::CHECK,
    &scope_full_granted::CHECK,
    &scope_widened_then_used::CHECK,
    &scopes_removable::CHECK,
    &session_too_long::CHECK,
    &tokens_orphaned::CHECK,
    &users_approved_none::CHECK,
    &users_blocked::CHECK,
    &users_self_authorised::CHECK,
];

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.id == id).copied()
}

/// Whether an app goes by a name.
fn is_called(name: &str, app: &AppConfiguration) -> bool {
    name == app.name || app.label.as_deref() == Some(name)
}

/// Whether a sentence names an app: by its label or name as words of their own, or by its id.
fn names(sentence: &str, app: &AppConfiguration) -> bool {
    let stands_alone = |name: &str| {
        sentence.match_indices(name).any(|(at, _)| {
            let before = sentence[..at].chars().next_back();
            let after = sentence[at + name.len()..].chars().next();
            !name.is_empty() && [before, after].into_iter().flatten().all(|letter| !letter.is_alphanumeric())
        })
    };
    // Sentences give ids with 15 characters, too.
    let short = app.id.as_deref().map(|id| id.get(..15).unwrap_or(id));
    stands_alone(&app.name)
        || app.label.as_deref().is_some_and(stands_alone)
        || short.is_some_and(|id| sentence.contains(id))
}
