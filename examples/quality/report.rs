//! The tables: what was measured, as Markdown.

use super::frozen::digest;
use super::measure::Scanner;
use super::profile::{PROFILES, Profile, REPORTED_SEED, VERSION};

mod judges;
mod quiet;
mod thefts;

/// What is to be measured.
pub(crate) struct Study {
    pub(crate) profiles: Vec<&'static Profile>,
    pub(crate) first_seed: u64,
    pub(crate) seeds: u64,
    pub(crate) threads: usize,
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Campaigns,
    Months,
    Rivals,
    Evasion,
}

impl Part {
    pub(crate) fn named(name: &str) -> Option<Part> {
        let known = [
            ("campaigns", Part::Campaigns),
            ("months", Part::Months),
            ("rivals", Part::Rivals),
            ("evasion", Part::Evasion),
        ];
        known.into_iter().find(|(word, _)| *word == name).map(|(_, part)| part)
    }
}

impl Default for Study {
    fn default() -> Self {
        Self {
            profiles: PROFILES.iter().collect(),
            first_seed: REPORTED_SEED,
            seeds: 20,
            threads: 2,
            parts: vec![Part::Campaigns, Part::Months, Part::Rivals, Part::Evasion],
        }
    }
}

/// A table in the making: cells by row and column, in the order in which they come.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Study {
    /// Measures, and says what came out; with what findings stand behind it, if asked.
    pub(crate) fn run(&self, causes: bool) -> String {
        let scanner = Scanner::new();
        let mut text = format!(
            "Generator version {VERSION} ({}), seeds {} to {}.\n",
            &digest()[..12],
            self.first_seed,
            self.first_seed + self.seeds - 1
        );
        text += &self.thefts(&scanner, causes);
        if self.parts.contains(&Part::Months) {
            text += &self.months(&scanner, causes);
        }
        if self.parts.contains(&Part::Rivals) {
            text += &self.rivals();
        }
        text
    }

    fn seeds(&self) -> Vec<u64> {
        (self.first_seed..self.first_seed + self.seeds).collect()
    }

    /// The names of the profiles behind other words.
    fn head(&self, words: &[&str]) -> Vec<String> {
        let names = self.profiles.iter().map(|profile| profile.name);
        words.iter().copied().chain(names).map(str::to_owned).collect()
    }
}

fn percent(part: usize, whole: usize) -> String {
    let rounded = (100 * part + whole / 2).checked_div(whole);
    rounded.map_or("-".to_owned(), |percent| percent.to_string())
}

impl Table {
    fn new(head: Vec<String>) -> Table {
        Table { head, rows: Vec::new() }
    }

    fn push(&mut self, words: &[&str], cells: impl Iterator<Item = String>) {
        self.rows.push(words.iter().map(|word| (*word).to_owned()).chain(cells).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "| {} |", self.head.join(" | "))?;
        writeln!(out, "|{}", "---|".repeat(self.head.len()))?;
        self.rows.iter().try_for_each(|row| writeln!(out, "| {} |", row.join(" | ")))
    }
}
