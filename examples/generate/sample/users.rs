//! The users as the organisation lists them: everybody active, but one who has left and holds nothing.

use super::organisation::{
    CHATTER_WIDGET, DOMAIN, DRIFT, HARBOR_ETL, LEDGER_SYNC, NORTHWIND_BI, User, WAREHOUSE_SYNC, integration_user,
    people,
};
use super::row::{Row, Value};
use crate::calendar::{DAY, date};
use crate::ids::record_id_text;

pub(super) const USERS: &str = "Id|Username|IsActive|UserType|ProfileId|Profile.Name|\
    Profile.PermissionsModifyAllData=ModifiesAll|CreatedDate|LastLoginDate|LastModifiedDate";
pub(super) const LOGINS: &str = "Id=LoginId|UserId=Id|IsFrozen|IsPasswordLocked|LastModifiedDate";

/// Everybody, by number.
pub(super) fn listed() -> Vec<Row> {
    let named = |number: u64, name: &str| User {
        id: record_id_text("005", 90_000_900_000 + number),
        username: format!("{name}@{DOMAIN}"),
    };
    let integrations = [NORTHWIND_BI, HARBOR_ETL, LEDGER_SYNC, WAREHOUSE_SYNC, DRIFT, CHATTER_WIDGET];
    let people = people().into_iter().map(|person| (person.user, "Standard User", true));
    let machines = integrations.map(|app| (integration_user(app), "Minimum Access - API Only Integrations", true));
    let others = [(named(1, "setup"), "System Administrator", true), (named(2, "zofia.wrona"), "Standard User", false)];
    let all = people.chain(machines).chain(others);
    (0..).zip(all).map(|(number, (user, profile, active))| row(number, &user, profile, active)).collect()
}

fn row(number: i64, user: &User, profile: &'static str, active: bool) -> Row {
    let made = date(2024, 1, 8) + number * 3 * DAY;
    let administers = profile == "System Administrator";
    Row::new(made)
        .with("Id", user.id.as_str())
        .with("LoginId", record_id_text("0Yw", 60_000_000_000 + number as u64))
        .with("Username", user.username.as_str())
        .with("IsActive", if active { "true" } else { "false" })
        .with("IsFrozen", if active { "false" } else { "true" })
        .with("IsPasswordLocked", "false")
        .with("UserType", "Standard")
        .with("ProfileId", record_id_text("00e", 10_000_000_000 + profile.len() as u64))
        .with("Profile.Name", profile)
        .with("ModifiesAll", if administers { "true" } else { "false" })
        .with("CreatedDate", Value::Time(made))
        .with("LastLoginDate", Value::Time(date(2025, 8, 11)))
        .with("LastModifiedDate", Value::Time(made + 40 * DAY))
}
