//! Clean months, day by day with a memory: how often somebody is called for nothing.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::engine::Window;
use tokentrail::finding::{Finding, Named, Severity};
use tokentrail::incident::incidents;
use tokentrail::memory::Memory;
use uuid::Uuid;

use super::Scanner;
use super::shelf::Shelf;
use crate::study::benign::{EVENTS, REPLAYED, eventful};
use crate::study::profile::{HISTORY, MONTH, MONTH_DAYS, Profile};
use crate::study::row::{Cause, Row};
use crate::study::world::{Org, orgs};

/// What came of one organisation's month.
#[derive(Clone, Debug, Default)]
pub(crate) struct Month {
    /// How many findings of high severity or above, by detector, each counted once.
    pub(crate) high: BTreeMap<&'static str, usize>,
    pub(crate) medium: usize,
    /// The same of one scan of everything, with the month as its window.
    pub(crate) high_at_once: BTreeMap<&'static str, usize>,
    /// Incidents of high severity or above.
    pub(crate) incidents: usize,
    /// High findings about subjects of each event, in the eventful month.
    pub(crate) by_event: BTreeMap<usize, BTreeMap<&'static str, usize>>,
    /// Samples to look at.
    pub(crate) sentences: Vec<(&'static str, String)>,
}

impl Month {
    pub(crate) fn high(&self) -> usize {
        self.high.values().sum()
    }
}

/// Each organisation's plain and eventful month.
pub(crate) fn measure(scanner: &Scanner, profile: &'static Profile, seed: u64) -> Vec<[Month; 2]> {
    let orgs = orgs(profile, seed, MONTH);
    let months = |org: &Org| [month(scanner, org, &org.rows, false), month(scanner, org, &eventful(org, seed), true)];
    orgs.iter().map(months).collect()
}

fn month(scanner: &Scanner, org: &Org, rows: &[Row], replays: bool) -> Month {
    let shelf = Shelf::new(org, rows);
    let mut month = Month::default();
    let whole = scanner.scan(&shelf.all(), Window::Days(MONTH_DAYS), None);
    for finding in whole.findings.iter().filter(|finding| finding.severity >= Severity::High) {
        *month.high_at_once.entry(finding.detector).or_default() += 1;
        month.sentences.push((finding.detector, format!("(at once) {}: {}", finding.first, finding.sentence)));
    }
    let (mut told, mut told_incidents) = (BTreeSet::new(), BTreeSet::new());
    let mut memory = scanner.scan(&shelf.history, Window::default(), Some(&Memory::default())).memory;
    for day in 0..MONTH_DAYS {
        let mut runs = vec![(shelf.days[day as usize].clone(), None)];
        if replays && HISTORY + day == REPLAYED {
            runs.extend((0..24).map(|hour| (shelf.hour(rows, day, hour, "again"), Some(EVENTS.len() - 1))));
        }
        for (paths, event) in runs {
            let outcome = scanner.scan(&paths, Window::default(), memory.as_ref());
            for finding in &outcome.findings {
                month.note(org, rows, finding, event, &mut told);
            }
            let grave = incidents(&outcome.findings).into_iter().filter(|told| told.severity >= Severity::High);
            told_incidents.extend(grave.map(|told| told.id));
            memory = outcome.memory;
        }
    }
    month.incidents = told_incidents.len();
    month
}

impl Month {
    fn note(&mut self, org: &Org, rows: &[Row], finding: &Finding, event: Option<usize>, told: &mut BTreeSet<Uuid>) {
        if finding.severity < Severity::Medium || !told.insert(finding.id) {
            return;
        }
        if finding.severity < Severity::High {
            self.medium += 1;
            return;
        }
        *self.high.entry(finding.detector).or_default() += 1;
        if let Some(event) = event.or_else(|| event_of(org, rows, finding)) {
            *self.by_event.entry(event).or_default().entry(finding.detector).or_default() += 1;
        }
        self.sentences.push((finding.detector, format!("{}: {}", finding.first, finding.sentence)));
    }
}

/// The event that a finding's user or app has rows of, in the finding's time.
fn event_of(org: &Org, rows: &[Row], finding: &Finding) -> Option<usize> {
    let (first, last) = (finding.first.0 / 1000, finding.last.0 / 1000);
    let id = |named: &Option<Named>| named.as_ref().and_then(|named| named.id.clone().or_else(|| named.name.clone()));
    let (user, app) = (id(&finding.subject.user), id(&finding.subject.app));
    let is_same = |own: &str, told: &Option<String>| told.as_deref().is_none_or(|told| told == own);
    let in_time = super::shelf::between(rows, first, last + 1).iter();
    let mut events = in_time.filter_map(|row| match row.cause {
        Cause::Event(event) => Some((row, usize::from(event))),
        _ => None,
    });
    let found = events.find(|(row, _)| {
        let name = org.apps.get(row.app as usize).map_or("Browser", |app| app.name.as_str());
        let app_is = is_same(&org.app_id(row.app).unwrap_or_default(), &app) || is_same(name, &app);
        is_same(&org.user_id(row.user), &user) && app_is
    });
    found.map(|(_, event)| event)
}

/// Days that were judged, of so many organisations.
pub(crate) fn org_days(months: usize) -> i64 {
    months as i64 * MONTH_DAYS
}
