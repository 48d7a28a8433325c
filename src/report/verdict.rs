//! What a report says first: a sign or none, in sentences that hold before somebody who doubts them, and what limits them.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::Serialize;

use super::document::{grouped, when};
use super::{GRAVE, Story, Taken};
use crate::batch::Table;
use crate::coverage::{self, Coverage};
use crate::finding::Severity;
use crate::incident::Incident;
use crate::words::{name_of, plain, several};

/// What is said, why, and what limits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// In a word.
    pub sign: Sign,
    /// Why, a sentence or two for each app.
    pub sentences: Vec<String>,
    /// What was not looked at, or could not be.
    pub limits: Vec<String>,
}

/// What the exports show. They never show that nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Grave findings.
    OfAbuse,
    /// Findings that somebody has to explain.
    ToBeExplained,
    /// No finding of weight.
    NoneInCoveredHours,
    /// Neither a login nor a call to look at.
    CannotSay,
}

impl Sign {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::OfAbuse => "Signs of abuse",
            Self::ToBeExplained => "Something has to be explained",
            Self::NoneInCoveredHours => "No sign of abuse in the covered hours",
            Self::CannotSay => "Nothing can be said: no login and no call was given",
        }
    }
}

impl Verdict {
    pub(super) fn of(incidents: &[Incident], stories: &[Story], coverage: &Coverage) -> Self {
        // What holds now whatever happened, such as idle tokens, is in no incident, and no sign of abuse.
        let worst = incidents.iter().map(|incident| incident.severity).max();
        let has = |table: Table| coverage.covered.iter().any(|log| log.table == table.name() && log.used > 0);
        let sign = match worst {
            _ if !has(Table::Calls) && !has(Table::Logins) => Sign::CannotSay,
            Some(worst) if worst >= GRAVE => Sign::OfAbuse,
            Some(worst) if worst >= Severity::Medium => Sign::ToBeExplained,
            _ => Sign::NoneInCoveredHours,
        };
        let mut sentences: Vec<String> = stories.iter().flat_map(sentences).collect();
        if let Some(gravest) = incidents.first().filter(|incident| incident.severity >= Severity::Medium) {
            sentences.push(together(gravest));
        }
        Self { sign, sentences, limits: limits(coverage, has) }
    }
}

/// `1 row`, `2 rows`.
pub(super) fn counted(number: u64, thing: &str) -> String {
    let number = grouped(i64::try_from(number).unwrap_or(i64::MAX));
    if number == "1" { format!("1 {thing}") } else { format!("{number} {}", several(thing)) }
}

fn listed<T: ToString>(all: impl Iterator<Item = T>) -> String {
    let all: Vec<String> = all.map(|one| one.to_string()).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    }
}

/// A network; one address without the length of its prefix.
pub(super) fn network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() { network.addr().to_string() } else { network.to_string() }
}

fn sentences(story: &Story) -> Vec<String> {
    let app = name_of(Some(&story.app), "An app");
    let (Some(since), Some(until)) = (story.first, story.last) else {
        return vec![format!("{app}: nothing of it is in the window.")];
    };
    let (since, until) = (when(since), when(until));
    let whence = match story.taken {
        Taken::FromForeignNetworks => {
            let networks = listed(story.foreign.iter().map(network));
            format!(
                "{app} was used from {networks}, where it does not belong by what was usual, what its owner declared, or a list, between {since} and {until} (UTC)."
            )
        }
        Taken::ByAnybody => format!(
            "{app} made calls between {since} and {until} (UTC); no finding names a network that does not belong to it."
        ),
    };
    let objects = &story.impact.objects;
    let (least, most) =
        (objects.iter().map(|object| object.least).sum::<i64>(), objects.iter().map(|object| object.most).sum::<i64>());
    if objects.is_empty() {
        return vec![whence, "No call among them is known to have returned rows.".to_owned()];
    }
    let named: Vec<String> = objects.iter().take(4).map(|object| plain(&object.object)).collect();
    let more = objects.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let range = if least == most { grouped(most) } else { format!("{} to {}", grouped(least), grouped(most)) };
    let calls = if story.taken == Taken::ByAnybody { "Its calls" } else { "Calls from there" };
    let left = format!(
        "{calls} returned {range} rows of {}: {}{more}.",
        counted(objects.len() as u64, "object"),
        named.join(", ")
    );
    vec![whence, left]
}

/// How kinds of evidence agree, and what that is consistent with.
fn together(incident: &Incident) -> String {
    let kinds: BTreeSet<&str> = incident.parts.keys().copied().collect();
    let who = if incident.apps.is_empty() { "a user's access" } else { "an app's access" };
    let agree = match kinds.len() {
        1 => format!("One kind of evidence ({}) speaks for it, which may have a harmless cause", listed(kinds.iter())),
        some => format!("{some} kinds of evidence agree ({})", listed(kinds.iter())),
    };
    format!(
        "{agree}: consistent with somebody else using {who}. The owner of the app can say whether servers or programs were \
         changed at that time."
    )
}

fn limits(coverage: &Coverage, has: impl Fn(Table) -> bool) -> Vec<String> {
    let mut limits = Vec::new();
    let without = [
        (Table::Calls, "No log of calls (ApiEvent, API, RestApi, BulkApi …): what was read is not known."),
        (Table::Logins, "No log of logins (LoginHistory, LoginEvent, Login): who came in, and how, is not known."),
        (Table::Tokens, "No list of tokens (OauthToken): which access is alive is not known."),
        (Table::SetupChanges, "No log of setup changes (SetupAuditTrail): what was changed to stay is not known."),
    ];
    limits.extend(without.into_iter().filter(|(table, _)| !has(*table)).map(|(_, words)| words.to_owned()));
    let logs = coverage.covered.iter().filter(|log| matches!(log.table, "calls" | "logins") && log.used > 0);
    let with_gaps = logs.filter(|log| log.hours.as_ref().is_some_and(|hours| hours.missing > 0));
    let with_gaps: BTreeSet<&str> = with_gaps.map(|log| log.event_type.as_str()).collect();
    if !with_gaps.is_empty() {
        let logs = listed(with_gaps.iter());
        limits.push(format!(
            "Hours without a row between the first and the last one, quiet or missing: {logs}. See Coverage."
        ));
    }
    let quarantined: u64 = coverage.covered.iter().map(|log| log.quarantined.values().sum::<u64>()).sum();
    if quarantined > 0 {
        limits.push(format!("{} could not be used.", counted(quarantined, "row")));
    }
    if !coverage.problems.is_empty() {
        limits.push(format!(
            "{} could not be read, or not to the end.",
            counted(coverage.problems.len() as u64, "export")
        ));
    }
    let unable = |verdict| coverage.detectors.iter().filter(|ability| ability.verdict == verdict).count() as u64;
    let (cannot, partly) = (unable(coverage::Verdict::Cannot), unable(coverage::Verdict::Partly));
    if cannot + partly > 0 {
        let all = coverage.detectors.len();
        limits.push(format!("Of {all} detectors {cannot} could not run and {partly} only in part on these exports."));
    }
    limits
}
