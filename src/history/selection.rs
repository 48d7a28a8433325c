//! Which rows somebody asks for: conditions on roles that all have to hold, each met by one of several values.
//!
//! A condition on a string is tried once for each distinct string of a worker, so that looking for one address in
//! millions of rows costs little more than reading them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::apps::Logins;
use crate::batch::{Batch, Column, Kind, NO_ID, NO_NUMBER, Role};
use crate::dictionary::Dictionary;
use crate::ingest::{Choice, Export, Origins, origins};
use crate::lists::{self, Lists};
use crate::value::{Time, id};

/// Rows for which all conditions hold, in a span of time. Listings, which say what there is, have no time to miss.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    conditions: Vec<Condition>,
    /// Only these records of these exports, if anything is said.
    records: Option<BTreeMap<String, BTreeSet<u64>>>,
    /// From when on, this moment included.
    pub since: Option<Time>,
    /// Up to when, this moment included.
    pub until: Option<Time>,
}

/// One of these roles has one of the values, or the row belongs to one of the logins.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) roles: Vec<Role>,
    pub(super) values: Values,
    pub(super) logins: Option<Logins>,
    /// Whether it is to be the other way round.
    pub(super) not: bool,
}

/// What a value has to be.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// One of these texts.
    AnyOf(BTreeSet<String>),
    /// Like one of these, whatever the case; `*` stands for anything.
    Like(Vec<glob::Pattern>),
    /// An address in one of these networks.
    Networks(Vec<IpNet>),
    /// A number in this range, both ends included.
    Range(i64, i64),
    /// On one of these lists.
    Listed(Arc<Lists>),
}

/// A condition as people write it: `client=python*`, `rows>=2000`, `status!=Success`.
#[derive(Clone, Debug)]
pub struct Filter(Condition);

/// Text of a filter that is none, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what}: {text:?}\n\nhint: write role=value, role!=value or role>=number, such as client=python* or rows>=2000"
)]
pub struct NoFilter {
    text: String,
    what: String,
}

impl FromStr for Filter {
    type Err = NoFilter;

    fn from_str(text: &str) -> Result<Self, NoFilter> {
        let fault = |what: &str| NoFilter { text: text.to_owned(), what: what.to_owned() };
        let at = text.find(['=', '!', '<', '>']).ok_or_else(|| fault("a filter has no comparison"))?;
        let (name, rest) = text.split_at(at);
        let role = role(name.trim()).ok_or_else(|| fault("a filter names no role"))?;
        let operator = ["!=", ">=", "<=", "="].into_iter().find(|operator| rest.starts_with(operator));
        let operator = operator.ok_or_else(|| fault("a filter has no comparison that is known"))?;
        let value = rest[operator.len()..].trim();
        let values = values(role, operator, value).map_err(fault)?;
        Ok(Self(Condition { roles: vec![role], values, logins: None, not: operator == "!=" }))
    }
}

fn values(role: Role, operator: &str, value: &str) -> Result<Values, &'static str> {
    if role.kind() == Kind::Number {
        let number = value.parse::<i64>().map_err(|_| "a filter compares a number with a text")?;
        return Ok(match operator {
            ">=" => Values::Range(number, i64::MAX),
            "<=" => Values::Range(i64::MIN + 1, number),
            _ => Values::Range(number, number),
        });
    }
    if role.kind() != Kind::Text {
        return Err("a filter names a role that has no text; for times use --since and --until");
    }
    if matches!(operator, ">=" | "<=") {
        return Err("a filter compares a text with a number");
    }
    if role == Role::SourceIp
        && let Some(network) = network(value)
    {
        return Ok(Values::Networks(vec![network]));
    }
    let like = glob::Pattern::new(value).map_err(|_| "a filter's pattern cannot be read")?;
    Ok(Values::Like(vec![like]))
}

/// A role by its name, or by the word that people say.
fn role(name: &str) -> Option<Role> {
    let said = match name {
        "ip" | "address" => Role::SourceIp,
        "agent" | "user_agent" => Role::Client,
        "object" => Role::Objects,
        "event" | "event_type" => Role::Log,
        _ => *Role::ALL.iter().find(|role| role.name() == name)?,
    };
    Some(said)
}

/// A network, or an address as one.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().map(|network| network.trunc()).or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl Selection {
    /// All rows.
    pub fn all() -> Self {
        Self::default()
    }

    /// These rows, and of them those for which a filter holds.
    #[must_use]
    pub fn and(mut self, filter: &Filter) -> Self {
        self.conditions.push(filter.0.clone());
        self
    }

    /// These rows, and of them those with something that is on a list.
    #[must_use]
    pub fn listed(mut self, lists: Arc<Lists>) -> Self {
        let roles = vec![Role::SourceIp, Role::Client, Role::App, Role::AppName];
        self.conditions.push(Condition { roles, values: Values::Listed(lists), logins: None, not: false });
        self
    }

    /// These rows, and of them those that came from one of these networks.
    #[must_use]
    pub fn from_networks(mut self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        let values = Values::Networks(networks.into_iter().collect());
        self.conditions.push(Condition { roles: vec![Role::SourceIp], values, logins: None, not: false });
        self
    }

    /// These rows, and of them those that are these records of exports.
    #[must_use]
    pub fn only_records(mut self, records: BTreeMap<String, BTreeSet<u64>>) -> Self {
        self.records = Some(records);
        self
    }

    pub(super) fn add(&mut self, condition: Condition) {
        self.conditions.push(condition);
    }

    /// What the conditions look at.
    pub(super) fn roles(&self) -> impl Iterator<Item = Role> {
        self.conditions.iter().flat_map(|condition| condition.roles.iter().copied())
    }
}

impl Values {
    fn hold(&self, role: Role, text: &str) -> bool {
        match self {
            // Several objects stand in one cell.
            Self::Like(patterns) if role == Role::Objects => text.split(',').any(|one| like(patterns, one.trim())),
            Self::Like(patterns) => like(patterns, text),
            Self::AnyOf(texts) => texts.contains(text),
            Self::Networks(networks) => {
                text.parse::<IpAddr>().is_ok_and(|address| networks.iter().any(|network| network.contains(&address)))
            }
            Self::Range(..) => false,
            Self::Listed(lists) => kind_listed(role).is_some_and(|kind| !lists.find(kind, text).is_empty()),
        }
    }
}

/// As what lists know the values of a role.
pub(crate) fn kind_listed(role: Role) -> Option<lists::Kind> {
    match role {
        Role::SourceIp => Some(lists::Kind::Address),
        Role::Client => Some(lists::Kind::UserAgent),
        Role::App | Role::AppName => Some(lists::Kind::AppName),
        _ => None,
    }
}

fn like(patterns: &[glob::Pattern], text: &str) -> bool {
    let options = glob::MatchOptions { case_sensitive: false, ..glob::MatchOptions::new() };
    // An id may be asked for by its 15 characters.
    let is_id = |pattern: &glob::Pattern| id::canonical(pattern.as_str().as_bytes()).is_some_and(|id| id == text);
    patterns.iter().any(|pattern| pattern.matches_with(text, options) || is_id(pattern))
}

/// A selection at work on one worker's batches.
#[derive(Debug)]
pub(crate) struct Sieve<'s> {
    selection: &'s Selection,
    exports: &'s [Export],
    /// What is known of strings, by condition and role, then by their ids.
    known: BTreeMap<(usize, Role), Vec<Option<bool>>>,
}

impl<'s> Sieve<'s> {
    pub(crate) fn new(selection: &'s Selection, exports: &'s [Export]) -> Self {
        Self { selection, exports, known: BTreeMap::new() }
    }

    /// Whether each condition may hold for each row, by the columns that the batch has by now: what a row does not say yet
    /// may come from another column.
    fn may_hold(&mut self, batch: &Batch, dictionary: &Dictionary, comes: &dyn Fn(Role) -> bool) -> Vec<bool> {
        let mut kept: Vec<bool> = (0..batch.rows()).map(|row| self.is_in_span(batch, row)).collect();
        for (number, condition) in self.selection.conditions.iter().enumerate() {
            let mut holds = vec![false; batch.rows()];
            for role in &condition.roles {
                self.mark(number, *role, batch, dictionary, &mut holds);
            }
            let says = |role: &Role, row: usize| match batch.column(*role) {
                Column::Absent => false,
                Column::Ids(ids) => ids[row] != NO_ID,
                Column::Numbers(numbers) => numbers[row] != NO_NUMBER,
            };
            for (row, kept) in kept.iter_mut().enumerate().filter(|(_, kept)| **kept) {
                let is_known = condition.roles.iter().all(|role| says(role, row) || !comes(*role));
                *kept = !is_known || holds[row] != condition.not;
            }
        }
        kept
    }

    /// Leaves out the rows that are not asked for.
    pub(crate) fn sift(&mut self, batch: &mut Batch, dictionary: &Dictionary) {
        let wanted = self.selection.records.as_ref().map(|records| self.are_records(records, batch));
        let is_wanted = |row: usize| wanted.as_ref().is_none_or(|wanted| wanted[row]);
        let mut kept: Vec<bool> = (0..batch.rows()).map(|row| is_wanted(row) && self.is_in_span(batch, row)).collect();
        for (number, condition) in self.selection.conditions.iter().enumerate() {
            let mut holds = vec![false; batch.rows()];
            for role in &condition.roles {
                self.mark(number, *role, batch, dictionary, &mut holds);
            }
            for (row, kept) in kept.iter_mut().enumerate().filter(|(_, kept)| **kept) {
                let is_theirs =
                    |logins: &Logins| batch.id(Role::App, row) == NO_ID && logins.have(batch, row, dictionary);
                let by_login = || condition.logins.as_ref().is_some_and(is_theirs);
                *kept = (holds[row] || by_login()) != condition.not;
            }
        }
        let mut kept = kept.into_iter();
        batch.retain(|_, _| kept.next().unwrap_or(true));
    }

    /// Which rows are one of these records. Rows of a converted export are known by where they come from.
    fn are_records(&self, records: &BTreeMap<String, BTreeSet<u64>>, batch: &Batch) -> Vec<bool> {
        let export = &self.exports[batch.export as usize];
        let has = |export: &String, record: u64| records.get(export).is_some_and(|all| all.contains(&record));
        match origins(export, &batch.offsets) {
            Ok(Some(Origins { exports, rows })) => {
                rows.iter().map(|(from, record, _)| has(&exports[*from as usize].0, *record)).collect()
            }
            _ => batch.records.iter().map(|record| has(&export.name, *record)).collect(),
        }
    }

    fn is_in_span(&self, batch: &Batch, row: usize) -> bool {
        if batch.table.is_inventory() {
            return true;
        }
        let Some(time) = batch.number(Role::Time, row) else { return true };
        self.selection.since.is_none_or(|since| since.0 <= time)
            && self.selection.until.is_none_or(|until| time <= until.0)
    }

    fn mark(&mut self, number: usize, role: Role, batch: &Batch, dictionary: &Dictionary, holds: &mut [bool]) {
        let values = &self.selection.conditions[number].values;
        match batch.column(role) {
            Column::Absent => {}
            Column::Numbers(numbers) => {
                if let Values::Range(least, most) = values {
                    for (held, number) in holds.iter_mut().zip(numbers) {
                        *held |= least <= number && number <= most;
                    }
                }
            }
            Column::Ids(ids) => {
                let known = self.known.entry((number, role)).or_default();
                known.resize(known.len().max(dictionary.count(role.domain())), None);
                for (held, id) in holds.iter_mut().zip(ids).filter(|(_, id)| **id != NO_ID) {
                    let text = || dictionary.role_text(role, *id).unwrap_or_default();
                    *held |= *known[*id as usize].get_or_insert_with(|| values.hold(role, text()));
                }
            }
        }
    }
}

impl Choice for Sieve<'_> {
    fn roles(&self) -> Vec<Role> {
        self.selection.roles().collect()
    }

    fn may_want(&mut self, batch: &Batch, dictionary: &Dictionary, comes: &dyn Fn(Role) -> bool) -> Vec<bool> {
        self.may_hold(batch, dictionary, comes)
    }
}
