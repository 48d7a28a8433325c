//! What a check is: a value that says what is asked of an app's configuration, and a function that answers.
//!
//! An answer is pass, fail, not applicable, or unknown with a reason. What no file says is unknown, never a pass.

mod flows;
mod integrations;
mod logins;

use std::collections::BTreeSet;

pub use integrations::Integration;
pub(crate) use integrations::{LISTED, listed};
use serde::Serialize;

use crate::apps::{App, Principal};
use crate::batch::Table;
use crate::configuration::{AppConfiguration, Configuration, Profile, Stated};
use crate::detector::Limit;
use crate::finding::{Fact, FactValue, Severity};
use crate::inventory::{AppUse, Inventory, Trace};
use crate::settings::Values;
use crate::value::Time;

/// Something that is asked of every app, or of the organisation once.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Kebab case, a noun phrase that names what is wrong where it fails.
    pub id: &'static str,
    /// Goes up when the meaning of a failure changes; finding ids change with it.
    pub version: u32,
    /// What is wrong where it fails, in one line without names.
    pub title: &'static str,
    /// How soon to look where it fails, unless the answer says otherwise.
    pub severity: Severity,
    /// MITRE ATT&CK technique ids.
    pub techniques: &'static [&'static str],
    /// The check's page.
    pub doc: &'static str,
    /// The numbers it judges by.
    pub limits: &'static [Limit],
    /// Where in Setup it is changed.
    pub setup_path: &'static str,
    /// What stops working, or has to be done elsewhere, when it is changed.
    pub when_fixed: &'static str,
    /// What is asked.
    pub judge: Judge,
}

/// Of what something is asked.
#[derive(Clone, Copy, Debug)]
pub enum Judge {
    /// Of each app.
    App(fn(&Case<'_>) -> Verdict),
    /// Of the organisation.
    Org(fn(&OrgCase<'_>) -> Verdict),
}

/// What is known of an app when it is judged.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// How it is configured.
    pub app: &'a AppConfiguration,
    /// What exports show of it; nothing if they do not show it.
    pub used: Option<&'a AppUse>,
    /// What the user's register says of it.
    pub registered: Option<&'a App>,
    /// The rest.
    pub org: OrgCase<'a>,
}

/// What is known of the organisation.
#[derive(Clone, Copy, Debug)]
pub struct OrgCase<'a> {
    /// All that files say.
    pub configuration: &'a Configuration,
    /// How apps are expected to be configured, if somebody says it.
    pub expected: Option<&'a Configuration>,
    /// All that exports show; nothing if there are none.
    pub inventory: Option<&'a Inventory>,
    /// "Now"; nothing if neither exports nor anybody say it.
    pub as_of: Option<Time>,
    /// The check that is asked.
    pub check: &'static Check,
    /// Effective limits.
    pub values: &'a Values,
}

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// The question does not arise.
    NotApplicable,
    /// What it takes to say is not at hand.
    Unknown,
    /// Not as it should be, and somebody has said why that is expected.
    Excepted,
    /// Not as it should be.
    Fail,
}

/// An answer, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What it is.
    pub outcome: Outcome,
    /// Where it fails, how soon to look, if that is not as usual.
    pub severity: Option<Severity>,
    /// Why, in one sentence without a full stop.
    pub why: String,
    /// The values behind it.
    pub facts: Vec<Fact>,
}

impl Verdict {
    /// As it should be.
    pub fn pass(why: impl Into<String>) -> Self {
        Self::new(Outcome::Pass, why)
    }

    /// Not as it should be.
    pub fn fail(why: impl Into<String>) -> Self {
        Self::new(Outcome::Fail, why)
    }

    /// The question does not arise.
    pub fn not_applicable(why: impl Into<String>) -> Self {
        Self::new(Outcome::NotApplicable, why)
    }

    /// What it takes to say is not at hand.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::new(Outcome::Unknown, why)
    }

    /// Unknown, because files do not say what is asked, or in words that nobody knows.
    pub fn unsaid<T>(what: &'static str, stated: &Stated<T>) -> Self {
        match stated {
            Stated::Unknown(raw) => Self::unknown(format!("its {what} cannot be read")).with(what, raw.as_str()),
            _ => Self::unknown(format!("no file says its {what}")),
        }
    }

    fn new(outcome: Outcome, why: impl Into<String>) -> Self {
        Self { outcome, severity: None, why: why.into(), facts: Vec::new() }
    }

    /// The same, with a value behind it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<FactValue>) -> Self {
        self.facts.push(Fact { name, value: value.into() });
        self
    }

    /// The same, to be looked at so soon.
    #[must_use]
    pub fn at(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

impl Outcome {
    /// The word for it in tables and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::Fail => "fail",
        }
    }
}

impl<'a> OrgCase<'a> {
    /// The value of a limit of the check.
    pub fn limit(&self, name: &str) -> i64 {
        self.values.get(self.check.id, name)
    }

    /// Whether any export lists tokens.
    pub fn lists_tokens(&self) -> bool {
        self.inventory.is_some_and(|inventory| inventory.apps.values().any(|app| !app.tokens.is_empty()))
    }

    /// Whether a user is a person or an integration, by what the register says of the app or by how the user logs in;
    /// nothing where nobody is seen to log in interactively, because those logins are not at hand then.
    fn principal(&self, user: &str, registered: Option<&App>) -> Option<Principal> {
        let inventory = self.inventory?;
        let seen = || {
            let is_person = inventory.interactive.contains(user);
            (!inventory.interactive.is_empty()).then_some(if is_person {
                Principal::Person
            } else {
                Principal::Integration
            })
        };
        registered.and_then(|app| app.principal).or_else(seen)
    }

    /// The profile of a user, where the users and the profiles are at hand.
    fn profile(&self, user: &str) -> Option<&'a Profile> {
        self.profile_called(self.inventory?.users.get(user)?.profile.as_deref()?)
    }

    /// The profile of a name as users or as metadata have it.
    pub fn profile_called(&self, name: &str) -> Option<&'a Profile> {
        let mut profiles = self.configuration.profiles.iter();
        profiles.find(|(known, _)| is_same_profile(known, name)).map(|(_, profile)| profile)
    }
}

/// Whether two names are of one profile: metadata has other names for two standard profiles than users have.
pub fn is_same_profile(one: &str, other: &str) -> bool {
    let in_metadata = |name: &str| match name {
        "System Administrator" => "Admin".to_owned(),
        "Standard User" => "Standard".to_owned(),
        name => name.to_owned(),
    };
    in_metadata(one).eq_ignore_ascii_case(&in_metadata(other))
}

impl<'a> Case<'a> {
    /// The value of a limit of the check.
    pub fn limit(&self, name: &str) -> i64 {
        self.org.limit(name)
    }

    /// What was done through the app, as far as exports show it: nothing if there are none, or none shows it.
    pub fn traces(&self) -> &'a [Trace] {
        self.used.map_or(&[], |used| &used.traces)
    }

    /// What was done in the last days before "now": logins that succeeded, and calls.
    pub fn recent(&self, days: i64) -> impl Iterator<Item = &'a Trace> {
        self.of_last(days).filter(|trace| trace.is_done())
    }

    /// What was done or tried in the last days before "now".
    pub fn of_last(&self, days: i64) -> impl Iterator<Item = &'a Trace> {
        let since =
            self.org.as_of.map_or(i64::MIN, |now| now.0.saturating_sub(days.saturating_mul(crate::value::time::DAY)));
        self.traces().iter().filter(move |trace| trace.last.0 >= since)
    }

    /// Whether logins are at hand, through whatever app.
    pub fn has_logins(&self) -> bool {
        self.org.inventory.is_some_and(|inventory| inventory.has(Table::Logins))
    }

    /// Who did something through the app in the last days, each once.
    pub fn recent_users(&self, days: i64) -> BTreeSet<&'a str> {
        self.recent(days).filter_map(|trace| trace.user.as_deref()).collect()
    }

    /// Whether a user of the app is a person or an integration, as far as that can be told.
    pub fn principal(&self, user: &str) -> Option<Principal> {
        self.org.principal(user, self.registered)
    }

    /// What to call users: by their names, as far as the organisation lists them.
    pub fn names_of<'u>(&self, users: impl IntoIterator<Item = &'u str>) -> Vec<&'u str>
    where
        'a: 'u,
    {
        let name = |user: &'u str| {
            let known = self.org.inventory.and_then(|inventory| inventory.users.get(user));
            known.and_then(|known| known.username.as_deref()).unwrap_or(user)
        };
        users.into_iter().map(name).collect()
    }

    /// The profile of a user, where the users and the profiles are at hand.
    pub fn profile(&self, user: &str) -> Option<&'a Profile> {
        self.org.profile(user)
    }
}
