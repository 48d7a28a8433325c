//! The detectors that the program brings along: one file and one page each, listed here and nowhere else.

use crate::detector::Detector;

mod app_new_address;
mod app_new_grant;
mod app_new_network;
mod jwt_clock_drift;
mod jwt_clock_skew;
mod jwt_long_lifetime;
mod jwt_rejected;
mod jwt_replay;
mod jwt_two_addresses;
mod login_as;
mod login_as_new_admin;
mod login_disabled_user;
mod login_guessed;
mod login_guessing;
mod login_insecure_flow;
mod login_new_type;
mod login_spray;
mod scope_first_use;
mod scope_full;
mod scope_outside_grant;
mod scope_unused;
mod third_party_anomaly;
mod token_approval_limit;
mod token_expiring_idle;
mod token_idle;
mod token_never_used;
mod token_of_uninstalled_app;
mod token_old;
mod token_refreshed_in_parallel;

/// All detectors, by id.
pub static ALL: &[&Detector] = &[
    &app_new_address::DETECTOR,
    &app_new_grant::DETECTOR,
    &app_new_network::DETECTOR,
    &jwt_clock_drift::DETECTOR,
    &jwt_clock_skew::DETECTOR,
    &jwt_long_lifetime::DETECTOR,
    &jwt_rejected::DETECTOR,
    &jwt_replay::DETECTOR,
    &jwt_two_addresses::DETECTOR,
    &login_as::DETECTOR,
    &login_as_new_admin::DETECTOR,
    &login_disabled_user::DETECTOR,
    &login_guessed::DETECTOR,
    &login_guessing::DETECTOR,
    &login_insecure_flow::DETECTOR,
    &login_new_type::DETECTOR,
    &login_spray::DETECTOR,
    &scope_first_use::DETECTOR,
    &scope_full::DETECTOR,
    &scope_outside_grant::DETECTOR,
    &scope_unused::DETECTOR,
    &third_party_anomaly::DETECTOR,
    &token_approval_limit::DETECTOR,
    &token_expiring_idle::DETECTOR,
    &token_idle::DETECTOR,
    &token_never_used::DETECTOR,
    &token_of_uninstalled_app::DETECTOR,
    &token_old::DETECTOR,
    &token_refreshed_in_parallel::DETECTOR,
];

/// The detector of this id.
pub fn find(id: &str) -> Option<&'static Detector> {
    ALL.iter().copied().find(|detector| detector.id == id)
}
