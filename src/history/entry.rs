//! One row of a history: who, where from, and what happened, in a few words.

use std::fmt::Write;

use xxhash_rust::xxh3::xxh3_64;

use super::{History, Stamp};
use crate::apps::is_app_id;
use crate::batch::{Role, Table};
use crate::convert::Row;
use crate::events::{Access, Call};
use crate::finding::Named;
use crate::value::{Time, codes, id, soql};
use crate::words::plain;

/// One row at one of its times. A token has several: when it was granted, and when it was last used.
#[derive(Clone, Copy)]
pub struct Entry<'h> {
    /// When.
    pub time: Time,
    /// What happened then.
    pub stamp: Stamp,
    pub(super) history: &'h History<'h>,
    pub(super) row: Row<'h>,
}

impl<'h> Entry<'h> {
    /// The text of a role; nothing where the row has none.
    pub fn text(&self, role: Role) -> Option<&'h str> {
        self.row.text(role)
    }

    /// The number of a role; nothing where the row has none.
    pub fn number(&self, role: Role) -> Option<i64> {
        self.row.number(role)
    }

    /// The table that the row is of.
    pub fn table(&self) -> Table {
        self.row.table()
    }

    /// The event type that the row is of; of a converted row the one that it was of before.
    pub fn log(&self) -> &'h str {
        self.text(Role::Log).unwrap_or_else(|| self.row.event_type())
    }

    /// The export that holds the row, and the number of the record there.
    pub fn place(&self) -> (&'h str, u64) {
        (self.row.export().0, self.row.record().0)
    }

    /// Who acted.
    pub fn user(&self) -> Option<Named> {
        let (user, name) = (self.text(Role::User), self.text(Role::Username));
        let of_id = user.filter(|user| id::has_prefix(user, "005"));
        let known = of_id.and_then(|id| self.history.username(id));
        let name = known.or(name).or(user.filter(|_| of_id.is_none()));
        (of_id.is_some() || name.is_some())
            .then(|| Named { id: of_id.map(str::to_owned), name: name.map(str::to_owned) })
    }

    /// The connected app.
    pub fn app(&self) -> Option<Named> {
        let named = self.history.app(self.text(Role::App)?);
        let own = || self.text(Role::AppName).filter(|name| !is_app_id(name)).map(str::to_owned);
        Some(Named { name: named.name.or_else(own), id: named.id })
    }

    /// Rows returned; nothing where the row does not say, or says that it does not know, by a number below nothing.
    pub fn rows(&self) -> Option<i64> {
        self.number(Role::Rows).filter(|rows| *rows >= 0)
    }

    /// What the call did to data.
    pub(crate) fn access(&self) -> Access {
        Call::of(&self.row).access()
    }

    /// Whether it is a further page of a query.
    pub(crate) fn is_page(&self) -> bool {
        self.text(Role::Operation).is_some_and(|operation| operation.eq_ignore_ascii_case("QueryMore"))
    }

    /// Whose further pages may follow: a hash of the session, else of user, app and address.
    pub(crate) fn holder(&self) -> u64 {
        let session = [Role::Session, Role::LoginKey].into_iter().find_map(|role| self.text(role));
        let text = |role| self.text(role).unwrap_or_default();
        let without = || [text(Role::User), text(Role::App), text(Role::SourceIp)].join("\u{1f}");
        session.map_or_else(|| xxh3_64(without().as_bytes()), |session| xxh3_64(session.as_bytes()))
    }

    /// The object that a call is about first of all: what the query is from, else the first that the row names, else
    /// that of the resource.
    pub fn object(&self) -> Option<&'h str> {
        let of_query = self.text(Role::Shape).and_then(soql::main_object);
        let first = |objects: &'h str| objects.split([',', ';']).map(str::trim).find(|object| !object.is_empty());
        let named = self.text(Role::Objects).and_then(first);
        // The row spells the object as Salesforce does, the query as somebody typed it.
        let spelled = |object: &&str| of_query.is_none_or(|of_query| of_query.eq_ignore_ascii_case(object));
        let of_path = || self.text(Role::Endpoint)?.strip_prefix("/sobjects/")?.split('/').next();
        self.objects().find(spelled).or(of_query).or(named).or_else(of_path)
    }

    /// All objects that the row names.
    pub fn objects(&self) -> impl Iterator<Item = &'h str> + use<'h> {
        let objects = self.text(Role::Objects).unwrap_or_default().split([',', ';']);
        objects.map(str::trim).filter(|object| !object.is_empty())
    }

    /// Whether it was refused or failed.
    pub fn is_refused(&self) -> bool {
        match self.table() {
            Table::Logins => self.text(Role::Status).is_some_and(|status| !codes::is_success(status)),
            Table::Calls => {
                self.text(Role::Refusal).is_some() || self.number(Role::StatusCode).is_some_and(|code| code >= 400)
            }
            _ => false,
        }
    }

    /// What happened, in a line: the same for rows that differ in time and amounts only.
    pub fn message(&self) -> String {
        match self.table() {
            Table::Calls => self.call(),
            Table::Logins => self.login(),
            Table::Tokens => self.token(),
            Table::Sessions => self.session(),
            Table::SetupChanges => self.first(&[Role::Change, Role::Action], "setup changed"),
            Table::Anomalies => {
                format!("{}: {}", self.log(), self.first(&[Role::Reason, Role::Operation], "no reason given"))
            }
            Table::Assertions => format!("JWT assertion: {}", self.first(&[Role::Outcome], "outcome not said")),
            Table::Pages => format!("page opened: {}", self.first(&[Role::Endpoint], "not said")),
            Table::Callouts => format!("callout: {}", self.first(&[Role::Endpoint], "not said")),
            Table::Places => "address placed".to_owned(),
            Table::Apps | Table::Users => "listed".to_owned(),
        }
    }

    fn first(&self, roles: &[Role], nothing: &str) -> String {
        roles.iter().find_map(|role| self.text(*role)).map_or_else(|| nothing.to_owned(), plain)
    }

    fn call(&self) -> String {
        let mut text = self.first(&[Role::ApiFamily], "API");
        let what = [Role::Operation, Role::Method].iter().find_map(|role| self.text(*role));
        if let Some(what) = what {
            let _ = write!(text, " {}", plain(what));
        }
        match (self.text(Role::Objects), self.text(Role::Endpoint)) {
            (Some(objects), _) => drop(write!(text, " of {}", plain(objects))),
            (None, Some(endpoint)) => drop(write!(text, " {}", plain(endpoint))),
            (None, None) => {}
        }
        let probe = self.text(Role::Probe).map(|probe| format!(" ({})", plain(probe)));
        let state = self.text(Role::Action).map(|state| format!(", job {}", plain(state)));
        let refused = self.text(Role::Refusal).map(|why| format!(", refused: {}", plain(why)));
        text.extend([probe, state, refused].into_iter().flatten());
        text
    }

    fn login(&self) -> String {
        let by = self.first(&[Role::LoginSubtype, Role::LoginType], "way not said");
        match self.text(Role::Status) {
            Some(status) if codes::is_success(status) => format!("login: {by}"),
            Some(status) => format!("login failed: {} ({by})", plain(status.trim_start_matches("Failed: "))),
            None => format!("login, outcome not said: {by}"),
        }
    }

    fn token(&self) -> String {
        let which = self.first(&[Role::Token], "without a reference");
        match self.stamp {
            Stamp::Granted => format!("token granted: {which}"),
            Stamp::LastUsed => format!("token last used: {which}"),
            Stamp::Happened => format!("token listed: {which}"),
        }
    }

    fn session(&self) -> String {
        match (self.text(Role::Action), self.text(Role::Target)) {
            (Some("LoginAs"), Some(target)) => {
                format!("logged in as {}", plain(self.history.username(target).unwrap_or(target)))
            }
            (Some("Logout"), _) => "logged out".to_owned(),
            (action, _) => action.map_or_else(|| "session changed".to_owned(), plain),
        }
    }
}
