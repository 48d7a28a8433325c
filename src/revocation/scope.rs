//! What a plan is about: apps, a user, addresses of the thief.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::finding::{Named, Severity};
use crate::inventory::{AppUse, Inventory};
use crate::told::Told;

/// What is to be revoked.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Apps by id or name, in lower case; if there are none, those that the addresses used.
    pub apps: BTreeSet<String>,
    /// One user only, by id or username.
    pub user: Option<String>,
    /// Networks that are named as the thief's.
    pub addresses: Vec<IpNet>,
}

impl Scope {
    /// Takes in what findings of at least a severity are about: their apps, and the networks that do not belong to them.
    pub fn extend(&mut self, told: &Told, least: Severity) {
        for finding in told.all.iter().filter(|finding| finding.severity >= least) {
            let app = finding.subject.app.iter().flat_map(|app| [&app.id, &app.name]).flatten();
            self.apps.extend(app.map(|text| text.to_lowercase()));
            self.addresses.extend(finding.foreign_networks());
        }
        self.addresses.sort_unstable();
        self.addresses.dedup();
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.apps.is_empty() && self.user.is_none() && self.addresses.is_empty()
    }

    pub(super) fn has_app(&self, key: &str, app: &AppUse) -> bool {
        if self.apps.is_empty() {
            let of_user =
                self.user.is_some() && app.tokens.iter().any(|token| token.user.as_deref() == self.user.as_deref());
            return self.was_abused(app) || of_user;
        }
        let Named { id, name } = &app.app;
        let texts = [Some(key), id.as_deref(), name.as_deref()];
        texts.into_iter().flatten().any(|text| self.apps.contains(&text.to_lowercase()))
    }

    pub(super) fn has_user(&self, user: Option<&str>, inventory: &Inventory) -> bool {
        let Some(wanted) = self.user.as_deref() else { return true };
        let name = user.and_then(|user| inventory.users.get(user)?.username.as_deref());
        [user, name].into_iter().flatten().any(|text| text.eq_ignore_ascii_case(wanted))
    }

    /// Whether the thief's addresses used it.
    pub(super) fn was_abused(&self, app: &AppUse) -> bool {
        app.traces.iter().any(|trace| self.is_bad(trace.address.as_deref()))
    }

    pub(super) fn is_bad(&self, address: Option<&str>) -> bool {
        let Some(address) = address.and_then(|text| text.parse::<IpAddr>().ok()) else { return false };
        self.addresses.iter().any(|network| network.contains(&address))
    }
}
