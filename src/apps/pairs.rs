//! Which ids and names of connected apps belong together, as the exports show: in rows that have both, and in logins
//! whose calls have the id where the login has the name.
//!
//! What is kept is 16 bytes for each login that names an app, and for each login and app of calls: logins are known by
//! hashes of 64 bits, in which two of ten million logins meet with a probability of one in 300,000.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use foldhash::fast::FixedState;
use rayon::slice::ParallelSliceMut;
use xxhash_rust::xxh3::xxh3_64;

use super::is_app_id;
use crate::batch::{Batch, Column, NO_ID, Role, Table};
use crate::dictionary::{Dictionary, Domain, Moved};
use crate::ingest::{Demand, event_identity, identity_seed};
use crate::schema::{CellType, Schema, Schemas};
use crate::value::codes::BROWSER;

/// Ids and names that were seen together. Merges in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    /// Event types of logins whose event identifier is what calls name as their login.
    login_types: Vec<String>,
    /// Rows by app id and name, as roles have them: ids of two domains.
    direct: HashMap<(u32, u32), u64, FixedState>,
    ids_by_login: ByLogin,
    names_by_login: ByLogin,
    /// What the strings of apps are, by their ids in the dictionary, as far as asked.
    kinds: Vec<Kind>,
    /// The login and the app of the call before: calls of a login come in runs.
    last: Option<(u32, u32, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unasked,
    Id,
    Name,
    Neither,
}

impl Pairs {
    /// Nothing learned yet, from exports with these schemas.
    pub(crate) fn new(schemas: &Schemas) -> Self {
        let is_known_by_id = |schema: &&Schema| {
            let mut columns = schema.columns.iter();
            columns.any(|column| column.role == Some(Role::EventId) && column.cell == CellType::Id)
        };
        let logins = schemas.iter().filter(|schema| schema.table == Table::Logins).filter(is_known_by_id);
        Self { login_types: logins.map(|schema| schema.event_type.clone()).collect(), ..Self::default() }
    }

    /// Asks for what is looked at.
    pub(crate) fn demand(demand: &mut Demand) {
        demand.add(&Table::ALL, [Role::App, Role::AppName, Role::LoginKey, Role::LoginHistoryId]);
    }

    pub(crate) fn observe(&mut self, batch: &Batch, dictionary: &Dictionary) {
        let has = |role: Role| !matches!(batch.column(role), Column::Absent);
        if !has(Role::App) {
            return;
        }
        if has(Role::AppName) {
            self.observe_both(batch, dictionary);
        }
        let is_login = batch.table == Table::Logins;
        if is_login || has(Role::LoginKey) || has(Role::LoginHistoryId) {
            let kind = if is_login { Kind::Name } else { Kind::Id };
            for row in 0..batch.rows() {
                let app = batch.id(Role::App, row);
                if self.kind(app, dictionary) == kind {
                    self.observe_login(batch, row, app, is_login, dictionary);
                }
            }
        }
    }

    fn observe_both(&mut self, batch: &Batch, dictionary: &Dictionary) {
        let mut run = ((NO_ID, NO_ID), 0);
        for row in 0..batch.rows() {
            let pair = (batch.id(Role::App, row), batch.id(Role::AppName, row));
            if pair != run.0 {
                self.count(run, dictionary);
                run = (pair, 0);
            }
            run.1 += 1;
        }
        self.count(run, dictionary);
    }

    fn count(&mut self, ((id, name), rows): ((u32, u32), u64), dictionary: &Dictionary) {
        let named = dictionary.role_text(Role::AppName, name).is_some_and(|name| kind_of(name) == Kind::Name);
        if named && self.kind(id, dictionary) == Kind::Id {
            *self.direct.entry((id, name)).or_default() += rows;
        }
    }

    fn observe_login(&mut self, batch: &Batch, row: usize, app: u32, is_login: bool, dictionary: &Dictionary) {
        let (key, history) = (batch.id(Role::LoginKey, row), batch.id(Role::LoginHistoryId, row));
        if !is_login && self.last.replace((key, history, app)) == Some((key, history, app)) {
            return;
        }
        let by_login = if is_login { &mut self.names_by_login } else { &mut self.ids_by_login };
        if let Some(key) = dictionary.role_text(Role::LoginKey, key) {
            by_login.add(xxh3_64(key.as_bytes()), app);
        }
        let named = dictionary.role_text(Role::LoginHistoryId, history);
        for event_type in &self.login_types {
            if let Some(id) = named {
                by_login.add(short(event_identity(identity_seed(event_type), id.as_bytes())), app);
            }
        }
        if is_login && named.is_none() && !self.login_types.is_empty() {
            by_login.add(short(batch.identities[row]), app);
        }
    }

    /// The logins of apps, by the texts that rows name them by.
    pub(crate) fn logins_of(&self, apps: &BTreeSet<u32>) -> Logins {
        let all = self.ids_by_login.pairs.iter().chain(&self.names_by_login.pairs);
        let known = all.filter(|(_, app)| apps.contains(app)).map(|(login, _)| *login).collect();
        Logins { known, seeds: self.login_types.iter().map(|event_type| identity_seed(event_type)).collect() }
    }

    pub(crate) fn merge(&mut self, other: Self, strings: &Moved) {
        let app = |id: u32| strings.id(Domain::App, id);
        #[expect(clippy::iter_over_hash_type, reason = "counting is commutative")]
        for ((id, name), rows) in other.direct {
            *self.direct.entry((app(id), strings.id(Role::AppName.domain(), name))).or_default() += rows;
        }
        self.ids_by_login.merge(other.ids_by_login, strings);
        self.names_by_login.merge(other.names_by_login, strings);
        // The other's are by ids of another dictionary, and easily found out again.
    }

    /// Takes in a pair that an earlier run has seen. In how many rows is not remembered: it counts as one.
    pub(crate) fn recall(&mut self, id: &str, name: &str, dictionary: &mut Dictionary) {
        let pair = (dictionary.id(Domain::App, id), dictionary.id(Role::AppName.domain(), name));
        self.direct.entry(pair).or_insert(1);
    }

    /// All pairs: id, name, and how many rows or logins show them. In no particular order.
    pub(crate) fn finish<'d>(&mut self, dictionary: &'d Dictionary) -> Vec<(&'d str, &'d str, u64)> {
        let app = |id: u32| dictionary.text(Domain::App, id);
        let name = |id: u32| dictionary.text(Role::AppName.domain(), id);
        let by_login = joined(self.ids_by_login.sorted(), self.names_by_login.sorted());
        let direct = self.direct.iter().map(|((of, called), rows)| ((app(*of), name(*called)), *rows));
        let by_login = by_login.into_iter().map(|((of, called), logins)| ((app(of), app(called)), logins));
        let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (pair, rows) in direct.chain(by_login) {
            *pairs.entry(pair).or_default() += rows;
        }
        pairs.into_iter().map(|((id, name), rows)| (id, name, rows)).collect()
    }

    fn kind(&mut self, app: u32, dictionary: &Dictionary) -> Kind {
        if app == NO_ID {
            return Kind::Neither;
        }
        let place = app as usize;
        if self.kinds.len() <= place {
            self.kinds.resize(dictionary.count(Domain::App), Kind::Unasked);
        }
        if self.kinds[place] == Kind::Unasked {
            self.kinds[place] = kind_of(dictionary.text(Domain::App, app));
        }
        self.kinds[place]
    }
}

/// Logins, by what rows that belong to them name them by.
#[derive(Clone, Debug)]
pub(crate) struct Logins {
    known: HashSet<u64, FixedState>,
    seeds: Vec<u64>,
}

impl Logins {
    /// Whether a row belongs to one of them.
    pub(crate) fn have(&self, batch: &Batch, row: usize, dictionary: &Dictionary) -> bool {
        let text = |role| dictionary.role_text(role, batch.id(role, row));
        let by_key = || text(Role::LoginKey).is_some_and(|key| self.known.contains(&xxh3_64(key.as_bytes())));
        let by_history = || {
            let is_known = |id: &str| {
                let mut seeds = self.seeds.iter();
                seeds.any(|seed| self.known.contains(&short(event_identity(*seed, id.as_bytes()))))
            };
            text(Role::LoginHistoryId).is_some_and(is_known)
        };
        by_key() || by_history()
    }
}

fn kind_of(text: &str) -> Kind {
    match text {
        "" | BROWSER => Kind::Neither,
        text if is_app_id(text) => Kind::Id,
        _ => Kind::Name,
    }
}

/// Fewer pairs than this are not worth a look.
const TIDIED_FROM: usize = 1 << 16;

/// Apps by logins, each pair once when sorted.
#[derive(Clone, Debug, Default)]
struct ByLogin {
    pairs: Vec<(u64, u32)>,
    /// How many there were when each was last there once.
    distinct: usize,
}

impl ByLogin {
    fn add(&mut self, login: u64, app: u32) {
        if self.pairs.last() == Some(&(login, app)) {
            return;
        }
        // A login has many calls: from time to time, what has come again is let go.
        if self.pairs.len() >= (self.distinct * 2).max(TIDIED_FROM) {
            self.tidy();
        }
        self.pairs.push((login, app));
    }

    fn tidy(&mut self) {
        self.pairs.par_sort_unstable();
        self.pairs.dedup();
        self.distinct = self.pairs.len();
    }

    fn merge(&mut self, other: Self, strings: &Moved) {
        self.pairs.extend(other.pairs.into_iter().map(|(login, app)| (login, strings.id(Domain::App, app))));
    }

    fn sorted(&mut self) -> &[(u64, u32)] {
        self.tidy();
        &self.pairs
    }
}

/// The id and the name of every login that has both, with how many logins have them; of one that has several, all of them.
fn joined(ids: &[(u64, u32)], names: &[(u64, u32)]) -> HashMap<(u32, u32), u64, FixedState> {
    let mut pairs: HashMap<(u32, u32), u64, FixedState> = HashMap::default();
    let mut rest = names;
    for (login, id) in ids {
        let skipped = rest.partition_point(|(known, _)| known < login);
        rest = &rest[skipped..];
        for (_, name) in rest.iter().take_while(|(known, _)| known == login) {
            *pairs.entry((*id, *name)).or_default() += 1;
        }
    }
    pairs
}

#[expect(clippy::cast_possible_truncation, reason = "a part of a hash is a hash")]
fn short(identity: u128) -> u64 {
    identity as u64
}
