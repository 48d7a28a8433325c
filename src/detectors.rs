//! The detectors that the program brings along: one file and one page each, listed here and nowhere else.

use crate::detector::Detector;

mod app_new_address;
mod app_new_network;
mod app_revived;
mod app_row_creep;
mod app_row_spike;
mod bulk_job_deleted;
mod jwt_clock_drift;
mod jwt_clock_skew;
mod jwt_long_lifetime;
mod jwt_rejected;
mod jwt_replay;
mod jwt_two_addresses;
mod object_row_spike;
mod scope_first_use;
mod scope_full;
mod scope_outside_grant;
mod scope_unused;
mod token_expiring_idle;
mod token_idle;
mod token_never_used;

/// All detectors, by id.
pub static ALL: &[&Detector] = &[
    &app_new_address::DETECTOR,
    &app_new_network::DETECTOR,
    &app_revived::DETECTOR,
    &app_row_creep::DETECTOR,
    &app_row_spike::DETECTOR,
    &bulk_job_deleted::DETECTOR,
    &jwt_clock_drift::DETECTOR,
    &jwt_clock_skew::DETECTOR,
    &jwt_long_lifetime::DETECTOR,
    &jwt_rejected::DETECTOR,
    &jwt_replay::DETECTOR,
    &jwt_two_addresses::DETECTOR,
    &object_row_spike::DETECTOR,
    &scope_first_use::DETECTOR,
    &scope_full::DETECTOR,
    &scope_outside_grant::DETECTOR,
    &scope_unused::DETECTOR,
    &token_expiring_idle::DETECTOR,
    &token_idle::DETECTOR,
    &token_never_used::DETECTOR,
];

/// The detector of this id.
pub fn find(id: &str) -> Option<&'static Detector> {
    ALL.iter().copied().find(|detector| detector.id == id)
}
