//! What was noted of files, held against what they are now.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Noted;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    /// It has other bytes.
    Changed,
    /// It is not there.
    Missing,
    /// Nothing was noted of it.
    Added,
}

impl Difference {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
        }
    }
}

/// Files compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// How many files are what was noted.
    pub same: usize,
    /// The others, by name.
    pub different: BTreeMap<String, Difference>,
}

/// Compares files by name, size and hash.
pub fn compare(noted: &[Noted], now: &[Noted]) -> Compared {
    let by_name = |files: &'_ [Noted]| -> BTreeMap<String, Noted> {
        files.iter().map(|file| (file.path.clone(), file.clone())).collect()
    };
    let (noted, now) = (by_name(noted), by_name(now));
    let mut compared = Compared::default();
    for (name, file) in &noted {
        match now.get(name) {
            Some(now) if now == file => compared.same += 1,
            Some(_) => drop(compared.different.insert(name.clone(), Difference::Changed)),
            None => drop(compared.different.insert(name.clone(), Difference::Missing)),
        }
    }
    for name in now.keys().filter(|name| !noted.contains_key(*name)) {
        compared.different.insert(name.clone(), Difference::Added);
    }
    compared
}
