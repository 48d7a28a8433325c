//! What one app did: from where and with what against what was usual, what it took, and who met whom.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::lanes::{Gathered, Lanes};
use super::{GRAVE, Reader};
use crate::batch::{Role, Table};
use crate::context::Context;
use crate::events::Access;
use crate::finding::Named;
use crate::history::{Entry, History, Identified, Selection, Stamp, Subject, SubjectKind, TABLES};
use crate::impact::{Impact, ObjectImpact, impact};
use crate::profile::{Profile, profile};
use crate::timeline::{Folding, Line, lines};
use crate::told::Told;
use crate::value::Time;
use crate::value::address::Address;
use crate::value::time::HOUR;
use crate::words::name_of;

/// What one app did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    /// The app, as the exports know it.
    pub app: Named,
    /// Everything about it, the time before the window included.
    pub profile: Profile,
    /// Networks that findings name because they do not belong to it.
    #[serde(serialize_with = "as_texts")]
    pub foreign: BTreeSet<IpNet>,
    /// What is told of in what follows.
    pub taken: Taken,
    /// The first and the last event of that.
    pub first: Option<Time>,
    /// See `first`.
    pub last: Option<Time>,
    /// What was taken in the window.
    pub impact: Impact,
    /// Events by network, all of the time.
    pub networks: Option<Lanes>,
    /// Events by client, all of the time.
    pub clients: Option<Lanes>,
    /// Rows by object, of what was taken.
    pub objects: Option<Lanes>,
    /// Who came from where in the window.
    pub met: Vec<Met>,
    /// The order of events, of what was taken.
    pub lines: Vec<Line>,
    /// Calls in the window that name no address, and that no session ties to a foreign one: they are not in `impact`.
    pub calls_without_address: u64,
}

/// Of which rows a story tells what was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// Of those that came from networks that do not belong to the app.
    FromForeignNetworks,
    /// Of all in the window: no finding names such a network.
    ByAnybody,
}

/// A user and an address, in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Met {
    /// The user.
    pub user: String,
    /// The address.
    pub address: String,
    /// Whether it is in a network that does not belong to the app.
    pub is_foreign: bool,
    /// Logins and calls.
    pub events: u64,
    /// Rows that calls returned, by the log that tells of the most.
    pub rows: i64,
    /// Where the first of them stands.
    pub export: String,
    /// See `export`.
    pub record: u64,
}

fn as_texts<S: serde::Serializer>(networks: &BTreeSet<IpNet>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(networks.iter().map(ToString::to_string))
}

impl Story {
    pub(super) fn of(reader: &Reader<'_>, app: &Named, told: &Told) -> Self {
        let asked = app.id.as_deref().or(app.name.as_deref()).unwrap_or_default();
        let history = reader.history(Some(Subject::new(SubjectKind::App, asked)), Selection::all(), &TABLES);
        let identified = history.subject.clone().unwrap_or_default();
        let foreign = foreign(told, &identified);
        let register = reader.asked.scan.register;
        let texts = [&identified.name.id, &identified.name.name];
        let registered = register.find_any(texts.into_iter().flatten().map(String::as_str));
        let context =
            Context { lists: &reader.asked.scan.lists, networks: &reader.asked.scan.networks, app: registered };
        let theirs = Theirs::of(history.entries(), &foreign);
        // Rows of bulk jobs and of some logs name no app: what came from the same networks is told of, too.
        let unnamed = (!foreign.is_empty())
            .then(|| reader.history(None, Selection::all().from_networks(foreign.iter().copied()), &TABLES));
        let in_window = |entry: &Entry<'_>| entry.stamp == Stamp::Happened && reader.is_judged(entry.time);
        let unnamed =
            || unnamed.iter().flat_map(History::entries).filter(in_window).filter(|entry| entry.app().is_none());
        let own = || history.entries().filter(in_window);
        let taken = in_order(own().filter(|entry| theirs.has(entry)).chain(unnamed()));
        let is_grave = |entry: &Entry<'_>| told.of(entry.place()).any(|finding| finding.severity >= GRAVE);
        let told_of = in_order(own().filter(|entry| theirs.has(entry) || is_grave(entry)).chain(unnamed()));
        let calls = || taken.iter().copied().filter(|entry| entry.table() == Table::Calls);
        let impact = impact(calls(), reader.asked.sizes, reader.asked.classes);
        Self {
            objects: rows_by_object(calls(), &impact),
            impact,
            profile: profile(&history, told, &|role, value, time| context.of(role, value, time)),
            networks: by(history.entries(), &theirs, |entry| network_of(entry.text(Role::SourceIp)?)),
            clients: by(history.entries(), &theirs, |entry| entry.text(Role::Client).map(str::to_owned)),
            met: met(in_order(own().chain(unnamed())).into_iter(), &theirs),
            lines: lines(told_of.into_iter(), Folding { gap: HOUR }, told),
            first: taken.first().map(|entry| entry.time),
            last: taken.last().map(|entry| entry.time),
            calls_without_address: own()
                .filter(|entry| entry.table() == Table::Calls && !foreign.is_empty())
                .filter(|entry| entry.text(Role::SourceIp).is_none() && !theirs.has(entry))
                .count() as u64,
            taken: if foreign.is_empty() { Taken::ByAnybody } else { Taken::FromForeignNetworks },
            app: identified.name,
            foreign,
        }
    }
}

/// Entries of several histories, in the order that one would have.
fn in_order<'h>(entries: impl Iterator<Item = Entry<'h>>) -> Vec<Entry<'h>> {
    let mut entries: Vec<Entry<'h>> = entries.collect();
    entries.sort_by(|left, right| {
        (left.time, left.table(), left.place()).cmp(&(right.time, right.table(), right.place()))
    });
    entries
}

/// Networks that grave findings about the app name as not belonging to it.
fn foreign(told: &Told, app: &Identified) -> BTreeSet<IpNet> {
    let own = [&app.name.id, &app.name.name];
    let is_own = |text: &String| app.texts.contains(text) || own.contains(&&Some(text.clone()));
    let about = told.all.iter().filter(|finding| finding.severity >= GRAVE).filter(|finding| {
        let app = finding.subject.app.iter().flat_map(|app| [&app.id, &app.name]).flatten();
        app.into_iter().any(is_own)
    });
    let all: BTreeSet<IpNet> = about.flat_map(|finding| finding.foreign_networks().collect::<Vec<_>>()).collect();
    // An address that is in one of the networks is told with it.
    let is_within = |network: &IpNet| all.iter().any(|other| other != network && other.contains(network));
    all.iter().filter(|network| !is_within(network)).copied().collect()
}

/// Which entries are the thief's.
struct Theirs<'h> {
    networks: &'h BTreeSet<IpNet>,
    /// Sessions that were seen from there: rows of bulk jobs often name no address.
    sessions: BTreeSet<&'h str>,
}

impl<'h> Theirs<'h> {
    fn of(entries: impl Iterator<Item = Entry<'h>>, networks: &'h BTreeSet<IpNet>) -> Self {
        let mut theirs = Self { networks, sessions: BTreeSet::new() };
        let mut others = BTreeSet::new();
        for entry in entries {
            let Some(session) = session(&entry) else { continue };
            match entry.text(Role::SourceIp) {
                Some(address) if theirs.is_foreign(address) => drop(theirs.sessions.insert(session)),
                Some(_) => drop(others.insert(session)),
                None => {}
            }
        }
        // A session that others use, too, says nothing of rows without an address.
        theirs.sessions.retain(|session| !others.contains(session));
        theirs
    }

    fn is_foreign(&self, address: &str) -> bool {
        let address = address.parse::<IpAddr>();
        address.is_ok_and(|address| self.networks.iter().any(|network| network.contains(&address)))
    }

    fn has(&self, entry: &Entry<'h>) -> bool {
        let by_session = || session(entry).is_some_and(|session| self.sessions.contains(session));
        match entry.text(Role::SourceIp) {
            Some(address) => self.networks.is_empty() || self.is_foreign(address),
            None => self.networks.is_empty() || by_session(),
        }
    }
}

fn session<'h>(entry: &Entry<'h>) -> Option<&'h str> {
    [Role::Session, Role::LoginKey].into_iter().find_map(|role| entry.text(role))
}

fn network_of(address: &str) -> Option<String> {
    Some(Address(address.parse().ok()?).network().to_string())
}

/// Logins and calls by what is said of each.
fn by<'h>(
    entries: impl Iterator<Item = Entry<'h>>,
    theirs: &Theirs<'h>,
    label: impl Fn(&Entry<'h>) -> Option<String>,
) -> Option<Lanes> {
    let mut gathered = Gathered::default();
    for entry in entries.filter(|entry| matches!(entry.table(), Table::Calls | Table::Logins)) {
        if let Some(label) = label(&entry) {
            let is_marked = !theirs.networks.is_empty() && theirs.has(&entry);
            gathered.add(&label, is_marked, entry.time, 1);
        }
    }
    gathered.finish()
}

/// Rows that reading calls returned; of each object by the log and under the name that the impact has it by.
fn rows_by_object<'h>(entries: impl Iterator<Item = Entry<'h>>, impact: &Impact) -> Option<Lanes> {
    let known: BTreeMap<String, &ObjectImpact> =
        impact.objects.iter().map(|object| (object.object.to_lowercase(), object)).collect();
    let mut gathered = Gathered::default();
    for entry in entries.filter(|entry| entry.access() == Access::Read && !entry.is_refused()) {
        let object = entry.object().and_then(|object| known.get(&object.to_lowercase()));
        let Some(object) = object.filter(|object| object.log == entry.log() && object.most > 0) else { continue };
        if let Some(rows) = entry.rows().and_then(|rows| u64::try_from(rows).ok()) {
            gathered.add(&object.object, false, entry.time, rows);
        }
    }
    gathered.finish()
}

fn met<'h>(entries: impl Iterator<Item = Entry<'h>>, theirs: &Theirs<'h>) -> Vec<Met> {
    type RowsByLog<'h> = BTreeMap<&'h str, i64>;
    let mut met: BTreeMap<(String, String), (Met, RowsByLog<'h>)> = BTreeMap::new();
    for entry in entries.filter(|entry| matches!(entry.table(), Table::Calls | Table::Logins)) {
        let user = name_of(entry.user().as_ref(), "user not said");
        let address = entry.text(Role::SourceIp).unwrap_or("address not said").to_owned();
        let (known, rows) = met.entry((user.clone(), address.clone())).or_insert_with(|| {
            let (export, record) = entry.place();
            let is_foreign = !theirs.networks.is_empty() && theirs.is_foreign(&address);
            let met = Met { user, address, is_foreign, events: 0, rows: 0, export: export.to_owned(), record };
            (met, RowsByLog::new())
        });
        known.events += 1;
        *rows.entry(entry.log()).or_default() += entry.rows().unwrap_or(0);
    }
    // Several logs tell of one call.
    let most = |rows: RowsByLog<'_>| rows.into_values().max().unwrap_or(0);
    let mut met: Vec<Met> = met.into_values().map(|(met, rows)| Met { rows: most(rows), ..met }).collect();
    met.sort_by(|left, right| {
        let rank = |met: &Met| (met.is_foreign, met.rows, met.events);
        rank(right).cmp(&rank(left)).then_with(|| (&left.user, &left.address).cmp(&(&right.user, &right.address)))
    });
    met
}
