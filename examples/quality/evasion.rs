//! The same theft by somebody who knows what is looked for: one precaution after another, then all of them.

use super::calendar::{MINUTE, SECOND};
use super::campaigns::drift::{Means, STAGES, timeline};
use super::campaigns::{Campaign, Raid, Stage};
use super::world::Work;

pub(crate) const ALL: [&Campaign; 5] = [
    &Campaign { name: "other machines in the vendor's networks", stages: STAGES, plant: from_vendors_networks },
    &Campaign { name: "the vendor's user agent", stages: STAGES, plant: with_vendors_agent },
    &Campaign { name: "both", stages: STAGES, plant: both },
    &Campaign { name: "the vendor's own machine and agent", stages: STAGES, plant: through_the_vendor },
    &Campaign { name: "the same, and just under every limit", stages: QUIET, plant: under_every_limit },
];

const QUIET: &[Stage] = &[
    Stage { name: "two objects counted an hour", means: &["sequence", "objects"], until: 0 },
    Stage { name: "nine pages an hour, 9,000 rows a day", means: &["volume", "objects"], until: 1 },
];

fn vendors(raid: &mut Raid<'_>) -> (u32, &'static str) {
    let place = raid.org.app_for(Work::Chat);
    raid.steal(place);
    let app = &raid.org.apps[place as usize];
    (app.addresses[0], app.agent)
}

/// Another machine in the network of a known one.
fn beside(address: u32) -> u32 {
    let [a, b, c, d] = address.to_be_bytes();
    u32::from_be_bytes([a, b, c, if d < 200 { d + 51 } else { d - 51 }])
}

fn from_vendors_networks(raid: &mut Raid<'_>) {
    let (address, _) = vendors(raid);
    let near = beside(address);
    timeline(raid, &Means { first: near, second: near, script: "python-requests/2.32.4", fetcher: "aiohttp/3.13.1" });
}

fn with_vendors_agent(raid: &mut Raid<'_>) {
    let (_, agent) = vendors(raid);
    let (first, second) = (raid.rented(44, 215), raid.rented(208, 68));
    timeline(raid, &Means { first, second, script: agent, fetcher: agent });
}

fn both(raid: &mut Raid<'_>) {
    let (address, agent) = vendors(raid);
    let near = beside(address);
    timeline(raid, &Means { first: near, second: near, script: agent, fetcher: agent });
}

fn through_the_vendor(raid: &mut Raid<'_>) {
    let (address, agent) = vendors(raid);
    timeline(raid, &Means { first: address, second: address, script: agent, fetcher: agent });
}

/// Eight days: two counts an hour apart, then contacts by day, never ten pages an hour, never ten thousand rows a day.
fn under_every_limit(raid: &mut Raid<'_>) {
    let (address, agent) = vendors(raid);
    let session = raid.enter(raid.at(10, 9, 0, 0), address, agent);
    raid.count(raid.at(10, 9, 1, 0), &session, "Contact");
    raid.count(raid.at(10, 10, 2, 0), &session, "Account");

    raid.stage(1);
    let share = raid.records("Contact").min(9_000 * 8) / 8;
    for day in 11..19 {
        for hour in [13, 16, 19] {
            let session = raid.enter(raid.at(day, hour, 0, 0), address, agent);
            let text = "SELECT Id, Name, OwnerId FROM Contact ORDER BY Id";
            raid.traffic.pages(raid.at(day, hour, 0, 0) + 2 * SECOND, &session, "Contact", text, share / 3, 7 * MINUTE);
        }
    }
}
