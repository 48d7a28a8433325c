//! The tables: what was measured, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::campaigns::{self, Campaign};
use super::frozen::digest;
use super::measure::campaigns::{Depth, Result};
use super::measure::credit::Seen;
use super::measure::{self, Scanner, for_each_seed, months};
use super::profile::{PROFILES, Profile, REPORTED_SEED, VERSION};
use super::{benign, evasion, rivals};

/// What is to be measured.
pub(crate) struct Study {
    pub(crate) profiles: Vec<&'static Profile>,
    pub(crate) first_seed: u64,
    pub(crate) seeds: u64,
    pub(crate) threads: usize,
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Campaigns,
    Months,
    Rivals,
    Evasion,
}

impl Part {
    pub(crate) fn named(name: &str) -> Option<Part> {
        let known = [
            ("campaigns", Part::Campaigns),
            ("months", Part::Months),
            ("rivals", Part::Rivals),
            ("evasion", Part::Evasion),
        ];
        known.into_iter().find(|(word, _)| *word == name).map(|(_, part)| part)
    }
}

impl Default for Study {
    fn default() -> Self {
        Self {
            profiles: PROFILES.iter().collect(),
            first_seed: REPORTED_SEED,
            seeds: 20,
            threads: 2,
            parts: vec![Part::Campaigns, Part::Months, Part::Rivals, Part::Evasion],
        }
    }
}

/// So many findings of each detector are shown where causes are asked for.
const SHOWN: usize = 8;

/// A table in the making: cells by row and column, in the order in which they come.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Study {
    /// Measures, and says what came out; with what findings stand behind it, if asked.
    pub(crate) fn run(&self, causes: bool) -> String {
        let scanner = Scanner::new();
        let mut text = format!(
            "Generator version {VERSION} ({}), seeds {} to {}.\n",
            &digest()[..12],
            self.first_seed,
            self.first_seed + self.seeds - 1
        );
        text += &self.thefts(&scanner, causes);
        if self.parts.contains(&Part::Months) {
            text += &self.months(&scanner, causes);
        }
        if self.parts.contains(&Part::Rivals) {
            text += &self.rivals();
        }
        text
    }

    fn seeds(&self) -> Vec<u64> {
        (self.first_seed..self.first_seed + self.seeds).collect()
    }

    /// The names of the profiles behind other words.
    fn head(&self, words: &[&str]) -> Vec<String> {
        let names = self.profiles.iter().map(|profile| profile.name);
        words.iter().copied().chain(names).map(str::to_owned).collect()
    }

    /// Campaigns and evasions go into the same organisations, so that these are made and scanned once.
    fn thefts(&self, scanner: &Scanner, causes: bool) -> String {
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
        if causes {
            text += &told_by(&of, &self.profiles, &results);
        }
        text
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

    fn months(&self, scanner: &Scanner, causes: bool) -> String {
        let mut table = Table::new(self.head(&["an organisation's day", "month"]));
        let mut events = Table::new(self.head(&["event"]));
        let measure = |profile: &&'static Profile| -> Vec<[months::Month; 2]> {
            let months = for_each_seed(&self.seeds(), self.threads, |seed| months::measure(scanner, profile, seed));
            months.into_iter().flatten().collect()
        };
        let months: Vec<Vec<[months::Month; 2]>> = self.profiles.iter().map(measure).collect();
        for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
            let a_day = |count: &dyn Fn(&months::Month) -> usize| {
                let cells = months.iter().map(|all| {
                    let sum: usize = all.iter().map(|month| count(&month[place])).sum();
                    format!("{:.3}", sum as f64 / months::org_days(all.len()) as f64)
                });
                cells.collect::<Vec<_>>()
            };
            table.push(&["findings, high or critical", kind], a_day(&months::Month::high).into_iter());
            let at_once = a_day(&|month| month.high_at_once.values().sum());
            table.push(&["the same, in one scan of everything", kind], at_once.into_iter());
            table.push(&["incidents, high or critical", kind], a_day(&|month| month.incidents).into_iter());
            table.push(&["findings, medium", kind], a_day(&|month| month.medium).into_iter());
        }
        for (event, name) in benign::EVENTS.iter().enumerate() {
            let cells = months.iter().map(|all| {
                let own = all.iter().filter_map(|month| month[1].by_event.get(&event));
                let sum: usize = own.flat_map(BTreeMap::values).sum();
                format!("{:.2}", sum as f64 / all.len() as f64)
            });
            events.push(&[name], cells);
        }
        let mut text = format!(
            "\n### Clean months\n\n{table}\nHigh or critical findings that each event of the eventful month makes, of an \
             organisation:\n\n{events}"
        );
        if causes {
            for (profile, all) in self.profiles.iter().zip(&months) {
                for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
                    let mut high: BTreeMap<&str, usize> = BTreeMap::new();
                    for (detector, count) in all.iter().flat_map(|month| &month[place].high) {
                        *high.entry(detector).or_default() += count;
                    }
                    let mut at_once: BTreeMap<&str, usize> = BTreeMap::new();
                    for (detector, count) in all.iter().flat_map(|month| &month[place].high_at_once) {
                        *at_once.entry(detector).or_default() += count;
                    }
                    let _ = writeln!(text, "\n{} {kind}: daily {high:?}, at once {at_once:?}", profile.name);
                    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
                    for (detector, sentence) in all.iter().flat_map(|month| &month[place].sentences) {
                        let times = shown.entry(detector).or_default();
                        *times += 1;
                        if *times <= SHOWN {
                            let _ = writeln!(text, "- {detector} {sentence}");
                        }
                    }
                }
            }
        }
        text
    }

    fn rivals(&self) -> String {
        let mut recall = Table::new(self.head(&["judge", "campaign"]));
        let mut alarms = Table::new(self.head(&["judge", "month"]));
        let measured: Vec<_> = self
            .profiles
            .iter()
            .map(|profile| {
                let found =
                    for_each_seed(&self.seeds(), self.threads, |seed| rivals::recall(profile, seed, &campaigns::ALL));
                let found: Vec<(usize, usize, Vec<bool>)> = found.into_iter().flatten().collect();
                let false_alarms =
                    for_each_seed(&self.seeds(), self.threads, |seed| rivals::false_alarms(profile, seed));
                (*profile, found, false_alarms)
            })
            .collect();
        for (judge, told) in rivals::ALL.iter().enumerate() {
            for (campaign, known) in campaigns::ALL.iter().enumerate() {
                let cells = measured.iter().map(|(_, found, _)| {
                    let own = found.iter().filter(|(by, of, _)| (*by, *of) == (judge, campaign));
                    let stages: Vec<bool> = own.flat_map(|(_, _, stages)| stages.iter().copied()).collect();
                    percent(stages.iter().filter(|found| **found).count(), stages.len())
                });
                recall.push(&[told.name, known.name], cells);
            }
            for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
                let cells = measured.iter().map(|(profile, _, alarms)| {
                    let sum: usize = alarms.iter().map(|counts| counts[judge][place]).sum();
                    format!("{:.2}", sum as f64 / months::org_days(alarms.len() * profile.orgs) as f64)
                });
                alarms.push(&[told.name, kind], cells);
            }
        }
        format!(
            "\n### Simple judges on the same data\n\nStages alarmed at, of all stages:\n\n{recall}\nAlarms in an \
             organisation's day without any campaign:\n\n{alarms}"
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

fn percent(part: usize, whole: usize) -> String {
    let rounded = (100 * part + whole / 2).checked_div(whole);
    rounded.map_or("-".to_owned(), |percent| percent.to_string())
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

impl Table {
    fn new(head: Vec<String>) -> Table {
        Table { head, rows: Vec::new() }
    }

    fn push(&mut self, words: &[&str], cells: impl Iterator<Item = String>) {
        self.rows.push(words.iter().map(|word| (*word).to_owned()).chain(cells).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "| {} |", self.head.join(" | "))?;
        writeln!(out, "|{}", "---|".repeat(self.head.len()))?;
        self.rows.iter().try_for_each(|row| writeln!(out, "| {} |", row.join(" | ")))
    }
}
