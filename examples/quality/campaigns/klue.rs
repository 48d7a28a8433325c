//! Klue / Icarus, June 2026: slow at first, then a thousand queries in a quarter of an hour, then six hours of paging.

use super::{Campaign, Raid, Stage};
use crate::study::calendar::{HOUR, SECOND};
use crate::study::world::Work;

pub(super) const CAMPAIGN: Campaign = Campaign {
    name: "klue",
    stages: &[
        Stage { name: "first use from elsewhere", means: &["network", "client", "token"], until: 3 },
        Stage { name: "slow looking around", means: &["sequence", "objects"], until: 1 },
        Stage { name: "a thousand queries in 15 minutes", means: &["volume"], until: 2 },
        Stage { name: "six hours of paging", means: &["volume"], until: 3 },
    ],
    plant,
};

const SCRIPT: &str = "Python-urllib/3.12";
const TAKEN: [&str; 10] =
    ["Opportunity", "Case", "Task", "Lead", "Contact", "Account", "User", "Contract", "Event", "Campaign"];

fn plant(raid: &mut Raid<'_>) {
    raid.some_hours_later();
    raid.steal(raid.org.app_for(Work::Cards));
    let server = raid.rented(138, 226);
    let session = raid.enter(raid.at(12, 20, 2, 11), server, SCRIPT);
    raid.traffic.request(raid.at(12, 20, 2, 12), &session, "GET", "/services/data/v59.0/sobjects", "", 0);

    raid.stage(1);
    for (turn, object) in (1..).zip(&TAKEN[..5]) {
        // More than an hour apart.
        let time = raid.at(12, 20, 2 + turn * 67, 40);
        raid.traffic.describe(time, &session, object);
        let text = format!("SELECT FIELDS(STANDARD) FROM {object} LIMIT 200");
        raid.traffic.query(time + 2 * SECOND, &session, object, &text, 200);
    }

    raid.stage(2);
    let session = raid.enter(raid.at(13, 9, 0, 0), server, SCRIPT);
    for turn in 0..1000 {
        let object = TAKEN[turn as usize % 2];
        let text = format!("SELECT FIELDS(STANDARD) FROM {object} WHERE AccountId = '001Tr0000{turn:06}'");
        let rows = raid.random.between(1, 12);
        raid.traffic.query(raid.at(13, 9, 0, 1) + turn * 890, &session, object, &text, rows);
    }

    raid.stage(3);
    let pages: i64 = TAKEN.iter().map(|object| pages_of(raid.records(object))).sum();
    let pace = 6 * HOUR / pages.max(1);
    let mut time = raid.at(13, 9, 20, 0);
    for object in TAKEN {
        let rows = raid.records(object);
        raid.traffic.pages(time, &session, object, &format!("SELECT FIELDS(STANDARD) FROM {object}"), rows, pace);
        time += pages_of(rows) * pace;
    }
}

fn pages_of(rows: i64) -> i64 {
    (rows + 1999) / 2000
}
