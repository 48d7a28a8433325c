//! Settings: one TOML file merged over the detectors' own limits.
//!
//! ```toml
//! org = "00D5e000000XXXXEAA"
//! zone = "America/New_York"
//!
//! [memory]
//! keep-days = 90
//!
//! [scopes]
//! chatter_api = "medium"
//!
//! [detectors.app-new-network]
//! baseline-days = 10
//! severity = "high"
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::apps::scopes::Risks;
use crate::check::Check;
use crate::detector::{Detector, Limit};
use crate::error::Error;
use crate::finding::Severity;
use crate::memory::Keep;

/// Effective limits by detector or check, and name.
#[derive(Clone, Debug, Default)]
pub struct Values {
    limits: BTreeMap<(String, String), Value>,
    severities: BTreeMap<String, Severity>,
    off: Vec<String>,
}

/// A limit's value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// In the limit's unit.
    pub value: i64,
    /// `default`, or the settings file.
    pub from: String,
}

/// What a settings file may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// The organisation's id, where exports do not name it.
    pub org: Option<String>,
    /// The time zone of local times in exports.
    pub zone: Option<String>,
    /// What a memory keeps.
    #[serde(default)]
    pub memory: MemoryFile,
    /// How risky OAuth scopes are, by any of their names.
    #[serde(default)]
    pub scopes: BTreeMap<String, String>,
    /// By detector id.
    #[serde(default)]
    pub detectors: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// By check id.
    #[serde(default)]
    pub checks: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

/// What a settings file may say of memories.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MemoryFile {
    /// Days after which what has not been seen again is forgotten.
    pub keep_days: Option<std::num::NonZeroU32>,
    /// The most values, days or sums of one detector.
    pub at_most: Option<std::num::NonZeroU32>,
}

impl MemoryFile {
    /// What is kept, with what is not said as it is by default.
    pub fn keep(self) -> Keep {
        let default = Keep::default();
        let most = self.at_most.and_then(|most| usize::try_from(most.get()).ok());
        Keep { days: self.keep_days.map_or(default.days, |days| days.get().into()), most: most.unwrap_or(default.most) }
    }
}

impl File {
    /// Reads a settings file.
    ///
    /// # Errors
    /// If it cannot be read or is no settings file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })
    }
}

impl Values {
    /// The limits of detectors as they are by themselves.
    pub fn defaults(detectors: &[&Detector]) -> Self {
        Self::default().and(detectors.iter().map(|detector| (detector.id, detector.limits)))
    }

    /// The same, and the limits of checks.
    #[must_use]
    pub fn with_checks(self, checks: &[&Check]) -> Self {
        self.and(checks.iter().map(|check| (check.id, check.limits)))
    }

    fn and<'a>(mut self, limits: impl Iterator<Item = (&'a str, &'a [Limit])>) -> Self {
        let limits = limits.flat_map(|(id, limits)| limits.iter().map(move |limit| (id, limit)));
        self.limits.extend(limits.map(|(id, limit)| {
            let value = Value { value: limit.value, from: "default".to_owned() };
            ((id.to_owned(), limit.name.to_owned()), value)
        }));
        self
    }

    /// Puts what a file says over what is there.
    ///
    /// # Errors
    /// If the file names a detector, a check or a limit that does not exist, or gives it something else than a whole
    /// number.
    pub fn apply(&mut self, file: &File, path: &Path, detectors: &[&Detector], checks: &[&Check]) -> Result<(), Error> {
        Risks::new(&file.scopes).map_err(|error| Error::Setting(format!("{}: {error}", path.display())))?;
        let detectors: Vec<&str> = detectors.iter().map(|detector| detector.id).collect();
        let checks: Vec<&str> = checks.iter().map(|check| check.id).collect();
        self.apply_to("detector", &detectors, &file.detectors, path)?;
        self.apply_to("check", &checks, &file.checks, path)
    }

    fn apply_to(
        &mut self,
        what: &str,
        known: &[&str],
        said: &BTreeMap<String, BTreeMap<String, toml::Value>>,
        path: &Path,
    ) -> Result<(), Error> {
        let wrong = |what: String| Error::Setting(format!("{}: {what}", path.display()));
        for (id, settings) in said {
            if !known.contains(&id.as_str()) {
                let hint = format!("\n\nhint: list {what}s with: tokentrail {what}s");
                return Err(wrong(format!("no {what} is called `{id}`{hint}")));
            }
            for (name, value) in settings {
                match (name.as_str(), value) {
                    ("severity", toml::Value::String(word)) => {
                        let severity =
                            severity(word).ok_or_else(|| wrong(format!("`{id}`: no severity is called {word:?}")))?;
                        self.severities.insert(id.clone(), severity);
                    }
                    ("off", toml::Value::Boolean(off)) => {
                        if *off {
                            self.off.push(id.clone());
                        }
                    }
                    (name, toml::Value::Integer(value)) => {
                        let key = (id.clone(), name.to_owned());
                        let from = path.display().to_string();
                        let known = self.limits.get_mut(&key);
                        let known = known.ok_or_else(|| wrong(format!("`{id}` has no limit called `{name}`\n\nhint: see its limits with: tokentrail explain {id}")))?;
                        if *value < 0 {
                            return Err(wrong(format!("`{id}`: `{name}` cannot be negative: {value}")));
                        }
                        *known = Value { value: *value, from };
                    }
                    (name, value) => {
                        return Err(wrong(format!("`{id}`: `{name}` cannot be {value:?}")));
                    }
                }
            }
        }
        Ok(())
    }

    /// The value of a limit; 0 for one that the detector does not have.
    pub fn get(&self, detector: &str, limit: &str) -> i64 {
        self.value(detector, limit).map_or(0, |value| value.value)
    }

    /// The value of a limit and where it comes from.
    pub fn value(&self, detector: &str, limit: &str) -> Option<&Value> {
        self.limits.get(&(detector.to_owned(), limit.to_owned()))
    }

    /// The severity that settings give to a detector's findings.
    pub fn severity(&self, detector: &str) -> Option<Severity> {
        self.severities.get(detector).copied()
    }

    /// Whether settings turn a detector off.
    pub fn is_off(&self, detector: &str) -> bool {
        self.off.iter().any(|off| off == detector)
    }
}

/// The severity of this name.
pub fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| severity.word() == word)
}
