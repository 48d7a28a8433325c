//! What is compared: the parts of a finding that follow from the definition of its pattern.

use tokentrail::batch::Role;
use tokentrail::finding::{Finding, Named, Severity};

use super::rows::Row;

/// A finding, or what an oracle says should be one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Verdict {
    pub(crate) subject: String,
    pub(crate) span: (i64, i64),
    pub(crate) count: u64,
    pub(crate) severity: Severity,
    pub(crate) score: u8,
    pub(crate) facts: Vec<String>,
    /// The records of the evidence, in its order.
    pub(crate) records: Vec<u64>,
    pub(crate) records_total: u64,
}

impl Verdict {
    /// A verdict on rows that are in order, at the detector's own severity, with all of them for evidence.
    pub(crate) fn on(subject: &[(Role, Option<&str>)], rows: &[&Row]) -> Self {
        Self {
            subject: subject_text(subject),
            span: (rows[0].time(), rows[rows.len() - 1].time()),
            count: rows.len() as u64,
            severity: Severity::Low,
            score: 20,
            facts: Vec::new(),
            records: rows.iter().map(|row| row.record).take(20).collect(),
            records_total: rows.len() as u64,
        }
    }

    /// At another severity, with points for what makes it worse.
    pub(crate) fn at(mut self, severity: Severity, points: u8) -> Self {
        let base = match severity {
            Severity::Info => 5,
            Severity::Low => 20,
            Severity::Medium => 45,
            Severity::High => 65,
            Severity::Critical => 90,
        };
        self.severity = severity;
        self.score = (base + points).min(100);
        self
    }

    /// With these facts.
    pub(crate) fn with(mut self, facts: &[&dyn ToString]) -> Self {
        self.facts = facts.iter().map(|fact| fact.to_string()).collect();
        self
    }

    /// A finding, with those of its facts that are compared.
    pub(crate) fn of(finding: &Finding, names: &[&str]) -> Self {
        let fact = |name: &&str| {
            let mut facts = finding.seen.iter().chain(&finding.judged_by);
            facts.find(|fact| fact.name == *name).map_or_else(|| "not there".to_owned(), |fact| fact.value.to_string())
        };
        let name_of = |named: &Option<Named>| named.clone().and_then(|named| named.name.or(named.id));
        let subject = &finding.subject;
        let parts = [
            name_of(&subject.app),
            name_of(&subject.user),
            subject.session.clone(),
            subject.token.clone(),
            subject.assertion.clone(),
        ];
        Self {
            subject: parts.map(Option::unwrap_or_default).join("|"),
            span: (finding.first.0, finding.last.0),
            count: finding.count,
            severity: finding.severity,
            score: finding.score.total,
            facts: names.iter().map(fact).collect(),
            records: finding.evidence.iter().map(|evidence| evidence.record).collect(),
            records_total: finding.evidence_total,
        }
    }
}

fn subject_text(parts: &[(Role, Option<&str>)]) -> String {
    let part = |roles: &[Role]| parts.iter().find(|(role, _)| roles.contains(role)).and_then(|(_, text)| *text);
    let places: [&[Role]; 5] = [
        &[Role::App, Role::Issuer],
        &[Role::User, Role::Principal],
        &[Role::Session],
        &[Role::Token],
        &[Role::Claims, Role::AssertionId],
    ];
    places.map(|roles| part(roles).unwrap_or_default()).join("|")
}
