//! One key for each connected app, whether rows name it by its id or by its name.
//!
//! An id beats a name. A name that goes with one id is that app's; a name that goes with several is nobody's, because a
//! fake app may have a real one's name: it is never merged, and told. The register beats what was learned.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Register, is_app_id};
use crate::finding::Named;

/// Logins show so many characters of an app's name (Field Reference, `LoginHistory`), and no more.
const CUT_AT: usize = 64;

/// What is known of the apps' ids and names, from the exports and the register.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// What an app goes by, for texts that are not it themselves.
    keys: BTreeMap<String, String>,
    /// The name by which most rows know an app, by its key.
    names: BTreeMap<String, String>,
    /// The id of an app that the register knows by name only.
    ids: BTreeMap<String, String>,
    /// Names that several apps go by.
    pub ambiguous: Vec<AmbiguousName>,
}

/// A name that several apps go by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AmbiguousName {
    /// As exports show it. Hostile text.
    pub name: String,
    /// Each app's id, or its name in the register.
    pub apps: Vec<String>,
    /// The one of them to which the register gives the name; the others only call themselves so.
    pub registered: Option<String>,
}

/// How often each id goes with a name.
type Ids<'a> = BTreeMap<&'a str, u64>;

impl Resolution {
    /// Brings pairs of id and name together, each with the number of rows that show it. `apps` are all texts that rows
    /// name apps by.
    pub fn of<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str, u64)>,
        apps: impl Iterator<Item = &'a str>,
        register: &'a Register,
    ) -> Self {
        let mut by_name: BTreeMap<&str, Ids<'_>> = BTreeMap::new();
        for (id, name, rows) in pairs {
            *by_name.entry(name.trim()).or_default().entry(register.key(id)).or_default() += rows;
        }
        let mut resolution = Self::default();
        resolution.settle_registered(&by_name, register);
        for (name, ids) in &by_name {
            if register.find(name).is_none() && name.chars().count() != CUT_AT {
                resolution.settle(name, ids.keys().copied().collect());
            }
        }
        resolution.settle_cut(apps, &by_name, register);
        resolution.name_keys(&by_name, register);
        resolution.ambiguous.sort();
        resolution
    }

    /// What an app goes by, if that is not the text itself.
    pub fn key(&self, text: &str) -> Option<&str> {
        self.keys.get(text).map(String::as_str)
    }

    /// An app's id and name, by what it goes by.
    pub(crate) fn named(&self, key: &str, register: &Register) -> Named {
        let owned = |text: &str| Some(text.to_owned());
        match register.find(key) {
            Some(app) => {
                let id = app.id.as_deref().or_else(|| self.id(&app.name));
                Named { id: id.and_then(owned), name: owned(&app.name) }
            }
            None if is_app_id(key) => Named { id: owned(key), name: self.name(key).and_then(owned) },
            None => Named { id: None, name: owned(key) },
        }
    }

    /// Whether nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The name of the app with this key.
    pub fn name(&self, key: &str) -> Option<&str> {
        self.names.get(key).map(String::as_str)
    }

    /// The id of an app that the register knows by name only.
    pub(crate) fn id(&self, name: &str) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// The names and ids that were brought together: what rows say, and what the app goes by.
    pub fn joined(&self) -> &BTreeMap<String, String> {
        &self.keys
    }

    /// A name is the one app's that has it.
    fn settle(&mut self, name: &str, apps: BTreeSet<&str>) {
        let mut others = apps.iter();
        match (others.next(), others.next()) {
            (Some(one), None) if *one != name => drop(self.keys.insert(name.to_owned(), (*one).to_owned())),
            (Some(_), Some(_)) => self.tell(name, apps, None),
            _ => {}
        }
    }

    fn tell(&mut self, name: &str, apps: BTreeSet<&str>, registered: Option<&str>) {
        self.ambiguous.push(AmbiguousName {
            name: name.to_owned(),
            apps: apps.into_iter().map(str::to_owned).collect(),
            registered: registered.map(str::to_owned),
        });
    }

    /// A registered name stays its app's, whoever else bears it. If the register does not know the app's id, and one id
    /// alone goes with the app's names, it is that.
    fn settle_registered(&mut self, by_name: &BTreeMap<&str, Ids<'_>>, register: &Register) {
        let mut by_app: BTreeMap<&str, Vec<(&str, BTreeSet<&str>)>> = BTreeMap::new();
        for (name, ids) in by_name.iter().filter(|(name, _)| register.find(name).is_some()) {
            by_app.entry(register.key(name)).or_default().push((name, ids.keys().copied().collect()));
        }
        for (key, named) in by_app {
            let is_without_id = register.find(key).is_some_and(|app| app.id.is_none() && app.also_ids.is_empty());
            let foreign: BTreeSet<&str> =
                named.iter().flat_map(|(_, ids)| ids).copied().filter(|id| *id != key).collect();
            let mut foreign_ids = foreign.iter();
            if let (Some(id), None) = (foreign_ids.next(), foreign_ids.next())
                && is_without_id
                && register.find(id).is_none()
            {
                self.keys.insert((*id).to_owned(), key.to_owned());
                self.ids.insert(key.to_owned(), (*id).to_owned());
                continue;
            }
            for (name, mut ids) in named {
                if ids.iter().any(|id| *id != key) {
                    ids.insert(key);
                    self.tell(name, ids, Some(key));
                }
            }
        }
    }

    /// A name of as many characters as a login shows may be the beginning of a longer one, if only one app's begins so.
    fn settle_cut<'a>(
        &mut self,
        apps: impl Iterator<Item = &'a str>,
        by_name: &BTreeMap<&'a str, Ids<'a>>,
        register: &'a Register,
    ) {
        let mut whole: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, ids) in by_name {
            let apps = match register.find(name) {
                Some(_) => BTreeSet::from([register.key(name)]),
                None => ids.keys().copied().collect(),
            };
            whole.entry(*name).or_default().extend(apps);
        }
        for app in register.iter() {
            for name in std::iter::once(&app.name).chain(&app.aliases) {
                whole.entry(name.trim()).or_default().insert(register.key(name));
            }
        }
        let cut: BTreeSet<&str> =
            apps.chain(by_name.keys().copied()).filter(|name| name.chars().count() == CUT_AT).collect();
        for name in cut.into_iter().filter(|name| register.find(name).is_none()) {
            let begin_so = whole.range(name..).take_while(|(longer, _)| longer.starts_with(name));
            self.settle(name, begin_so.flat_map(|(_, apps)| apps.iter().copied()).collect());
        }
    }

    /// Of the names that lead to an app, the one that most rows show; of equals, the first in alphabetical order.
    fn name_keys(&mut self, by_name: &BTreeMap<&str, Ids<'_>>, register: &Register) {
        let mut best: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for (name, ids) in by_name {
            let Some(key) = self.keys.get(*name).filter(|key| register.find(key).is_none()) else { continue };
            let rows = ids.get(key.as_str()).copied().unwrap_or(0);
            let known = best.entry(key).or_insert((rows, name));
            if rows > known.0 {
                *known = (rows, name);
            }
        }
        self.names = best.into_iter().map(|(key, (_, name))| (key.to_owned(), name.to_owned())).collect();
    }
}
