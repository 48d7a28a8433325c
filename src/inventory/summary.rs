//! An app in a line: what there is of it, and how much is at stake.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;

use super::{Inventory, KnownApp, Risk, Trace};
use crate::apps::scopes::Risks;
use crate::configuration::AppKind;
use crate::finding::Named;
use crate::value::Time;

/// An app in a line.
#[derive(Clone, Debug, Serialize)]
pub struct AppSummary {
    /// The app.
    pub app: Named,
    /// Who answers for it, as the register says.
    pub owner: Option<String>,
    /// Which metadata describes it.
    pub configured_as: Option<&'static str>,
    /// What it was granted, if anything says.
    pub scopes: Option<Vec<String>>,
    /// Its tokens, as they were listed last.
    pub tokens: usize,
    /// For how many users.
    pub token_users: usize,
    /// Users that logs name.
    pub users: usize,
    /// Logins, and those that failed too.
    pub logins: u64,
    /// Calls.
    pub calls: u64,
    /// Rows that calls returned.
    pub rows: i64,
    /// The first login or call.
    pub first: Option<Time>,
    /// The last call, login or use of a token.
    pub last: Option<Time>,
    /// From where.
    pub addresses: Vec<String>,
    /// With which client libraries. Hostile text.
    pub clients: Vec<String>,
    /// How much is at stake.
    pub risk: Risk,
}

impl AppSummary {
    /// The order by risk, and of equal ones by name.
    pub fn riskiest_first(left: &Self, right: &Self) -> Ordering {
        (right.risk.total, &left.app).cmp(&(left.risk.total, &right.app))
    }
}

impl KnownApp<'_> {
    /// The app in a line; see [`KnownApp::risk`].
    pub fn summary(&self, inventory: Option<&Inventory>, risks: &Risks, has_register: bool) -> AppSummary {
        let (traces, tokens) = self.used.map_or((&[][..], &[][..]), |used| (&used.traces, &used.tokens));
        let distinct = |of: fn(&Trace) -> Option<&String>| -> Vec<String> {
            traces.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().cloned().collect()
        };
        let sum =
            |is_login: bool| traces.iter().filter(|trace| trace.is_login == is_login).map(|trace| trace.events).sum();
        let uses_of_tokens = tokens.iter().filter_map(|token| token.last_used);
        AppSummary {
            app: self.app.clone(),
            owner: self.registered.and_then(|app| app.owner.clone()),
            configured_as: self.configuration.map(|app| match app.kind {
                AppKind::ConnectedApp => "connected app",
                AppKind::ExternalClientApp => "external client app",
                AppKind::RowOnly => "a row of ConnectedApplication",
            }),
            scopes: self.scopes(),
            tokens: tokens.len(),
            token_users: tokens.iter().filter_map(|token| token.user.as_ref()).collect::<BTreeSet<_>>().len(),
            users: distinct(|trace| trace.user.as_ref()).len(),
            logins: sum(true),
            calls: sum(false),
            rows: traces.iter().map(|trace| trace.rows).sum(),
            first: traces.iter().map(|trace| trace.first).min(),
            last: traces.iter().map(|trace| trace.last).chain(uses_of_tokens).max(),
            addresses: distinct(|trace| trace.address.as_ref()),
            clients: distinct(|trace| trace.client.as_ref()),
            risk: self.risk(inventory, risks, has_register),
        }
    }
}
