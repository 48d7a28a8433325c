//! Who is who, before anything is looked for: which names go with which ids of apps and users, which logins are an app's,
//! and whose a token is. The first of two ways through the exports, and the light one: no row is held.

use std::collections::{BTreeMap, BTreeSet};

use crate::apps::{Logins, Pairs, Resolution};
use crate::batch::{Batch, NO_ID, Role, Table};
use crate::convert::Convert;
use crate::dictionary::{Dictionary, Domain, Moved};
use crate::ingest::{Demand, Feed, Quarantine, QuarantinedRow, Shaper, Turns};
use crate::value::{Time, id};

/// What the exports say of names.
#[derive(Debug, Default)]
pub struct Known {
    /// Ids and names of apps.
    pub(super) resolution: Resolution,
    /// Usernames by user id; the first one in alphabetical order.
    pub(super) usernames: BTreeMap<String, String>,
    seen: Seen,
    dictionary: Dictionary,
}

/// What one worker has seen, by the ids of its dictionary.
#[derive(Debug, Default)]
struct Seen {
    pairs: Pairs,
    /// User and username.
    users: BTreeSet<(u32, u32)>,
    /// Token, app and user.
    tokens: BTreeSet<(u32, u32, u32)>,
    /// By event types of tables in which somebody does something: the last row that is not too late, in microseconds.
    ends: BTreeMap<String, Option<i64>>,
}

/// In these somebody does something.
const DEEDS: [Table; 4] = [Table::Calls, Table::Logins, Table::Pages, Table::Sessions];

const ROLES: [Role; 7] =
    [Role::App, Role::AppName, Role::User, Role::Username, Role::LoginKey, Role::LoginHistoryId, Role::Token];

/// Where rows go that the second way through the exports tells of again.
struct ToldLater;

impl Quarantine for ToldLater {
    fn take(&mut self, _: QuarantinedRow) {}
}

impl Known {
    /// Reads all exports for it. Rows behind `until` say nothing of how far logs go.
    pub fn read(convert: &Convert<'_>, until: Option<Time>) -> Self {
        let mut demand = Demand::default();
        demand.add(&Table::ALL, ROLES);
        let feed = Feed::new(convert.exports, convert.schemas, &demand, convert.limits);
        let work = |turns: &Turns<'_>| {
            let mut shaper = Shaper::new(&demand, convert.register, convert.zone);
            let (mut buffer, mut seen) = (Vec::new(), Seen::new(convert));
            while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
                for batch in turns.take(shaped, convert.exports) {
                    seen.observe(&batch, &shaper.dictionary, until);
                }
            }
            (shaper.dictionary, seen)
        };
        let mut known = Self { seen: Seen::new(convert), ..Self::default() };
        for (dictionary, seen) in feed.read_all(convert.threads, &mut ToldLater, work).made {
            // Sessions and logins have been put into pairs, and are more than all other strings together.
            let moved = known.dictionary.absorb_but(Domain::Session, &dictionary);
            known.seen.merge(seen, &moved);
        }
        known.settle(convert);
        known
    }

    fn settle(&mut self, convert: &Convert<'_>) {
        let Self { dictionary, seen, .. } = self;
        let apps = dictionary.values(Domain::App);
        self.resolution = Resolution::of(seen.pairs.finish(dictionary), apps, convert.register);
        for (user, name) in &seen.users {
            let user = dictionary.text(Domain::User, *user);
            let Some(name) = dictionary.role_text(Role::Username, *name).filter(|name| !name.is_empty()) else {
                continue;
            };
            let known = self.usernames.get(user);
            if id::has_prefix(user, "005") && known.is_none_or(|known| name < known.as_str()) {
                self.usernames.insert(user.to_owned(), name.to_owned());
            }
        }
    }

    /// The last rows of logs of deeds, by event type.
    pub(super) fn ends(&self) -> BTreeMap<String, Option<Time>> {
        self.seen.ends.iter().map(|(event_type, last)| (event_type.clone(), last.map(Time))).collect()
    }

    /// The username that goes with a user's id.
    pub fn username(&self, id: &str) -> Option<&str> {
        self.usernames.get(id).map(String::as_str)
    }

    /// All texts that rows name apps by, or users.
    pub(super) fn texts(&self, domain: Domain) -> impl Iterator<Item = &str> {
        self.dictionary.values(domain).filter(|text| !text.is_empty())
    }

    /// The one token whose reference is or begins with a text, with its app and its user; nothing if there is none, or more.
    pub(super) fn token(&self, asked: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
        let text = |role, id| self.dictionary.role_text(role, id);
        let mut found = BTreeMap::new();
        for (token, app, user) in &self.seen.tokens {
            let Some(token) = text(Role::Token, *token).filter(|token| token.starts_with(asked)) else { continue };
            found.insert(token, (token, text(Role::App, *app), text(Role::User, *user)));
        }
        let only = || found.values().next().filter(|_| found.len() == 1);
        found.get(asked).or_else(only).copied()
    }

    /// The logins of the app that goes by these texts.
    pub(super) fn logins_of(&self, texts: &BTreeSet<String>) -> Logins {
        let find = |text: &String| self.dictionary.find(Domain::App, text);
        self.seen.pairs.logins_of(&texts.iter().filter_map(find).collect())
    }
}

impl Seen {
    fn new(convert: &Convert<'_>) -> Self {
        Self { pairs: Pairs::new(convert.schemas), ..Self::default() }
    }

    fn observe(&mut self, batch: &Batch, dictionary: &Dictionary, until: Option<Time>) {
        self.pairs.observe(batch, dictionary);
        if DEEDS.contains(&batch.table) {
            self.end(batch, until);
        }
        let mut before = (NO_ID, NO_ID);
        for row in 0..batch.rows() {
            let user = (batch.id(Role::User, row), batch.id(Role::Username, row));
            if user != before && user.0 != NO_ID {
                before = user;
                self.users.insert(user);
            }
            if batch.table == Table::Tokens {
                self.tokens.insert((batch.id(Role::Token, row), batch.id(Role::App, row), user.0));
            }
        }
    }

    fn end(&mut self, batch: &Batch, until: Option<Time>) {
        let times = (0..batch.rows()).filter_map(|row| batch.number(Role::Time, row));
        let last = times.filter(|time| until.is_none_or(|until| *time <= until.0)).max();
        if !self.ends.contains_key(&*batch.event_type) {
            self.ends.insert(batch.event_type.to_string(), None);
        }
        if let Some(end) = self.ends.get_mut(&*batch.event_type) {
            *end = (*end).max(last);
        }
    }

    fn merge(&mut self, other: Self, strings: &Moved) {
        self.pairs.merge(other.pairs, strings);
        for (event_type, last) in other.ends {
            let end = self.ends.entry(event_type).or_default();
            *end = (*end).max(last);
        }
        let user = |id| strings.id(Domain::User, id);
        self.users.extend(other.users.iter().map(|(id, name)| (user(*id), strings.id(Domain::Text, *name))));
        let token = |(token, app, of): &(u32, u32, u32)| {
            (strings.id(Domain::Token, *token), strings.id(Domain::App, *app), user(*of))
        };
        self.tokens.extend(other.tokens.iter().map(token));
    }
}
