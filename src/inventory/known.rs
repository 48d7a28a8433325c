//! An app as all inputs together know it: exports, metadata and the register, brought to one.
//!
//! An id beats a name: what has another id is another app, whatever it calls itself. A name that several apps go by is
//! nobody's.

use crate::apps::{App, Register};
use crate::configuration::{AppConfiguration, AppKind, Configuration};
use crate::finding::Named;
use crate::inventory::{AppUse, Inventory};

/// One app.
#[derive(Clone, Debug)]
pub struct KnownApp<'a> {
    /// Its id and its name, as far as they are known.
    pub app: Named,
    /// How it is configured, if metadata or a row of `ConnectedApplication` say so.
    pub configuration: Option<&'a AppConfiguration>,
    /// What exports show of it.
    pub used: Option<&'a AppUse>,
    /// What the user's register says of it.
    pub registered: Option<&'a App>,
}

/// All apps of all inputs, by name and id.
pub fn known<'a>(
    configuration: &'a Configuration,
    inventory: Option<&'a Inventory>,
    register: &'a Register,
) -> Vec<KnownApp<'a>> {
    let mut apps: Vec<KnownApp<'_>> =
        configuration.apps.iter().map(|app| configured(app, inventory, register)).collect();
    for used in inventory.iter().flat_map(|inventory| inventory.apps.values()) {
        let is_known = |known: &KnownApp<'_>| known.used.is_some_and(|known| known.app == used.app);
        if !apps.iter().any(is_known) {
            let names = [&used.app.id, &used.app.name];
            let registered = register.find_any(names.into_iter().flatten().map(String::as_str));
            apps.push(KnownApp { app: used.app.clone(), configuration: None, used: Some(used), registered });
        }
    }
    for registered in register.iter() {
        let is_it = |known: &KnownApp<'_>| known.registered.is_some_and(|known| known.name == registered.name);
        if !apps.iter().any(is_it) {
            let app = Named { id: registered.id.clone(), name: Some(registered.name.clone()) };
            apps.push(KnownApp { app, configuration: None, used: None, registered: Some(registered) });
        }
    }
    apps.sort_by(|left, right| (&left.app.name, &left.app.id).cmp(&(&right.app.name, &right.app.id)));
    apps
}

/// An app of metadata, with what the others know of it.
fn configured<'a>(app: &'a AppConfiguration, inventory: Option<&'a Inventory>, register: &'a Register) -> KnownApp<'a> {
    let ids = app.id.iter().chain(&app.consumer_key).chain(&app.label).map(String::as_str);
    let registered = register.find_any(ids.chain(std::iter::once(app.name.as_str())));
    // Who has another id than the register's app only calls itself so.
    let registered = registered.filter(|known| match (&app.id, &known.id) {
        (Some(own), Some(theirs)) => own == theirs || known.also_ids.contains(own),
        _ => true,
    });
    let used = inventory.and_then(|inventory| used(app, registered, inventory));
    let id = app.id.clone().or_else(|| used.and_then(|used| used.app.id.clone()));
    KnownApp { app: Named { id, name: Some(app.shown_name().to_owned()) }, configuration: Some(app), used, registered }
}

/// What exports show of an app of metadata.
fn used<'a>(app: &AppConfiguration, registered: Option<&App>, inventory: &'a Inventory) -> Option<&'a AppUse> {
    let ids = app.id.iter().chain(registered.and_then(|app| app.id.as_ref()));
    if let Some(used) = ids.into_iter().find_map(|id| inventory.apps.get(id)) {
        return Some(used);
    }
    let own_name = Some(app.name.as_str()).filter(|_| app.kind != AppKind::RowOnly);
    let names = [app.label.as_deref(), own_name, registered.map(|app| app.name.as_str())];
    let is_called = |used: &&AppUse| {
        let has_other_id = app.id.is_some() && used.app.id.is_some();
        let name = used.app.name.as_deref().filter(|_| !has_other_id);
        name.is_some_and(|name| names.iter().flatten().any(|own| own.eq_ignore_ascii_case(name)))
    };
    let mut called = inventory.apps.values().filter(is_called);
    // Of several apps of one name nobody knows which it is.
    called.next().filter(|_| called.next().is_none())
}
