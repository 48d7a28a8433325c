//! Kinds of data, by a file that the user keeps: which columns hold personal data, and what else has to be reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;

/// Kinds of data and the columns that hold them.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    all: Vec<Class>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    class: Vec<Class>,
}

/// One kind: `name = "personal data"`, `fields = ["Contact.Email", "Lead.*", "*.Birthdate"]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    fields: Vec<String>,
}

impl Classes {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, or a field has no object.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let file: File =
            toml::from_str(&text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })?;
        for class in &file.class {
            if let Some(field) = class.fields.iter().find(|field| !field.contains('.')) {
                return Err(Error::Setting(format!(
                    "{}: class {:?}: a field has no object: {field:?}\n\nhint: write Contact.Email, Contact.* or *.Email",
                    path.display(),
                    class.name
                )));
            }
        }
        Ok(Self { all: file.class })
    }

    /// The kinds among columns of an object, and which columns they are. Where a query takes all fields, or nobody says
    /// which, each field that the file names may have been among them: those stand with a question mark.
    pub(super) fn of(&self, object: &str, columns: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
        let takes_all = columns.is_empty() || columns.iter().any(|column| column.starts_with("fields("));
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for class in &self.all {
            for field in &class.fields {
                let Some((of, name)) = field.split_once('.') else { continue };
                if of != "*" && !of.eq_ignore_ascii_case(object) {
                    continue;
                }
                let is_it = |column: &&String| name == "*" || column.eq_ignore_ascii_case(name);
                let named: Vec<String> = columns.iter().filter(is_it).cloned().collect();
                let guessed = (named.is_empty() && takes_all).then(|| format!("{name}?"));
                let fields: BTreeSet<String> = named.into_iter().chain(guessed).collect();
                if !fields.is_empty() {
                    found.entry(class.name.clone()).or_default().extend(fields);
                }
            }
        }
        found
    }
}
