//! The machines: a BI tool, a nightly ETL, the chat app Drift, a small widget.
//!
//! Round the clock, from fixed addresses.

use super::organisation::{CHATTER_WIDGET, DRIFT, HARBOR_ETL, NORTHWIND_BI, integration_user, is_weekend};
use super::traffic::{Access, CLIENT_CREDENTIALS, Question, REFRESH_TOKEN, Session, Traffic};
use super::{END, START};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, iso_text};
use crate::random::Random;

const WIDGET_ADDRESS: &str = "198.18.77.8";
const DRIFT_ADDRESS: &str = "192.0.2.17";
const ETL_ADDRESS: &str = "198.18.40.5";

/// Asks every hour, and takes a larger snapshot in pages each morning; two addresses of one network.
pub(super) fn northwind_bi(traffic: &mut Traffic) {
    let access = Access {
        user: integration_user(NORTHWIND_BI),
        app: NORTHWIND_BI,
        sub_type: REFRESH_TOKEN,
        user_agent: "NorthwindBI-Server/2025.1 (Linux; jdk-17.0.11)",
        platform: "Linux",
    };
    for start in every(2 * HOUR) {
        let start = start + 3 * MINUTE + jitter(traffic);
        let address = *traffic.random.pick(&["198.18.20.10", "198.18.20.11"]);
        let mut session = traffic.open(start, &access, address);
        for hour in 0..2 {
            let time = start + hour * HOUR + 2 * MINUTE + jitter(traffic);
            let question = dashboard(time, &mut traffic.random);
            traffic.call(time, &mut session, question);
        }
        if start % DAY / HOUR == 4 {
            morning_snapshot(traffic, start + 20 * MINUTE, &mut session);
        }
    }
}

/// Asks for changed orders every hour and copies five objects in bulk each night.
pub(super) fn harbor_etl(traffic: &mut Traffic) {
    let access = Access {
        user: integration_user(HARBOR_ETL),
        app: HARBOR_ETL,
        sub_type: CLIENT_CREDENTIALS,
        user_agent: "HarborETL/5.2 Apache-HttpClient/4.5.14 (Java/17.0.9)",
        platform: "Linux",
    };
    for start in every(6 * HOUR) {
        let start = start + 25 * MINUTE + jitter(traffic);
        let mut session = traffic.open(start, &access, ETL_ADDRESS);
        for hour in 0..6 {
            let time = start + hour * HOUR + MINUTE + jitter(traffic);
            let text = format!(
                "SELECT Id, OrderNumber, Status, TotalAmount, EffectiveDate FROM Order WHERE \
                    SystemModstamp > {}",
                iso_text(time - HOUR)
            );
            let rows = around(&mut traffic.random, daytime(time, 90, 12));
            traffic.call(time, &mut session, Question::rest("Order", text, rows));
        }
        if start % DAY < 6 * HOUR {
            nightly_copy(traffic, start + 100 * MINUTE, &mut session);
        }
    }
}

/// Looks up visitors of the website among leads and contacts, three times a token.
pub(super) fn drift(traffic: &mut Traffic) {
    let access = drift_access();
    for start in every(2 * HOUR) {
        let start = start + 11 * MINUTE + jitter(traffic);
        let mut session = traffic.open(start, &access, DRIFT_ADDRESS);
        for turn in 0..3 {
            let time = start + turn * 40 * MINUTE + 9 * SECOND + jitter(traffic);
            let visitor = traffic.random.below(90_000);
            let (object, fields) = *traffic.random.pick(&[
                ("Lead", "Id, Name, Email, Status, OwnerId"),
                ("Contact", "Id, Name, Email, AccountId, OwnerId"),
            ]);
            let text = format!(
                "SELECT {fields} FROM {object} WHERE Email = \
                    'visitor{visitor}@customer.example' LIMIT 50"
            );
            let rows = traffic.random.between(0, 4);
            traffic.call(time, &mut session, Question::rest(object, text, rows));
        }
    }
}

/// What Drift itself uses to get in.
pub(super) fn drift_access() -> Access {
    Access {
        user: integration_user(DRIFT),
        app: DRIFT,
        sub_type: REFRESH_TOKEN,
        user_agent: "Drift/2.9.1 (Node.js v18.20.2; jsforce/1.11.1)",
        platform: "Unknown",
    }
}

/// Comes twice a day for its Chatter feed, which `ApiEvent` does not record.
pub(super) fn chatter_widget(traffic: &mut Traffic) {
    let access = widget_access();
    for start in every(12 * HOUR) {
        let time = start + 40 * MINUTE + jitter(traffic);
        traffic.open(time, &access, WIDGET_ADDRESS);
    }
}

pub(super) fn widget_access() -> Access {
    Access {
        user: integration_user(CHATTER_WIDGET),
        app: CHATTER_WIDGET,
        sub_type: REFRESH_TOKEN,
        user_agent: "ChatterWidget/1.4",
        platform: "Unknown",
    }
}

/// A login of the widget at its usual address.
pub(super) fn open_widget(traffic: &mut Traffic, time: i64) -> Session {
    traffic.open(time, &widget_access(), WIDGET_ADDRESS)
}

/// The moments of the forty days that are `step` apart.
pub(super) fn every(step: i64) -> impl Iterator<Item = i64> {
    (0..(END - START) / step).map(move |turn| START + turn * step)
}

/// Up to forty seconds, milliseconds included.
pub(super) fn jitter(traffic: &mut Traffic) -> i64 {
    traffic.random.between(0, 40 * SECOND)
}

/// About `expected`, within a tenth.
fn around(random: &mut Random, expected: i64) -> i64 {
    expected * random.between(900, 1101) / 1000
}

/// `busy` in American working hours of a weekday, `calm` otherwise.
fn daytime(time: i64, busy: i64, calm: i64) -> i64 {
    let working = !is_weekend(time) && (13..23).contains(&(time % DAY / HOUR));
    if working { busy } else { calm }
}

fn dashboard(time: i64, random: &mut Random) -> Question {
    let (entities, text, busy) = match time / HOUR % 4 {
        0 => (
            "Opportunity, Account",
            "SELECT Id, Name, StageName, Amount, CloseDate,\n       Account.Name, \
                Account.BillingCountry\nFROM Opportunity\nWHERE CloseDate = THIS_QUARTER",
            1450,
        ),
        1 => (
            "Account",
            "SELECT Id, Name, Industry, AnnualRevenue, BillingCountry FROM Account WHERE Type \
                = 'Customer'",
            1900,
        ),
        2 => (
            "OpportunityLineItem, Product2",
            "SELECT Id, Quantity, UnitPrice, Product2.Name FROM OpportunityLineItem WHERE \
                CreatedDate = LAST_N_DAYS:30",
            1700,
        ),
        _ => (
            "Campaign",
            "SELECT Id, Name, Status, NumberOfLeads, ActualCost FROM Campaign WHERE Name LIKE \
                '%\"Autumn\"%' OR IsActive = true",
            240,
        ),
    };
    Question::rest(entities, text, around(random, daytime(time, busy, busy * 4 / 5)))
}

/// Three queries of several pages: the first call is a Query, the others `QueryMore`.
fn morning_snapshot(traffic: &mut Traffic, start: i64, session: &mut Session) {
    let queries = [
        ("Contact", "SELECT Id, AccountId, Title, Department, MailingCountry FROM Contact", 5400),
        ("Lead", "SELECT Id, Status, LeadSource, CreatedDate, ConvertedDate FROM Lead", 3600),
        ("Task", "SELECT Id, WhoId, Status, ActivityDate FROM Task WHERE CreatedDate = YESTERDAY", 1500),
    ];
    let mut time = start;
    for (object, text, expected) in queries {
        let rows = around(&mut traffic.random, expected);
        for page in 0..(rows + 1999) / 2000 {
            let question = Question {
                operation: if page == 0 { "Query" } else { "QueryMore" },
                returned: (rows - page * 2000).min(2000),
                ..Question::rest(object, text, rows)
            };
            traffic.call(time, session, question);
            time += traffic.random.between(2 * SECOND, 7 * SECOND);
        }
    }
}

fn nightly_copy(traffic: &mut Traffic, start: i64, session: &mut Session) {
    let objects = [
        ("Account", "SELECT Id, Name, Type, Industry, OwnerId, SystemModstamp FROM Account", 21_300),
        ("Contact", "SELECT Id, AccountId, Email, Title, SystemModstamp FROM Contact", 48_700),
        ("Opportunity", "SELECT Id, AccountId, StageName, Amount, CloseDate, SystemModstamp FROM Opportunity", 33_500),
        ("Case", "SELECT Id, AccountId, Status, Priority, Origin, SystemModstamp FROM Case", 61_200),
        ("Order", "SELECT Id, AccountId, Status, TotalAmount, SystemModstamp FROM Order", 72_900),
    ];
    // The organisation grows by about a thousandth a day.
    let grown = 1000 + (start - START) / DAY;
    for (place, (object, text, rows)) in objects.into_iter().enumerate() {
        let time = start + place as i64 * 6 * MINUTE + jitter(traffic);
        let rows = rows * grown / 1000 + traffic.random.between(0, 60);
        traffic.call(time, session, Question::rest(object, text, rows).by("Bulk"));
    }
}
