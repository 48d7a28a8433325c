//! All checks asked of all apps: a matrix of answers, and findings for those that fail.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::apps::Register;
use crate::check::{Case, Check, Judge, OrgCase, Outcome, Verdict};
use crate::checks;
use crate::configuration::Configuration;
use crate::engine::score_of;
use crate::finding::{Evidence, Fact, Finding, Named, Severity, Subject};
use crate::inventory::{Inventory, KnownApp, known};
use crate::settings::Values;
use crate::value::Time;

/// The namespace of the ids of findings from checks.
const NAMESPACE: Uuid = Uuid::from_u128(0x5c0e_8a57_91d2_5e44_8f0b_6d3a_17c9_e2b8);

/// What is audited, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'a> {
    /// How apps are configured.
    pub configuration: &'a Configuration,
    /// How apps are expected to be configured, if the user says it.
    pub expected: Option<&'a Configuration>,
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

impl Matrix {
    /// Marks the failures that are expected, each with the reason.
    pub fn except(&mut self, excepted: &[(Finding, String)]) {
        for (finding, reason) in excepted {
            let row = self.rows.iter_mut().find(|row| row.app == finding.subject.app);
            if let Some(verdict) = row.and_then(|row| row.verdicts.get_mut(finding.detector)) {
                verdict.outcome = Outcome::Excepted;
                verdict.facts.push(Fact { name: "expected because", value: reason.as_str().into() });
            }
        }
    }
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
        let known = known(self.configuration, self.inventory, self.register);
        let apps = known.iter().filter_map(|app| self.row(app, asked()));
        Matrix { rows: std::iter::once(org).chain(apps).collect() }
    }

    pub(crate) fn case(&self, check: &'static Check) -> OrgCase<'_> {
        let Self { configuration, expected, inventory, values, as_of, .. } = *self;
        OrgCase { configuration, expected, inventory, as_of, check, values }
    }

    /// The answers for an app; nothing for one whose configuration no file tells.
    fn row(&self, known: &KnownApp<'_>, asked: impl Iterator<Item = &'static Check>) -> Option<Row> {
        let KnownApp { used, registered, .. } = *known;
        let app = known.configuration?;
        let verdicts = asked.filter_map(|check| match check.judge {
            Judge::App(judge) => Some((check.id, judge(&Case { app, used, registered, org: self.case(check) }))),
            Judge::Org(_) => None,
        });
        Some(Row { app: Some(known.app.clone()), files: app.files.clone(), verdicts: verdicts.collect() })
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
