//! From a match to a finding: names, words, score, id, evidence.

use uuid::Uuid;

use super::{Names, Scan};
use crate::apps::{Principal, Resolution};
use crate::batch::Role;
use crate::detector::Detector;
use crate::dictionary::Dictionary;
use crate::evidence::Records;
use crate::finding::{Finding, Named, Score, ScorePart, Severity, Subject};
use crate::patterns::Match;
use crate::subjects::Subjects;
use crate::value::{Time, id};
use crate::words;

/// The namespace of finding ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f1d_6a0e_53c7_5b1e_9c64_2d0b_7a3e_41f5);

/// Gives subjects their names.
#[derive(Clone, Copy)]
pub(super) struct Namer<'a> {
    pub(super) scan: &'a Scan<'a>,
    pub(super) dictionary: &'a Dictionary,
    pub(super) names: &'a Names,
    pub(super) apps: &'a Resolution,
}

pub(super) struct Reporter<'a> {
    pub(super) namer: Namer<'a>,
    pub(super) records: &'a Records,
    pub(super) hashes: &'a [String],
}

impl Reporter<'_> {
    pub(super) fn finding(&self, detector: &Detector, subjects: &Subjects, found: &Match) -> Finding {
        let mut subject = self.namer.subject(subjects, found);
        let id = self.id(detector, &subject, found);
        if subject.address.is_none() && !super::is_of_now(detector.watch.pattern) {
            // Receivers want an address even where the subject is wider than one: the first that the behaviour came from.
            subject.address = found.marks.first().and_then(|mark| self.records.address(mark)).map(str::to_owned);
        }
        let severity = self.severity(detector, found);
        let facts = [found.seen.as_slice(), found.judged_by.as_slice()];
        let mut marks = found.marks.clone();
        marks.truncate(Finding::EVIDENCE_KEPT);
        Finding {
            id,
            detector: detector.id,
            detector_version: detector.version,
            title: detector.title,
            severity,
            score: score_of(severity, &found.weights),
            techniques: detector.techniques,
            first: Time(found.span.0),
            last: Time(found.span.1),
            count: found.count,
            sentence: words::fill(detector.sentence, &subject, &facts),
            next_step: words::fill(detector.next_step, &subject, &facts),
            seen: found.seen.clone(),
            judged_by: found.judged_by.clone(),
            evidence: marks.iter().map(|mark| self.records.evidence(mark, self.namer.scan, self.hashes)).collect(),
            evidence_total: found.marks_total,
            subject,
        }
    }

    fn severity(&self, detector: &Detector, found: &Match) -> Severity {
        let own = match found.principal {
            Some(Principal::Integration) => detector.integration,
            _ => detector.severity,
        };
        self.namer.scan.values.severity(detector.id).or(found.severity).unwrap_or(own)
    }

    /// The same on every run that sees the same rows: it depends on neither the run's time nor on file names.
    fn id(&self, detector: &Detector, subject: &Subject, found: &Match) -> Uuid {
        let anchor = found.anchor.as_ref().map_or_else(
            || found.marks.first().map(|mark| self.records.identity(mark)).unwrap_or_default(),
            ToString::to_string,
        );
        let text = |(role, id): &(Role, u32)| self.namer.dictionary.text(role.domain(), *id);
        let parts = [
            detector.id,
            &detector.version.to_string(),
            &subject_key(subject),
            &found.further.iter().map(text).collect::<Vec<_>>().join("\u{1f}"),
            &anchor,
        ];
        Uuid::new_v5(&NAMESPACE, parts.join("\u{1e}").as_bytes())
    }
}

impl Namer<'_> {
    pub(super) fn subject(&self, subjects: &Subjects, found: &Match) -> Subject {
        let mut subject = Subject { org: self.scan.org.map(str::to_owned), ..Subject::default() };
        for &role in subjects.roles {
            if let Some(part) = subjects.part(found.subject, role) {
                let text = self.dictionary.text(role.domain(), part);
                let name = (role == Role::User).then(|| self.names.of(part, self.dictionary)).flatten();
                self.add_part(&mut subject, role, text, name);
            }
        }
        for &(role, part) in &found.further {
            let name = (role == Role::User).then(|| self.names.of(part, self.dictionary)).flatten();
            self.add_part(&mut subject, role, self.dictionary.text(role.domain(), part), name);
        }
        subject
    }

    fn add_part(&self, subject: &mut Subject, role: Role, text: &str, name: Option<&str>) {
        let owned = || Some(text.to_owned());
        match role {
            Role::App | Role::Issuer => subject.app = Some(self.apps.named(text, self.scan.register)),
            Role::User if id::has_prefix(text, "005") => {
                subject.user = Some(Named { id: owned(), name: name.map(str::to_owned) });
            }
            Role::User | Role::Principal | Role::Username => {
                subject.user = Some(Named { id: None, name: owned() });
            }
            Role::SourceIp => subject.address = owned(),
            Role::Session | Role::LoginKey => subject.session = owned(),
            Role::Token => subject.token = owned(),
            Role::AssertionId | Role::Claims => subject.assertion = owned(),
            _ => {}
        }
    }
}

/// What tells subjects apart in a finding's id: ids where there are any, because names change.
fn subject_key(subject: &Subject) -> String {
    let named = |named: &Option<Named>| {
        named.as_ref().and_then(|named| named.id.clone().or_else(|| named.name.clone())).unwrap_or_default()
    };
    let plain = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        plain(&subject.org),
        named(&subject.app),
        named(&subject.user),
        plain(&subject.session),
        plain(&subject.token),
        plain(&subject.address),
        plain(&subject.assertion),
    ]
    .join("\u{1f}")
}

/// A severity as points, with what weighs more or less.
pub(crate) fn score_of(severity: Severity, weights: &[(String, i16)]) -> Score {
    let base = match severity {
        Severity::Info => 5,
        Severity::Low => 20,
        Severity::Medium => 45,
        Severity::High => 65,
        Severity::Critical => 90,
    };
    let mut parts = vec![ScorePart { reason: format!("severity {}", severity.word()), points: base }];
    parts.extend(weights.iter().map(|(reason, points)| ScorePart { reason: reason.clone(), points: *points }));
    let total: i16 = parts.iter().map(|part| part.points).sum();
    Score { total: u8::try_from(total.clamp(1, 100)).unwrap_or(100), parts }
}
