//! UNC6040, summer 2025: somebody is talked into granting access to a fake loader; everything is copied at once.

use super::{Campaign, Raid, Stage};
use crate::study::calendar::{HOUR, MINUTE, SECOND};
use crate::study::world::Work;
use crate::study::world::traffic::REMOTE;

pub(super) const CAMPAIGN: Campaign = Campaign {
    name: "fake-app",
    stages: &[
        Stage { name: "access granted to a new app", means: &["token", "login"], until: 0 },
        Stage { name: "tables copied", means: &["volume"], until: 1 },
        Stage { name: "own scripts", means: &["client", "network"], until: 2 },
    ],
    plant,
};

const LOADER: &str = "DataLoaderPartnerUI/60.0";
const SCRIPT: &str = "python-requests/2.32.4";

fn plant(raid: &mut Raid<'_>) {
    raid.app = raid.org.app_for(Work::Fake);
    raid.some_hours_later();
    // Whoever works there.
    let mut users = (0..).zip(&raid.org.people).filter(|(_, person)| person.joins == 0);
    let user = raid.random.below(raid.org.people.len() as u64) as usize;
    raid.user = users.clone().nth(user).or(users.next()).map_or(0, |(user, _)| user);
    let (vpn, tor) = (raid.rented(146, 70), raid.rented(185, 220));
    let subject = (raid.user, raid.app);
    let granted = raid.at(13, 15, 10, 8);
    let session = raid.traffic.login(granted, subject, vpn, LOADER, REMOTE, "OAuth Web Server", "Success");

    raid.stage(1);
    for (turn, object) in (1..).zip(["Account", "Contact"]) {
        let text = format!("SELECT Id, Name FROM {object} LIMIT 10");
        raid.traffic.ask(granted + turn * 40 * SECOND, &session, object, "Query", "SOAP Partner", &text, 10);
    }
    let mut time = granted + 20 * MINUTE;
    for object in ["Account", "Contact", "Opportunity", "Case"] {
        let mut left = raid.records(object);
        let mut operation = "Query";
        while left > 0 {
            let text = format!("Select Id, Name, OwnerId, CreatedDate, LastModifiedDate FROM {object}");
            raid.traffic.ask(time, &session, object, operation, "SOAP Partner", &text, left.min(2000));
            (left, time, operation) = (left - 2000, time + 2 * SECOND, "QueryMore");
        }
    }

    raid.stage(2);
    let later = granted + 19 * HOUR;
    let session = raid.traffic.refresh(later, raid.user, raid.app, tor, SCRIPT);
    for (turn, object) in (0..).zip(["Lead", "User"]) {
        let rows = raid.records(object);
        let text = format!("SELECT Id, Name, Email FROM {object}");
        raid.traffic.pages(later + (turn * 30 + 1) * MINUTE, &session, object, &text, rows, 1500);
    }
}
