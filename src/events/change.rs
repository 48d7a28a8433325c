//! What rows of `setup_changes` and `tokens` say, and the words of ASIM and CIM for it.

use std::borrow::Cow;

use crate::batch::Role;
use crate::convert::Row;
use crate::value::Time;

/// A change of the setup.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// Its code, which the download from Setup has not.
    pub action: Option<&'a str>,
    /// The part of the setup.
    pub section: Option<&'a str>,
    /// The change in Salesforce's words.
    pub sentence: Option<&'a str>,
    /// On whose behalf.
    pub target: Option<&'a str>,
}

/// A token as a listing shows it.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// Its reference: a hash, never the token.
    pub token: Option<&'a str>,
    /// When it was given.
    pub created: Option<Time>,
    /// When it was used last.
    pub last_used: Option<Time>,
    /// How often it was used.
    pub uses: Option<i64>,
}

/// What a change did, as far as its code or its first word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Something is there that was not.
    Create,
    /// Something is set another way.
    Set,
    /// Something is gone.
    Delete,
    /// Something works now.
    Enable,
    /// Something works no more.
    Disable,
    /// A package or an app was installed.
    Install,
    /// None of these, or not told.
    Other,
}

/// How codes and sentences begin, in lower case; the longer of two that share a beginning stands first.
const BEGINNINGS: &[(&str, Verb)] = &[
    ("uninstall", Verb::Delete),
    ("delete", Verb::Delete),
    ("remove", Verb::Delete),
    ("revoke", Verb::Delete),
    ("install", Verb::Install),
    ("create", Verb::Create),
    ("insert", Verb::Create),
    ("added", Verb::Create),
    ("new", Verb::Create),
    ("grant", Verb::Create),
    ("assign", Verb::Create),
    ("activate", Verb::Enable),
    ("enable", Verb::Enable),
    ("deactivate", Verb::Disable),
    ("disable", Verb::Disable),
    ("froze", Verb::Disable),
    ("change", Verb::Set),
    ("update", Verb::Set),
    ("modif", Verb::Set),
    ("set", Verb::Set),
];

impl<'a> Change<'a> {
    pub(super) fn of(row: &Row<'a>) -> Self {
        Self {
            action: row.text(Role::Action),
            section: row.text(Role::Section),
            sentence: row.text(Role::Change),
            target: row.text(Role::Target),
        }
    }

    /// By the code, or else by the sentence.
    pub(super) fn verb(&self) -> Verb {
        let told = |text: &str| {
            let start = text.trim_start().bytes().take(16).map(char::from).collect::<String>().to_ascii_lowercase();
            BEGINNINGS.iter().find(|(word, _)| start.starts_with(word)).map(|(_, verb)| *verb)
        };
        [self.action, self.sentence].into_iter().flatten().find_map(told).unwrap_or(Verb::Other)
    }

    /// The code, or else the sentence.
    pub(super) fn operation(&self) -> Option<&'a str> {
        self.action.or(self.sentence)
    }
}

impl<'a> Grant<'a> {
    pub(super) fn of(row: &Row<'a>) -> Self {
        Self {
            token: row.text(Role::Token),
            created: row.time(Role::Created),
            last_used: row.time(Role::LastUsed),
            uses: row.number(Role::UseCount),
        }
    }
}

impl Verb {
    /// ASIM's `EventType`.
    pub(super) fn asim(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Set => "Set",
            Self::Delete => "Delete",
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Install => "Install",
            Self::Other => "Other",
        }
    }

    /// CIM's `action` of the data model Change.
    pub(super) fn cim(self) -> &'static str {
        match self {
            Self::Create | Self::Install => "created",
            Self::Delete => "deleted",
            Self::Set | Self::Enable | Self::Disable | Self::Other => "modified",
        }
    }
}

/// CIM's Change takes no double quotes in values.
pub(super) fn without_quotes(text: &str) -> Cow<'_, str> {
    if text.contains('"') { Cow::Owned(text.replace('"', "'")) } else { Cow::Borrowed(text) }
}
