//! The records that somebody wants to know about: ids in a file, one a line or in a column `Id`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::Error;
use crate::schema::match_key;
use crate::value::id;

/// Ids of records, all of 18 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    all: BTreeSet<String>,
    /// Lines that hold no id, by their numbers: what they say is not repeated, because it could be a secret.
    pub unreadable: Vec<u64>,
}

impl Ids {
    /// Reads a file of ids: CSV with a column `Id`, or an id a line.
    ///
    /// # Errors
    /// If it cannot be read or holds no id.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let ids = Self::of(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
        if ids.all.is_empty() {
            let hint = "hint: give CSV with a column Id, or one id of 15 or 18 characters a line";
            return Err(Error::Setting(format!("{} holds no record ids\n\n{hint}", path.display())));
        }
        Ok(ids)
    }

    fn of(bytes: &[u8]) -> Self {
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut ids = Self::default();
        let mut column = 0;
        for (number, record) in (1..).zip(reader.into_byte_records()) {
            let Ok(record) = record else { continue };
            let found = record.get(column).unwrap_or_default().trim_ascii();
            let header = || record.iter().position(|cell| match_key(&String::from_utf8_lossy(cell)) == "id");
            if let Some(id) = id::canonical(found) {
                ids.all.insert(id);
            } else if let (1, Some(header)) = (number, header()) {
                column = header;
            } else if !found.is_empty() {
                ids.unreadable.push(number);
            }
        }
        ids
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether this id, of 18 characters, is one of them.
    pub fn contains(&self, id: &str) -> bool {
        self.all.contains(id)
    }
}
