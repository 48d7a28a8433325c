//! What to revoke, in which order, and what stops working then.
//!
//! The order is that of Salesforce's own advice after stolen tokens, and of responders: scope and evidence first, then
//! the tokens that were abused, then what an app can come back with (other tokens, sessions, keys that need no listed
//! token), then the app and its users. Rows of `OauthToken` cannot be deleted by DML: a token is revoked at the revocation
//! endpoint, with the secret of its row, which never is in here: the plan names references.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::apps::Register;
use crate::batch::Table;
use crate::finding::{Named, Severity};
use crate::inventory::{AppUse, Inventory, TokenState, Trace};
use crate::told::Told;
use crate::value::Time;
use crate::value::time::DAY;

mod scope;
mod script;

pub use self::scope::Scope;
pub use self::script::script;

/// Steps, in the order in which to take them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// "Now", by the exports.
    pub as_of: Option<Time>,
    /// The steps.
    pub steps: Vec<Step>,
    /// What has to be known beside them.
    pub notes: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Its place in the order, from 1.
    pub number: usize,
    /// What is done.
    pub action: Action,
    /// The app.
    pub app: Named,
    /// The user, if it is about one.
    pub user: Option<Named>,
    /// The token's reference, if it is about one.
    pub token: Option<String>,
    /// Why it is among the steps.
    pub because: String,
    /// Where in Setup.
    pub setup: String,
    /// The REST call, with references in place of secrets; nothing where there is none.
    pub rest: Option<String>,
    /// What stops working.
    pub stops: Stops,
    /// Who answers for the app, as the register says.
    pub owner: Option<String>,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Revoke one token.
    RevokeToken,
    /// End the sessions of a user.
    EndSessions,
    /// Change keys with which an app gets tokens that no list shows.
    ChangeKeys,
    /// Block the app.
    BlockApp,
    /// Freeze the user, and let the password be changed.
    FreezeUser,
}

/// What stops working, as the exports show it. Events from addresses that are named as the thief's are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stops {
    /// Calls and logins a day, on average over the days that the exports cover.
    pub events_a_day: f64,
    /// What is done with it, the most frequent first.
    pub uses: Vec<String>,
    /// From where.
    pub addresses: BTreeSet<String>,
    /// For whom.
    pub users: BTreeSet<String>,
    /// The last time.
    pub last: Option<Time>,
}

/// So many uses are named.
const USES: usize = 4;

impl Action {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RevokeToken => "revoke the token",
            Self::EndSessions => "end the sessions",
            Self::ChangeKeys => "change the app's keys",
            Self::BlockApp => "block the app",
            Self::FreezeUser => "freeze the user",
        }
    }
}

/// The steps for what is in scope.
pub fn plan(inventory: &Inventory, register: &Register, told: &Told, scope: &Scope) -> Plan {
    let mut steps = Vec::new();
    let mut notes = Vec::new();
    let mut apps: Vec<(&String, &AppUse)> =
        inventory.apps.iter().filter(|(key, app)| scope.has_app(key, app)).collect();
    // What is worst goes first: findings, then what the thief's addresses used.
    apps.sort_by_key(|(key, app)| (std::cmp::Reverse(worst(told, &app.app)), !scope.was_abused(app), (*key).clone()));
    for (_, app) in apps {
        let planner = Planner { inventory, register, scope, app };
        planner.steps(&mut steps);
        notes.extend(planner.notes());
    }
    steps.sort_by_key(|step: &Step| step.action);
    for (number, step) in (1..).zip(&mut steps) {
        step.number = number;
    }
    Plan { as_of: Some(inventory.as_of), steps, notes }
}

/// The severity of the worst finding about an app, and the points of all that are as severe.
fn worst(told: &Told, app: &Named) -> Option<(Severity, u64)> {
    let is_it = |named: &Named| app.id.is_some() && named.id == app.id || app.name.is_some() && named.name == app.name;
    let about = told.all.iter().filter(|finding| finding.subject.app.as_ref().is_some_and(is_it));
    let mut points: BTreeMap<Severity, u64> = BTreeMap::new();
    about.for_each(|finding| *points.entry(finding.severity).or_default() += u64::from(finding.score.total));
    points.pop_last()
}

/// Makes the steps for one app.
struct Planner<'p> {
    inventory: &'p Inventory,
    register: &'p Register,
    scope: &'p Scope,
    app: &'p AppUse,
}

impl Planner<'_> {
    fn steps(&self, steps: &mut Vec<Step>) {
        let abused = self.abused_users();
        let mut tokens: Vec<&TokenState> =
            self.app.tokens.iter().filter(|token| self.scope.has_user(token.user.as_deref(), self.inventory)).collect();
        let is_abused = |token: &TokenState| token.user.as_ref().is_some_and(|user| abused.contains(user));
        tokens.sort_by_key(|token| (!is_abused(token), std::cmp::Reverse(token.last_used), token.token.clone()));
        for token in tokens {
            let because = if is_abused(token) {
                "its app was used for this user from an address that is named as the thief's".to_owned()
            } else {
                last_used(token)
            };
            steps.push(self.revoke(token, because));
        }
        for user in self.users() {
            steps.push(self.end_sessions(&user, abused.contains(&user)));
        }
        if let Some(step) = self.change_keys() {
            steps.push(step);
        }
        if self.scope.user.is_none() {
            steps.push(self.block());
        }
        for user in abused.iter().filter(|user| self.inventory.interactive.contains(*user)) {
            steps.push(self.freeze(user));
        }
    }

    fn notes(&self) -> Vec<String> {
        let name = crate::words::name_of(Some(&self.app.app), "an app");
        let mut notes = Vec::new();
        if self.app.tokens.is_empty() && !self.app.traces.is_empty() {
            notes.push(format!("{name}: no token is listed. A list shows only what its maker may see, and no tokens of JWT bearer and client credentials flows"));
        }
        notes
    }

    fn step(&self, action: Action, user: Option<&str>, because: String, setup: String) -> Step {
        Step {
            number: 0,
            action,
            app: self.app.app.clone(),
            user: user.map(|user| self.named(user)),
            token: None,
            because,
            setup,
            rest: None,
            stops: self.stops(user),
            owner: self.owner(),
        }
    }

    fn revoke(&self, token: &TokenState, because: String) -> Step {
        let reference = token.token.clone().unwrap_or_else(|| "a token without a reference".to_owned());
        let setup = "Setup › Connected Apps OAuth Usage › the app's user count › Revoke (for one user: Setup › Users › \
                     the user > OAuth Connected Apps › Revoke)";
        Step {
            rest: Some(format!("POST /services/oauth2/revoke, token=<the DeleteToken of {reference}>")),
            token: token.token.clone(),
            ..self.step(Action::RevokeToken, token.user.as_deref(), because, setup.to_owned())
        }
    }

    fn end_sessions(&self, user: &str, is_abused: bool) -> Step {
        let because = if is_abused {
            "a session of it came from an address that is named as the thief's"
        } else {
            "access tokens outlive their refresh token"
        };
        let setup = "Setup › Session Management › the user's sessions › Remove";
        Step {
            rest: Some(format!(
                "GET /services/data/v65.0/query?q=SELECT Id FROM AuthSession WHERE UsersId = '{user}', then DELETE \
                 /services/data/v65.0/sobjects/AuthSession/<Id> for each"
            )),
            ..self.step(Action::EndSessions, Some(user), because.to_owned(), setup.to_owned())
        }
    }

    /// JWT bearer and client credentials leave no listed token: who has the key comes back after each revocation.
    fn change_keys(&self) -> Option<Step> {
        let flows: BTreeSet<&str> =
            self.app.traces.iter().filter_map(|trace| trace.used.as_deref()).filter(|used| needs_keys(used)).collect();
        let logs_in = self.app.traces.iter().any(|trace| trace.is_login && trace.is_done());
        let because = if !flows.is_empty() {
            let used: Vec<&str> = flows.into_iter().map(|used| used.trim_start_matches("login: ")).collect();
            format!("it logs in by {}: whoever has its key needs no listed token", used.join(", "))
        } else if logs_in && self.app.tokens.is_empty() && self.inventory.has(Table::Tokens) {
            "it logs in, and no token of it is listed: whoever has its key or secret needs none".to_owned()
        } else {
            return None;
        };
        let setup = "Setup › App Manager (or External Client App Manager) › the app › change the certificate, and rotate the \
                     consumer secret";
        Some(self.step(Action::ChangeKeys, None, because, setup.to_owned()))
    }

    fn block(&self) -> Step {
        let because =
            "nothing of the app gets in then, whatever token it has; undo it when its owner says so".to_owned();
        self.step(Action::BlockApp, None, because, "Setup › Connected Apps OAuth Usage › the app › Block".to_owned())
    }

    fn freeze(&self, user: &str) -> Step {
        let because = "somebody logs in with this user, and the app was abused for it".to_owned();
        let setup = "Setup › Users › the user › Freeze; then Reset Password".to_owned();
        let rest = format!("PATCH /services/data/v65.0/sobjects/UserLogin/<Id where UserId = '{user}'>, IsFrozen=true");
        Step { rest: Some(rest), ..self.step(Action::FreezeUser, Some(user), because, setup) }
    }

    /// Users for whom the app was used from the thief's addresses.
    fn abused_users(&self) -> BTreeSet<String> {
        let bad = self.app.traces.iter().filter(|trace| self.scope.is_bad(trace.address.as_deref()));
        bad.filter_map(|trace| trace.user.clone())
            .filter(|user| self.scope.has_user(Some(user), self.inventory))
            .collect()
    }

    fn users(&self) -> BTreeSet<String> {
        let of_tokens = self.app.tokens.iter().filter_map(|token| token.user.clone());
        let of_traces = self.app.traces.iter().filter_map(|trace| trace.user.clone());
        of_tokens.chain(of_traces).filter(|user| self.scope.has_user(Some(user), self.inventory)).collect()
    }

    fn named(&self, user: &str) -> Named {
        let name = self.inventory.users.get(user).and_then(|state| state.username.clone());
        let is_id = crate::value::id::has_prefix(user, "005");
        Named { id: is_id.then(|| user.to_owned()), name: name.or_else(|| (!is_id).then(|| user.to_owned())) }
    }

    fn owner(&self) -> Option<String> {
        let named = [&self.app.app.id, &self.app.app.name].into_iter().flatten();
        self.register.find_any(named.map(String::as_str))?.owner.clone()
    }

    fn stops(&self, user: Option<&str>) -> Stops {
        let is_kept = |trace: &&Trace| {
            !self.scope.is_bad(trace.address.as_deref()) && user.is_none_or(|user| trace.user.as_deref() == Some(user))
        };
        let kept: Vec<&Trace> = self.app.traces.iter().filter(is_kept).collect();
        let mut by_use: BTreeMap<&str, u64> = BTreeMap::new();
        for trace in &kept {
            *by_use.entry(trace.used.as_deref().unwrap_or("not said")).or_default() += trace.events;
        }
        let events: u64 = by_use.values().sum();
        let mut by_use: Vec<(&str, u64)> = by_use.into_iter().collect();
        by_use.sort_by_key(|(name, events)| (std::cmp::Reverse(*events), *name));
        let first = self.inventory.first.unwrap_or(self.inventory.as_of);
        let days = ((self.inventory.as_of.0 - first.0).max(0) / DAY + 1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "events a day need no more digits")]
        let events_a_day = (events as f64 * 10.0 / days as f64).round() / 10.0;
        Stops {
            events_a_day,
            uses: by_use.into_iter().take(USES).map(|(name, _)| name.to_owned()).collect(),
            addresses: kept.iter().filter_map(|trace| trace.address.clone()).collect(),
            users: kept
                .iter()
                .filter_map(|trace| trace.user.as_deref())
                .map(|user| crate::words::name_of(Some(&self.named(user)), ""))
                .collect(),
            last: kept.iter().map(|trace| trace.last).max(),
        }
    }
}

fn last_used(token: &TokenState) -> String {
    match token.last_used {
        Some(last) => format!("it is alive, and was last used {last}"),
        None => "it is alive, and nobody says when it was used".to_owned(),
    }
}

/// Whether a use is a login for which no token is listed.
fn needs_keys(used: &str) -> bool {
    let used = used.to_ascii_lowercase();
    used.starts_with("login")
        && ["jwt", "client credentials", "asset token", "saml bearer"].iter().any(|flow| used.contains(flow))
}
