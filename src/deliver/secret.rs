//! Tokens and keys: named in the file of destinations, kept elsewhere, shown nowhere.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Asks for a variable of the environment.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A token or key. Shows itself to nobody.
#[derive(Clone)]
pub(super) struct Secret(String);

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// In a variable of the environment.
    Environment(String),
    /// In a file.
    File(PathBuf),
}

impl Secret {
    /// The secret itself, for a header or a form and nothing else.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// A secret that a receiver has given.
    pub(super) fn given(text: String) -> Self {
        Self(text)
    }

    /// A text without the secret, should a receiver have repeated it.
    pub(super) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "[redacted]") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl Kept {
    /// Where a destination keeps it: `<name>-env` or `<name>-file` of its table.
    pub(super) fn take(table: &mut toml::Table, name: &str, folder: &Path) -> Result<Option<Self>, String> {
        if table.contains_key(name) {
            return Err(format!(
                "{name} stands in the file itself\n\nhint: name a variable with {name}-env, or a file with {name}-file"
            ));
        }
        let mut text = |key: String| match table.remove(&key) {
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{key} is not a text")),
            None => Ok(None),
        };
        match (text(format!("{name}-env"))?, text(format!("{name}-file"))?) {
            (Some(variable), None) => Ok(Some(Self::Environment(variable))),
            (None, Some(file)) => Ok(Some(Self::File(folder.join(file)))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(format!("there is {name}-env and {name}-file\n\nhint: leave one out")),
        }
    }

    /// The secret. Blanks around it go, as files end with a line break.
    pub(super) fn read(&self, environment: Environment<'_>) -> Result<Secret, Error> {
        let text = match self {
            Self::Environment(name) => environment(name).ok_or_else(|| {
                Error::Delivery(format!(
                    "the variable {name} is not set\n\nhint: it holds a token or key to deliver with"
                ))
            })?,
            Self::File(path) => {
                std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.clone(), source })?
            }
        };
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(Error::Delivery(format!("the secret in {self} is empty or holds a line break")));
        }
        Ok(Secret(text.to_owned()))
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(out, "the variable {name}"),
            Self::File(path) => path.display().fmt(out),
        }
    }
}
