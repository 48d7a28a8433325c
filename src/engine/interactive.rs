//! Who logs in interactively, through the browser or Salesforce's own mobile app. A user who acts through apps and never
//! does is no person, whatever hours it keeps.

use std::collections::BTreeMap;

use super::known;
use crate::batch::{Batch, Role, Table};
use crate::dictionary::{Dictionary, Domain, Moved};
use crate::value::{Time, codes};

/// When users logged in interactively, first and last, by user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interactive {
    logins: Vec<(i64, i64)>,
    /// Whether that is what logins by an app are; by the app's id in the dictionary of the rows that are observed.
    by_app: Vec<Option<bool>>,
    /// When anybody did first.
    earliest: Option<i64>,
}

/// What begins after it has ended.
const NEVER: (i64, i64) = (i64::MAX, i64::MIN);

impl Interactive {
    pub(crate) fn observe(&mut self, batch: &Batch, dictionary: &Dictionary) {
        if batch.table != Table::Logins {
            return;
        }
        self.by_app.resize(dictionary.count(Domain::App), None);
        for row in 0..batch.rows() {
            let (user, app) = (known(batch, Role::User, row), known(batch, Role::App, row));
            let (Some(user), Some(app), Some(time)) = (user, app, batch.number(Role::Time, row)) else { continue };
            let by_app = &mut self.by_app[app as usize];
            let by_app = by_app.get_or_insert_with(|| codes::is_interactive(dictionary.text(Domain::App, app)));
            let status = || dictionary.role_text(Role::Status, batch.id(Role::Status, row));
            if *by_app && status().is_none_or(codes::is_success) {
                self.add(user, (time, time));
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self, strings: &Moved) {
        // They were of the dictionary as it was.
        self.by_app.clear();
        for (user, span) in other.known() {
            self.add(strings.id(Domain::User, user), span);
        }
    }

    fn known(&self) -> impl Iterator<Item = (u32, (i64, i64))> {
        (0..).zip(self.logins.iter().copied()).filter(|(_, span)| *span != NEVER)
    }

    /// What the next run has to know.
    pub(crate) fn past(&self, dictionary: &Dictionary) -> BTreeMap<String, (Time, Time)> {
        self.known()
            .map(|(user, span)| (dictionary.text(Domain::User, user).to_owned(), (Time(span.0), Time(span.1))))
            .collect()
    }

    /// Takes in what earlier runs have seen up to a time.
    pub(crate) fn recall(&mut self, past: &BTreeMap<String, (Time, Time)>, now: Time, dictionary: &mut Dictionary) {
        for (user, (first, last)) in past.iter().filter(|(_, (first, _))| *first <= now) {
            self.add(dictionary.id(Domain::User, user), (first.0, last.0));
        }
    }

    /// Whether a user logged in interactively before a time; nothing if nobody did, because those logins are not at hand
    /// then.
    pub(crate) fn before(&self, user: u32, time: Time) -> Option<bool> {
        let is_before = |span: &(i64, i64)| span.0 < time.0;
        let anybody = self.earliest.is_some_and(|earliest| earliest < time.0);
        anybody.then(|| self.logins.get(user as usize).is_some_and(is_before))
    }

    fn add(&mut self, user: u32, span: (i64, i64)) {
        let place = user as usize;
        if self.logins.len() <= place {
            self.logins.resize(place + 1, NEVER);
        }
        let known = &mut self.logins[place];
        *known = (known.0.min(span.0), known.1.max(span.1));
        self.earliest = Some(self.earliest.map_or(span.0, |earliest| earliest.min(span.0)));
    }
}
