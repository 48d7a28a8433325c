//! Reports for people: what happened, for who has to say so; and what to mend this week, for who administers apps.
//!
//! ```text
//! exports ── scan, coverage, inventory, histories ──▶ Report ── written ──▶ Document ──▶ page, Markdown
//!                                                       └──────────────────────────────▶ JSON
//! ```
//! Nothing is computed here that a command of its own does not tell, too: what is new is that it stands together, and that
//! each number leads to the rows that it rests on.

pub mod document;
pub mod figures;
mod lanes;
pub mod markdown;
pub mod navigator;
pub mod page;
mod story;
mod verdict;
pub mod weekly;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

pub use self::lanes::{AmountLane, Lanes};
pub use self::story::{Met, Story, Taken};
pub use self::verdict::{Sign, Verdict};
use crate::batch::Table;
use crate::changes::{Change, changes};
use crate::convert::Convert;
use crate::coverage::{Coverage, cover};
use crate::engine::{Outcome, Scan, scan};
use crate::error::Error;
use crate::exceptions::Exceptions;
use crate::finding::{Finding, Named, Severity};
use crate::history::{History, Inquiry, Known, ROLES, Selection, TABLES};
use crate::impact::Classes;
use crate::incident::{Incident, incidents};
use crate::ingest::{Counts, Problem, Quarantine, QuarantinedRow};
use crate::inventory::{AppUse, Inventory};
use crate::revocation::{Plan, Scope, plan};
use crate::sweep::{Sweep, sweep};
use crate::told::Told;
use crate::value::Time;

/// Findings from here on say that somebody may be abusing something.
pub const GRAVE: Severity = Severity::High;

/// So many apps are told of in full.
const STORIES: usize = 6;

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The exports, the detectors and the window.
    pub scan: Scan<'a>,
    /// The same exports, to read rows of.
    pub convert: Convert<'a>,
    /// Findings that are expected.
    pub exceptions: &'a Exceptions,
    /// Apps to tell of, by id or name; those of grave findings if nobody names any.
    pub apps: &'a [String],
    /// Rows by object, in lower case, as far as the user knows them.
    pub sizes: &'a BTreeMap<String, i64>,
    /// Kinds of data.
    pub classes: &'a Classes,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The program and its version.
    pub tool: &'static str,
    /// The time that is judged.
    pub since: Time,
    /// See `since`.
    pub as_of: Time,
    /// In a word and a few sentences.
    pub verdict: Verdict,
    /// What belongs together, gravest first.
    pub incidents: Vec<Incident>,
    /// Findings, by their first events.
    pub findings: Vec<Finding>,
    /// Findings that were expected, and why.
    pub excepted: Vec<(Finding, String)>,
    /// What each app did that is told of.
    pub stories: Vec<Story>,
    /// Apps of grave findings beyond those.
    pub more_apps: Vec<Named>,
    /// Listed indicators that were met.
    pub sweep: Sweep,
    /// Changes of the setup and of access in the window.
    pub changes: Vec<Change>,
    /// Those apps with their tokens, as the exports list them.
    pub live: Vec<AppUse>,
    /// Usernames of users whom those tokens act for, by id.
    pub usernames: BTreeMap<String, String>,
    /// What to revoke, in which order.
    pub plan: Plan,
    /// What the exports cover.
    pub coverage: Coverage,
    /// What became of the rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// The SHA-256 of each export, by name.
    pub inputs: BTreeMap<String, String>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
    /// Limits of detectors that are not the defaults: detector, name, value.
    pub limits: Vec<(&'static str, &'static str, i64)>,
}

/// Where rows go that the scan has told of already.
struct ToldAlready;

impl Quarantine for ToldAlready {
    fn take(&mut self, _: QuarantinedRow) {}
}

impl Report {
    /// Reads the exports, several times, and puts together what they tell. Rows that cannot be used go to the quarantine.
    ///
    /// # Errors
    /// If a scan fails, which is a defect.
    pub fn take(asked: &Asked<'_>, quarantine: &mut dyn Quarantine) -> Result<Self, Error> {
        let Outcome { findings, problems, counts, hashes, since, as_of, .. } = scan(&asked.scan, quarantine)?;
        let sifted = asked.exceptions.sift(findings, as_of);
        let told = Told::from_findings(&sifted.findings);
        let coverage = cover(&asked.scan);
        let inventory = Inventory::take(&asked.scan, &mut ToldAlready);
        let reader = Reader { asked, known: Arc::new(Known::read(&asked.convert, Some(as_of))), since, as_of };
        let incidents = incidents(&sifted.findings);
        let (apps, more_apps) = apps(asked, &sifted.findings, &incidents);
        let stories: Vec<Story> = apps.iter().map(|app| Story::of(&reader, app, &told)).collect();
        let scope = scope(asked, &told);
        let register = asked.scan.register;
        let mut plan = if scope.is_empty() { Plan::default() } else { plan(&inventory, register, &told, &scope) };
        for user in plan.steps.iter_mut().filter_map(|step| step.user.as_mut()).filter(|user| user.name.is_none()) {
            user.name = user.id.as_deref().and_then(|id| reader.known.username(id)).map(str::to_owned);
        }
        let live = live(inventory, &apps);
        let users: BTreeSet<&String> =
            live.iter().flat_map(|app| &app.tokens).filter_map(|token| token.user.as_ref()).collect();
        let usernames = users.into_iter().filter_map(|id| Some((id.clone(), reader.known.username(id)?.to_owned())));
        Ok(Self {
            usernames: usernames.collect(),
            tool: crate::case::TOOL,
            verdict: Verdict::of(&incidents, &stories, &coverage),
            sweep: reader.sweep(&coverage),
            changes: reader.changes(),
            live,
            limits: limits(&asked.scan),
            inputs: hashes,
            findings: sifted.findings,
            excepted: sifted.excepted,
            since,
            as_of,
            incidents,
            stories,
            more_apps,
            plan,
            coverage,
            counts,
            problems,
        })
    }

    /// ATT&CK techniques with the detectors that point at them, and how many findings do.
    pub fn techniques(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, usize>> {
        let mut techniques: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for finding in &self.findings {
            for technique in finding.techniques {
                *techniques.entry(technique).or_default().entry(finding.detector).or_default() += 1;
            }
        }
        techniques
    }
}

/// Reads histories of one report: who is who is found out once.
struct Reader<'a> {
    asked: &'a Asked<'a>,
    known: Arc<Known>,
    since: Time,
    as_of: Time,
}

impl<'a> Reader<'a> {
    fn history(
        &self,
        subject: Option<crate::history::Subject>,
        selection: Selection,
        tables: &'a [Table],
    ) -> History<'a> {
        let mut selection = selection;
        selection.until = Some(self.as_of);
        let inquiry = Inquiry {
            convert: self.asked.convert.clone(),
            known: Some(Arc::clone(&self.known)),
            subject,
            selection,
            tables,
            roles: ROLES,
        };
        History::read(&inquiry, &mut ToldAlready)
    }

    fn is_judged(&self, time: Time) -> bool {
        self.since <= time && time <= self.as_of
    }

    fn sweep(&self, coverage: &Coverage) -> Sweep {
        let lists = &self.asked.scan.lists;
        let history = self.history(None, Selection::all().listed(Arc::clone(lists)), &TABLES);
        sweep(&history, lists, coverage)
    }

    fn changes(&self) -> Vec<Change> {
        /// In these something is changed, or somebody gets access.
        const TABLES: [Table; 3] = [Table::SetupChanges, Table::Sessions, Table::Tokens];
        let mut selection = Selection::all();
        selection.since = Some(self.since);
        let history = self.history(None, selection, &TABLES);
        let mut all = changes(&history);
        all.retain(|change| self.is_judged(change.time));
        all
    }
}

/// The apps to tell of, gravest first, and those for which there is no room.
fn apps(asked: &Asked<'_>, findings: &[Finding], incidents: &[Incident]) -> (Vec<Named>, Vec<Named>) {
    if !asked.apps.is_empty() {
        let named = |name: &String| Named { id: None, name: Some(name.clone()) };
        return (asked.apps.iter().map(named).collect(), Vec::new());
    }
    let happened: BTreeSet<&uuid::Uuid> = incidents.iter().flat_map(|incident| &incident.findings).collect();
    let mut scores: BTreeMap<&Named, (Severity, u32)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity >= GRAVE && happened.contains(&finding.id)) {
        let Some(app) = &finding.subject.app else { continue };
        let known = scores.entry(app).or_insert((finding.severity, 0));
        *known = (known.0.max(finding.severity), known.1 + u32::from(finding.score.total));
    }
    let mut apps: Vec<(&Named, (Severity, u32))> = scores.into_iter().collect();
    apps.sort_by_key(|(app, score)| (std::cmp::Reverse(*score), *app));
    let mut apps: Vec<Named> = apps.into_iter().map(|(app, _)| app.clone()).collect();
    let more = apps.split_off(apps.len().min(STORIES));
    (apps, more)
}

fn scope(asked: &Asked<'_>, told: &Told) -> Scope {
    let mut scope = Scope::default();
    scope.extend(told, GRAVE);
    if !asked.apps.is_empty() {
        scope.apps = asked.apps.iter().map(|app| app.to_lowercase()).collect();
    }
    scope
}

/// What the exports show of the apps that are told of.
fn live(inventory: Inventory, apps: &[Named]) -> Vec<AppUse> {
    let texts: BTreeSet<&String> = apps.iter().flat_map(|app| [&app.id, &app.name]).flatten().collect();
    let is_told = |used: &AppUse| [&used.app.id, &used.app.name].into_iter().flatten().any(|text| texts.contains(text));
    inventory.apps.into_values().filter(is_told).collect()
}

/// What the user has set otherwise than it is by default.
fn limits(scan: &Scan<'_>) -> Vec<(&'static str, &'static str, i64)> {
    let all = scan.detectors.iter().flat_map(|detector| detector.limits.iter().map(|limit| (detector.id, limit)));
    all.map(|(detector, limit)| (detector, limit.name, limit.value, scan.values.get(detector, limit.name)))
        .filter(|(_, _, default, value)| default != value)
        .map(|(detector, name, _, value)| (detector, name, value))
        .collect()
}
