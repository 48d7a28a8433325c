//! Campaigns as they were published, planted into organisations, and what is to be found of them.
//!
//! Addresses and user agents are invented or weak, and scans run without the lists of indicators: what is found is found
//! by behaviour.

use super::calendar::{DAY, HOUR, MINUTE, SECOND};
use super::profile::CAMPAIGN;
use super::random::{Random, mix};
use super::row::{Cause, Row};
use super::world::Org;
use super::world::traffic::{Session, Traffic};

pub(crate) mod drift;
mod fake_app;
mod gainsight;
mod klue;

/// A campaign: its name, its stages, and how it is planted.
pub(crate) struct Campaign {
    pub(crate) name: &'static str,
    pub(crate) stages: &'static [Stage],
    pub(crate) plant: fn(&mut Raid<'_>),
}

/// Part of a campaign that somebody should notice.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// Kinds of evidence, and ids of detectors, that mean this. Whatever else is found at the time does not count.
    pub(crate) means: &'static [&'static str],
    /// The last stage whose rows belong to it, too: who comes from elsewhere does so as long as they stay there.
    pub(crate) until: u8,
}

pub(crate) const ALL: [&Campaign; 4] = [&drift::CAMPAIGN, &gainsight::CAMPAIGN, &klue::CAMPAIGN, &fake_app::CAMPAIGN];

/// What is planted into one organisation.
pub(crate) struct Planted {
    /// Place of the organisation in its world.
    pub(crate) org: usize,
    /// Whose token it is.
    pub(crate) user: u32,
    pub(crate) app: u32,
    pub(crate) rows: Vec<Row>,
}

/// A campaign as it goes against one organisation.
pub(crate) struct Raid<'a> {
    pub(crate) org: &'a Org,
    pub(crate) traffic: Traffic,
    pub(crate) random: Random,
    pub(crate) user: u32,
    pub(crate) app: u32,
    /// Vendors' customers are visited one after another.
    delay: i64,
}

/// Of eight customers of a vendor, five are visited.
const VISITED: usize = 5;

/// Plants a campaign into a world; the same world and seed give the same rows.
pub(crate) fn plant(campaign: &Campaign, orgs: &[Org], seed: u64) -> Vec<Planted> {
    let raid = |(place, org): (usize, &Org)| {
        let traffic = Traffic::more(org, seed + place as u64, Cause::Stage(0));
        // The attacker's machines are the same for all organisations.
        let random = Random::new(mix(seed ^ 0x6174_7461));
        let mut raid = Raid { org, traffic, random, user: 0, app: 0, delay: place as i64 * 17 * MINUTE };
        (campaign.plant)(&mut raid);
        Planted { org: place, user: raid.user, app: raid.app, rows: raid.traffic.into_rows() }
    };
    orgs.iter().take(VISITED).enumerate().map(raid).collect()
}

impl Raid<'_> {
    /// A second of a day of August 2025.
    pub(crate) fn at(&self, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
        let august = CAMPAIGN.start + 45 * DAY;
        august + (day - 1) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + self.delay
    }

    pub(crate) fn stage(&mut self, stage: u8) {
        self.traffic.cause = Cause::Stage(stage);
    }

    /// Takes over an integration: its app and the user that it runs as.
    pub(crate) fn steal(&mut self, app: u32) {
        self.app = app;
        self.user = self.org.user_of(app);
    }

    /// At some other hour than the one that was published.
    pub(crate) fn some_hours_later(&mut self) {
        self.delay += self.random.between(0, 6 * HOUR);
    }

    /// A token is used: a login, and the session.
    pub(crate) fn enter(&mut self, time: i64, address: u32, agent: &'static str) -> Session {
        self.traffic.refresh(time, self.user, self.app, address, agent)
    }

    pub(crate) fn count(&mut self, time: i64, session: &Session, object: &'static str) {
        self.traffic.query(time, session, object, &format!("SELECT COUNT() FROM {object}"), 1);
    }

    pub(crate) fn records(&self, object: &str) -> i64 {
        self.org.profile.records_of(object)
    }

    /// A machine of a rented kind: a cloud's, as vendors have them; a hosting company's; a VPN's.
    pub(crate) fn rented(&mut self, first: u8, second: u8) -> u32 {
        u32::from_be_bytes([first, second, self.random.below(256) as u8, self.random.between(4, 250) as u8])
    }
}
