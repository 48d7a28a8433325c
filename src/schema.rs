//! Which columns an export has and what they mean: `schemas/*.toml`, read once and checked.
//!
//! Columns are found by name, never by position, and names meet whatever their spelling: `LoginType`, `LOGIN_TYPE`,
//! `Login Type` and `std__LoginType__c` are one ([`match_key`]).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::batch::{Role, Table};
use crate::error::Error;

mod tables;

pub(crate) use tables::PROVENANCE;

/// One event type's columns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The event type's name at Salesforce, also the file's name.
    pub event_type: String,
    /// One line for people.
    pub title: String,
    /// Where the column facts come from.
    pub source: String,
    /// The normal table its rows belong to.
    pub table: Table,
    /// Groups of columns; an export is of this event type if it has at least one column of each group …
    pub known_by: Vec<Vec<String>>,
    /// … and none of these.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The roles that make two rows the same event, where there is no event identifier.
    pub identity: Vec<Role>,
    /// The columns, in order of preference where several have one role.
    pub columns: Vec<ColumnSchema>,
}

/// One column of an event type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSchema {
    /// The API name.
    pub name: String,
    /// Other names it goes by, where they differ in more than spelling.
    #[serde(default)]
    pub also: Vec<String>,
    /// How its cells read.
    #[serde(rename = "type")]
    pub cell: CellType,
    /// What it means; columns without a role are known but not read.
    pub role: Option<Role>,
    /// An export without it cannot be used.
    #[serde(default)]
    pub required: bool,
    /// Its clear text never leaves the function that reads it.
    #[serde(default)]
    pub secret: bool,
    /// About a person; for those who pass findings on.
    #[serde(default)]
    pub personal: bool,
}

/// How a column's cells read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellType {
    /// A string.
    Text,
    /// A Salesforce id of 15 or 18 characters, or any other string that stands for one.
    Id,
    /// A point in time in any known form.
    Time,
    /// A number; fractions are dropped (`58.0`), because counts come as doubles.
    Number,
    /// An IPv4 or IPv6 address, or a placeholder.
    Address,
    /// A number with a fraction, held in millionths: a score, a latitude.
    Fraction,
    /// A JWT assertion, whose claims fill the roles of an assertion.
    Assertion,
}

/// All schemas of a run.
#[derive(Clone, Debug)]
pub struct Schemas {
    all: Vec<Schema>,
    /// Of converted exports.
    tables: Vec<Schema>,
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../schemas/", $name))),)*]
    };
}

/// The schemas that the program brings along.
const EMBEDDED: &[(&str, &str)] =
    embedded!["ApiEvent.toml", "JwtAssertion.toml", "LoginHistory.toml", "OauthToken.toml"];

impl Schemas {
    /// The embedded schemas.
    ///
    /// # Errors
    /// Never, as the tests read every embedded schema.
    pub fn embedded() -> Result<Self, Error> {
        Self::of(EMBEDDED.iter().map(|(name, text)| (Path::new(name), *text)))
    }

    /// The embedded schemas, with those of a folder added or put in their place (by event type).
    ///
    /// # Errors
    /// If the folder cannot be read or a file in it is no schema.
    pub fn with_folder(folder: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Io { path: folder.to_owned(), source };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut schemas = Self::embedded()?;
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
            let own = Self::of([(path.as_path(), text.as_str())])?;
            schemas.all.retain(|schema| schema.event_type != own.all[0].event_type);
            schemas.all.extend(own.all);
        }
        schemas.all.sort_by(|left, right| left.event_type.cmp(&right.event_type));
        Ok(schemas)
    }

    fn of<'a>(files: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Result<Self, Error> {
        let parse = |(path, text): (&Path, &str)| {
            toml::from_str(text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })
        };
        Ok(Self { all: files.into_iter().map(parse).collect::<Result<_, _>>()?, tables: tables::all() })
    }

    /// The schema of a table in converted exports.
    pub(crate) fn of_table(&self, table: &str) -> Option<&Schema> {
        self.tables.iter().find(|schema| schema.table.name() == table)
    }

    /// All schemas, by event type.
    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        self.all.iter()
    }

    /// The schema that a header belongs to: of those it fits, the one that knows most of its columns.
    pub fn sniff(&self, header: &[String]) -> Option<&Schema> {
        let keys: Vec<String> = header.iter().map(|name| match_key(name)).collect();
        self.all
            .iter()
            .filter(|schema| schema.fits(&keys))
            .max_by_key(|schema| (schema.known_columns(&keys), std::cmp::Reverse(&schema.event_type)))
    }

    /// Whether a name is a column's name in any schema, and whether that column is secret in any.
    pub fn knows(&self, name: &str) -> (bool, bool) {
        let key = match_key(name);
        let columns = self.all.iter().flat_map(|schema| &schema.columns);
        let named: Vec<&ColumnSchema> = columns.filter(|column| column.keys().any(|known| known == key)).collect();
        (!named.is_empty(), named.iter().any(|column| column.secret))
    }

    /// The event type that shares most columns with a header, for a hint.
    pub fn nearest(&self, header: &[String]) -> Option<&Schema> {
        let keys: Vec<String> = header.iter().map(|name| match_key(name)).collect();
        self.all
            .iter()
            .max_by_key(|schema| schema.known_columns(&keys))
            .filter(|schema| schema.known_columns(&keys) > 0)
    }
}

impl Schema {
    /// For each column of a header, the schema's column of that name.
    pub fn columns_of(&self, header: &[String]) -> Vec<Option<usize>> {
        let by_key: BTreeMap<String, usize> = self
            .columns
            .iter()
            .enumerate()
            .rev()
            .flat_map(|(index, column)| column.keys().map(move |key| (key, index)))
            .collect();
        header.iter().map(|name| by_key.get(&match_key(name)).copied()).collect()
    }

    fn fits(&self, keys: &[String]) -> bool {
        let has = |name: &String| self.column_keys(name).any(|key| keys.contains(&key));
        self.known_by.iter().all(|group| group.iter().any(has)) && !self.unless.iter().any(has)
    }

    fn known_columns(&self, keys: &[String]) -> usize {
        self.columns.iter().filter(|column| column.keys().any(|key| keys.contains(&key))).count()
    }

    /// All spellings of a column named in `known_by` or `unless`.
    fn column_keys(&self, name: &str) -> impl Iterator<Item = String> {
        let column = self.columns.iter().find(|column| column.name == name);
        std::iter::once(match_key(name)).chain(column.into_iter().flat_map(ColumnSchema::keys))
    }
}

impl ColumnSchema {
    fn keys(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.name).chain(&self.also).map(|name| match_key(name))
    }
}

/// What is left of a column's name when spelling is taken away: `std__` and `__c` off, lower case, only letters and
/// digits. A relationship path keeps its parts: `User.Username` is `userusername`.
pub fn match_key(name: &str) -> String {
    let name = name.trim().trim_start_matches('\u{feff}');
    let name = name.strip_prefix("std__").unwrap_or(name);
    let name = name.strip_suffix("__c").unwrap_or(name);
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
