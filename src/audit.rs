//! All checks asked of all apps: a matrix of answers, and findings for those that fail.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::apps::Register;
use crate::check::{Case, Check, Judge, OrgCase, Outcome, Verdict};
use crate::checks;
use crate::configuration::{AppConfiguration, AppKind, Configuration};
use crate::engine::score_of;
use crate::finding::{Evidence, Finding, Named, Severity, Subject};
use crate::inventory::{AppUse, Inventory};
use crate::settings::Values;
use crate::value::Time;

/// The namespace of the ids of findings from checks.
const NAMESPACE: Uuid = Uuid::from_u128(0x5c0e_8a57_91d2_5e44_8f0b_6d3a_17c9_e2b8);

/// What is audited, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'a> {
    /// How apps are configured.
    pub configuration: &'a Configuration,
    /// What exports show, if there are any.
    pub inventory: Option<&'a Inventory>,
    /// The user's apps.
    pub register: &'a Register,
    /// Effective limits.
    pub values: &'a Values,
    /// The organisation's id, if the user says it.
    pub org: Option<&'a str>,
    /// "Now", if it is known: the newest event, unless the user says.
    pub as_of: Option<Time>,
}

/// The answers.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// An app each, by name; and the organisation, which has no app, first.
    pub rows: Vec<Row>,
}

/// The answers for one app.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The app; nothing for the organisation.
    pub app: Option<Named>,
    /// The files that its answers rest on.
    pub files: Vec<String>,
    /// Answers by check.
    pub verdicts: BTreeMap<&'static str, Verdict>,
}

impl Audit<'_> {
    /// Asks all checks that are not turned off.
    pub fn run(&self) -> Matrix {
        let asked = || checks::ALL.iter().copied().filter(|check| !self.values.is_off(check.id));
        let org = Row {
            app: None,
            files: self.configuration.files.keys().cloned().collect(),
            verdicts: asked()
                .filter_map(|check| match check.judge {
                    Judge::Org(judge) => Some((check.id, judge(&self.case(check)))),
                    Judge::App(_) => None,
                })
                .collect(),
        };
        let mut apps: Vec<Row> = self.configuration.apps.iter().map(|app| self.row(app, asked())).collect();
        apps.sort_by(|left, right| (&left.app, &left.files).cmp(&(&right.app, &right.files)));
        Matrix { rows: std::iter::once(org).chain(apps).collect() }
    }

    fn case(&self, check: &'static Check) -> OrgCase<'_> {
        let Self { configuration, inventory, values, as_of, .. } = *self;
        OrgCase { configuration, inventory, as_of, check, values }
    }

    fn row(&self, app: &AppConfiguration, asked: impl Iterator<Item = &'static Check>) -> Row {
        let registered = self.register.find_any(names_of(app));
        let used = self.inventory.and_then(|inventory| used(app, registered.map(|app| app.name.as_str()), inventory));
        let verdicts = asked.filter_map(|check| match check.judge {
            Judge::App(judge) => Some((check.id, judge(&Case { app, used, registered, org: self.case(check) }))),
            Judge::Org(_) => None,
        });
        let id = app.id.clone().or_else(|| used.and_then(|used| used.app.id.clone()));
        Row {
            app: Some(Named { id, name: Some(app.shown_name().to_owned()) }),
            files: app.files.clone(),
            verdicts: verdicts.collect(),
        }
    }

    /// A finding for each answer that says fail; the same ids on every run.
    pub fn findings(&self, matrix: &Matrix) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for row in &matrix.rows {
            for check in checks::ALL {
                if let Some(verdict) = row.verdicts.get(check.id).filter(|verdict| verdict.outcome == Outcome::Fail) {
                    findings.push(self.finding(check, row, verdict));
                }
            }
        }
        findings
            .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.detector, finding.subject.clone()));
        findings
    }

    /// How soon to look where a check fails.
    pub fn severity(&self, check: &Check, verdict: &Verdict) -> Severity {
        self.values.severity(check.id).or(verdict.severity).unwrap_or(check.severity)
    }

    fn finding(&self, check: &'static Check, row: &Row, verdict: &Verdict) -> Finding {
        let severity = self.severity(check, verdict);
        let subject = Subject { org: self.org.map(str::to_owned), app: row.app.clone(), ..Subject::default() };
        let app = row.app.as_ref().and_then(|app| app.id.as_deref().or(app.name.as_deref())).unwrap_or_default();
        let parts = [check.id, &check.version.to_string(), self.org.unwrap_or_default(), app];
        let now = self.as_of.unwrap_or(Time::EARLIEST);
        let evidence = row.files.iter().take(Finding::EVIDENCE_KEPT).map(|file| Evidence {
            time: now,
            export: file.clone(),
            sha256: self.configuration.files.get(file).cloned().unwrap_or_default(),
            record: 0,
            offset: 0,
            event_id: None,
        });
        let name = row.app.as_ref().and_then(|app| app.name.as_deref());
        let about = name.map_or_else(|| "The organisation".to_owned(), crate::words::plain);
        Finding {
            id: Uuid::new_v5(&NAMESPACE, parts.join("\u{1e}").as_bytes()),
            detector: check.id,
            detector_version: check.version,
            title: check.title,
            severity,
            score: score_of(severity, &[]),
            techniques: check.techniques,
            first: now,
            last: now,
            count: 1,
            sentence: format!("{about}: {}.", verdict.why),
            next_step: format!("{} {}", check.setup_path, check.when_fixed),
            seen: verdict.facts.clone(),
            judged_by: Vec::new(),
            evidence: evidence.collect(),
            evidence_total: row.files.len() as u64,
            subject,
        }
    }
}

/// All that an app may be called in exports and registers; ids first.
fn names_of(app: &AppConfiguration) -> impl Iterator<Item = &str> {
    let ids = app.id.iter().chain(&app.consumer_key);
    ids.chain(&app.label).map(String::as_str).chain(std::iter::once(app.name.as_str()))
}

/// What exports show of an app. An id beats a name: what has another id is another app.
fn used<'a>(app: &AppConfiguration, registered: Option<&str>, inventory: &'a Inventory) -> Option<&'a AppUse> {
    if let Some(used) = app.id.as_ref().and_then(|id| inventory.apps.get(id)) {
        return Some(used);
    }
    let is_called = |used: &&AppUse| {
        let names =
            [app.label.as_deref(), Some(app.name.as_str()).filter(|_| app.kind != AppKind::RowOnly), registered];
        let other_id = app.id.is_some() && used.app.id.is_some() && used.app.id != app.id;
        !other_id
            && used
                .app
                .name
                .as_deref()
                .is_some_and(|name| names.iter().flatten().any(|own| own.eq_ignore_ascii_case(name)))
    };
    let mut called = inventory.apps.values().filter(is_called);
    // Of several apps of one name nobody knows which it is.
    called.next().filter(|_| called.next().is_none())
}
