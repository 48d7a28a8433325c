//! What else is staged: the theft through Klue's tokens of June 2026, in an organisation of its own.
//!
//! Times, user agents, address, paths, objects and pace are those that were published (Datadog Security Labs, `ReliaQuest`);
//! the organisation, its numbers of records and the app's normal work are made up.

use std::io::Result;
use std::path::Path;

use super::formats::{self, DATA_LOADER, SF_CLI};
use super::organisation::{App, HARBOR_ETL, KLUE, integration_user};
use super::row::{Row, Value};
use super::traffic::{Access, CLIENT_CREDENTIALS, Question, REFRESH_TOKEN, Session, Traffic};
use super::{CALLS, LOGINS_BY_PATH, QUOTED_REPORT, save, setup, tokens};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, date};

const START: i64 = date(2026, 5, 18);
const END: i64 = date(2026, 6, 15);

const KLUE_ADDRESS: &str = "192.0.2.140";
const ETL_ADDRESS: &str = "198.18.40.5";
const THIEF: &str = "138.226.246.94";

/// Objects and how many records there are of each.
const TAKEN: [(&str, i64); 10] = [
    ("Opportunity", 9_412),
    ("Case", 21_077),
    ("Task", 38_555),
    ("Lead", 12_930),
    ("Contact", 17_366),
    ("Account", 6_204),
    ("User", 61),
    ("Contract", 1_480),
    ("Event", 8_019),
    ("Campaign", 344),
];

/// Writes all files below `folder`.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let mut traffic = Traffic::new(21);
    cards(&mut traffic);
    copies(&mut traffic);
    theft(&mut traffic);
    let tokens = listed(&traffic);
    let (calls, logins) = traffic.newest_first();
    save(folder, "apps.toml", REGISTER.as_bytes())?;
    save(folder, "api/ApiEvent.csv.gz", &formats::gzip(&formats::csv(&calls, CALLS, DATA_LOADER))?)?;
    save(folder, "logins/LoginHistory.csv", &formats::csv(&logins, LOGINS_BY_PATH, QUOTED_REPORT))?;
    save(folder, "tokens/OauthToken.csv", &formats::csv(&tokens, tokens::COLUMNS, SF_CLI))?;
    save(folder, "setup/SetupAuditTrail.csv", &formats::csv(&changed(), setup::TRAIL, SF_CLI))
}

const REGISTER: &str = "\
# What the organisation wrote down about its apps.

[[app]]
name = \"Klue Battlecards\"
owner = \"competitive-intelligence@alderfinch.example\"
principal = \"integration\"
scopes = [\"api\", \"refresh_token\"]
networks = [\"192.0.2.128/25\"]
partner = true

[[app]]
name = \"Harbor ETL\"
owner = \"data-platform@alderfinch.example\"
principal = \"integration\"
scopes = [\"api\"]
networks = [\"198.18.40.5\"]
";

fn access(app: App, sub_type: &'static str, user_agent: &'static str) -> Access {
    Access { user: integration_user(app), app, sub_type, user_agent, platform: "Linux" }
}

/// The app's work: every three hours it looks up what has changed.
fn cards(traffic: &mut Traffic) {
    let cards = access(KLUE, REFRESH_TOKEN, "Klue-Sync/4.12 (Node.js v20.11.1)");
    let mut start = START + 14 * MINUTE;
    // The vendor turned its tokens off during 13 June.
    while start < date(2026, 6, 13) + 15 * HOUR {
        let mut session = traffic.open(start, &cards, KLUE_ADDRESS);
        for turn in 0..traffic.random.between(4, 9) {
            let (object, text) = *traffic.random.pick(&[
                (
                    "Opportunity",
                    "SELECT Id, Name, StageName, Amount, CloseDate FROM Opportunity WHERE LastModifiedDate > TODAY",
                ),
                ("Account", "SELECT Id, Name, Industry FROM Account WHERE LastModifiedDate > TODAY"),
            ]);
            let rows = traffic.random.between(0, 40);
            traffic.call(start + turn * 11 * SECOND + 730, &mut session, Question::rest(object, text, rows));
        }
        start += 3 * HOUR + traffic.random.between(0, 90) * SECOND;
    }
}

/// Another integration, of which nothing is wrong.
fn copies(traffic: &mut Traffic) {
    let etl = access(HARBOR_ETL, CLIENT_CREDENTIALS, "HarborETL/5.2 Apache-HttpClient/4.5.14 (Java/17.0.9)");
    let mut start = START + 25 * MINUTE;
    while start < END {
        let mut session = traffic.open(start, &etl, ETL_ADDRESS);
        for turn in 0..3 {
            let text = "SELECT Id, OrderNumber, Status, TotalAmount FROM Order WHERE SystemModstamp > YESTERDAY";
            let rows = traffic.random.between(20, 120);
            traffic.call(start + turn * HOUR + 900, &mut session, Question::rest("Order", text, rows));
        }
        start += 6 * HOUR;
    }
}

/// Slow at first, then a thousand queries in a quarter of an hour, then six hours of pages; and knocking on a closed door.
fn theft(traffic: &mut Traffic) {
    let script = access(KLUE, REFRESH_TOKEN, "Python-urllib/3.12");
    let mut session = traffic.open(at(12, 20, 2, 11), &script, THIEF);
    for (turn, (object, _)) in (1..).zip(&TAKEN[..5]) {
        let text = format!("SELECT FIELDS(STANDARD) FROM {object} LIMIT 200");
        traffic.call(at(12, 20, 2 + turn * 67, 40), &mut session, Question::rest(object, text, 200));
    }
    let mut session = traffic.open(at(13, 9, 0, 0), &script, THIEF);
    for turn in 0..1000 {
        let (object, _) = TAKEN[turn as usize % 2];
        let text = format!("SELECT FIELDS(STANDARD) FROM {object} WHERE AccountId = '001Tr0000{turn:06}'");
        let rows = traffic.random.between(1, 12);
        traffic.call(at(13, 9, 0, 1) + turn * 890, &mut session, Question::rest(object, text, rows));
    }
    let later = access(KLUE, REFRESH_TOKEN, "Python-urllib/3.14");
    let mut session = traffic.open(at(13, 9, 18, 30), &later, THIEF);
    pages(traffic, &mut session);
    for hour in [16, 17, 19, 23] {
        traffic.oauth_login(at(13, hour, 41, 7), &later, THIEF, "Failed: Not approved for access");
    }
}

fn pages(traffic: &mut Traffic, session: &mut Session) {
    let all: i64 = TAKEN.iter().map(|(_, records)| (records + 1999) / 2000).sum();
    let mut time = at(13, 9, 20, 0);
    for (object, records) in TAKEN {
        let text = format!("SELECT FIELDS(STANDARD) FROM {object}");
        for (page, taken) in (0..).zip((0..records).step_by(2000)) {
            let question = Question {
                operation: if page == 0 { "Query" } else { "QueryMore" },
                returned: (records - taken).min(2000),
                ..Question::rest(object, text.clone(), records)
            };
            traffic.call(time, session, question);
            time += 6 * HOUR / all;
        }
    }
}

/// Tokens as they stood at the end: the vendor's is gone, an old one of the app is not.
fn listed(traffic: &Traffic) -> Vec<Row> {
    let of_prototype = integration_user(KLUE);
    let last = traffic.logins.iter().map(|row| row.time).filter(|time| *time < at(13, 9, 30, 0)).max().unwrap_or(END);
    let whole_second = |time: i64| Value::Time(time / 1000 * 1000);
    vec![
        Row::new(START)
            .with("AppName", KLUE.name)
            .with("AppMenuItemId", KLUE.menu_item())
            .with("UserId", of_prototype.id.as_str())
            .with("Username", of_prototype.username.as_str())
            .with("CreatedDate", whole_second(date(2024, 3, 5) + 9 * HOUR))
            .with("LastUsedDate", whole_second(last))
            .with("UseCount", Value::Integer(412))
            .with("AccessToken", "FAKE-ACCESS-TOKEN-K001")
            .with("DeleteToken", "FAKE-DELETE-TOKEN-K001"),
    ]
}

fn changed() -> Vec<Row> {
    let admin = super::organisation::people();
    let admin = &admin[2].user;
    let change = |number: u64, time: i64, action: &'static str, section: &'static str, sentence: &'static str| {
        Row::new(time)
            .with("Id", crate::ids::record_id_text("0Ym", 60_000_100_000 + number))
            .with("CreatedDate", Value::Time(time))
            .with("CreatedById", admin.id.as_str())
            .with("Username", admin.username.as_str())
            .with("Action", action)
            .with("Section", section)
            .with("Display", sentence)
    };
    vec![
        change(
            1,
            date(2026, 5, 20) + 10 * HOUR,
            "changedFiscalYear",
            "Company Information",
            "Changed fiscal year start month from 4 to 7",
        ),
        change(
            2,
            date(2026, 6, 13) + 15 * HOUR + 32 * MINUTE,
            "changeUserRuntimeAccessPolicy",
            "Connected Apps",
            "Changed connected app Klue Battlecards Permitted Users setting from All users may self-authorize to Admin \
                approved users are pre-authorized",
        ),
    ]
}

/// A moment of June 2026, with a fixed fraction of a second.
fn at(day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    date(2026, 6, 1) + (day - 1) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + 377
}
