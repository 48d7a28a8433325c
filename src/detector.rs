//! What a detector is: a value that says which rows, whose behaviour, which shape, which limits.
//!
//! A detector has no state, no loop and no I/O. Its page (`doc`) says the same in words and is its test.

use crate::batch::{Role, Table};
use crate::dictionary::Domain;
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::codes;

mod matcher;

pub(crate) use matcher::Matcher;

/// A kind of behaviour that is worth reporting.
#[derive(Clone, Copy, Debug)]
pub struct Detector {
    /// Kebab case, a noun phrase that names the behaviour.
    pub id: &'static str,
    /// Goes up when the meaning of a finding changes; finding ids change with it.
    pub version: u32,
    /// The behaviour in one line, without names.
    pub title: &'static str,
    /// What kind of evidence its findings are: findings of different kinds about one subject support each other.
    pub family: Family,
    /// How soon to look when a person is the subject, or nobody in particular.
    pub severity: Severity,
    /// How soon to look when an integration is the subject.
    pub integration: Severity,
    /// MITRE ATT&CK technique ids.
    pub techniques: &'static [&'static str],
    /// The detector's page.
    pub doc: &'static str,
    /// The rows and the shape.
    pub watch: Watch,
    /// The numbers that the pattern judges by, settable by name.
    pub limits: &'static [Limit],
    /// One plain sentence, with `{…}` for names and facts: see [`crate::words`].
    pub sentence: &'static str,
    /// What to do next, in the same form.
    pub next_step: &'static str,
}

/// Kinds of evidence. Two findings of one kind may have one cause; two of different kinds hardly do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Where from: addresses, networks, providers, countries.
    Network,
    /// With what: user agents, client libraries.
    Client,
    /// How much: rows, calls, jobs.
    Volume,
    /// What: objects, queries, endpoints, API families.
    Objects,
    /// In which order: reconnaissance, then a harvest.
    Sequence,
    /// Tokens, grants and assertions.
    Token,
    /// Who came in, how, and how often in vain.
    Access,
    /// What is allowed, and changes of that.
    Policy,
}

impl Family {
    /// The word for it in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Client => "client",
            Self::Volume => "volume",
            Self::Objects => "objects",
            Self::Sequence => "sequence",
            Self::Token => "token",
            Self::Access => "login",
            Self::Policy => "policy",
        }
    }
}

/// Which rows, whose behaviour, which shape.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The tables whose rows count.
    pub tables: &'static [Table],
    /// Which of their rows.
    pub matching: Matching,
    /// The roles that tell subjects apart.
    pub subject: &'static [Role],
    /// The shape.
    pub pattern: Pattern,
}

impl Watch {
    /// Whether what is kept for it has ids of such strings.
    pub(crate) fn speaks_of(&self, domain: Domain) -> bool {
        self.subject.iter().copied().chain(self.pattern.roles()).any(|role| role.domain() == domain)
    }

    /// Whether a state that serves another detector serves this one, too: the same rows of the same subjects, and the same
    /// kept of them.
    pub(crate) fn keeps_what(&self, other: &Self) -> bool {
        self.tables == other.tables
            && self.subject == other.subject
            && self.matching.is_same(&other.matching)
            && self.pattern.keeps().is_some_and(|kept| Some(kept) == other.pattern.keeps())
    }
}

/// A condition on one row.
#[derive(Clone, Copy, Debug)]
pub enum Matching {
    /// Every row.
    All,
    /// The role has a value.
    Known(Role),
    /// The export has the role, and the row has no value for it.
    Blank(Role),
    /// The role has this value.
    Is(Role, &'static str),
    /// The role has one of these values.
    IsIn(Role, &'static [&'static str]),
    /// The role has a value for which this is true. Asked once for each distinct value.
    Satisfies(Role, fn(&str) -> bool),
    /// All of these.
    And(&'static [Matching]),
    /// One of these.
    Or(&'static [Matching]),
    /// Not this.
    Not(&'static Matching),
}

/// Rows that show something done: every call, and the logins that succeeded.
pub const DONE: Matching = Matching::Not(&Matching::Satisfies(Role::Status, is_refusal));

fn is_refusal(status: &str) -> bool {
    !codes::is_success(status)
}

/// A number that a pattern judges by.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Kebab case; what settings and `explain` call it.
    pub name: &'static str,
    /// The value unless settings say otherwise.
    pub value: i64,
    /// What it counts.
    pub unit: Unit,
    /// Where the value comes from.
    pub source: &'static str,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds of event time.
    Seconds,
    /// Days of event time.
    Days,
    /// Hundredths.
    Percent,
}

impl Unit {
    /// The word behind the number.
    pub fn word(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::Seconds => "seconds",
            Self::Days => "days",
            Self::Percent => "percent",
        }
    }
}

impl Matching {
    /// Whether it is written like another one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let all_same = |one: &[Self], other: &[Self]| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same(other))
        };
        match (self, other) {
            (Self::All, Self::All) => true,
            (Self::Known(one), Self::Known(other)) | (Self::Blank(one), Self::Blank(other)) => one == other,
            (Self::Is(one, value), Self::Is(other, of_other)) => (one, value) == (other, of_other),
            (Self::IsIn(one, values), Self::IsIn(other, of_other)) => (one, values) == (other, of_other),
            (Self::Satisfies(one, holds), Self::Satisfies(other, of_other)) => {
                one == other && std::ptr::fn_addr_eq(*holds, *of_other)
            }
            (Self::And(one), Self::And(other)) | (Self::Or(one), Self::Or(other)) => all_same(one, other),
            (Self::Not(one), Self::Not(other)) => one.is_same(other),
            _ => false,
        }
    }

    /// The roles that it reads.
    pub fn roles(&self) -> Vec<Role> {
        match self {
            Self::All => Vec::new(),
            Self::Known(role)
            | Self::Blank(role)
            | Self::Is(role, _)
            | Self::IsIn(role, _)
            | Self::Satisfies(role, _) => vec![*role],
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::roles).collect(),
            Self::Not(one) => one.roles(),
        }
    }
}
