//! A small part of the study of detection quality (QUALITY.md), held to limits: published campaigns in invented
//! organisations, and months without any.

use crate::study::campaigns;
use crate::study::frozen;
use crate::study::measure::campaigns::{Depth, Result};
use crate::study::measure::months::{self, Month};
use crate::study::measure::{self, Scanner, for_each_seed};
use crate::study::profile::{PROFILES, Profile, VERSION};

/// What the generator of version 1 makes. Another digest is another version: QUALITY.md is then to be measured anew.
const DIGEST: &str = "50ac72b41b1f80d50739cc3789fa69de35177c3d9f57c9a8de3a0d491f157f1e";

#[test]
fn the_generator_is_the_one_that_was_measured() {
    assert_eq!((VERSION, frozen::digest().as_str()), (1, DIGEST));
}

#[test]
fn campaigns_are_found_and_their_incident_comes_first() {
    for profile in [small(), isv()] {
        for result in thefts(profile, &[1]) {
            let campaign = campaigns::ALL[result.campaign];
            let told = format!("{} in {} with seed {}", campaign.name, profile.name, result.seed);
            assert_eq!(result.at_once.rank, Some(1), "{told}: the rank of the true incident");
            assert!(result.days.is_some_and(|runs| runs <= 2), "{told}: daily runs until an alert: {:?}", result.days);
            let daily = result.daily.expect("daily runs");
            for (stage, by) in result.at_once.by.iter().enumerate() {
                let is_found = !by.is_empty() && !daily.by[stage].is_empty();
                assert!(is_found, "{told}: {}", campaign.stages[stage].name);
            }
        }
    }
}

#[test]
fn clean_months_call_nobody_too_often() {
    // In tenths of a finding of high severity or above in an organisation's day.
    for (profile, most) in [(small(), 2), (isv(), 2)] {
        let scanner = Scanner::new();
        let months: Vec<[Month; 2]> = months::measure(&scanner, profile, 1);
        for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
            let days = months::org_days(months.len());
            let of_runs = |month: &[Month; 2]| [month[place].high.clone(), month[place].high_at_once.clone()];
            for (way, how) in ["day by day", "at once"].into_iter().enumerate() {
                let all: Vec<_> = months.iter().map(|month| of_runs(month)[way].clone()).collect();
                let high: usize = all.iter().flat_map(|high| high.values()).sum();
                let high = i64::try_from(high).unwrap();
                assert!(high * 10 <= most * days, "{} {kind} {how}: {high} in {days} days: {all:?}", profile.name);
            }
        }
    }
}

fn small() -> &'static Profile {
    &PROFILES[0]
}

fn isv() -> &'static Profile {
    &PROFILES[3]
}

fn thefts(profile: &'static Profile, seeds: &[u64]) -> Vec<Result> {
    let scanner = Scanner::new();
    let all: Vec<_> = campaigns::ALL.iter().map(|campaign| (*campaign, Depth::ByDayAndHour)).collect();
    let measure = |seed| measure::campaigns::measure(&scanner, profile, seed, &all);
    for_each_seed(seeds, 2, measure).into_iter().flatten().collect()
}
