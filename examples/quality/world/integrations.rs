//! What integrations do in a day, by what they are for.

use super::traffic::{Session, Traffic};
use super::{App, Org, Work, about, is_weekend, office_hour, utc, weekday};
use crate::study::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::study::random::mix;

const CHANGED: &str = "LastModifiedDate >= 2025-01-01T00:00:00Z";

/// An integration and its day.
struct Shift<'a> {
    org: &'a Org,
    place: u32,
    app: &'a App,
    midnight: i64,
    /// Hundredths of the usual work: nothing on a day of an outage, twice as much on the day after.
    load: i64,
}

pub(crate) fn work(traffic: &mut Traffic, org: &Org, (place, app): (u32, &App), midnight: i64) {
    let load = app.size * org.profile.work / 100 * after_outage(org, place, midnight) / 100;
    let shift = Shift { org, place, app, midnight, load };
    match app.work {
        _ if load == 0 => {}
        Work::Chat => chat(traffic, &shift),
        Work::Success => success(traffic, &shift),
        Work::Cards => cards(traffic, &shift),
        Work::Ledger => ledger(traffic, &shift),
        Work::Warehouse => warehouse(traffic, &shift),
        Work::Dashboards => dashboards(traffic, &shift),
        Work::Marketing => marketing(traffic, &shift),
        Work::Backup => backup(traffic, &shift),
        _ => {}
    }
}

/// About one day in forty an integration stands still, and catches up on the next.
fn after_outage(org: &Org, place: u32, midnight: i64) -> i64 {
    let is_out = |midnight: i64| mix(org.number ^ mix(u64::from(place) ^ midnight as u64)).is_multiple_of(40);
    match (is_out(midnight), is_out(midnight - DAY)) {
        (true, _) => 0,
        (false, true) => 200,
        (false, false) => 100,
    }
}

impl Shift<'_> {
    /// A new session from one of the app's machines.
    fn open(&self, traffic: &mut Traffic, time: i64) -> Session {
        let address = traffic.machine(&self.app.addresses);
        traffic.refresh(time, self.org.user_of(self.place), self.place, address, self.app.agent)
    }

    /// Local time of the app's owner.
    fn at(&self, local: i64) -> i64 {
        utc(self.app.zone, self.midnight + local)
    }

    /// A share of an object's records, in thousandths, as far as the day's work goes.
    fn share(&self, traffic: &mut Traffic, object: &str, thousandths: i64) -> i64 {
        let usual = self.org.profile.records_of(object) * thousandths / 1000 * self.load / 100;
        about(&mut traffic.random, usual.min(50_000))
    }

    fn describe_first(&self, traffic: &mut Traffic, time: i64, session: &Session, objects: &[&'static str]) {
        for (turn, object) in (1..).zip(objects).filter(|_| self.app.describes) {
            traffic.describe(time + turn * SECOND, session, object);
        }
    }
}

fn chat(traffic: &mut Traffic, shift: &Shift<'_>) {
    let rests = is_weekend(shift.midnight) && !shift.app.never_rests;
    let talks = 24 * shift.load / 100 / if rests { 5 } else { 1 };
    let mut sessions: [Option<Session>; 12] = [None; 12];
    for _ in 0..about(&mut traffic.random, talks) {
        // Visitors of a site come from everywhere, or from around the corner.
        let at_night = shift.app.never_rests && traffic.random.chance(40);
        let hour = if at_night { traffic.random.between(0, DAY) } else { office_hour(&mut traffic.random) };
        let time = shift.at(hour);
        let block = (time - shift.midnight).rem_euclid(DAY) / (2 * HOUR);
        let session = match sessions[block as usize] {
            Some(session) => session,
            None => shift.open(traffic, time - 2 * SECOND),
        };
        sessions[block as usize] = Some(session);
        let number = traffic.random.below(9000);
        let object = match traffic.random.below(10) {
            0..5 => "Contact",
            5..8 => "Lead",
            8 if shift.app.reads_cases => "Case",
            _ => "Account",
        };
        let text = format!("SELECT Id, Name, OwnerId FROM {object} WHERE Email = 'visitor{number}@site.example'");
        let rows = traffic.random.between(0, 3);
        traffic.query(time, &session, object, &text, rows);
        if traffic.random.chance(30) {
            traffic.request(time + 5 * SECOND, &session, "POST", "/services/data/v60.0/sobjects/Task", "Task", 1);
        }
    }
}

fn success(traffic: &mut Traffic, shift: &Shift<'_>) {
    let start = shift.at(3 * HOUR) + traffic.random.between(0, 20 * MINUTE);
    let session = shift.open(traffic, start);
    let mut objects = vec!["Account", "Contact", "Opportunity"];
    if shift.app.reads_cases {
        objects.push("Case");
    }
    shift.describe_first(traffic, start, &session, &objects);
    let whole = weekday(shift.midnight) == 6;
    for (turn, object) in (1..).zip(objects) {
        let rows = shift.share(traffic, object, if whole && object == "Account" { 500 } else { 40 });
        let text = format!("SELECT Id, Name, OwnerId, LastModifiedDate FROM {object} WHERE {CHANGED}");
        traffic.pages(start + turn * 3 * MINUTE, &session, object, &text, rows, 1100);
    }
    for hour in (0..24).step_by(3) {
        let time = shift.midnight + hour * HOUR + 11 * MINUTE;
        let session = shift.open(traffic, time);
        traffic.request(time + SECOND, &session, "PATCH", "/services/data/v60.0/composite/sobjects", "Account", 50);
    }
}

fn cards(traffic: &mut Traffic, shift: &Shift<'_>) {
    let cycles: &[i64] = match (shift.app.never_rests, is_weekend(shift.midnight)) {
        (true, _) => &[0, 4, 8, 12, 16, 20],
        (false, true) => &[9],
        (false, false) => &[6, 10, 14, 18],
    };
    for hour in cycles {
        let start = shift.at(hour * HOUR) + traffic.random.between(0, 10 * MINUTE);
        let session = shift.open(traffic, start);
        for turn in 0..(traffic.random.between(10, 50) * shift.load / 160).clamp(5, 50) {
            let object = *traffic.random.pick(&["Opportunity", "Opportunity", "Account", "User"]);
            let number = traffic.random.below(100_000);
            let text = format!("SELECT Id, Name, OwnerId FROM {object} WHERE Id > '006Tr0000{number:06}' LIMIT 200");
            let rows = traffic.random.between(0, 40);
            traffic.query(start + (turn + 1) * 4 * SECOND, &session, object, &text, rows);
        }
    }
}

fn ledger(traffic: &mut Traffic, shift: &Shift<'_>) {
    let every = if shift.app.size > 100 { HOUR } else { 2 * HOUR };
    let mut time = shift.midnight + traffic.random.between(0, 5 * MINUTE);
    while time < shift.midnight + DAY {
        let session = shift.open(traffic, time);
        let busy = !is_weekend(shift.midnight) && (6..20).contains(&((time - shift.midnight) / HOUR));
        for (turn, object) in (1..).zip(["Order__c", "Invoice__c"]) {
            let usual = if busy { 30 } else { 2 };
            let rows = about(&mut traffic.random, usual * shift.load / 100);
            let text = format!("SELECT Id, Name, Amount__c FROM {object} WHERE {CHANGED}");
            traffic.query(time + turn * SECOND, &session, object, &text, rows);
        }
        time += every;
    }
}

fn warehouse(traffic: &mut Traffic, shift: &Shift<'_>) {
    let start = shift.at(HOUR) + traffic.random.between(0, 15 * MINUTE);
    let session = shift.open(traffic, start);
    let objects = ["Account", "Contact", "Lead", "Opportunity", "Case", "Task", "Event"];
    shift.describe_first(traffic, start, &session, &objects);
    // Once in two months or so everything is copied anew.
    let backfill = mix(shift.org.number ^ mix((u64::from(shift.place) + 7) ^ shift.midnight as u64)).is_multiple_of(50);
    let mut time = start + MINUTE;
    for object in objects {
        let rows = shift.share(traffic, object, if backfill { 600 } else { 60 });
        let text = format!("SELECT Id, Name, OwnerId, CreatedDate, LastModifiedDate FROM {object} WHERE {CHANGED}");
        traffic.pages(time, &session, object, &text, rows, 1300);
        time += rows / 2000 * 1300 + 20 * SECOND;
    }
}

fn dashboards(traffic: &mut Traffic, shift: &Shift<'_>) {
    let refreshes = if is_weekend(shift.midnight) { 1 } else { 7 };
    for _ in 0..about(&mut traffic.random, refreshes) {
        let time = shift.at(office_hour(&mut traffic.random));
        let session = shift.open(traffic, time);
        for turn in 1..traffic.random.between(3, 8) {
            let object = *traffic.random.pick(&["Opportunity", "Account", "Case", "Lead", "Task"]);
            if traffic.random.chance(25) {
                let text = format!("SELECT COUNT() FROM {object} WHERE {CHANGED}");
                traffic.query(time + turn * 2 * SECOND, &session, object, &text, 1);
            } else {
                let rows = shift.share(traffic, object, 6).min(30_000);
                let text = format!("SELECT Id, Name, OwnerId, CreatedDate FROM {object} WHERE {CHANGED}");
                traffic.pages(time + turn * 2 * SECOND, &session, object, &text, rows, 800);
            }
        }
    }
}

fn marketing(traffic: &mut Traffic, shift: &Shift<'_>) {
    let newsletter = weekday(shift.midnight) == 1 && traffic.random.chance(60);
    for hour in 0..24 {
        let time = shift.midnight + hour * HOUR + traffic.within_an_hour();
        let session = shift.open(traffic, time);
        let thousandths = if newsletter && hour == 9 { 400 } else { 3 };
        for (turn, object) in (1..).zip(["Lead", "Contact"]) {
            let rows = shift.share(traffic, object, thousandths);
            let text = format!("SELECT Id, Email, HasOptedOutOfEmail FROM {object} WHERE {CHANGED}");
            traffic.pages(time + turn * SECOND, &session, object, &text, rows, 700);
        }
    }
}

fn backup(traffic: &mut Traffic, shift: &Shift<'_>) {
    let start = shift.at(23 * HOUR) + traffic.random.between(0, 15 * MINUTE);
    let session = shift.open(traffic, start);
    let mut time = start + 10 * SECOND;
    for object in ["Account", "Contact", "Opportunity", "Case", "Task"] {
        let rows = shift.org.profile.records_of(object);
        let rows = rows + traffic.random.between(0, rows / 50 + 1);
        let takes = 20 * SECOND + rows / 10;
        let (job, done) = traffic.job(time, &session, object, rows, takes);
        if shift.app.tidies {
            traffic.delete_job(done + 15 * SECOND, &session, object, job);
        }
        time = done + 30 * SECOND;
    }
}
