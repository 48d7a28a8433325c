//! A month with everything in it that looks like an attack and is none.

use super::calendar::{DAY, HOUR, MINUTE, date};
use super::profile::{HISTORY, MONTH, OBJECTS};
use super::random::mix;
use super::row::{Cause, Row};
use super::world::traffic::Traffic;
use super::world::{Org, Work, weekday};

/// What happens; rows say by place what they come from. Clocks change in each of these months, with no row to name.
pub(crate) const EVENTS: [&str; 6] = [
    "the chat's vendor moves to another provider",
    "a BI tool is bought, and copies everything",
    "month end: eight times the rows",
    "people behind a carrier's shared addresses",
    "an app is registered anew, with a new id",
    "the hourly files of a day come after its daily ones",
];
/// The day of the month on which hourly files come again.
pub(crate) const REPLAYED: i64 = HISTORY + 20;

const fn day(number: i64) -> i64 {
    MONTH.start + (HISTORY + number) * DAY
}

/// The month with all of it, in order of time.
pub(crate) fn eventful(org: &Org, seed: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = org.rows.iter().map(|row| changed(org, row)).collect();
    let mut traffic = Traffic::more(org, seed, Cause::Event(1));
    buy_a_tool(&mut traffic, org);
    traffic.cause = Cause::Event(2);
    month_ends(&mut traffic, org);
    rows.extend(traffic.into_rows());
    rows.sort_by_key(|row| row.time);
    rows
}

/// A row as it is in the eventful month.
fn changed(org: &Org, row: &Row) -> Row {
    let mut row = row.clone();
    let has_ledger = org.apps.iter().any(|app| app.work == Work::Ledger);
    let moving = org.app_for(if has_ledger { Work::Ledger } else { Work::Cards });
    if row.app == org.app_for(Work::Chat) && row.time >= day(5) {
        let [_, _, _, host] = row.address.to_be_bytes();
        row.address = u32::from_be_bytes([13, 79, 18, host]);
        row.cause = Cause::Event(0);
    }
    if row.app == moving && row.time >= day(12) {
        row.app = org.app_for(Work::Migrated);
        row.cause = Cause::Event(4);
    }
    let is_shared = row.user % 8 == 3 && (row.user as usize) < org.people.len();
    if is_shared && row.time >= day(3) && row.address != org.people[row.user as usize].office {
        let carrier = mix(row.session ^ 0x6367_6e61);
        row.address = u32::from_be_bytes([100, 96, carrier as u8, (carrier >> 8) as u8]);
        row.cause = Cause::Event(3);
    }
    row
}

fn buy_a_tool(traffic: &mut Traffic, org: &Org) {
    let place = org.app_for(Work::Newcomer);
    let (app, user) = (&org.apps[place as usize], org.user_of(place));
    for number in 8..30 {
        let start = day(number) + 5 * HOUR + traffic.random.between(0, 9 * MINUTE);
        let address = traffic.machine(&app.addresses);
        let session = traffic.refresh(start, user, place, address, app.agent);
        let mut time = start + MINUTE;
        for (object, _) in OBJECTS {
            if number == 8 {
                traffic.describe(time - 30_000, &session, object);
            }
            let records = org.profile.records_of(object).min(400_000);
            let rows = if number == 8 { records } else { records / 40 + traffic.random.between(0, 50) };
            let text = format!("SELECT Id, Name, OwnerId, CreatedDate FROM {object} ORDER BY Id");
            traffic.pages(time, &session, object, &text, rows, 1200);
            time += rows / 2000 * 1200 + MINUTE;
        }
    }
}

/// The end of each month, not of this one only: whoever reads accounts reads eight times as many.
fn month_ends(traffic: &mut Traffic, org: &Org) {
    for end in [date(2025, 8, 31), date(2025, 9, 30), date(2025, 10, 31)] {
        for (place, app) in (0..).zip(&org.apps) {
            if !matches!(app.work, Work::Success | Work::Warehouse) {
                continue;
            }
            let objects = if app.work == Work::Success { ["Account", "Opportunity"] } else { ["Opportunity", "Task"] };
            let address = traffic.machine(&app.addresses);
            let session = traffic.refresh(end + 20 * HOUR, org.user_of(place), place, address, app.agent);
            let mut time = end + 20 * HOUR + MINUTE;
            for object in objects {
                let rows = org.profile.records_of(object) * 8 * 60 / 1000 * app.size / 100;
                let rows = rows.min(400_000) + weekday(end);
                let text = format!("SELECT Id, Name, OwnerId, LastModifiedDate FROM {object} ORDER BY Id");
                traffic.pages(time, &session, object, &text, rows, 1200);
                time += rows / 2000 * 1200 + MINUTE;
            }
        }
    }
}
