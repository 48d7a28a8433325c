//! Grant: what an app was allowed, by the register, against what the logs show it to do.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::activity::{Activity, Histories};
use super::seen::{Entry, Seen};
use super::{Finish, Mark, Match, Moves, Past, Rows, fact};
use crate::apps::scopes::{canonical, needed_for, proof_of};
use crate::apps::{Principal, Register};
use crate::batch::{NO_ID, Role};
use crate::value::Address;
use crate::value::time::DAY;

pub(super) const LIMITS: &[&str] = &["least-events", "least-days"];

/// Which comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Uses that no granted scope covers.
    OutsideGrant,
    /// The scope `full`, on an app that is in use.
    FullGranted,
    /// Scopes whose use the logs would show and do not.
    Unused,
    /// Addresses outside the networks that it is said to come from.
    Elsewhere,
}

impl Question {
    /// Whether the register says nothing that it could be asked of.
    pub(super) fn is_moot(self, register: &Register) -> bool {
        register.iter().all(|app| match self {
            Self::OutsideGrant | Self::FullGranted | Self::Unused => app.scopes.is_none(),
            Self::Elsewhere => app.networks.is_none(),
        })
    }

    /// What of a row is held against the register.
    pub(crate) fn of(self) -> Role {
        match self {
            Self::OutsideGrant | Self::FullGranted | Self::Unused => Role::Use,
            Self::Elsewhere => Role::SourceIp,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    question: Question,
    uses: Seen,
    /// How much apps were used by day, where it takes a history to judge.
    activity: Activity,
}

/// Which exports there are at all: without them, silence proves nothing.
#[derive(Clone, Copy)]
struct Shown {
    calls: bool,
    logins: bool,
}

/// All that an app was seen to do.
struct Uses<'a> {
    app: u32,
    granted: BTreeSet<String>,
    entries: Vec<(&'a str, &'a Entry)>,
}

impl State {
    pub(super) fn new(question: Question) -> Self {
        Self { question, uses: Seen::default(), activity: Activity::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let Self { question, uses, activity } = self;
        let used = rows.iter().map(|(row, subject, time)| (row, subject, time, rows.batch.id(question.of(), row)));
        uses.observe(used.filter(|(_, _, _, used)| *used != NO_ID).map(|(row, subject, time, used)| {
            if *question == Question::Unused {
                activity.observe(subject, time);
            }
            Entry::one(subject, used, NO_ID, 0, rows.mark(row, time))
        }));
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.uses.merge(&other.uses, self.question.of(), None, moves);
        self.activity.merge(other.activity, moves);
    }

    pub(super) fn past(&self) -> Past {
        Past { shown: self.uses.past(), active: self.activity.past(), ..Past::default() }
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.uses.recall(past, self.question.of(), None, moves);
        self.activity.recall(past, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        if self.question == Question::Elsewhere {
            return elsewhere(&self.uses, finish);
        }
        let histories = self.activity.histories();
        let mut entries: Vec<&Entry> = self.uses.entries().iter().collect();
        entries.sort_unstable_by_key(|entry| (entry.first, entry.value));
        let uses = || entries.iter().map(|entry| finish.text(Role::Use, entry.value));
        let shown = Shown { calls: uses().any(|used| !is_login(used)), logins: uses().any(is_login) };
        let mut apps: BTreeMap<u32, Vec<(&str, &Entry)>> = BTreeMap::new();
        for entry in entries {
            apps.entry(entry.subject).or_default().push((finish.text(Role::Use, entry.value), entry));
        }
        let with_grant = apps.into_iter().filter_map(|(app, entries)| {
            let scopes = finish.registered(app)?.scopes.as_ref()?;
            let granted = scopes.iter().map(|scope| canonical(scope)).collect();
            Some(Uses { app, granted, entries })
        });
        with_grant
            .flat_map(|uses| match self.question {
                Question::OutsideGrant => outside_grant(&uses, finish),
                Question::FullGranted => full_granted(&uses, finish).into_iter().collect(),
                Question::Unused => unused(&uses, shown, &histories, finish),
                Question::Elsewhere => Vec::new(),
            })
            .collect()
    }
}

fn outside_grant(uses: &Uses<'_>, finish: &Finish<'_>) -> Vec<Match> {
    let outside = uses.entries.iter().filter(|(used, entry)| {
        let needed = needed_for(used).unwrap_or_default();
        let covered = needed.is_empty() || needed.iter().any(|scope| uses.granted.contains(*scope));
        !covered && entry.last.time >= finish.since.0 && u64::from(entry.count) >= least_events(finish)
    });
    outside
        .map(|(used, entry)| {
            let mut found = uses.found((*used).to_owned(), &[entry], entry.count.into());
            found.seen.insert(0, fact("use", *used));
            found.seen.insert(1, fact("needs", needed_for(used).unwrap_or_default().join(" or ")));
            found
        })
        .collect()
}

fn full_granted(uses: &Uses<'_>, finish: &Finish<'_>) -> Option<Match> {
    let entries: Vec<&Entry> = uses.entries.iter().map(|(_, entry)| *entry).collect();
    let found = uses.granted.contains("full").then(|| uses.found("full".to_owned(), &entries, counted(&entries)));
    found.filter(|found| found.count >= least_events(finish))
}

fn unused(uses: &Uses<'_>, shown: Shown, histories: &Histories, finish: &Finish<'_>) -> Vec<Match> {
    let entries: Vec<&Entry> = uses.entries.iter().map(|(_, entry)| *entry).collect();
    let events = u64::try_from(histories.before(uses.app, i32::MAX).events).unwrap_or(0);
    let whole = uses.found(String::new(), &entries, events);
    let long_enough = whole.span.1 - whole.span.0 >= finish.limit("least-days") * DAY;
    if !long_enough || whole.count < least_events(finish) {
        return Vec::new();
    }
    let is_used = |scope: &str| {
        uses.entries.iter().any(|(used, _)| needed_for(used).is_some_and(|needed| needed.contains(&scope)))
    };
    // Salesforce's own mobile app calls without a trace in ApiEvent, and people use it: no call proves nothing of them.
    let integration = finish.registered(uses.app).and_then(|app| app.principal) == Some(Principal::Integration);
    let silent = uses.granted.iter().filter(|scope| integration || *scope != "api");
    let silent = silent.filter(|scope| if *scope == "api" { shown.calls } else { shown.logins });
    let silent = silent.filter_map(|scope| Some((scope, proof_of(scope)?)));
    silent
        .filter(|(scope, _)| !is_used(scope))
        .map(|(scope, proof)| {
            let mut found = uses.found(scope.clone(), &entries, whole.count);
            found.seen.insert(0, fact("scope", scope.as_str()));
            found.judged_by.push(fact("would show as", proof));
            found
        })
        .collect()
}

/// A match for each network outside those of the register that an app was used from in the window.
fn elsewhere(seen: &Seen, finish: &Finish<'_>) -> Vec<Match> {
    let mut networks: BTreeMap<(u32, IpNet), BTreeMap<Address, &Entry>> = BTreeMap::new();
    for entry in seen.entries() {
        let Some(declared) = finish.registered(entry.subject).and_then(|app| app.networks.as_ref()) else { continue };
        let Ok(address) = Address::parse(finish.text(Role::SourceIp, entry.value)) else { continue };
        let is_declared = declared.iter().any(|network| network.contains(&address.0));
        if !is_declared && entry.last.time >= finish.since.0 {
            networks.entry((entry.subject, address.network())).or_default().insert(address, entry);
        }
    }
    let found = networks.into_iter().map(|((app, network), addresses)| {
        let entries: Vec<(&str, &Entry)> = addresses.values().map(|entry| ("", *entry)).collect();
        let entries_alone: Vec<&Entry> = addresses.values().copied().collect();
        let mut found = Uses { app, granted: BTreeSet::new(), entries }.found(
            network.to_string(),
            &entries_alone,
            counted(&entries_alone),
        );
        let declared = finish.registered(app).and_then(|app| app.networks.as_deref()).unwrap_or_default();
        let addresses: Vec<String> = addresses.keys().map(ToString::to_string).collect();
        found.seen = vec![
            fact("network", network.to_string()),
            fact("addresses", first_few(&addresses)),
            fact("events", found.count),
        ];
        let declared: Vec<String> = declared.iter().map(ToString::to_string).collect();
        found.judged_by = vec![fact("declared networks", first_few(&declared))];
        found
    });
    found.filter(|found| found.count >= least_events(finish)).collect()
}

/// The first of many texts, and how many more there are.
fn first_few(texts: &[String]) -> String {
    const FEW: usize = 5;
    let few = texts[..texts.len().min(FEW)].join(", ");
    if texts.len() > FEW { format!("{few} and {} more", texts.len() - FEW) } else { few }
}

impl Uses<'_> {
    fn found(&self, anchor: String, entries: &[&Entry], count: u64) -> Match {
        let mut marks: Vec<Mark> = entries.iter().flat_map(|entry| entry.marks()).collect();
        marks.sort_unstable();
        marks.truncate(super::MARKS_KEPT);
        let seen_uses: BTreeSet<&str> = self.entries.iter().map(|(used, _)| *used).collect();
        Match {
            subject: self.app,
            further: Vec::new(),
            anchor: Some(anchor.into()),
            span: (
                entries.iter().map(|entry| entry.first.time).min().unwrap_or_default(),
                entries.iter().map(|entry| entry.last.time).max().unwrap_or_default(),
            ),
            count,
            seen: vec![fact("events", count), fact("all uses", seen_uses.into_iter().collect::<Vec<_>>().join(", "))],
            judged_by: vec![fact("granted", self.granted.iter().cloned().collect::<Vec<_>>().join(" "))],
            marks,
            marks_total: count,
            principal: None,
            severity: None,
            weights: Vec::new(),
        }
    }
}

fn counted(entries: &[&Entry]) -> u64 {
    entries.iter().map(|entry| u64::from(entry.count)).sum()
}

fn is_login(used: &str) -> bool {
    used.starts_with("login: ")
}

fn least_events(finish: &Finish<'_>) -> u64 {
    u64::try_from(finish.limit("least-events")).unwrap_or(0)
}
