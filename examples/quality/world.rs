//! Invented organisations: people with office hours, integrations with schedules, and weeks of what they do.
//!
//! Not a model of any real organisation. The same profile, seed and span give the same rows.

use chrono_tz::Tz;

use super::calendar::{DAY, HOUR};
use super::ids::record_id_text;
use super::profile::{Profile, Span};
use super::random::{Random, mix};
use super::row::{BROWSER, Row};
use traffic::Traffic;

mod apps;
mod integrations;
mod people;
pub(crate) mod traffic;

pub(crate) use apps::{App, Work};

/// An organisation and what was done in it.
pub(crate) struct Org {
    pub(crate) number: u64,
    pub(crate) profile: &'static Profile,
    pub(crate) people: Vec<Person>,
    pub(crate) apps: Vec<App>,
    pub(crate) span: Span,
    /// In order of time.
    pub(crate) rows: Vec<Row>,
}

/// Somebody who works there.
#[expect(clippy::struct_excessive_bools, reason = "habits, each for itself")]
pub(crate) struct Person {
    pub(crate) zone: Tz,
    pub(crate) office: u32,
    pub(crate) home: u32,
    /// Uses the mail add-in; the phone; the desktop BI tool; travels now and then.
    pub(crate) mails: bool,
    pub(crate) phones: bool,
    pub(crate) analyses: bool,
    pub(crate) travels: bool,
    /// Exports a few tables with a loader, now and then.
    pub(crate) administers: bool,
    /// The day of the first work, and the day of moving house to another address, in days after the span's start.
    pub(crate) joins: i64,
    pub(crate) moves: i64,
    pub(crate) second_home: u32,
}

/// The organisations of one profile and seed; those of a vendor's customers share the vendor's addresses.
pub(crate) fn orgs(profile: &'static Profile, seed: u64, span: Span) -> Vec<Org> {
    (0..profile.orgs as u64).map(|place| Org::new(profile, seed, place, span)).collect()
}

impl Org {
    fn new(profile: &'static Profile, seed: u64, place: u64, span: Span) -> Org {
        let of_vendors = Random::new(mix(seed ^ 0x7665_6e64));
        let number = seed * 100 + place + 1;
        let mut random = Random::new(mix(number ^ mix(profile.people)));
        let people = people::hire(profile, &mut random);
        let apps = apps::install(profile, of_vendors, &mut random, span.start);
        let mut org = Org { number, profile, people, apps, span, rows: Vec::new() };
        let mut traffic = Traffic::new(&org, random.next());
        for day in 0..span.days {
            let midnight = span.start + day * DAY;
            for (place, app) in (0..).zip(&org.apps) {
                integrations::work(&mut traffic, &org, (place, app), midnight);
            }
            people::live(&mut traffic, &org, midnight);
        }
        org.rows = traffic.into_rows();
        org
    }

    /// Where the first app that does this work stands.
    pub(crate) fn app_for(&self, work: Work) -> u32 {
        self.apps.iter().position(|app| app.work == work).unwrap_or(0) as u32
    }

    /// The user that an integration runs as. Integrations come after the people.
    pub(crate) fn user_of(&self, app: u32) -> u32 {
        self.people.len() as u32 + app
    }

    pub(crate) fn user_id(&self, user: u32) -> String {
        record_id_text("005", self.number * 100_000 + u64::from(user))
    }

    pub(crate) fn app_id(&self, app: u32) -> Option<String> {
        (app != BROWSER).then(|| record_id_text("0H4", self.apps[app as usize].number))
    }

    pub(crate) fn username(&self, user: u32) -> String {
        let kind = if (user as usize) < self.people.len() { "person" } else { "integration" };
        format!("{kind}{user}@org{}.example.com", self.number)
    }
}

/// What local time is in UTC. A time that a zone skips is taken as if the zone had not changed yet.
pub(crate) fn utc(zone: Tz, local: i64) -> i64 {
    local - offset(zone, local - offset(zone, local))
}

fn offset(zone: Tz, utc: i64) -> i64 {
    use chrono::{DateTime, Offset as _, TimeZone as _};
    let time = DateTime::from_timestamp_millis(utc).unwrap_or_default().naive_utc();
    i64::from(zone.offset_from_utc_datetime(&time).fix().local_minus_utc()) * 1000
}

/// Monday is 0.
pub(crate) fn weekday(midnight: i64) -> i64 {
    (midnight.div_euclid(DAY) + 3).rem_euclid(7)
}

pub(crate) fn is_weekend(midnight: i64) -> bool {
    weekday(midnight) >= 5
}

/// A number around another, mostly within a third of it, now and then several times as much.
pub(crate) fn about(random: &mut Random, usual: i64) -> i64 {
    let third = (usual / 3).max(1);
    let near = usual + random.between(-third, third + 1) / 2 + random.between(-third, third + 1) / 2;
    let near = if random.chance(3) { near * random.between(2, 5) } else { near };
    near.max(0)
}

/// A moment of the working day.
pub(crate) fn office_hour(random: &mut Random) -> i64 {
    8 * HOUR + random.between(0, 5 * HOUR) + random.between(0, 5 * HOUR)
}
