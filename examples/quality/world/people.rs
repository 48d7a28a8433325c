//! People: the browser on weekdays, mail and phone, a few with a BI tool on the desktop.

use chrono_tz::Tz;

use super::{Org, Person, Work, about, is_weekend, office_hour, utc};
use crate::study::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::study::profile::Profile;
use crate::study::random::Random;

use super::traffic::Traffic;

const BROWSERS: [&str; 3] = ["Chrome 138", "Safari 17", "Edge 138"];
const TABLES: [&str; 4] = ["Opportunity", "Account", "Lead", "Case"];

pub(crate) fn hire(profile: &Profile, random: &mut Random) -> Vec<Person> {
    let block = random.below(200) as u8;
    let person = |number: u64| {
        let place = random.below(profile.zones.len() as u64);
        let zone: Tz = profile.zones[place as usize];
        Person {
            zone,
            office: u32::from_be_bytes([203, block, place as u8, 10]),
            home: somewhere(81, random),
            second_home: somewhere(82, random),
            mails: random.chance(30),
            phones: random.chance(35),
            analyses: random.chance(8),
            travels: random.chance(15),
            administers: number.is_multiple_of(100),
            joins: if random.chance(8) { random.between(1, 75) } else { 0 },
            moves: if random.chance(12) { random.between(1, 75) } else { i64::MAX },
        }
    };
    (0..profile.people).map(person).collect()
}

fn somewhere(first: u8, random: &mut Random) -> u32 {
    u32::from_be_bytes([first, random.below(256) as u8, random.below(256) as u8, random.between(4, 250) as u8])
}

/// A day of all people.
pub(crate) fn live(traffic: &mut Traffic, org: &Org, midnight: i64) {
    for (user, person) in (0..).zip(&org.people) {
        let day = (midnight - org.span.start) / DAY;
        if day < person.joins || traffic.random.chance(if is_weekend(midnight) { 92 } else { 8 }) {
            continue;
        }
        let start = utc(person.zone, midnight + 7 * HOUR + traffic.random.between(0, 3 * HOUR));
        let address = whereabouts(traffic, person, day);
        desk(traffic, (user, person), org, start, address);
        if person.phones {
            let time = utc(person.zone, midnight + traffic.random.between(7 * HOUR, 23 * HOUR));
            let (app, address) = (org.app_for(Work::Phone), mobile(&mut traffic.random));
            traffic.refresh(time, user, app, address, org.apps[app as usize].agent);
        }
    }
}

/// Mostly the office or home; whoever travels is in hotels now and then.
fn whereabouts(traffic: &mut Traffic, person: &Person, day: i64) -> u32 {
    match traffic.random.below(100) {
        0..4 if person.travels => somewhere(185, &mut traffic.random),
        0..60 => person.office,
        _ if day >= person.moves => person.second_home,
        _ => person.home,
    }
}

/// One of the addresses that a mobile carrier shares out.
fn mobile(random: &mut Random) -> u32 {
    u32::from_be_bytes([100, 64, random.below(12) as u8, random.between(4, 250) as u8])
}

fn desk(traffic: &mut Traffic, (user, person): (u32, &Person), org: &Org, start: i64, address: u32) {
    let browser = BROWSERS[user as usize % BROWSERS.len()];
    if traffic.random.below(60) == 0 {
        traffic.browse(start - 30 * SECOND, user, address, browser, "Invalid Password");
    }
    traffic.browse(start, user, address, browser, "Success");
    if person.mails {
        let app = org.app_for(Work::Mail);
        let time = start + traffic.random.between(5 * MINUTE, 3 * HOUR);
        let session = traffic.refresh(time, user, app, address, org.apps[app as usize].agent);
        for turn in 0..traffic.random.between(1, 3) {
            let number = traffic.random.below(4000);
            let text = format!("SELECT Id, Name, Email FROM Contact WHERE Email = 'buyer{number}@customer.example'");
            let rows = traffic.random.between(0, 3);
            traffic.query(time + (turn * 20 + 1) * MINUTE, &session, "Contact", &text, rows);
        }
    }
    if person.administers && traffic.random.chance(7) {
        let time = start + traffic.random.between(HOUR, 6 * HOUR);
        export(traffic, user, org, time, address);
    }
    if person.analyses && traffic.random.chance(60) {
        let app = org.app_for(Work::Desktop);
        let time = start + office_hour(&mut traffic.random) - 8 * HOUR;
        let session = traffic.refresh(time, user, app, address, org.apps[app as usize].agent);
        for turn in 0..traffic.random.between(1, 4) {
            let object = *traffic.random.pick(&TABLES);
            let some = org.profile.records_of(object).min(20_000) / traffic.random.between(4, 60);
            let rows = about(&mut traffic.random, some);
            let text = format!("SELECT Id, Name, OwnerId, CreatedDate FROM {object} WHERE CreatedDate = THIS_YEAR");
            traffic.pages(time + (turn + 1) * 40 * SECOND, &session, object, &text, rows, 900);
        }
    }
}

/// Somebody wants a spreadsheet: an administrator looks at what there is, and takes one or two tables.
fn export(traffic: &mut Traffic, user: u32, org: &Org, time: i64, address: u32) {
    let app = org.app_for(Work::Loader);
    let session = traffic.refresh(time, user, app, address, org.apps[app as usize].agent);
    traffic.request(time + SECOND, &session, "GET", "/services/data/v60.0/sobjects", "", 0);
    for turn in 0..traffic.random.between(1, 3) {
        let object = *traffic.random.pick(&TABLES);
        let time = time + (2 + turn * 9) * MINUTE;
        traffic.describe(time, &session, object);
        let rows = org.profile.records_of(object).min(50_000) * traffic.random.between(10, 100) / 100;
        let text = format!("SELECT Id, Name, OwnerId, CreatedDate FROM {object} WHERE CreatedDate = LAST_N_YEARS:2");
        traffic.pages(time + 30 * SECOND, &session, object, &text, rows, 900);
    }
}
