//! What was found of campaigns and evasions, and what was not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Part, Study, Table, percent};
use crate::study::campaigns::{self, Campaign};
use crate::study::evasion;
use crate::study::measure::campaigns::{Depth, Result};
use crate::study::measure::credit::Seen;
use crate::study::measure::{self, Scanner, for_each_seed};
use crate::study::profile::Profile;

/// What a stage is to be found in at least, in percent of plantings.
const ENOUGH: usize = 95;

impl Study {
    /// Campaigns and evasions go into the same organisations, so that these are made and scanned once.
    pub(super) fn thefts(&self, scanner: &Scanner, causes: bool) -> String {
        let named = |all: &[&'static Campaign], depth| all.iter().map(|one| (*one, depth)).collect::<Vec<_>>();
        let mut of = Vec::new();
        let has = |part| self.parts.contains(&part);
        if has(Part::Campaigns) {
            of.extend(named(&campaigns::ALL, Depth::ByDayAndHour));
        }
        if has(Part::Evasion) {
            of.extend(named(&evasion::ALL, Depth::AtOnce));
        }
        if of.is_empty() {
            return String::new();
        }
        let results = |profile: &&'static Profile| {
            let measure = |seed| measure::campaigns::measure(scanner, profile, seed, &of);
            for_each_seed(&self.seeds(), self.threads, measure).into_iter().flatten().collect()
        };
        let results: Vec<Vec<Result>> = self.profiles.iter().map(results).collect();
        let mut text = String::new();
        if has(Part::Campaigns) {
            text += &self.campaigns(&results);
        }
        if has(Part::Evasion) {
            text += &self.evasion(&results, of.len() - evasion::ALL.len());
        }
        text += &self.missed(&of, &results);
        if causes {
            text += &told_by(&of, &self.profiles, &results);
        }
        text
    }

    /// Whatever is found in too few plantings.
    fn missed(&self, campaigns: &[(&Campaign, Depth)], results: &[Vec<Result>]) -> String {
        let mut table =
            Table::new(["campaign or precaution", "stage", "profile", "found, %"].map(str::to_owned).to_vec());
        for (number, (campaign, _)) in campaigns.iter().enumerate() {
            for (profile, all) in self.profiles.iter().zip(results) {
                let own = of_campaign(all, number);
                for (stage, told) in campaign.stages.iter().enumerate() {
                    let runs = |seen: fn(&Result) -> Option<&Seen>| -> Vec<bool> {
                        own.iter().filter_map(|result| seen(result)).map(|seen| !seen.by[stage].is_empty()).collect()
                    };
                    let found = [runs(|result| Some(&result.at_once)), runs(|result| result.daily.as_ref())];
                    let is_rare =
                        |found: &Vec<bool>| found.iter().filter(|found| **found).count() * 100 < ENOUGH * found.len();
                    if found.iter().any(is_rare) {
                        let shares = found.iter().filter(|found| !found.is_empty());
                        let shares = shares.map(|found| percent(found.iter().filter(|is| **is).count(), found.len()));
                        let shares = shares.collect::<Vec<_>>().join(" / ");
                        table.push(&[campaign.name, told.name, profile.name], std::iter::once(shares));
                    }
                }
            }
        }
        format!(
            "\n### Missed\n\nStages found in less than {ENOUGH} % of plantings, in one scan / in daily runs:\n\n{table}"
        )
    }

    fn campaigns(&self, results: &[Vec<Result>]) -> String {
        let mut stages = Table::new(self.head(&["campaign", "stage"]));
        let mut alerts = Table::new(self.head(&["campaign", "what"]));
        for (number, campaign) in campaigns::ALL.iter().enumerate() {
            let own: Vec<Vec<&Result>> = results.iter().map(|all| of_campaign(all, number)).collect();
            for (stage, told) in campaign.stages.iter().enumerate() {
                let is_told = |seen: &Seen| !seen.by[stage].is_empty();
                let cell = |own: &Vec<&Result>| {
                    let at_once = share(own, |result| is_told(&result.at_once));
                    format!("{at_once} / {}", share(own, |result| result.daily.as_ref().is_some_and(is_told)))
                };
                stages.push(&[campaign.name, told.name], own.iter().map(cell));
            }
            let first = |own: &Vec<&Result>| share(own, |result| result.at_once.rank == Some(1));
            alerts.push(&[campaign.name, "true incident ranked first, %"], own.iter().map(first));
            let ranks = |own: &Vec<&Result>| {
                batches(own.iter().map(|result| result.at_once.rank.and_then(|rank| i64::try_from(rank).ok())))
            };
            alerts.push(&[campaign.name, "rank of the true incident"], own.iter().map(ranks));
            let days = |own: &Vec<&Result>| batches(own.iter().map(|result| result.days));
            alerts.push(&[campaign.name, "daily runs until an alert"], own.iter().map(days));
            let hours = |own: &Vec<&Result>| batches(own.iter().map(|result| result.hours));
            alerts.push(&[campaign.name, "hourly runs until an alert"], own.iter().map(hours));
        }
        format!(
            "\n### Campaigns\n\nStages found, in percent of plantings: in one scan of everything / in daily runs with a \
             memory.\n\n{stages}\nThe median of plantings / the worst. Runs are counted from the first with a row of the \
             attacker; hourly ones end after a day.\n\n{alerts}"
        )
    }

    fn evasion(&self, results: &[Vec<Result>], first: usize) -> String {
        let mut table = Table::new(self.head(&["precaution", "stage"]));
        for (number, campaign) in (first..).zip(&evasion::ALL) {
            let own: Vec<Vec<&Result>> = results.iter().map(|all| of_campaign(all, number)).collect();
            for (stage, told) in campaign.stages.iter().enumerate() {
                let cell = |own: &Vec<&Result>| share(own, |result| !result.at_once.by[stage].is_empty());
                table.push(&[campaign.name, told.name], own.iter().map(cell));
            }
            let any = |own: &Vec<&Result>| share(own, |result| result.at_once.rank.is_some());
            table.push(&[campaign.name, "**any stage**"], own.iter().map(any));
        }
        format!(
            "\n### Evasion\n\nThe Drift campaign with precautions. Stages found, in percent of plantings, in one scan of \
             everything.\n\n{table}"
        )
    }
}

fn of_campaign(results: &[Result], number: usize) -> Vec<&Result> {
    results.iter().filter(|result| result.campaign == number).collect()
}

/// Which detectors show which stage, in how many plantings, and the seeds of those in which none does.
fn told_by(campaigns: &[(&Campaign, Depth)], profiles: &[&'static Profile], results: &[Vec<Result>]) -> String {
    let mut text = String::new();
    for (number, (campaign, _)) in campaigns.iter().enumerate() {
        for (profile, all) in profiles.iter().zip(results) {
            let own = of_campaign(all, number);
            for result in &own {
                for above in &result.at_once.above {
                    let _ = writeln!(
                        text,
                        "- {} / {} / seed {}, ranked above: {above}",
                        campaign.name, profile.name, result.seed
                    );
                }
            }
            for (stage, told) in campaign.stages.iter().enumerate() {
                let mut by: [BTreeMap<&str, usize>; 2] = Default::default();
                let mut missed: [BTreeMap<u64, String>; 2] = Default::default();
                for result in &own {
                    for (place, seen) in std::iter::once(&result.at_once).chain(&result.daily).enumerate() {
                        for detector in &seen.by[stage] {
                            *by[place].entry(detector).or_default() += 1;
                        }
                        if seen.by[stage].is_empty() {
                            missed[place].insert(result.seed, format!("{:?}", seen.hints[stage]));
                        }
                    }
                }
                let _ = writeln!(
                    text,
                    "- {} / {} / {}: at once {:?}, missed {:?}; daily {:?}, missed {:?}",
                    campaign.name, profile.name, told.name, by[0], missed[0], by[1], missed[1]
                );
            }
        }
    }
    text
}

fn share(own: &[&Result], is: impl Fn(&Result) -> bool) -> String {
    percent(own.iter().filter(|result| is(result)).count(), own.len())
}

/// The middle of the numbers of runs, and the worst.
fn batches(runs: impl Iterator<Item = Option<i64>>) -> String {
    let mut runs: Vec<i64> = runs.map(|runs| runs.unwrap_or(i64::MAX)).collect();
    runs.sort_unstable();
    let word = |runs: Option<&i64>| match runs {
        Some(&i64::MAX) => "never".to_owned(),
        Some(runs) => runs.to_string(),
        None => "-".to_owned(),
    };
    format!("{} / {}", word(runs.get(runs.len() / 2)), word(runs.last()))
}
