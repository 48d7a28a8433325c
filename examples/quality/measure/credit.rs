//! Which findings count for a campaign.
//!
//! A stage counts as found if a finding of medium severity or above (1) is about its user, app, session or address and
//! about no other user or app, (2) overlaps the stage's rows in time, (3) is of a kind of evidence, or of a detector, that
//! the stage names, and (4) is not there, or less severe, in the same organisation without the campaign.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::detectors;
use tokentrail::finding::{Finding, Named, Severity};
use tokentrail::incident::incidents;
use uuid::Uuid;

use crate::study::campaigns::{Planted, Stage};
use crate::study::ids::session_key;
use crate::study::row::{Cause, Row};
use crate::study::world::Org;

/// What is found in an organisation without any campaign: the severity of each finding.
pub(super) type Usual = BTreeMap<Uuid, Severity>;

pub(super) fn add_to(usual: &mut Usual, findings: &[Finding]) {
    for finding in findings {
        let known = usual.entry(finding.id).or_insert(finding.severity);
        *known = finding.severity.max(*known);
    }
}

/// What a campaign's findings are recognised by.
pub(super) struct Trail<'a> {
    stages: &'a [Stage],
    /// First and last time of each stage's rows, milliseconds.
    spans: Vec<(i64, i64)>,
    user: String,
    app: [String; 2],
    sessions: BTreeSet<String>,
    addresses: BTreeSet<String>,
    usual: &'a Usual,
}

impl<'a> Trail<'a> {
    pub(super) fn new(stages: &'a [Stage], org: &Org, planted: &Planted, usual: &'a Usual) -> Self {
        let app = &org.apps[planted.app as usize];
        let known: BTreeSet<u32> = org.rows.iter().map(|row| row.address).collect();
        let spans = (0..).zip(stages).map(|(place, stage)| span(&planted.rows, place, stage.until)).collect();
        let sessions = planted.rows.iter().map(|row| String::from_utf8_lossy(&session_key(row.session)).into_owned());
        let foreign = planted.rows.iter().map(|row| row.address).filter(|address| !known.contains(address));
        Self {
            stages,
            spans,
            user: org.user_id(planted.user),
            app: [org.app_id(planted.app).unwrap_or_default(), app.name.clone()],
            sessions: sessions.collect(),
            addresses: foreign.map(|address| std::net::Ipv4Addr::from(address).to_string()).collect(),
            usual,
        }
    }

    /// Which stages a finding shows.
    pub(super) fn shown_by(&self, finding: &Finding) -> Vec<usize> {
        if finding.severity < Severity::Medium { Vec::new() } else { self.hinted_at_by(finding) }
    }

    /// The same, whatever the severity.
    fn hinted_at_by(&self, finding: &Finding) -> Vec<usize> {
        let is_usual = self.usual.get(&finding.id).is_some_and(|severity| *severity >= finding.severity);
        if is_usual || !self.is_about(finding) {
            return Vec::new();
        }
        let family = detectors::find(finding.detector).map_or("", |detector| detector.family.word());
        let (first, last) = (finding.first.0 / 1000, finding.last.0 / 1000);
        let shown = |(_, (stage, span)): &(usize, (&Stage, &(i64, i64)))| {
            stage.means.iter().any(|means| *means == family || *means == finding.detector)
                && first <= span.1
                && last >= span.0
        };
        self.stages.iter().zip(&self.spans).enumerate().filter(shown).map(|(place, _)| place).collect()
    }

    fn is_about(&self, finding: &Finding) -> bool {
        let subject = &finding.subject;
        let is = |named: &Named, texts: &[&str]| match &named.id {
            Some(id) => texts.contains(&id.as_str()),
            None => named.name.as_deref().is_some_and(|name| texts.contains(&name)),
        };
        let user = subject.user.as_ref().map(|user| is(user, &[&self.user]));
        let app = subject.app.as_ref().map(|app| is(app, &[&self.app[0], &self.app[1]]));
        let session = subject.session.as_ref().map(|session| self.sessions.contains(session));
        let address = subject.address.as_ref().map(|address| self.addresses.contains(address));
        let is_other = user == Some(false) || app == Some(false);
        !is_other && [user, app, session, address].contains(&Some(true))
    }

    /// What the findings of all runs show.
    pub(super) fn seen(&self, findings: &[Finding]) -> Seen {
        let mut by = vec![BTreeSet::new(); self.stages.len()];
        let mut hints = by.clone();
        let mut mine = BTreeSet::new();
        for finding in findings {
            if finding.severity < Severity::Medium {
                self.hinted_at_by(finding).into_iter().for_each(|stage| {
                    hints[stage].insert(finding.detector);
                });
            }
            for stage in self.shown_by(finding) {
                by[stage].insert(finding.detector);
                mine.insert(finding.id);
            }
        }
        let told = incidents(findings);
        let place = told.iter().position(|told| told.findings.iter().any(|id| mine.contains(id)));
        let above = told
            .iter()
            .take(place.unwrap_or(0))
            .map(|told| format!("{} {} {:?} {:?}", told.severity.word(), told.score, told.parts, told.story));
        Seen { by, hints, rank: place.map(|place| place + 1), above: above.collect() }
    }
}

/// What was found of a campaign.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// For each stage the detectors that show it.
    pub(crate) by: Vec<BTreeSet<&'static str>>,
    /// For each stage the detectors whose findings would show it, were they not of low severity.
    pub(crate) hints: Vec<BTreeSet<&'static str>>,
    /// The place of the first incident that shows any stage.
    pub(crate) rank: Option<usize>,
    /// What stands above it.
    pub(crate) above: Vec<String>,
}

/// Of the rows of so many stages.
fn span(rows: &[Row], first: u8, last: u8) -> (i64, i64) {
    let is_of = |row: &&Row| matches!(row.cause, Cause::Stage(stage) if (first..=last).contains(&stage));
    let times = || rows.iter().filter(is_of).map(|row| row.time);
    (times().min().unwrap_or(0), times().max().unwrap_or(0))
}
