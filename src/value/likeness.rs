//! How much one name resembles another: by its letters, as they look, or by its words.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::words::is_hidden;

/// In which way a name resembles a known one, the least telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// All words of the known name, of which there are several, are in it, among others.
    Words,
    /// The same words in another order.
    SameWords,
    /// Nearly the same letters, or letters that look the same.
    Letters,
    /// The same name.
    Name,
}

impl Likeness {
    /// The word for it in findings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Words => "its words among others",
            Self::SameWords => "its words in another order",
            Self::Letters => "nearly its letters",
            Self::Name => "its name",
        }
    }

    /// How a name resembles a known one, if it does. At most `edits` letters may be added, left out, changed or swapped
    /// with their neighbours, and no more than one for each `letters_per_edit` letters of the known name.
    pub fn of(name: &str, known: &str, edits: usize, letters_per_edit: usize) -> Option<Self> {
        if is_same(name, known) {
            return Some(Self::Name);
        }
        let forms = [(plain(name), plain(known)), (as_it_looks(name), as_it_looks(known))];
        let is_near = |(name, known): &(Vec<String>, Vec<String>)| {
            let letters = known.concat();
            let most = edits.min(letters.chars().count() / letters_per_edit.max(1));
            // Blanks alone make no difference; besides, they are letters.
            name.concat() == letters || strsim::osa_distance(&name.join(" "), &known.join(" ")) <= most
        };
        if forms.iter().any(is_near) {
            return Some(Self::Letters);
        }
        let by_words = |(name, known): &(Vec<String>, Vec<String>)| {
            let (name, known): (BTreeSet<_>, BTreeSet<_>) = (name.iter().collect(), known.iter().collect());
            match (name == known, known.len() > 1 && known.is_subset(&name)) {
                (true, _) => Some(Self::SameWords),
                (_, true) => Some(Self::Words),
                _ => None,
            }
        };
        forms.iter().filter_map(by_words).max()
    }
}

/// Whether two names are one, but for case and outer blanks.
pub fn is_same(name: &str, known: &str) -> bool {
    name.trim().to_lowercase() == known.trim().to_lowercase()
}

/// The words of a name: letters and digits in lower case, in the form of NFKC, without hidden ones.
fn plain(name: &str) -> Vec<String> {
    let seen = name.nfkc().filter(|letter| !is_hidden(*letter)).flat_map(char::to_lowercase);
    let words: String = seen.map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    words.split_whitespace().map(str::to_owned).collect()
}

/// The words of a name with each letter replaced by the one that it is most easily taken for (Unicode Technical Standard
/// 39, skeletons).
fn as_it_looks(name: &str) -> Vec<String> {
    let seen: String = name.nfkc().filter(|letter| !is_hidden(*letter)).collect();
    plain(&unicode_security::skeleton(&seen).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::Likeness::{self, Letters, Name, SameWords, Words};

    #[test]
    fn names_resemble_each_other() {
        for (name, known, likeness) in [
            ("data loader ", "Data Loader", Some(Name)),
            ("DataLoader", "Data Loader", Some(Letters)),
            ("Data Laoder", "Data Loader", Some(Letters)),
            ("Dta Lodaer", "Data Loader", Some(Letters)),
            ("Daat Laodre", "Data Loader", None),
            // Cyrillic letters, and a zero and a one.
            ("D\u{430}t\u{430} Lo\u{430}der", "Data Loader", Some(Letters)),
            ("Data L0ader", "Data Loader", Some(Letters)),
            ("\u{ff24}ata Loader", "Data Loader", Some(Letters)),
            ("Data\u{200b} Loader", "Data Loader", Some(Letters)),
            ("SaIesforce CLI", "Salesforce CLI", Some(Letters)),
            ("Loader, Data", "Data Loader", Some(SameWords)),
            ("My Data Loader", "Data Loader", Some(Words)),
            ("DataLaoder", "Data Loader", Some(Letters)),
            ("Acme Data Loader", "Data Loader", Some(Words)),
            ("My Workbench", "Workbench", None),
            ("Data", "Data Loader", None),
            ("Drifts", "Drift", Some(Letters)),
            ("Swift", "Drift", None),
            ("", "Drift", None),
        ] {
            assert_eq!(Likeness::of(name, known, 2, 4), likeness, "{name} {known}");
        }
    }
}
