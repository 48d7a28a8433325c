//! The kind of a provider by its name: whether its addresses are for rent.
//!
//! The program brings `lists/providers.toml` along; files of users are asked before it.

use std::path::Path;

use serde::Deserialize;

use crate::error::Error;

/// The class of providers whose names say nothing.
const OTHER: &str = "other";

/// Whether anybody can rent a machine in networks of a class, or hide there.
pub(crate) fn is_for_rent(class: &str) -> bool {
    ["cloud", "hosting", "proxy", "tor", "vpn"].contains(&class)
}

/// Classes and what the names of their providers contain.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    files: Vec<File>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    class: Vec<Class>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    providers: Vec<String>,
}

impl Classes {
    /// The program's own.
    ///
    /// # Errors
    /// If they are broken: a defect.
    pub(super) fn embedded() -> Result<Self, Error> {
        let own = parsed(include_str!("../../lists/providers.toml"), Path::new("lists/providers.toml"))?;
        Ok(Self { files: vec![own] })
    }

    /// Takes in a file of the user's.
    pub(super) fn add(&mut self, path: &Path) -> Result<(), Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let file = parsed(&text, path)?;
        // The last one is the program's.
        self.files.insert(self.files.len() - 1, file);
        Ok(())
    }

    /// The class of a provider.
    pub(super) fn of(&self, provider: &str) -> &str {
        let name = words(provider);
        let is_in = |part: &String| {
            let part = words(part);
            name.windows(part.len()).any(|words| words == part)
        };
        let mut classes = self.files.iter().flat_map(|file| &file.class);
        classes.find(|class| class.providers.iter().any(is_in)).map_or(OTHER, |class| &class.name)
    }
}

fn parsed(text: &str, path: &Path) -> Result<File, Error> {
    let mut file: File =
        toml::from_str(text).map_err(|source| Error::Toml { path: path.to_owned(), source: Box::new(source) })?;
    for class in &mut file.class {
        if let Some(nothing) = class.providers.iter().find(|part| words(part).is_empty()) {
            let hint = "hint: give at least one word of a provider's name";
            let what = format!("{}: class {:?}: this says nothing: {nothing:?}", path.display(), class.name);
            return Err(Error::Setting(format!("{what}\n\n{hint}")));
        }
        class.name = class.name.trim().to_lowercase();
    }
    Ok(file)
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::Classes;

    #[test]
    fn names_tell_what_is_for_rent() {
        let classes = Classes::embedded().unwrap();
        for (provider, class) in [
            ("AS64500 DIGITALOCEAN-ASN", "hosting"),
            ("AS64501 Amazon.com, Inc.", "cloud"),
            ("AS64502 Example VPN Hosting", "vpn"),
            ("AS64503 Example Data Center GmbH", "hosting"),
            ("AS64504 Example Data of a Center", "other"),
            ("AS64505 Amazonas Telecom", "other"),
        ] {
            assert_eq!(classes.of(provider), class, "{provider}");
        }
    }
}
