//! What exports show of each connected app: who uses it, from where, with what, by which logins, and which tokens there are.
//!
//! ```text
//! rows ──▶ traces: (app, user, address, use, client, status) with counts and times ──▶ apps
//! ```
//! Everything that is said of an app is read off its traces, its tokens and its setup changes.

mod known;
mod risk;
mod summary;
mod tally;

pub use known::{KnownApp, known};
pub use risk::Risk;
pub use summary::AppSummary;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::apps::{AmbiguousName, Pairs, Resolution};
use crate::batch::{Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::engine::{Scan, demand_of};
use crate::finding::Named;
use crate::ingest::{Counts, Demand, Feed, Problem, Quarantine, ReadAll, Shaper, Turns};
use crate::value::{Time, codes};
use tally::Tally;

/// All apps that any export shows, and what else it takes to judge them.
#[derive(Clone, Debug, Serialize)]
pub struct Inventory {
    /// By what they go by: the id where it is known, else the name.
    pub apps: BTreeMap<String, AppUse>,
    /// Users as the organisation lists them, by id.
    pub users: BTreeMap<String, UserState>,
    /// Users who log in interactively: through the browser, or Salesforce's own mobile app.
    pub interactive: BTreeSet<String>,
    /// Setup changes, by time.
    pub changes: Vec<SetupChange>,
    /// The tables that have rows, by name.
    pub tables: BTreeSet<&'static str>,
    /// What became of the rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// The oldest login or call, through whatever app or none.
    pub first: Option<Time>,
    /// "Now": the newest row, unless it was given.
    pub as_of: Time,
    /// Names that several apps go by; those apps stand apart.
    pub ambiguous: Vec<AmbiguousName>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
}

/// What exports show of one app.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AppUse {
    /// Its id and its name, as far as they are known.
    pub app: Named,
    /// What was done, by whom and from where.
    pub traces: Vec<Trace>,
    /// Its tokens, each as it was listed last.
    pub tokens: Vec<TokenState>,
}

/// The same thing done by the same user from the same place with the same client, however often.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Trace {
    /// Logins or calls.
    pub is_login: bool,
    /// The user's id, else the username.
    pub user: Option<String>,
    /// The address that it came from.
    pub address: Option<String>,
    /// What was used, for example `REST Query` or `login: OAuth Refresh Token`.
    pub used: Option<String>,
    /// The client library, without its version. Hostile text.
    pub client: Option<String>,
    /// How logins ended.
    pub status: Option<String>,
    /// How often.
    pub events: u64,
    /// Rows returned in all.
    pub rows: i64,
    /// Event time of the first and of the last.
    pub first: Time,
    /// See `first`.
    pub last: Time,
}

/// A token as the last listing has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TokenState {
    /// Its reference: a hash, never the token.
    pub token: Option<String>,
    /// The user that it acts for.
    pub user: Option<String>,
    /// When it was created.
    pub created: Option<Time>,
    /// When it was last used.
    pub last_used: Option<Time>,
    /// How often it was used.
    pub use_count: Option<i64>,
}

/// A user as the organisation lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UserState {
    /// The username.
    pub username: Option<String>,
    /// Whether the user is active.
    pub active: Option<bool>,
    /// Whether the user is frozen.
    pub frozen: Option<bool>,
    /// The profile's name.
    pub profile: Option<String>,
    /// Whether the profile may modify all data.
    pub modifies_all: Option<bool>,
}

/// A change of the organisation's setup.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetupChange {
    /// When it was made.
    pub time: Time,
    /// Salesforce's code for it, where the export has one.
    pub action: Option<String>,
    /// What was changed, in Salesforce's words. Hostile text.
    pub change: Option<String>,
    /// The app that it is about, as far as its words say.
    pub app: Option<String>,
    /// Who made it.
    pub user: Option<String>,
}

impl Trace {
    /// Whether something was done: a call, or a login that succeeded.
    pub fn is_done(&self) -> bool {
        self.status.as_deref().is_none_or(codes::is_success)
    }
}

impl Inventory {
    /// Whether any export fills a table.
    pub fn has(&self, table: Table) -> bool {
        self.tables.contains(table.name())
    }

    /// Reads all exports of a scan; its detectors and window say nothing here.
    pub fn take(scan: &Scan<'_>, quarantine: &mut dyn Quarantine) -> Self {
        let demand = demand(scan);
        let mut feed = Feed::new(scan.exports, scan.schemas, &demand, scan.limits);
        feed.taken = std::sync::Arc::clone(&scan.taken);
        let work = |turns: &Turns<'_>| work(scan, &demand, &feed, turns);
        let ReadAll { made, counts, mut problems } = feed.read_all(scan.threads, quarantine, work);
        problems.sort();
        let Gathered { tally, mut pairs, dictionary } = made.into_iter().reduce(Gathered::merge).unwrap_or_default();
        let pairs = pairs.finish(&dictionary);
        let resolution = Resolution::of(pairs, dictionary.values(Domain::App), scan.register);
        let mut inventory = tally.told(&dictionary, &resolution, scan);
        (inventory.counts, inventory.problems) = (counts, problems);
        inventory.ambiguous = resolution.ambiguous;
        inventory
    }
}

fn demand(scan: &Scan<'_>) -> Demand {
    let mut demand = demand_of(&Scan { detectors: &[], ..scan.clone() });
    demand.add(&[Table::Calls, Table::Logins], [Role::App, Role::Use, Role::ClientFamily, Role::Status, Role::Rows]);
    demand.add(&[Table::Tokens], [Role::App, Role::Created, Role::LastUsed, Role::UseCount]);
    demand.add(&[Table::SetupChanges], [Role::Action, Role::Change, Role::App]);
    demand.add(&[Table::Users], [Role::Username, Role::Active, Role::Frozen, Role::Profile, Role::ModifiesAll]);
    demand.add(&[Table::Users], [Role::Modified]);
    Pairs::demand(&mut demand);
    demand
}

fn work(scan: &Scan<'_>, demand: &Demand, feed: &Feed<'_>, turns: &Turns<'_>) -> Gathered {
    let mut shaper = Shaper::new(demand, scan.register, scan.zone);
    let (mut tally, mut pairs) = (Tally::default(), Pairs::new(scan.schemas));
    let mut buffer = Vec::new();
    while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
        for batch in turns.take(shaped, scan.exports) {
            tally.observe(&batch, &shaper.dictionary, scan.as_of);
            pairs.observe(&batch, &shaper.dictionary);
        }
    }
    Gathered { tally, pairs, dictionary: shaper.dictionary }
}

/// What a worker has gathered, and the strings that ids stand for.
#[derive(Debug, Default)]
struct Gathered {
    tally: Tally,
    pairs: Pairs,
    dictionary: Dictionary,
}

impl Gathered {
    fn merge(mut self, other: Self) -> Self {
        let strings = self.dictionary.absorb(&other.dictionary);
        self.tally.merge(other.tally, &strings);
        self.pairs.merge(other.pairs, &strings);
        self
    }
}
