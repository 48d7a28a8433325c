//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{IpRange, IpRelaxation, Profile, Stated};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use std::net::IpAddr;

pub(super) static CHECK: Check = Check {
    id: "ip-enforcement-decorative",
    version: 1,
    title: "App enforces login ranges that nobody has",
    severity: Severity::High,
    techniques: &["T1550.001", "T1078.004"],
    doc: include_str!("ip_enforcement_decorative.md"),
    limits: &[
        Limit { name: "days", value: 90, unit: Unit::Days, source: "as long as use is looked at elsewhere" },
        Limit {
            name: "addresses",
            value: 256,
            unit: Unit::Count,
            source: "a range of 256 addresses is an office or a data centre, a wider one rarely",
        },
    ],
    setup_path: "Setup › Profiles › the profile › Login IP Ranges: add where its users come from.",
    when_fixed: "Users of the profile are refused from elsewhere, in the browser too.",
    judge: Judge::App(judge),
};

/// The profiles that count, whose they are, and whether one that counts is not at hand.
struct Looked<'a> {
    profiles: Vec<&'a Profile>,
    whose: &'static str,
    is_partial: bool,
}

fn judge(case: &Case<'_>) -> Verdict {
    if case.is_jwt_only() != Some(true) {
        match &case.app.ip_relaxation {
            Stated::Known(IpRelaxation::Enforce | IpRelaxation::EnforceRelaxRefresh) => {}
            Stated::Known(_) => return Verdict::not_applicable("it does not enforce login ranges"),
            other => return Verdict::unsaid("IP relaxation", other),
        }
    }
    let Looked { profiles, whose, is_partial } = looked_at(case);
    if profiles.is_empty() {
        return Verdict::unknown("the profiles of its users are not at hand");
    }
    let with_ranges = profiles.iter().filter(|profile| !profile.login_ranges.is_empty()).count();
    let without = profiles.len() - with_ranges;
    let ranges: Vec<IpRange> = profiles.iter().flat_map(|profile| profile.login_ranges.iter().copied()).collect();
    let verdict = match (with_ranges, without) {
        (0, _) if !is_partial => {
            Verdict::fail(format!("it enforces login ranges, and {whose} has none: nothing is enforced"))
        }
        (_, 0) if !is_partial => Verdict::pass(format!("{whose} has login ranges")),
        (1.., 1..) => {
            Verdict::fail("it enforces login ranges, which some of its profiles do not have").at(Severity::Medium)
        }
        _ => Verdict::unknown("some profiles of its users are not at hand"),
    };
    let verdict = verdict.with("profiles with ranges", with_ranges).with("profiles without", without);
    let wide = ranges.iter().filter(|range| range.count() > u128::from(case.limit("addresses").unsigned_abs())).count();
    let verdict = if wide > 0 { verdict.with("wide ranges", wide) } else { verdict };
    let outside = if ranges.is_empty() { 0 } else { outside(case, &ranges) };
    if outside > 0 { verdict.with("addresses outside", outside) } else { verdict }
}

/// The profiles of its users; where none is seen those that are assigned to it, else all, of which none may have ranges.
fn looked_at<'a>(case: &Case<'a>) -> Looked<'a> {
    let users = case.recent_users(case.limit("days"));
    if !users.is_empty() {
        let found: Vec<Option<&Profile>> = users.iter().map(|user| case.profile(user)).collect();
        let is_partial = found.iter().any(Option::is_none);
        let mut profiles: Vec<&Profile> = found.into_iter().flatten().collect();
        profiles.sort_by_key(|profile| std::ptr::from_ref(*profile));
        profiles.dedup_by_key(|profile| std::ptr::from_ref(*profile));
        return Looked { profiles, whose: "each profile of its users", is_partial };
    }
    let assigned = case.app.assigned_to.known().map_or(&[][..], |assigned| assigned);
    if !assigned.is_empty() {
        let found: Vec<Option<&Profile>> = assigned.iter().map(|name| case.org.profile_called(name)).collect();
        let is_partial = found.iter().any(Option::is_none);
        return Looked {
            profiles: found.into_iter().flatten().collect(),
            whose: "each profile assigned to it",
            is_partial,
        };
    }
    let profiles: Vec<&Profile> = case.org.configuration.profiles.values().collect();
    let is_partial = profiles.iter().any(|profile| !profile.login_ranges.is_empty());
    // Nobody knows which of them its users have.
    Looked { profiles: if is_partial { Vec::new() } else { profiles }, whose: "each profile at hand", is_partial }
}

/// How many addresses that it was used from are in none of the ranges.
fn outside(case: &Case<'_>, ranges: &[IpRange]) -> usize {
    let seen = case.recent(case.limit("days")).filter_map(|trace| trace.address.as_deref()?.parse::<IpAddr>().ok());
    let seen: std::collections::BTreeSet<IpAddr> = seen.collect();
    seen.iter().filter(|address| !ranges.iter().any(|range| range.contains(**address))).count()
}
