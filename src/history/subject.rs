//! Who or what is asked about, and by which texts rows name it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::known::Known;
use super::selection::{Condition, Selection, Values, network};
use crate::apps::Register;
use crate::batch::Role;
use crate::dictionary::Domain;
use crate::finding::Named;
use crate::value::id;

/// The kinds of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A connected app, by id or name.
    App,
    /// A user, by id or username.
    User,
    /// An address, or a network.
    Ip,
    /// A session, by its session key, its login key or the id of its login.
    Session,
    /// A token, by its reference.
    Token,
}

/// Who or what is asked about, as somebody has written it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Id, name, address or reference.
    pub asked: String,
}

/// The subject as exports know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Identified {
    /// Its id and its name; of an address or a session the text itself.
    pub name: Named,
    /// All texts by which rows name it.
    pub texts: BTreeSet<String>,
    /// What has to be known to read what is told.
    pub notes: Vec<String>,
}

/// Who is meant, if no row names anybody so: those whose names are nearest.
fn unseen(asked: &str, texts: &BTreeSet<String>, known: &Known, domain: Domain) -> Vec<String> {
    const NEAREST: usize = 5;
    /// Names that are less alike than this are no help.
    const ALIKE: f64 = 0.6;
    if known.texts(domain).any(|text| texts.contains(text)) {
        return Vec::new();
    }
    let folded = asked.to_lowercase();
    let usernames = known.usernames.values().map(String::as_str).filter(|_| domain == Domain::User);
    let all: BTreeSet<&str> = known.texts(domain).chain(usernames).collect();
    let alike = |text: &&str| {
        let text = text.to_lowercase();
        if text.contains(&folded) { 1.0 } else { strsim::jaro_winkler(&text, &folded) }
    };
    let mut near: Vec<(f64, &str)> =
        all.iter().map(|text| (alike(text), *text)).filter(|(is, _)| *is >= ALIKE).collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    let names: Vec<&str> = near.into_iter().take(NEAREST).map(|(_, text)| text).collect();
    let hint = if names.is_empty() { String::new() } else { format!("; there is {}", names.join(", ")) };
    vec![format!("no row names {asked:?}{hint}")]
}

impl SubjectKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::User => "user",
            Self::Ip => "address",
            Self::Session => "session",
            Self::Token => "token",
        }
    }
}

impl Subject {
    /// A subject of a kind.
    pub fn new(kind: SubjectKind, asked: &str) -> Self {
        Self { kind, asked: asked.trim().to_owned() }
    }

    /// Finds out who it is, and adds the conditions for its rows.
    pub(super) fn identify(&self, known: &Known, register: &Register, selection: &mut Selection) -> Identified {
        match self.kind {
            SubjectKind::App => Self::app(&self.asked, known, register, selection),
            SubjectKind::User => Self::user(&self.asked, known, selection),
            SubjectKind::Ip => self.address(selection),
            SubjectKind::Session => self.session(selection),
            SubjectKind::Token => self.token(known, register, selection),
        }
    }

    fn app(asked: &str, known: &Known, register: &Register, selection: &mut Selection) -> Identified {
        let canonical = id::canonical(asked.as_bytes());
        let asked = canonical.as_deref().unwrap_or(asked);
        let spelled = known.texts(Domain::App).find(|text| text.eq_ignore_ascii_case(asked)).unwrap_or(asked);
        let registered = register.key(spelled);
        let key = known.resolution.key(registered).unwrap_or(registered);
        let mut texts: BTreeSet<String> = BTreeSet::from([key.to_owned()]);
        texts.extend(known.resolution.joined().iter().filter(|(_, of)| *of == key).map(|(text, _)| text.clone()));
        let mut notes = unseen(asked, &texts, known, Domain::App);
        if let Some(several) = known.resolution.ambiguous.iter().find(|name| name.name.eq_ignore_ascii_case(asked)) {
            notes.push(format!("several apps go by this name; give an id for another: {}", several.apps.join(", ")));
        }
        let logins = Some(known.logins_of(&texts));
        selection.add(Condition { roles: vec![Role::App], values: Values::AnyOf(texts.clone()), logins, not: false });
        Identified { name: known.resolution.named(key, register), texts, notes }
    }

    fn user(asked: &str, known: &Known, selection: &mut Selection) -> Identified {
        let canonical = id::canonical(asked.as_bytes()).filter(|id| id.starts_with("005"));
        let is_named = |name: &str| name.eq_ignore_ascii_case(asked);
        let ids: Vec<&String> = match &canonical {
            Some(id) => known.usernames.keys().filter(|known| *known == id).collect(),
            None => known.usernames.iter().filter(|(_, name)| is_named(name)).map(|(id, _)| id).collect(),
        };
        let mut texts: BTreeSet<String> = ids.iter().map(|id| (*id).clone()).collect();
        texts.extend(ids.iter().filter_map(|id| known.usernames.get(*id)).cloned());
        texts.extend(known.texts(Domain::User).filter(|text| is_named(text)).map(str::to_owned));
        texts.insert(canonical.clone().unwrap_or_else(|| asked.to_owned()));
        let mut notes = unseen(asked, &texts, known, Domain::User);
        if ids.len() > 1 {
            notes.push(format!("{} users have had this username; all of them are told of", ids.len()));
        }
        let name = match ids.first() {
            Some(id) => Named { id: Some((*id).clone()), name: known.usernames.get(*id).cloned() },
            None => Named { name: canonical.is_none().then(|| asked.to_owned()), id: canonical },
        };
        let roles = vec![Role::User, Role::Username, Role::Target];
        selection.add(Condition { roles, values: Values::AnyOf(texts.clone()), logins: None, not: false });
        Identified { name, texts, notes }
    }

    fn address(&self, selection: &mut Selection) -> Identified {
        let values = network(&self.asked).map_or_else(
            || Values::AnyOf(BTreeSet::from([self.asked.clone()])),
            |network| Values::Networks(vec![network]),
        );
        selection.add(Condition { roles: vec![Role::SourceIp], values, logins: None, not: false });
        self.as_it_is()
    }

    fn session(&self, selection: &mut Selection) -> Identified {
        let canonical = id::canonical(self.asked.as_bytes());
        let texts: BTreeSet<String> = [Some(self.asked.clone()), canonical].into_iter().flatten().collect();
        let roles = vec![Role::Session, Role::LoginKey, Role::LoginHistoryId];
        selection.add(Condition { roles, values: Values::AnyOf(texts.clone()), logins: None, not: false });
        Identified { texts, ..self.as_it_is() }
    }

    /// Rows of calls and logins do not say which token was used: what its app did for its user is told.
    fn token(&self, known: &Known, register: &Register, selection: &mut Selection) -> Identified {
        let Some((token, app, user)) = known.token(&self.asked) else {
            let values = Values::AnyOf(BTreeSet::from([self.asked.clone()]));
            selection.add(Condition { roles: vec![Role::Token], values, logins: None, not: false });
            return self.as_it_is();
        };
        if let Some(app) = app {
            Self::app(app, known, register, selection);
        }
        if let Some(user) = user {
            Self::user(user, known, selection);
        }
        Identified {
            name: Named { id: Some(token.to_owned()), name: None },
            texts: BTreeSet::from([token.to_owned()]),
            notes: vec![
                "exports do not say which token a call was made with: told is what the token's app did for its user"
                    .to_owned(),
            ],
        }
    }

    fn as_it_is(&self) -> Identified {
        let name = Named { id: None, name: Some(self.asked.clone()) };
        Identified { name, texts: BTreeSet::from([self.asked.clone()]), notes: Vec::new() }
    }
}
