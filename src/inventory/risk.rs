//! How much is at stake with an app: points from 0 to 100, with the reasons that they are for.
//!
//! Not a probability. What counts is what a thief of its tokens would get, and how little would stop one: scopes, tokens
//! and whose they are, how long they live, from where they may be used, and whether anybody answers for the app. Points
//! are the project's own choice; reasons and points are told, so that anybody can weigh them otherwise.

use serde::Serialize;

use super::{Inventory, KnownApp};
use crate::apps::scopes::{self, Risks};
use crate::configuration::{IpRelaxation, PermittedUsers, RefreshPolicy, Stated};
use crate::finding::{ScorePart, Severity};
use crate::value::time::DAY;

/// Points and their reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// From 0 to 100.
    pub total: u8,
    /// What added how much, most first.
    pub parts: Vec<ScorePart>,
}

/// Tokens that have been idle for longer can go.
const IDLE_DAYS: i64 = 30;
/// Tokens of so many users or more are many.
const MANY_USERS: usize = 10;

impl KnownApp<'_> {
    /// The scopes that it was granted, by metadata or else by the register; nothing if neither says.
    pub fn scopes(&self) -> Option<Vec<String>> {
        let metadata = self.configuration.and_then(|app| app.scopes.known());
        let registered = || self.registered.and_then(|app| app.scopes.as_ref());
        let scopes = metadata.or_else(registered)?;
        Some(scopes.iter().map(|scope| scopes::canonical(scope)).collect())
    }

    /// How much is at stake. `has_register`: the user keeps a register, so that who is not in it is nobody's.
    pub fn risk(&self, inventory: Option<&Inventory>, risks: &Risks, has_register: bool) -> Risk {
        let mut parts: Vec<(i16, String)> = Vec::new();
        parts.extend(self.risk_of_scopes(risks));
        parts.extend(self.risk_of_tokens(inventory));
        parts.extend(self.risk_of_policies());
        if has_register && self.registered.is_none() {
            parts.push((10, "nobody has registered it".to_owned()));
        }
        let total: i16 = parts.iter().map(|(points, _)| points).sum();
        parts.sort_by(|left, right| (right.0, &left.1).cmp(&(left.0, &right.1)));
        Risk {
            total: u8::try_from(total.clamp(0, 100)).unwrap_or(100),
            parts: parts.into_iter().map(|(points, reason)| ScorePart { reason, points }).collect(),
        }
    }

    fn risk_of_scopes(&self, risks: &Risks) -> Option<(i16, String)> {
        let Some(granted) = self.scopes() else {
            return Some((10, "its scopes are not known".to_owned()));
        };
        let known = granted.iter().filter_map(|word| scopes::find(word));
        let worst = known.max_by_key(|scope| risks.of(scope))?;
        let points = match risks.of(worst) {
            Severity::Info | Severity::Low => return None,
            Severity::Medium => 15,
            Severity::High => 25,
            Severity::Critical => 35,
        };
        Some((points, format!("its scopes reach as far as {}", worst.name())))
    }

    fn risk_of_tokens(&self, inventory: Option<&Inventory>) -> Vec<(i16, String)> {
        let (Some(used), Some(inventory)) = (self.used, inventory) else { return Vec::new() };
        let mut parts = Vec::new();
        let users: std::collections::BTreeSet<&str> =
            used.tokens.iter().filter_map(|token| token.user.as_deref()).collect();
        let is_administrator =
            |user: &&&str| inventory.users.get(**user).is_some_and(|user| user.modifies_all == Some(true));
        let administrators = users.iter().filter(is_administrator).count();
        if administrators > 0 {
            parts.push((20, format!("{administrators} of its token holders may modify all data")));
        }
        if users.len() >= MANY_USERS {
            parts.push((10, format!("{} users have granted it tokens", users.len())));
        }
        let last_used = |token: &super::TokenState| token.last_used.or(token.created);
        let is_idle = |token: &&super::TokenState| {
            last_used(token).is_some_and(|last| inventory.as_of.0 - last.0 > IDLE_DAYS * DAY)
        };
        let idle = used.tokens.iter().filter(is_idle).count();
        if idle > 0 {
            parts.push((10, format!("{idle} of its {} tokens have been idle for {IDLE_DAYS} days", used.tokens.len())));
        }
        if used.traces.is_empty() && !used.tokens.is_empty() {
            parts.push((5, "it has tokens, and no log shows it at work".to_owned()));
        }
        parts
    }

    fn risk_of_policies(&self) -> Vec<(i16, String)> {
        let Some(app) = self.configuration else { return Vec::new() };
        let mut parts = Vec::new();
        match app.ip_relaxation {
            Stated::Known(IpRelaxation::Relax) => parts.push((15, "it may be used from anywhere")),
            Stated::Known(IpRelaxation::EnforceRelaxRefresh) => {
                parts.push((10, "its refresh tokens may be used from anywhere"));
            }
            Stated::Known(IpRelaxation::RelaxActivatedDevices) => {
                parts.push((5, "it may be used from anywhere by devices that were activated"));
            }
            _ => {}
        }
        if app.refresh_policy.is(&RefreshPolicy::UntilRevoked) && !app.idle_limit.is(&true) {
            parts.push((10, "its refresh tokens never end"));
        }
        if app.permitted_users.is(&PermittedUsers::SelfAuthorized) {
            parts.push((5, "any user may authorise it"));
        }
        parts.into_iter().map(|(points, reason)| (points, reason.to_owned())).collect()
    }
}
