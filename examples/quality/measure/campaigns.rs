//! Campaigns in clean organisations: once with everything at hand, once day by day and once hour by hour with a memory.

use std::path::PathBuf;

use tokentrail::engine::Window;
use tokentrail::finding::Finding;
use tokentrail::memory::Memory;

use super::Scanner;
use super::credit::{Seen, Trail, Usual, add_to};
use super::shelf::{Shelf, between};
use crate::study::calendar::DAY;
use crate::study::campaigns::{Campaign, Planted, plant};
use crate::study::profile::{CAMPAIGN, HISTORY, Profile};
use crate::study::row::{Row, snapshots};
use crate::study::world::{Org, orgs};

/// What somebody looks at who looks back: three weeks.
const LOOKING_BACK: Window = Window::Days(21);
/// Runs by the hour end after a day without an alert.
const HOURS: i64 = 24;

/// What came of one campaign in one organisation.
#[derive(Clone, Debug)]
pub(crate) struct Result {
    pub(crate) campaign: usize,
    pub(crate) seed: u64,
    /// Everything in one scan.
    pub(crate) at_once: Seen,
    /// All daily runs together, each with what those before it have left.
    pub(crate) daily: Option<Seen>,
    /// The run, from the first with a row of the attacker, that finds something of it.
    pub(crate) days: Option<i64>,
    pub(crate) hours: Option<i64>,
}

/// An organisation without any campaign, scanned.
struct Clean<'a> {
    org: &'a Org,
    shelf: Shelf<'a>,
    usual: Usual,
    /// The same of all daily runs.
    usual_by_day: Usual,
    /// Before each of the days.
    memories: Vec<Memory>,
}

/// How far a campaign is to be measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    AtOnce,
    ByDayAndHour,
}

/// Campaigns, each planted into the same organisations.
pub(crate) fn measure(
    scanner: &Scanner,
    profile: &'static Profile,
    seed: u64,
    campaigns: &[(&Campaign, Depth)],
) -> Vec<Result> {
    let orgs = orgs(profile, seed, CAMPAIGN);
    let mut results = Vec::new();
    let planted: Vec<Vec<Planted>> = campaigns.iter().map(|(campaign, _)| plant(campaign, &orgs, seed)).collect();
    let with_runs = campaigns.iter().any(|(_, depth)| *depth == Depth::ByDayAndHour);
    for (place, org) in orgs.iter().enumerate().take(planted[0].len()) {
        let clean = Clean::new(scanner, org, with_runs);
        for (number, (campaign, depth)) in campaigns.iter().enumerate() {
            let planted = &planted[number][place];
            let at_once = clean.at_once(scanner, campaign, planted);
            let (mut daily, mut days, mut hours) = (None, None, None);
            if *depth == Depth::ByDayAndHour {
                (daily, days) = clean.by_day(scanner, campaign, planted);
                hours = clean.by_hour(scanner, campaign, planted);
            }
            results.push(Result { campaign: number, seed, at_once, daily, days, hours });
        }
    }
    results
}

impl<'a> Clean<'a> {
    fn new(scanner: &Scanner, org: &'a Org, with_runs: bool) -> Self {
        let shelf = Shelf::new(org, &org.rows);
        let (mut usual, mut usual_by_day) = (Usual::new(), Usual::new());
        add_to(&mut usual, &scanner.scan(&shelf.all(), LOOKING_BACK, None).findings);
        let mut memories = Vec::new();
        if with_runs {
            let empty = Memory::default();
            memories.extend(scanner.scan(&shelf.history, Window::default(), Some(&empty)).memory);
            for paths in &shelf.days {
                let outcome = scanner.scan(paths, Window::default(), memories.last());
                add_to(&mut usual_by_day, &outcome.findings);
                memories.extend(outcome.memory);
            }
        }
        Self { org, shelf, usual, usual_by_day, memories }
    }

    /// Files of an attacker's rows, and of the tokens that only he has.
    fn with(&self, name: &str, planted: &[Row]) -> Vec<PathBuf> {
        let mut paths = self.shelf.write(name, planted);
        if let (Some(first), Some(last)) = (planted.first(), planted.last()) {
            let fake: Vec<Row> = planted.iter().filter(|row| self.is_fake(row)).cloned().collect();
            if !fake.is_empty() {
                let tokens = snapshots(self.org, &fake, first.time, last.time + DAY);
                let newest = tokens.last().map_or(&[][..], Vec::as_slice);
                paths.push(self.shelf.keep(&format!("{name}-OauthToken.csv"), newest));
            }
        }
        paths
    }

    fn is_fake(&self, row: &Row) -> bool {
        self.org.apps[row.app as usize].number >= crate::study::world::App::UNINSTALLED
    }

    fn at_once(&self, scanner: &Scanner, campaign: &Campaign, planted: &Planted) -> Seen {
        let mut paths = self.shelf.all();
        paths.extend(self.with("attack", &planted.rows));
        let outcome = scanner.scan(&paths, LOOKING_BACK, None);
        Trail::new(campaign.stages, self.org, planted, &self.usual).seen(&outcome.findings)
    }

    /// What all daily runs show, and which of them was the first to show anything.
    fn by_day(&self, scanner: &Scanner, campaign: &Campaign, planted: &Planted) -> (Option<Seen>, Option<i64>) {
        let trail = Trail::new(campaign.stages, self.org, planted, &self.usual_by_day);
        let mut findings: Vec<Finding> = Vec::new();
        let mut first_alert = None;
        if let (Some(first), Some(last)) = (planted.rows.first(), planted.rows.last()) {
            let (first, last) = (day_of(first), day_of(last));
            let mut memory = self.memories[first as usize].clone();
            for day in first..=last {
                let mut paths = self.shelf.days[day as usize].clone();
                let start = CAMPAIGN.start + (HISTORY + day) * DAY;
                let own = between(&planted.rows, start, start + DAY);
                paths.extend(self.with(&format!("attack{day:02}"), own));
                let outcome = scanner.scan(&paths, Window::default(), Some(&memory));
                if outcome.findings.iter().any(|finding| !trail.shown_by(finding).is_empty()) {
                    first_alert = first_alert.or(Some(day - first + 1));
                }
                findings.extend(outcome.findings);
                memory = outcome.memory.unwrap_or(memory);
            }
        }
        (Some(trail.seen(&findings)), first_alert)
    }

    /// Which hourly run is the first to show anything. Hours in a row without the attacker are read in one run: they cannot
    /// show anything, and cost as much.
    fn by_hour(&self, scanner: &Scanner, campaign: &Campaign, planted: &Planted) -> Option<i64> {
        let trail = Trail::new(campaign.stages, self.org, planted, &self.usual_by_day);
        let first = day_of(planted.rows.first()?);
        let mut memory = self.memories[first as usize].clone();
        let from = (planted.rows[0].time - CAMPAIGN.start).rem_euclid(DAY) / (DAY / 24);
        let mut paths = Vec::new();
        for turn in 0..HOURS {
            let (day, hour) = (first + (from + turn) / 24, (from + turn) % 24);
            let own = self.shelf.hour(&planted.rows, day, hour, "attack");
            if !own.is_empty() && !paths.is_empty() {
                memory = scanner.scan(&paths, Window::default(), Some(&memory)).memory.unwrap_or(memory);
                paths.clear();
            }
            paths.extend(self.shelf.hour(&self.org.rows, day, hour, "hour"));
            if own.is_empty() {
                continue;
            }
            paths.extend(own);
            let outcome = scanner.scan(&paths, Window::default(), Some(&memory));
            paths.clear();
            if outcome.findings.iter().any(|finding| !trail.shown_by(finding).is_empty()) {
                return Some(turn + 1);
            }
            memory = outcome.memory.unwrap_or(memory);
        }
        None
    }
}

/// The day after the history that a row is of.
fn day_of(row: &Row) -> i64 {
    (row.time - CAMPAIGN.start) / DAY - HISTORY
}
