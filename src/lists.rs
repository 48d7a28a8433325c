//! Lists of what has been published or is known otherwise: addresses, user agents and app names, each with where it comes
//! from, how much it says, and for how long.
//!
//! The program brings `lists/indicators.toml` along; users add files of their own. See `lists/read.rs` for their forms.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;
use serde::Deserialize;

use crate::error::Error;
use crate::value::time::DAY;
use crate::value::{Address, Time};

mod read;
mod shared;

/// Addresses change hands: so long after it was last seen an indicator is context. Project default.
const EXPIRES_AFTER: i64 = 180 * DAY;

/// What the values of an entry are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An address, or a network of them in CIDR notation.
    Address,
    /// A user agent, whatever its case; with `*` at the end, all that begin so.
    UserAgent,
    /// The name of a connected app, whatever its case; with `*` at the end, all that begin so.
    AppName,
}

/// What it means to be on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It was seen in an attack.
    Indicator,
    /// It hides where somebody is: a Tor exit, a VPN, a proxy.
    Anonymiser,
}

/// How much a value says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Others use it too.
    Weak,
    /// Hardly anybody else uses it.
    Strong,
}

impl Class {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Indicator => "indicator",
            Self::Anonymiser => "anonymiser",
        }
    }
}

impl Kind {
    /// The word for it in lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::UserAgent => "user-agent",
            Self::AppName => "app-name",
        }
    }
}

impl Confidence {
    /// The word for it in findings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}

/// A value on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Entry {
    /// What the value is.
    pub kind: Kind,
    /// As the list has it.
    pub value: String,
    /// What it means.
    pub class: Class,
    /// The list's or campaign's name.
    pub name: String,
    /// How much it says.
    pub confidence: Confidence,
    /// From when on; always, if not said.
    pub valid_from: Option<Time>,
    /// Up to when, this moment included; for ever, if not said.
    pub valid_until: Option<Time>,
    /// Who says so.
    pub source: String,
}

impl Entry {
    /// How much the entry says of an event at a time; nothing but context outside the time that it holds for.
    pub fn confidence_at(&self, time: i64) -> Option<Confidence> {
        let begun = self.valid_from.is_none_or(|from| from.0 <= time);
        let goes_on = self.valid_until.is_none_or(|until| time <= until.0);
        (begun && goes_on).then_some(self.confidence)
    }
}

/// All lists of a run.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Sorted, each once.
    entries: Vec<Entry>,
    networks: BTreeMap<IpNet, Vec<usize>>,
    /// The lengths of prefixes that networks have, so that an address is looked up in so many of them.
    prefixes: BTreeSet<u8>,
    texts: BTreeMap<(Kind, String), Vec<usize>>,
    beginnings: BTreeMap<(Kind, String), Vec<usize>>,
}

impl Lists {
    /// The list that the program brings along.
    ///
    /// # Errors
    /// If it is broken: a defect.
    pub fn embedded() -> Result<Self, Error> {
        let text = include_str!("../lists/indicators.toml");
        Self::of(read::toml_entries(text, Path::new("lists/indicators.toml"))?)
    }

    /// These and the entries of a file, which are of this class unless the file says otherwise.
    ///
    /// # Errors
    /// If the file cannot be read, or one of its lines is no entry.
    pub fn with_file(self, path: &Path, class: Class) -> Result<Self, Error> {
        let mut entries = self.entries;
        entries.extend(read::file(path, class)?.0);
        Self::of(entries)
    }

    /// The entries of one file alone, and how many indicators of it have no place here.
    ///
    /// # Errors
    /// If the file cannot be read, or one of its lines is no entry.
    pub fn only_file(path: &Path, class: Class) -> Result<(Self, u64), Error> {
        let (entries, left_out) = read::file(path, class)?;
        Ok((Self::of(entries)?, left_out))
    }

    /// Lists of these entries.
    ///
    /// # Errors
    /// If an address is none.
    pub fn of(mut entries: Vec<Entry>) -> Result<Self, Error> {
        entries.sort();
        entries.dedup();
        let mut lists = Self::default();
        for (place, entry) in entries.iter().enumerate() {
            if entry.kind == Kind::Address {
                let network = network(&entry.value)
                    .ok_or_else(|| Error::Setting(format!("list {:?}: no address: {:?}", entry.name, entry.value)))?;
                lists.prefixes.insert(network.prefix_len());
                lists.networks.entry(network).or_default().push(place);
                continue;
            }
            match entry.value.strip_suffix('*') {
                Some(start) => lists.beginnings.entry((entry.kind, folded(start))).or_default().push(place),
                None => lists.texts.entry((entry.kind, folded(&entry.value))).or_default().push(place),
            }
        }
        lists.entries = entries;
        Ok(lists)
    }

    /// All entries, sorted.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether a kind and class has no entry at all.
    pub fn is_empty(&self, kind: Kind, class: Class) -> bool {
        !self.entries.iter().any(|entry| (entry.kind, entry.class) == (kind, class))
    }

    /// The entries that a value is on, in the order of their sources and names.
    pub fn find(&self, kind: Kind, text: &str) -> Vec<&Entry> {
        let mut places: Vec<usize> = match kind {
            Kind::Address => self.networks_of(text),
            Kind::UserAgent | Kind::AppName => {
                let text = folded(text);
                let begins = |((of, start), _): &(&(Kind, String), &Vec<usize>)| *of == kind && text.starts_with(start);
                let longer = self.beginnings.iter().filter(begins).flat_map(|(_, places)| places);
                let exact = self.texts.get(&(kind, text.clone())).into_iter().flatten();
                exact.chain(longer).copied().collect()
            }
        };
        places.sort_unstable();
        places.into_iter().map(|place| &self.entries[place]).collect()
    }

    fn networks_of(&self, text: &str) -> Vec<usize> {
        let Ok(Address(address)) = Address::parse(text) else { return Vec::new() };
        let networks = self.prefixes.iter().filter_map(|prefix| IpNet::new(address, *prefix).ok());
        let found = networks.filter_map(|network| self.networks.get(&network.trunc()));
        found.flatten().copied().collect()
    }
}

/// The network that a text stands for; an address is a network of one.
fn network(text: &str) -> Option<IpNet> {
    if let Ok(network) = text.parse::<IpNet>() {
        return Some(network.trunc());
    }
    Address::parse(text).ok().map(|Address(address)| match address {
        IpAddr::V4(_) | IpAddr::V6(_) => IpNet::from(address),
    })
}

/// Texts meet without regard to case and outer blanks.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
