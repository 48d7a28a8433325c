//! Who stands behind an app: clients and networks that its calls join, each group one integration.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Case;
use crate::inventory::Trace;
use crate::value::{Address, Time};
use crate::words::plain;

/// Of a list, so much is told.
pub(crate) const LISTED: usize = 5;

/// Clients and networks that no other group has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Integration {
    /// Client libraries, without their versions. Hostile text.
    pub clients: BTreeSet<String>,
    /// Networks that they come from.
    pub networks: BTreeSet<String>,
    /// Users as whom they work, by id.
    pub users: BTreeSet<String>,
    /// Their calls.
    pub calls: u64,
    /// How often they came with a refresh token.
    pub refreshes: u64,
    /// When they did last.
    pub last_refresh: Option<Time>,
}

impl Case<'_> {
    /// The integrations of the last days, by calls alone: logins do not name the client library.
    pub fn integrations_by_calls(&self, days: i64) -> Vec<Integration> {
        grouped(self.recent(days).filter(|trace| !trace.is_login))
    }

    /// The same with their refreshes, each of which belongs to the integration of its network.
    pub fn integrations(&self, days: i64) -> Vec<Integration> {
        grouped(self.recent(days).filter(|trace| !trace.is_login || trace.is_refresh()))
    }
}

fn grouped<'t>(traces: impl Iterator<Item = &'t Trace>) -> Vec<Integration> {
    let mut groups = Vec::new();
    for new in traces.filter_map(Integration::of) {
        join(&mut groups, new);
    }
    groups.sort_by(|left, right| {
        (right.calls, &left.clients, &left.networks).cmp(&(left.calls, &right.clients, &right.networks))
    });
    groups
}

impl Integration {
    /// The group of one trace; nothing if its network, or the client of a call, is not known.
    fn of(trace: &Trace) -> Option<Self> {
        let network = Address::parse(trace.address.as_deref()?).ok()?.network();
        let clients = if trace.is_login { BTreeSet::new() } else { BTreeSet::from([trace.client.clone()?]) };
        let events = |is_it: bool| if is_it { trace.events } else { 0 };
        Some(Self {
            clients,
            networks: BTreeSet::from([network.to_string()]),
            users: trace.user.iter().cloned().collect(),
            calls: events(!trace.is_login),
            refreshes: events(trace.is_refresh()),
            last_refresh: trace.is_refresh().then_some(trace.last),
        })
    }

    fn meets(&self, other: &Self) -> bool {
        !self.clients.is_disjoint(&other.clients) || !self.networks.is_disjoint(&other.networks)
    }

    /// Who it is, in words: `client from network as user`.
    pub fn told(&self, case: &Case<'_>) -> String {
        let clients = if self.clients.is_empty() { "unknown client".to_owned() } else { listed(texts(&self.clients)) };
        let users = listed(case.names_of(texts(&self.users)));
        format!("{clients} from {} as {users}", listed(texts(&self.networks)))
    }
}

/// Adds a group; those that it meets become one with it.
fn join(groups: &mut Vec<Integration>, mut new: Integration) {
    for known in groups.extract_if(.., |known| known.meets(&new)).collect::<Vec<_>>() {
        new.clients.extend(known.clients);
        new.networks.extend(known.networks);
        new.users.extend(known.users);
        new.calls += known.calls;
        new.refreshes += known.refreshes;
        new.last_refresh = new.last_refresh.max(known.last_refresh);
    }
    groups.push(new);
}

fn texts(texts: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    texts.iter().map(String::as_str)
}

/// The first few of many things, and how many more there are.
pub(crate) fn listed<'a>(things: impl IntoIterator<Item = &'a str>) -> String {
    let things: Vec<String> = things.into_iter().map(plain).collect();
    match things.len() {
        0 => "none".to_owned(),
        count if count > LISTED => format!("{} and {} more", things[..LISTED].join(", "), count - LISTED),
        _ => things.join(", "),
    }
}
