//! The policy of an app as it is configured, for one login of one user.

use std::net::IpAddr;

use super::{Flow, Inputs, Outcome, Phase, Place, decide};
use crate::configuration::{AppConfiguration, IpRange, OrgSettings, Profile, Stated};

/// What a login says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    /// Where it came from, if that is known.
    pub address: Option<IpAddr>,
    /// The flow by which the app was let in.
    pub flow: Flow,
    /// Login or refresh.
    pub phase: Option<Phase>,
    /// Whether the user verified the identity; no export says so.
    pub identity_verified: Option<bool>,
}

/// Whether a login through an app is let in. Without the user's profile it is not known whether that has ranges.
pub fn effective(app: &AppConfiguration, profile: Option<&Profile>, org: &OrgSettings, login: &Login) -> Outcome {
    decide(inputs(app, profile, org, login))
}

/// What a verdict on a login depends on, as far as files say it.
pub fn inputs(app: &AppConfiguration, profile: Option<&Profile>, org: &OrgSettings, login: &Login) -> Inputs {
    let app_ranges = match &app.trusted_ranges {
        Stated::Known(ranges) => place(login.address, ranges),
        Stated::Unknown(_) | Stated::Unsaid => Place::Unknown,
    };
    Inputs {
        relaxation: app.ip_relaxation.known().copied(),
        flow: login.flow,
        phase: login.phase,
        profile: profile.map_or(Place::Unknown, |profile| place(login.address, &profile.login_ranges)),
        app: app_ranges,
        identity_verified: login.identity_verified,
        continuous: org.continuous_enforcement.known().copied(),
    }
}

/// Where an address is, seen from ranges. An IPv4 address written as IPv6 is the IPv4 address.
pub fn place(address: Option<IpAddr>, ranges: &[IpRange]) -> Place {
    let Some(address) = address.map(|address| address.to_canonical()) else {
        return if ranges.is_empty() { Place::NoRanges } else { Place::Unknown };
    };
    match ranges {
        [] => Place::NoRanges,
        ranges if ranges.iter().any(|range| range.contains(address)) => Place::Inside,
        _ => Place::Outside,
    }
}
