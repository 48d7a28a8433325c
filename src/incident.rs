//! Incidents: findings that belong together, with one score and one story.
//!
//! Findings belong together that share a session, a token, an address, or an app and its user, and lie at most a week
//! apart. An address ties only if one of the findings is about where things came from: a whole office shares the usual
//! one. An app ties only if one of the findings is about the app as a whole: many users share the usual ones. What holds
//! now whatever happened (idle tokens, grants) ties nothing together.
//!
//! The score counts kinds of evidence: `1 − Π(1 − w)` over the detectors of a kind, each by its gravest finding, held below
//! seven tenths, and over the kinds. Ten findings of one detector may have one harmless cause; three of three kinds hardly
//! do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::detector::{Detector, Family};
use crate::detectors;
use crate::engine::is_of_now;
use crate::finding::{Finding, Named, Severity};
use crate::patterns::one_step_up;
use crate::value::Time;
use crate::value::time::DAY;

/// Findings that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// `UUIDv5` of its first finding's id: it stays as later findings come.
    #[serde(serialize_with = "as_text")]
    pub id: Uuid,
    /// How soon to look: as soon as its gravest finding says, or one step sooner. Critical takes two kinds of evidence of
    /// medium weight each, or a finding that is critical by itself.
    pub severity: Severity,
    /// From 1 to 100.
    pub score: u8,
    /// What each kind of evidence weighs, in hundredths.
    pub parts: BTreeMap<&'static str, u8>,
    /// Event time of the first and of the last event.
    pub first: Time,
    /// See `first`.
    pub last: Time,
    /// The apps, users and addresses that it is about, as far as known.
    pub apps: BTreeSet<String>,
    /// See `apps`.
    pub users: BTreeSet<String>,
    /// See `apps`.
    pub addresses: BTreeSet<String>,
    /// MITRE ATT&CK technique ids.
    pub techniques: BTreeSet<&'static str>,
    /// Its findings, in order of their first events.
    #[serde(serialize_with = "all_as_text")]
    pub findings: Vec<Uuid>,
    /// What happened, a line for each finding.
    pub story: Vec<String>,
}

/// Findings further apart than this do not belong together.
const APART: i64 = 7 * DAY;
/// The most that one kind of evidence weighs, in thousandths.
const MOST_OF_FAMILY: u64 = 700;
const NAMESPACE: Uuid = Uuid::from_u128(0x4b1f_93d2_7a60_5c1e_8f2d_c45e_6a07_19b3);

fn as_text<S: serde::Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn all_as_text<S: serde::Serializer>(ids: &[Uuid], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(Uuid::to_string))
}

/// The incidents of a run, gravest first. Findings are sorted by their first events, as a scan gives them.
pub fn incidents(findings: &[Finding]) -> Vec<Incident> {
    let told: Vec<Told<'_>> = findings.iter().filter_map(Told::of).collect();
    let mut groups = Groups::of(told.len());
    let mut by_key: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for (place, told) in told.iter().enumerate() {
        for key in keys(told.finding) {
            by_key.entry(key).or_default().push(place);
        }
    }
    let ties = |key: &Key<'_>, places: &[usize]| match key {
        Key::Address(_) => places.iter().any(|place| told[*place].family == Family::Network),
        Key::App(_) => places.iter().any(|place| told[*place].finding.subject.user.is_none()),
        _ => true,
    };
    for (_, places) in by_key.iter().filter(|(key, places)| ties(key, places)) {
        let mut reach = i64::MIN;
        for pair in places.windows(2) {
            reach = reach.max(told[pair[0]].finding.last.0);
            if told[pair[1]].finding.first.0.saturating_sub(reach) <= APART {
                groups.join(pair[0], pair[1]);
            }
        }
    }
    let mut incidents: Vec<Incident> = groups
        .all()
        .into_iter()
        .map(|places| Incident::of(&places.into_iter().map(|place| told[place]).collect::<Vec<_>>()))
        .collect();
    incidents.sort_by(|left, right| {
        (right.severity, right.score, left.first, left.id).cmp(&(left.severity, left.score, right.first, right.id))
    });
    incidents
}

/// A finding and what kind of evidence it is.
#[derive(Clone, Copy)]
struct Told<'f> {
    finding: &'f Finding,
    family: Family,
}

impl<'f> Told<'f> {
    fn of(finding: &'f Finding) -> Option<Self> {
        let detector: &Detector = detectors::find(finding.detector)?;
        (!is_of_now(detector.watch.pattern)).then_some(Self { finding, family: detector.family })
    }
}

/// What two findings may share.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'f> {
    Session(&'f str),
    Token(&'f str),
    Address(&'f str),
    AppOfUser(&'f str, &'f str),
    App(&'f str),
    /// Of findings that are about a user in no app.
    User(&'f str),
}

fn keys(finding: &Finding) -> Vec<Key<'_>> {
    let subject = &finding.subject;
    let mut keys = Vec::new();
    keys.extend(subject.session.as_deref().map(Key::Session));
    keys.extend(subject.token.as_deref().map(Key::Token));
    keys.extend(subject.address.as_deref().map(Key::Address));
    match (key_of(subject.app.as_ref()), key_of(subject.user.as_ref())) {
        (Some(app), Some(user)) => keys.extend([Key::App(app), Key::AppOfUser(app, user)]),
        (Some(app), None) => keys.push(Key::App(app)),
        (None, Some(user)) => keys.push(Key::User(user)),
        (None, None) => {}
    }
    keys
}

/// What tells an app or user apart: the id if there is one.
fn key_of(named: Option<&Named>) -> Option<&str> {
    let named = named?;
    named.id.as_deref().or(named.name.as_deref())
}

impl Incident {
    /// Of findings in order of their first events.
    fn of(told: &[Told<'_>]) -> Self {
        let weights = by_family(told);
        let score = 1000 - weights.values().fold(1000, |rest, weight| rest * (1000 - weight) / 1000);
        let findings = || told.iter().map(|told| told.finding);
        let shown = |named: Option<&Named>| named.and_then(|named| named.name.clone().or_else(|| named.id.clone()));
        Self {
            id: Uuid::new_v5(&NAMESPACE, told[0].finding.id.as_bytes()),
            severity: severity(told, score),
            score: u8::try_from((score / 10).clamp(1, 100)).unwrap_or(100),
            parts: weights
                .iter()
                .map(|(family, weight)| (family.word(), u8::try_from(weight / 10).unwrap_or(100)))
                .collect(),
            first: findings().map(|finding| finding.first).min().unwrap_or(Time::EARLIEST),
            last: findings().map(|finding| finding.last).max().unwrap_or(Time::EARLIEST),
            apps: findings().filter_map(|finding| shown(finding.subject.app.as_ref())).collect(),
            users: findings().filter_map(|finding| shown(finding.subject.user.as_ref())).collect(),
            addresses: findings().filter_map(|finding| finding.subject.address.clone()).collect(),
            techniques: findings().flat_map(|finding| finding.techniques).copied().collect(),
            findings: findings().map(|finding| finding.id).collect(),
            story: findings().map(|finding| format!("{} {}", finding.first, finding.sentence)).collect(),
        }
    }
}

/// What each kind of evidence weighs, in thousandths.
fn by_family(told: &[Told<'_>]) -> BTreeMap<Family, u64> {
    let mut gravest: BTreeMap<(Family, &str), u64> = BTreeMap::new();
    for told in told {
        let known = gravest.entry((told.family, told.finding.detector)).or_default();
        *known = weight(told.finding.severity).max(*known);
    }
    let mut rests: BTreeMap<Family, u64> = BTreeMap::new();
    for ((family, _), weight) in gravest {
        let rest = rests.entry(family).or_insert(1000);
        *rest = *rest * (1000 - weight) / 1000;
    }
    rests.into_iter().map(|(family, rest)| (family, (1000 - rest).min(MOST_OF_FAMILY))).collect()
}

fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Info => 20,
        Severity::Low => 100,
        Severity::Medium => 300,
        Severity::High => 550,
        Severity::Critical => 700,
    }
}

fn severity(told: &[Told<'_>], score: u64) -> Severity {
    let gravest = told.iter().map(|told| told.finding.severity).max().unwrap_or(Severity::Info);
    let grave = told.iter().filter(|told| told.finding.severity >= Severity::Medium);
    let families: BTreeSet<Family> = grave.map(|told| told.family).collect();
    let by_score = match score {
        700.. if families.len() > 1 => Severity::Critical,
        500.. => Severity::High,
        250.. => Severity::Medium,
        100.. => Severity::Low,
        _ => Severity::Info,
    };
    // Many small things are one step worse than one of them, two kinds of some weight are what they are.
    let most = if by_score == Severity::Critical { by_score } else { one_step_up(gravest) };
    gravest.max(by_score.min(most))
}

/// Which places belong together.
struct Groups {
    /// The place that each is joined to, itself if it is the first of its group.
    first: Vec<usize>,
}

impl Groups {
    fn of(count: usize) -> Self {
        Self { first: (0..count).collect() }
    }

    fn find(&mut self, mut place: usize) -> usize {
        while self.first[place] != place {
            self.first[place] = self.first[self.first[place]];
            place = self.first[place];
        }
        place
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.find(left), self.find(right));
        self.first[left.max(right)] = left.min(right);
    }

    fn all(&mut self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in 0..self.first.len() {
            groups.entry(self.find(place)).or_default().push(place);
        }
        groups.into_values().collect()
    }
}
