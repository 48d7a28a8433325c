//! Which columns an export has and what they mean: `schemas/*.toml`, read once and checked.
//!
//! Columns are found by name, never by position, and names meet whatever their spelling: `LoginType`, `LOGIN_TYPE`,
//! `Login Type` and `std__LoginType__c` are one ([`match_key`]).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;

use crate::batch::{Role, Table};
use crate::error::Error;

mod memo;
mod spelling;
mod tables;

use memo::Memo;
pub use spelling::match_key;
use spelling::{keys_of, object_key};
pub(crate) use tables::PROVENANCE;

/// One event type's columns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The event type's name at Salesforce, also the file's name.
    pub event_type: String,
    /// Other names that exports give it: of its stream, its store, its queryable object.
    #[serde(default)]
    pub called: Vec<String>,
    /// One line for people.
    pub title: String,
    /// Where the column facts come from.
    pub source: String,
    /// The normal table its rows belong to.
    pub table: Table,
    /// Groups of columns; an export that does not say its event type is of this one if it has at least one column of each
    /// group (no groups: it has to be called by name) …
    #[serde(default)]
    pub known_by: Vec<Vec<String>>,
    /// … and none of these.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The roles that make two rows the same event, where there is no event identifier.
    pub identity: Vec<Role>,
    /// What every row of this event type means without a column that says so.
    #[serde(default)]
    pub implies: BTreeMap<Role, String>,
    /// The columns, in order of preference where several have one role.
    pub columns: Vec<ColumnSchema>,
    /// The columns by what is left of their names without spelling.
    #[serde(skip)]
    by_key: HashMap<String, usize>,
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
    /// What it means besides.
    pub and_role: Option<Role>,
    /// An export without it, and without another column of its role, cannot be used.
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
    /// The place of the schema that fits a header.
    sniffed: Memo<Vec<String>, Option<usize>>,
    /// See [`Schemas::knows`].
    known: Memo<String, (bool, bool)>,
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../schemas/", $name))),)*]
    };
}

/// The schemas that the program brings along.
const EMBEDDED: &[(&str, &str)] = embedded![
    "API.toml",
    "ApexRestApi.toml",
    "ApiAnomalyEventStore.toml",
    "ApiEvent.toml",
    "ApiTotalUsage.toml",
    "AppMenuItem.toml",
    "AuthSession.toml",
    "BulkApi.toml",
    "BulkApi2.toml",
    "BulkApiRequest.toml",
    "BulkApiResultEvent.toml",
    "ConnectedApplication.toml",
    "CredentialStuffingEventStore.toml",
    "IdpEventLog.toml",
    "JwtAssertion.toml",
    "Login.toml",
    "LoginAs.toml",
    "LoginEvent.toml",
    "LoginGeo.toml",
    "LoginHistory.toml",
    "Logout.toml",
    "MetadataApiOperation.toml",
    "NamedCredential.toml",
    "OauthToken.toml",
    "PermissionSetEventStore.toml",
    "ReportAnomalyEventStore.toml",
    "ReportExport.toml",
    "RestApi.toml",
    "SessionHijackingEventStore.toml",
    "SetupAuditTrail.toml",
    "SetupAuditTrailDownload.toml",
    "URI.toml",
    "UniqueQuery.toml",
    "User.toml",
    "UserLogin.toml",
];

/// The column in which a row may say its event type: event log files have it, query results say it in `attributes`.
const EVENT_TYPE: &str = "EVENT_TYPE";

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
        let parse = |(path, text): (&Path, &str)| match toml::from_str::<Schema>(text) {
            Ok(schema) => Ok(schema.complete()),
            Err(source) => Err(Error::Toml { path: path.to_owned(), source: Box::new(source) }),
        };
        Ok(Self {
            all: files.into_iter().map(parse).collect::<Result<_, _>>()?,
            tables: tables::all(),
            sniffed: Memo::default(),
            known: Memo::default(),
        })
    }

    /// The schema of a table in converted exports.
    pub(crate) fn of_table(&self, table: &str) -> Option<&Schema> {
        self.tables.iter().find(|schema| schema.table.name() == table)
    }

    /// The schema of an event type, by any of the names that exports give it.
    pub fn called(&self, event_type: &str) -> Option<&Schema> {
        self.all.iter().find(|schema| schema.is_called(event_type))
    }

    /// All schemas, by event type.
    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        self.all.iter()
    }

    /// The schema that a header belongs to: of those it fits, the one that knows most of its columns.
    pub fn sniff(&self, header: &[String]) -> Option<&Schema> {
        let find = || {
            let fitting = self.all.iter().enumerate().filter(|(_, schema)| schema.fits(header));
            let order = |schema: &Schema| (schema.known_columns(header), std::cmp::Reverse(schema.event_type.clone()));
            fitting.max_by_key(|(_, schema)| order(schema)).map(|(place, _)| place)
        };
        self.sniffed.get_or(header, find).map(|place| &self.all[place])
    }

    /// Whether a name is a column's name in any schema, and whether that column is secret in any.
    pub fn knows(&self, name: &str) -> (bool, bool) {
        self.known.get_or(name, || {
            let columns = self.all.iter().filter_map(|schema| Some(&schema.columns[schema.column(name)?]));
            let secret: Vec<bool> = columns.map(|column| column.secret).collect();
            (!secret.is_empty(), secret.contains(&true))
        })
    }

    /// The event type that shares most columns with a header, for a hint.
    pub fn nearest(&self, header: &[String]) -> Option<&Schema> {
        self.all
            .iter()
            .max_by_key(|schema| schema.known_columns(header))
            .filter(|schema| schema.known_columns(header) > 0)
    }
}

impl Schema {
    /// For each column of a header, the schema's column of that name.
    pub fn columns_of(&self, header: &[String]) -> Vec<Option<usize>> {
        header.iter().map(|name| self.column(name)).collect()
    }

    /// The schema's column of a name, whatever its spelling.
    pub fn column(&self, name: &str) -> Option<usize> {
        keys_of(name).find_map(|key| self.by_key.get(&key)).copied()
    }

    /// Whether exports give the event type this name.
    pub fn is_called(&self, event_type: &str) -> bool {
        let key = object_key(event_type);
        std::iter::once(&self.event_type).chain(&self.called).any(|name| object_key(name) == key)
    }

    /// With what no file says: the column for the event type, and the columns by name.
    fn complete(mut self) -> Self {
        let own = match_key(EVENT_TYPE);
        if !self.columns.iter().any(|column| column.keys().any(|key| key == own)) {
            self.columns.push(ColumnSchema::of_event_type());
        }
        let keys = |(index, column): (usize, &ColumnSchema)| column.keys().map(|key| (key, index)).collect::<Vec<_>>();
        // The first column of a name stays.
        self.by_key = self.columns.iter().enumerate().rev().flat_map(keys).collect();
        self
    }

    fn fits(&self, header: &[String]) -> bool {
        let has = |name: &String| match self.column(name) {
            Some(column) => header.iter().any(|other| self.column(other) == Some(column)),
            None => header.iter().any(|other| match_key(other) == match_key(name)),
        };
        !self.known_by.is_empty()
            && self.known_by.iter().all(|group| group.iter().any(has))
            && !self.unless.iter().any(has)
    }

    fn known_columns(&self, header: &[String]) -> usize {
        let mut known: Vec<usize> = header.iter().filter_map(|name| self.column(name)).collect();
        known.sort_unstable();
        known.dedup();
        known.len()
    }
}

impl ColumnSchema {
    /// Whether a column means this.
    pub fn means(&self, role: Role) -> bool {
        self.role == Some(role) || self.and_role == Some(role)
    }

    /// What it is called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.also).map(String::as_str)
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        self.names().map(match_key)
    }

    fn of_event_type() -> Self {
        Self {
            name: EVENT_TYPE.to_owned(),
            also: vec!["attributes.type".to_owned()],
            cell: CellType::Text,
            role: Some(Role::EventType),
            and_role: None,
            required: false,
            secret: false,
            personal: false,
        }
    }
}
