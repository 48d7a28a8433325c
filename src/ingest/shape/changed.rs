//! The app that a change of the setup is about, where its sentence names it.

use super::Demand;
use crate::apps::Register;
use crate::batch::{Batch, Role, Table};
use crate::dictionary::Dictionary;
use crate::value::setup_change;

/// Fills the apps of setup changes, if somebody reads them. There are few changes: no answer is remembered.
pub(super) fn name_apps(batch: &mut Batch, demand: &Demand, register: &Register, dictionary: &mut Dictionary) {
    if batch.table != Table::SetupChanges || !demand.has(batch.table, Role::App) {
        return;
    }
    for row in 0..batch.rows() {
        let change = dictionary.role_text(Role::Change, batch.id(Role::Change, row)).unwrap_or_default();
        if let Some(app) = setup_change::app(change).map(|name| register.key(name).to_owned()) {
            let app = dictionary.id(Role::App.domain(), &app);
            batch.set_id_if_absent(Role::App, row, app);
        }
    }
}
