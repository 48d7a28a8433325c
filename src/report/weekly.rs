//! The page of the week for who administers apps: which are risky, what to mend and where to click, what is expected, and
//! what is new since last week.

mod written;

use std::collections::BTreeMap;

use serde::Serialize;

use super::GRAVE;
use crate::apps::scopes::Risks;
use crate::audit::{Audit, Matrix};
use crate::check::Check;
use crate::checks;
use crate::diff::{Diff, Run};
use crate::engine::{Outcome, Scan, scan};
use crate::error::Error;
use crate::exceptions::{Exceptions, Sifted};
use crate::finding::{Finding, Named, Severity};
use crate::ingest::{Counts, Problem, Quarantine};
use crate::inventory::{AppSummary, known};
use crate::lists::{Class, Kind};
use crate::rollout::Rollout;
use crate::value::Time;

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct AskedWeekly<'a> {
    /// How apps are configured, and what exports show of them.
    pub audit: Audit<'a>,
    /// The exports, the detectors and the window; nothing where there are no exports.
    pub scan: Option<Scan<'a>>,
    /// How grave each scope is.
    pub risks: &'a Risks,
    /// Findings and failures that are expected.
    pub exceptions: &'a Exceptions,
    /// What was found a week ago.
    pub previous: Option<&'a Run>,
}

/// The page of the week, as data.
#[derive(Clone, Debug, Serialize)]
pub struct Weekly {
    /// The program and its version.
    pub tool: &'static str,
    /// The week that is judged; nothing where there are no exports.
    pub since: Option<Time>,
    /// See `since`.
    pub as_of: Option<Time>,
    /// All apps, riskiest first.
    pub apps: Vec<AppSummary>,
    /// What is wrong with how apps are set up, in the order to mend it.
    pub fixes: Vec<Fix>,
    /// What was found, in events and in the setup, gravest first.
    pub findings: Vec<Finding>,
    /// Findings that are expected, and why.
    pub excepted: Vec<(Finding, String)>,
    /// All answers of all checks.
    pub answers: Matrix,
    /// The four controls of partners' apps.
    pub rollout: Rollout,
    /// Users whom the rule of 24 April 2026 would freeze; nothing where no list of anonymisers was given.
    pub would_be_frozen: Option<Vec<Finding>>,
    /// What is new, gone and changed; nothing where nothing was given to compare with.
    pub since_last: Option<Diff>,
    /// What became of the rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// The SHA-256 of each export and each file of metadata, by name.
    pub inputs: BTreeMap<String, String>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
}

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// How soon.
    pub severity: Severity,
    /// The app; nothing for the organisation.
    pub app: Option<Named>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The check that fails.
    pub check: &'static str,
    /// What is wrong.
    pub what: String,
    /// Where to click.
    pub setup_path: &'static str,
    /// What stops working, or has to be done elsewhere, when it is changed.
    pub when_fixed: &'static str,
}

/// The detector of what the rule of 24 April 2026 speaks of.
const WOULD_BE_FROZEN: &str = "address-anonymiser";

impl Weekly {
    /// Asks all checks, runs all detectors, and holds both against the exceptions and last week.
    ///
    /// # Errors
    /// If a scan fails, which is a defect.
    pub fn take(asked: &AskedWeekly<'_>, quarantine: &mut dyn Quarantine) -> Result<Self, Error> {
        let AskedWeekly { audit, scan: scanned, exceptions, .. } = asked;
        let outcome = scanned.as_ref().map(|asked| scan(asked, quarantine)).transpose()?;
        let (since, as_of) = (outcome.as_ref().map(|outcome| outcome.since), audit.as_of);
        let Week { findings, problems, counts, mut inputs } = outcome.map_or_else(Week::default, Week::of);
        inputs.extend(audit.configuration.files.clone());
        let mut answers = audit.run();
        let all = findings.into_iter().chain(audit.findings(&answers)).collect();
        let Sifted { mut findings, excepted } = exceptions.sift(all, as_of.unwrap_or(Time::EARLIEST));
        answers.except(&excepted);
        findings.sort_by(|left, right| {
            (right.severity, right.score.total, left.first, left.id).cmp(&(
                left.severity,
                left.score.total,
                right.first,
                right.id,
            ))
        });
        let apps = summaries(asked);
        let since_last = asked.previous.map(|before| Diff::of(before, &Run::of(&findings, &excepted)));
        Ok(Self {
            tool: crate::case::TOOL,
            fixes: fixes(audit, &answers, &apps),
            rollout: audit.rollout(),
            would_be_frozen: would_be_frozen(scanned.as_ref(), &findings),
            since_last,
            since,
            as_of,
            apps,
            findings,
            excepted,
            answers,
            counts,
            inputs,
            problems,
        })
    }

    /// Findings in events of this weight or more: failures of checks are among the fixes.
    fn events(&self, least: Severity) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.severity >= least && checks::find(finding.detector).is_none())
    }
}

/// What is used of a scan.
#[derive(Default)]
struct Week {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    counts: BTreeMap<String, Counts>,
    inputs: BTreeMap<String, String>,
}

impl Week {
    fn of(outcome: Outcome) -> Self {
        let Outcome { findings, problems, counts, hashes, .. } = outcome;
        Self { findings, problems, counts, inputs: hashes }
    }
}

fn summaries(asked: &AskedWeekly<'_>) -> Vec<AppSummary> {
    let Audit { configuration, inventory, register, .. } = asked.audit;
    let has_register = register.iter().next().is_some();
    let known = known(configuration, inventory, register);
    let mut apps: Vec<AppSummary> = known.iter().map(|app| app.summary(inventory, asked.risks, has_register)).collect();
    apps.sort_by(AppSummary::riskiest_first);
    apps
}

/// What fails, the gravest first; of equally grave ones those of riskier apps.
fn fixes(audit: &Audit<'_>, answers: &Matrix, apps: &[AppSummary]) -> Vec<Fix> {
    let mut fixes: Vec<(u8, Fix)> = Vec::new();
    for row in &answers.rows {
        let summary = row.app.as_ref().and_then(|app| apps.iter().find(|known| known.app == *app));
        let risk = summary.map_or(u8::MAX, |known| known.risk.total);
        let failed = row.verdicts.iter().filter(|(_, verdict)| verdict.outcome == crate::check::Outcome::Fail);
        fixes.extend(failed.filter_map(|(id, verdict)| {
            let check: &Check = checks::find(id)?;
            let fix = Fix {
                severity: audit.severity(check, verdict),
                app: row.app.clone(),
                owner: summary.and_then(|known| known.owner.clone()),
                check: check.id,
                what: verdict.why.clone(),
                setup_path: check.setup_path,
                when_fixed: check.when_fixed,
            };
            Some((risk, fix))
        }));
    }
    fixes.sort_by(|(left_risk, left), (right_risk, right)| {
        (right.severity, right_risk, &left.app, left.check).cmp(&(left.severity, left_risk, &right.app, right.check))
    });
    fixes.into_iter().map(|(_, fix)| fix).collect()
}

fn would_be_frozen(scan: Option<&Scan<'_>>, findings: &[Finding]) -> Option<Vec<Finding>> {
    let has_list = scan.is_some_and(|scan| !scan.lists.is_empty(Kind::Address, Class::Anonymiser));
    has_list.then(|| findings.iter().filter(|finding| finding.detector == WOULD_BE_FROZEN).cloned().collect())
}

/// Whether somebody has to look today.
fn is_grave(finding: &Finding) -> bool {
    finding.severity >= GRAVE
}
