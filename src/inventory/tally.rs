//! What a worker gathers: by ids of its dictionary. Merges in any order.

use std::collections::{BTreeMap, BTreeSet};

use super::{AppUse, Inventory, SetupChange, TokenState, Trace, UserState};
use crate::apps::Resolution;
use crate::batch::{Batch, NO_ID, NO_NUMBER, Role, Table};
use crate::dictionary::{Dictionary, Moved};
use crate::engine::{Interactive, Scan};
use crate::folded::{Folded, Part};
use crate::value::Time;
use crate::value::codes::BROWSER;

#[derive(Debug, Default)]
pub(super) struct Tally {
    seen: Folded<Seen>,
    tokens: Vec<Token>,
    users: Vec<User>,
    changes: Vec<Change>,
    interactive: Interactive,
    oldest: Option<i64>,
    newest: Option<i64>,
    tables: BTreeSet<&'static str>,
}

/// A trace by ids.
#[derive(Clone, Copy, Debug)]
struct Seen {
    is_login: bool,
    /// By the roles of [`TRACE`].
    key: [u32; TRACE.len()],
    events: u64,
    rows: i64,
    first: i64,
    last: i64,
}

const TRACE: [Role; 6] = [Role::App, Role::User, Role::SourceIp, Role::Use, Role::ClientFamily, Role::Status];
const USER: [Role; 6] = [Role::User, Role::Username, Role::Active, Role::Frozen, Role::Profile, Role::ModifiesAll];

/// Times and counts are [`NO_NUMBER`] where they are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Token {
    app: u32,
    reference: u32,
    user: u32,
    last_used: i64,
    created: i64,
    use_count: i64,
}

#[derive(Clone, Copy, Debug)]
struct User {
    modified: i64,
    /// By the roles of [`USER`].
    says: [u32; USER.len()],
}

#[derive(Clone, Copy, Debug)]
struct Change {
    time: i64,
    /// By the roles of [`CHANGE`].
    words: [u32; CHANGE.len()],
}

const CHANGE: [Role; 4] = [Role::Action, Role::Change, Role::App, Role::User];

impl Part for Seen {
    type Key = (bool, [u32; TRACE.len()]);

    fn subject(&self) -> u32 {
        self.key.iter().fold(0, |all, id| all.rotate_left(5) ^ id)
    }

    fn key(&self) -> Self::Key {
        (self.is_login, self.key)
    }

    fn absorb(&mut self, other: &Self) {
        self.events += other.events;
        self.rows = self.rows.saturating_add(other.rows);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Tally {
    /// Takes in a batch; rows later than "now" are left out, what holds now excepted.
    pub(super) fn observe(&mut self, batch: &Batch, dictionary: &Dictionary, as_of: Option<Time>) {
        let ids = |row: usize, roles: &[Role]| -> Vec<u32> { roles.iter().map(|role| batch.id(*role, row)).collect() };
        let is_later = |row: usize| {
            let time = batch.number(Role::Time, row);
            as_of.is_some_and(|as_of| time.is_some_and(|time| time > as_of.0))
        };
        self.interactive.observe(batch, dictionary);
        if batch.rows() > 0 {
            self.tables.insert(batch.table.name());
        }
        for row in (0..batch.rows()).filter(|row| batch.table.is_inventory() || !is_later(*row)) {
            let number = |role: Role| batch.number(role, row).unwrap_or(NO_NUMBER);
            let time = number(Role::Time);
            if !batch.table.is_inventory() && time != NO_NUMBER {
                self.newest = self.newest.max(Some(time));
            }
            match batch.table {
                Table::Calls | Table::Logins if time != NO_NUMBER => {
                    self.oldest = Some(self.oldest.map_or(time, |oldest| oldest.min(time)));
                    let mut key = [NO_ID; TRACE.len()];
                    key.copy_from_slice(&ids(row, &TRACE));
                    let (is_login, rows) = (batch.table == Table::Logins, number(Role::Rows).max(0));
                    self.seen.add(Seen { is_login, key, events: 1, rows, first: time, last: time });
                }
                Table::Tokens => self.tokens.push(Token {
                    app: batch.id(Role::App, row),
                    reference: batch.id(Role::Token, row),
                    user: batch.id(Role::User, row),
                    last_used: number(Role::LastUsed),
                    created: number(Role::Created),
                    use_count: number(Role::UseCount),
                }),
                Table::Users => {
                    let mut says = [NO_ID; USER.len()];
                    says.copy_from_slice(&ids(row, &USER));
                    self.users.push(User { modified: number(Role::Modified), says });
                }
                Table::SetupChanges if time != NO_NUMBER => {
                    let mut words = [NO_ID; CHANGE.len()];
                    words.copy_from_slice(&ids(row, &CHANGE));
                    self.changes.push(Change { time, words });
                }
                _ => {}
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, strings: &Moved) {
        fn moved<const N: usize>(mut ids: [u32; N], roles: [Role; N], strings: &Moved) -> [u32; N] {
            for (id, role) in ids.iter_mut().zip(roles) {
                *id = strings.id(role.domain(), *id);
            }
            ids
        }
        let seen = other.seen.into_parts().into_iter();
        self.seen.extend(seen.map(|seen| Seen { key: moved(seen.key, TRACE, strings), ..seen }));
        self.tokens.extend(other.tokens.into_iter().map(|token| Token {
            app: strings.id(Role::App.domain(), token.app),
            reference: strings.id(Role::Token.domain(), token.reference),
            user: strings.id(Role::User.domain(), token.user),
            ..token
        }));
        let users = other.users.into_iter();
        self.users.extend(users.map(|user| User { says: moved(user.says, USER, strings), ..user }));
        let changes = other.changes.into_iter();
        self.changes.extend(changes.map(|change| Change { words: moved(change.words, CHANGE, strings), ..change }));
        self.interactive.merge(&other.interactive, strings);
        self.oldest = self.oldest.into_iter().chain(other.oldest).min();
        self.newest = self.newest.max(other.newest);
        self.tables.extend(other.tables);
    }

    /// All of it in words, with each app by one key.
    pub(super) fn told(self, dictionary: &Dictionary, resolution: &Resolution, scan: &Scan<'_>) -> Inventory {
        let words = Words { dictionary, resolution };
        let mut apps: BTreeMap<String, AppUse> = BTreeMap::new();
        let new = |key: &str| AppUse { app: resolution.named(key, scan.register), ..AppUse::default() };
        for seen in self.seen.into_whole() {
            if let Some(app) = words.key_of(seen.key[0]) {
                apps.entry(app).or_insert_with_key(|key| new(key)).traces.push(words.trace(&seen));
            }
        }
        for token in latest(self.tokens) {
            if let Some(app) = words.key_of(token.app) {
                apps.entry(app).or_insert_with_key(|key| new(key)).tokens.push(words.token(&token));
            }
        }
        for app in apps.values_mut() {
            app.traces.sort();
            app.tokens.sort();
        }
        // Of several listings of a user the one that was changed last.
        let users = self.users.iter();
        let users = users
            .filter_map(|user| Some((words.text(Role::User, user.says[0])?, user.modified, words.user(&user.says))));
        let mut users: Vec<(String, i64, UserState)> = users.collect();
        users.sort();
        let mut changes: Vec<SetupChange> = self.changes.iter().map(|change| words.change(change)).collect();
        changes.sort();
        Inventory {
            apps,
            users: users.into_iter().map(|(id, _, state)| (id, state)).collect(),
            interactive: self.interactive.past(dictionary).into_keys().collect(),
            changes,
            tables: self.tables,
            counts: BTreeMap::new(),
            first: self.oldest.map(Time),
            as_of: scan.as_of.or(self.newest.map(Time)).unwrap_or(Time::EARLIEST),
            ambiguous: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// What ids stand for.
struct Words<'a> {
    dictionary: &'a Dictionary,
    resolution: &'a Resolution,
}

impl Words<'_> {
    fn text(&self, role: Role, id: u32) -> Option<String> {
        self.dictionary.role_text(role, id).map(str::to_owned)
    }

    /// What an app goes by.
    fn key_of(&self, app: u32) -> Option<String> {
        // Who logs in through the browser uses no app.
        let text = self.dictionary.role_text(Role::App, app).filter(|text| *text != BROWSER)?;
        Some(self.resolution.key(text).unwrap_or(text).to_owned())
    }

    fn trace(&self, seen: &Seen) -> Trace {
        let text = |place: usize| self.text(TRACE[place], seen.key[place]);
        Trace {
            is_login: seen.is_login,
            user: text(1),
            address: text(2),
            used: text(3),
            client: text(4),
            status: text(5),
            events: seen.events,
            rows: seen.rows,
            first: Time(seen.first),
            last: Time(seen.last),
        }
    }

    fn token(&self, token: &Token) -> TokenState {
        let said = |number: i64| Some(number).filter(|number| *number != NO_NUMBER);
        TokenState {
            token: self.text(Role::Token, token.reference),
            user: self.text(Role::User, token.user),
            created: said(token.created).map(Time),
            last_used: said(token.last_used).map(Time),
            use_count: said(token.use_count),
        }
    }

    fn user(&self, says: &[u32; USER.len()]) -> UserState {
        let text = |place: usize| self.text(USER[place], says[place]);
        let flag = |place: usize| text(place).map(|word| word == "true");
        UserState { username: text(1), active: flag(2), frozen: flag(3), profile: text(4), modifies_all: flag(5) }
    }

    fn change(&self, change: &Change) -> SetupChange {
        let [action, words, app, user] = change.words;
        SetupChange {
            time: Time(change.time),
            action: self.text(Role::Action, action),
            change: self.text(Role::Change, words),
            app: self.key_of(app),
            user: self.text(Role::User, user),
        }
    }
}

/// Of several listings of a token the one with the latest use.
fn latest(mut tokens: Vec<Token>) -> Vec<Token> {
    tokens.sort_unstable();
    tokens.dedup_by(|next, known| {
        let same = (next.app, next.reference, next.user) == (known.app, known.reference, known.user)
            && next.reference != NO_ID;
        if same {
            *known = *next;
        }
        same
    });
    tokens
}
