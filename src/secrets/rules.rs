//! The table of what secrets look like, and the secrets of a text by it.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::check::{Check, Confidence};
use crate::finding::Severity;

const TABLE: &str = include_str!("rules.toml");

/// What may stand between a word and its value: blanks, quotes, HTML.
const GAP: &str = r#"(?:\s|\xC2\xA0|&nbsp;|&#160;|&quot;|&#39;|["'`*_]|<[^<>]{0,80}>){0,8}"#;

/// A secret of one kind counts beside one of another up to so many bytes away.
const NEAR: usize = 600;

/// A kind of secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called in records.
    pub id: String,
    /// What it is called in sentences.
    pub title: String,
    /// How soon it has to be replaced.
    pub severity: Severity,
    keywords: Vec<String>,
    pattern: String,
    check: Check,
    near: Option<String>,
    /// People choose it.
    #[serde(default)]
    pub weak: bool,
    /// What to do.
    pub rotate: String,
    /// Where the form is taken from.
    pub source: String,
    /// Texts that hold one.
    pub positive: Vec<String>,
    /// Texts that hold none of this kind.
    pub negative: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    rule: Vec<Rule>,
}

/// All kinds, ready to be looked for.
pub struct Rules {
    /// In the order in which they are tried.
    pub all: Vec<Rule>,
    patterns: Vec<Regex>,
    nears: Vec<Option<usize>>,
    keywords: RegexSet,
}

/// A secret in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) rule: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) confidence: Confidence,
}

impl Rules {
    /// The program's own table.
    ///
    /// # Errors
    /// If it does not read: a defect of this program, which a test finds.
    pub fn embedded() -> Result<Self, String> {
        let Table { rule: all } = toml::from_str(TABLE).map_err(|error| error.to_string())?;
        let mut patterns = Vec::with_capacity(all.len());
        for rule in &all {
            let pattern = rule.pattern.replace("{gap}", GAP);
            // Bytes, not characters: an export may be in an older encoding.
            let pattern = RegexBuilder::new(&pattern).unicode(false).size_limit(64 << 20).build();
            patterns.push(pattern.map_err(|error| format!("{}: {error}", rule.id))?);
        }
        let nears = all.iter().map(|rule| all.iter().position(|other| Some(&other.id) == rule.near.as_ref())).collect();
        // What may stand before keeps the library from a search for first letters, which text is full of: one automaton
        // for all of them is twice as quick.
        let keywords = all.iter().map(|rule| format!("(?s:.)*?(?:{})", rule.keywords.join("|")));
        let keywords = RegexSetBuilder::new(keywords).unicode(false).case_insensitive(true).build();
        Ok(Self { keywords: keywords.map_err(|error| error.to_string())?, all, patterns, nears })
    }

    /// The rules that a text has a keyword of, in their order.
    pub(super) fn in_question(&self, text: &[u8]) -> Vec<usize> {
        self.keywords.matches(text).into_iter().collect()
    }

    /// The secrets of a text by these rules, none of which shares bytes with another.
    pub(super) fn matches(&self, text: &[u8], rules: &[usize]) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        for &rule in rules {
            let is_near = |start: usize, end: usize, found: &[Match]| {
                self.nears[rule].is_none_or(|near| {
                    let mut others = found.iter().filter(|other| other.rule == near);
                    others.any(|other| start < other.end + NEAR && other.start < end + NEAR)
                })
            };
            if self.nears[rule].is_some_and(|near| found.iter().all(|other| other.rule != near)) {
                continue;
            }
            for captures in self.patterns[rule].captures_iter(text) {
                let Some(secret) = captures.name("secret").or_else(|| captures.get(0)) else { continue };
                let (start, end) = (secret.start(), secret.end());
                let is_taken =
                    |end: usize, found: &[Match]| found.iter().any(|other| start < other.end && other.start < end);
                let Some((confidence, length)) = self.all[rule].check.judge(secret.as_bytes(), &text[end..]) else {
                    continue;
                };
                let end = start + length;
                if !is_taken(end, &found) && is_near(start, end, &found) {
                    found.push(Match { rule, start, end, confidence });
                }
            }
        }
        found.sort_unstable_by_key(|found| (found.start, found.end));
        found
    }

    /// The kinds of secrets in a text, examples left out: for tests of the table.
    pub fn kinds(&self, text: &[u8]) -> Vec<&str> {
        let found = self.matches(text, &self.in_question(text));
        let real = found.iter().filter(|found| found.confidence > Confidence::Example);
        real.map(|found| self.all[found.rule].id.as_str()).collect()
    }
}
