//! Gainsight, autumn 2025: a first look around, two weeks of nothing, then waves from several proxies.

use super::{Campaign, Raid, Stage};
use crate::study::world::Work;

pub(super) const CAMPAIGN: Campaign = Campaign {
    name: "gainsight",
    stages: &[
        Stage { name: "first use from elsewhere", means: &["network", "client", "token"], until: 1 },
        Stage { name: "looking around", means: &["sequence", "objects"], until: 1 },
        Stage { name: "waves from proxies", means: &["network"], until: 3 },
        Stage { name: "rows taken", means: &["volume"], until: 3 },
    ],
    plant,
};

const SCRIPT: &str = "Python/3.11 aiohttp/3.13.1";
const FETCHER: &str = "Salesforce-Multi-Org-Fetcher/1.0";

/// Days of August and hours, and what is taken then.
const WAVES: [(i64, i64, &[&str]); 3] =
    [(15, 2, &["Account", "Contact"]), (17, 14, &["Case"]), (18, 21, &["Opportunity", "Lead"])];

fn plant(raid: &mut Raid<'_>) {
    raid.some_hours_later();
    raid.steal(raid.org.app_for(Work::Success));
    let cloud = raid.rented(44, 218);
    let session = raid.enter(raid.at(1, 7, 41, 12), cloud, SCRIPT);
    raid.traffic.request(raid.at(1, 7, 41, 13), &session, "GET", "/services/data/v58.0/sobjects/", "", 0);

    raid.stage(1);
    raid.traffic.request(raid.at(1, 7, 41, 19), &session, "GET", "/services/data/v58.0/limits/", "", 0);
    raid.traffic.describe(raid.at(1, 7, 41, 25), &session, "Case");
    raid.count(raid.at(1, 7, 41, 31), &session, "Case");
    raid.count(raid.at(1, 7, 41, 36), &session, "Opportunity");

    for (day, hour, objects) in WAVES {
        raid.stage(2);
        let proxy = raid.rented(146, 70);
        let session = raid.enter(raid.at(day, hour, 3, 0), proxy, FETCHER);
        raid.stage(3);
        for (turn, object) in (1..).zip(objects) {
            let text = format!("SELECT FIELDS(STANDARD) FROM {object}");
            let rows = raid.records(object);
            raid.traffic.pages(raid.at(day, hour, 3 + turn * 25, 0), &session, object, &text, rows, 1700);
        }
    }
}
