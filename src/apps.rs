//! The register of connected apps that the user keeps: `apps.toml`.
//!
//! Exports name an app by its id in one place and by its name in another; the register brings the two together, and says
//! what was granted. An id beats a name: a fake app may copy a name, never an id.

pub mod allow_list;
mod pairs;
pub mod policy;
mod resolver;
pub mod scopes;

pub(crate) use pairs::{Logins, Pairs};
pub use resolver::{AmbiguousName, Resolution};

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;

use crate::error::Error;
use crate::value::id;

/// All apps that the user knows of.
#[derive(Clone, Debug, Default)]
pub struct Register {
    apps: Vec<App>,
    by_name: BTreeMap<String, usize>,
    /// The file it was read from, when there is one.
    pub path: Option<PathBuf>,
}

/// One app of the register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct App {
    /// The name that exports show.
    pub name: String,
    /// The connected app's id (`0H4…`), if known.
    pub id: Option<String>,
    /// Other ids of the same app: of the connected app that it was before it became an external client app.
    #[serde(default)]
    pub also_ids: Vec<String>,
    /// Other names of the same app.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The consumer key that its assertions carry as issuer, if it has any.
    pub consumer_key: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whether people or a machine use it; learned from its behaviour if not said.
    pub principal: Option<Principal>,
    /// The OAuth scopes it was granted, by their parameter names (`api`, `refresh_token`); unknown if not said.
    pub scopes: Option<Vec<String>>,
    /// Where it comes from, as its owner or vendor says: addresses and networks; unknown if not said.
    #[serde(default, deserialize_with = "networks")]
    pub networks: Option<Vec<IpNet>>,
    /// Whether a vendor gives it to many organisations; its metadata is asked if not said.
    pub partner: Option<bool>,
}

/// Who acts through an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Principal {
    /// Somebody who sleeps.
    Person,
    /// A machine that works around the clock or at fixed hours.
    Integration,
}

/// Networks such as `192.0.2.0/24`, and single addresses.
fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<IpNet>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: &String| {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| serde::de::Error::custom(format!("networks: {text:?} is no address and no network")))
    };
    texts.iter().map(read).collect::<Result<_, _>>().map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    app: Vec<App>,
}

impl Register {
    /// Reads `apps.toml`.
    ///
    /// # Errors
    /// If the file cannot be read, is no register, or gives two apps the same id or name.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let file: File =
            toml::from_str(&text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })?;
        let mut register = Self { path: Some(path.to_owned()), ..Self::default() };
        for mut app in file.app {
            for given in app.id.iter_mut().chain(&mut app.also_ids) {
                *given = id::canonical(given.as_bytes()).ok_or_else(|| {
                    Error::Setting(format!(
                        "{}: app {:?}: id is not a Salesforce id: {given:?}",
                        path.display(),
                        app.name
                    ))
                })?;
            }
            register.add(app, path)?;
        }
        Ok(register)
    }

    fn add(&mut self, app: App, path: &Path) -> Result<(), Error> {
        let index = self.apps.len();
        let names = std::iter::once(&app.name).chain(&app.aliases).map(|name| folded(name));
        for name in names.chain(app.id.clone()).chain(app.also_ids.clone()).chain(app.consumer_key.clone()) {
            if self.by_name.insert(name.clone(), index).is_some_and(|other| other != index) {
                return Err(Error::Setting(format!("{}: two apps go by {name:?}", path.display())));
            }
        }
        self.apps.push(app);
        Ok(())
    }

    /// All apps, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.apps.iter()
    }

    /// The app that an id or a name belongs to.
    pub fn find(&self, id_or_name: &str) -> Option<&App> {
        let index = self.by_name.get(id_or_name).or_else(|| self.by_name.get(&folded(id_or_name)))?;
        self.apps.get(*index)
    }

    /// The app that any of these belongs to; ids go before names.
    pub fn find_any<'a>(&self, ids_and_names: impl Iterator<Item = &'a str>) -> Option<&App> {
        ids_and_names.into_iter().find_map(|text| self.find(text))
    }

    /// What an app goes by in batches: its id if that is known, else its name as registered, else the text itself.
    pub fn key<'a>(&'a self, id_or_name: &'a str) -> &'a str {
        self.find(id_or_name).map_or(id_or_name, |app| app.id.as_deref().unwrap_or(&app.name))
    }
}

/// Whether a text is an id by which rows name a connected app: `0H4…`, or `888…` for an app of another organisation.
pub(crate) fn is_app_id(text: &str) -> bool {
    id::has_prefix(text, "0H4") || id::has_prefix(text, "888")
}

/// Names meet without regard to case and outer blanks.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
