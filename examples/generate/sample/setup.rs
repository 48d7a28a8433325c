//! The setup: who changed what, and which connected apps the organisation lists.

use super::organisation::{
    App, CHATTER_WIDGET, DRIFT, HARBOR_ETL, LEDGER_SYNC, MAILBRIDGE, NORTHWIND_BI, NORTHWIND_BI_DESKTOP,
    SALESFORCE_IOS, WAREHOUSE_SYNC, people,
};
use super::row::{Row, Value};
use crate::calendar::{DAY, HOUR, MINUTE, date, iso_text};
use crate::ids::record_id_text;

pub(super) const TRAIL: &str =
    "Id|CreatedDate|CreatedById|CreatedBy.Username=Username|Action|Section|Display|DelegateUser";
pub(super) const TRAIL_DOWNLOAD: &str =
    "Date|User=Username|Source Namespace Prefix=Prefix|Action=Display|Section|Delegate User=DelegateUser";
pub(super) const MENU: &str = "Id|ApplicationId|Label|Name|Type|CreatedDate|IsAccessible|IsVisible|StartUrl";
pub(super) const APPLICATIONS: &str = "Id|Name|CreatedDate|LastModifiedDate|OptionsAllowAdminApprovedUsersOnly|\
    OptionsHasSessionLevelPolicy|OptionsRefreshTokenValidityMetric|RefreshTokenValidityPeriod|MobileStartUrl|StartUrl";

const APPS: [App; 9] = [
    NORTHWIND_BI,
    NORTHWIND_BI_DESKTOP,
    HARBOR_ETL,
    LEDGER_SYNC,
    WAREHOUSE_SYNC,
    DRIFT,
    CHATTER_WIDGET,
    MAILBRIDGE,
    SALESFORCE_IOS,
];

/// Changes of July and August; the sentences are those of Salesforce's own documentation and tools, with other names.
pub(super) fn trail() -> Vec<Row> {
    let changes = [
        ("insertApplication", "Application", "Created Connected App Chatter Widget"),
        ("enableOauth", "Application", "Enabled connected Chatter Widget OAuth 2.0 authorization settings"),
        (
            "changeOauthDefaultScope",
            "Application",
            "Changed connected app Chatter Widget scopes from null to chatter_api, refresh_token",
        ),
        ("insertConnectedApplication", "Connected Apps", "Installed Connected App Drift to Salesforce"),
        (
            "changeIpRelaxationPolicy",
            "Connected Apps",
            "Changed connected app Drift IP relaxation setting from Enforce IP restrictions to Relax IP restrictions",
        ),
        (
            "changeUserRuntimeAccessPolicy",
            "Connected Apps",
            "Changed connected app Harbor ETL Permitted Users setting from All users may self-authorize to Admin \
                approved users are pre-authorized",
        ),
        ("changeApplicationCertificate", "Remote Access", "Changed Connected App Warehouse Sync certificate"),
        ("namedCredentialInsert", "Named Credentials", "Created named credential Freight Rates"),
        ("changedFiscalYear", "Company Information", "Changed fiscal year start month from 7 to 4"),
    ];
    let people = people();
    let row = |(place, (action, section, display)): (i64, (&'static str, &'static str, &'static str))| {
        let time = date(2025, 7, 11) + place * 4 * DAY + 15 * HOUR + place * 7 * MINUTE;
        let admin = &people[2].user;
        Row::new(time)
            .with("Id", record_id_text("0Ym", 34_000_000_000 + place as u64))
            .with("CreatedDate", Value::Time(time))
            .with("Date", local_text(time))
            .with("CreatedById", admin.id.as_str())
            .with("Username", admin.username.as_str())
            .with("Action", action)
            .with("Section", section)
            .with("Display", display)
    };
    let mut rows: Vec<Row> = (0..).zip(changes).map(row).collect();
    rows.reverse();
    rows
}

/// `8/14/2025, 9:12:44 AM GMT`, as the page in Setup writes it for somebody in London in winter time.
fn local_text(time: i64) -> String {
    let iso = iso_text(time);
    let number = |range: std::ops::Range<usize>| iso[range].parse::<u32>().unwrap_or_default();
    let (hour, half) = (number(11..13), if number(11..13) < 12 { "AM" } else { "PM" });
    let hour = (hour + 11) % 12 + 1;
    format!("{}/{}/{}, {hour}:{}:{} {half} GMT", number(5..7), number(8..10), number(0..4), &iso[14..16], &iso[17..19])
}

pub(super) fn menu() -> Vec<Row> {
    let row = |app: App| {
        Row::new(0)
            .with("Id", app.menu_item())
            .with("ApplicationId", app.id())
            .with("Label", app.name)
            .with("Name", app.name.replace(' ', "_"))
            .with("Type", "ConnectedApplication")
            .with("CreatedDate", Value::Time(date(2024, 3, 4)))
            .with("IsAccessible", "true")
            .with("IsVisible", "true")
    };
    APPS.into_iter().map(row).collect()
}

/// As the metadata of these apps says: the others are for users whom administrators have approved.
fn anybody_may(app: App) -> bool {
    [DRIFT, SALESFORCE_IOS].contains(&app)
}

pub(super) fn applications() -> Vec<Row> {
    let made = date(2024, 3, 4);
    let row = |(place, app): (i64, App)| {
        Row::new(made)
            .with("Id", app.id())
            .with("Name", app.name)
            .with("CreatedDate", Value::Time(made + place * 9 * DAY))
            .with("LastModifiedDate", Value::Time(made + place * 9 * DAY))
            .with("OptionsAllowAdminApprovedUsersOnly", if anybody_may(app) { "false" } else { "true" })
            .with("OptionsHasSessionLevelPolicy", "false")
            .with("OptionsRefreshTokenValidityMetric", "false")
    };
    (0..).zip(APPS).map(row).collect()
}
