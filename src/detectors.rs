//! The detectors that the program brings along: one file and one page each, listed here and nowhere else.

use crate::detector::Detector;

mod activity_query_refused;
mod address_anonymiser;
mod address_in_several_orgs;
mod address_listed;
mod app_alternating_networks;
mod app_listed;
mod app_look_alike;
mod app_new_address;
mod app_new_client;
mod app_new_country;
mod app_new_grant;
mod app_new_network;
mod app_new_network_class;
mod app_new_provider;
mod app_outside_networks;
mod app_reconnaissance;
mod app_revived;
mod app_row_creep;
mod app_row_spike;
mod app_rows_elsewhere;
mod bulk_first_use;
mod bulk_job_deleted;
mod call_refusals;
mod call_without_login;
mod client_listed;
mod endpoint_first_use;
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
mod login_impossible_travel;
mod login_insecure_flow;
mod login_new_type;
mod login_spray;
mod login_stuffing;
mod metadata_first_use;
mod object_first_use;
mod object_row_spike;
mod policy_weakened_then_used;
mod query_burst;
mod query_for_secrets;
mod query_harvest;
mod query_wide_select;
mod scope_first_use;
mod scope_full;
mod scope_outside_grant;
mod scope_unused;
mod scripted_client;
mod sensitive_object_first_use;
mod session_two_clients;
mod session_two_networks;
mod setup_change_relaxing;
mod third_party_anomaly;
mod token_approval_limit;
mod token_expiring_idle;
mod token_idle;
mod token_never_used;
mod token_of_administrator;
mod token_of_inactive_user;
mod token_of_uninstalled_app;
mod token_old;
mod token_refreshed_in_parallel;
mod token_use_unlogged;
mod unusual_hour;
mod use_after_deactivation;

/// All detectors, by id.
pub static ALL: &[&Detector] = &[
    &activity_query_refused::DETECTOR,
    &address_anonymiser::DETECTOR,
    &address_in_several_orgs::DETECTOR,
    &address_listed::DETECTOR,
    &app_alternating_networks::DETECTOR,
    &app_listed::DETECTOR,
    &app_look_alike::DETECTOR,
    &app_new_address::DETECTOR,
    &app_new_client::DETECTOR,
    &app_new_country::DETECTOR,
    &app_new_grant::DETECTOR,
    &app_new_network::DETECTOR,
    &app_new_network_class::DETECTOR,
    &app_new_provider::DETECTOR,
    &app_outside_networks::DETECTOR,
    &app_reconnaissance::DETECTOR,
    &app_revived::DETECTOR,
    &app_row_creep::DETECTOR,
    &app_row_spike::DETECTOR,
    &app_rows_elsewhere::DETECTOR,
    &bulk_first_use::DETECTOR,
    &bulk_job_deleted::DETECTOR,
    &call_refusals::DETECTOR,
    &call_without_login::DETECTOR,
    &client_listed::DETECTOR,
    &endpoint_first_use::DETECTOR,
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
    &login_impossible_travel::DETECTOR,
    &login_insecure_flow::DETECTOR,
    &login_new_type::DETECTOR,
    &login_spray::DETECTOR,
    &login_stuffing::DETECTOR,
    &metadata_first_use::DETECTOR,
    &object_first_use::DETECTOR,
    &object_row_spike::DETECTOR,
    &policy_weakened_then_used::DETECTOR,
    &query_burst::DETECTOR,
    &query_for_secrets::DETECTOR,
    &query_harvest::DETECTOR,
    &query_wide_select::DETECTOR,
    &scope_first_use::DETECTOR,
    &scope_full::DETECTOR,
    &scope_outside_grant::DETECTOR,
    &scope_unused::DETECTOR,
    &scripted_client::DETECTOR,
    &sensitive_object_first_use::DETECTOR,
    &session_two_clients::DETECTOR,
    &session_two_networks::DETECTOR,
    &setup_change_relaxing::DETECTOR,
    &third_party_anomaly::DETECTOR,
    &token_approval_limit::DETECTOR,
    &token_expiring_idle::DETECTOR,
    &token_idle::DETECTOR,
    &token_never_used::DETECTOR,
    &token_of_administrator::DETECTOR,
    &token_of_inactive_user::DETECTOR,
    &token_of_uninstalled_app::DETECTOR,
    &token_old::DETECTOR,
    &token_refreshed_in_parallel::DETECTOR,
    &token_use_unlogged::DETECTOR,
    &unusual_hour::DETECTOR,
    &use_after_deactivation::DETECTOR,
];

/// The detector of this id.
pub fn find(id: &str) -> Option<&'static Detector> {
    ALL.iter().copied().find(|detector| detector.id == id)
}
