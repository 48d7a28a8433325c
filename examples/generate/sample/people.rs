//! The people: weekdays in the office or at home, a mail add-in, a BI client, a phone at any hour.
//!
//! Also the ordinary oddities: mistyped passwords, a holiday, an office that changes its network.

use super::organisation::{
    HOTEL_ADDRESS, MAILBRIDGE, NORTHWIND_BI_DESKTOP, Person, SALESFORCE_IOS, is_weekend, mobile_address,
    office_address, people,
};
use super::traffic::{Access, Login, Question, REFRESH_TOKEN, Traffic, USER_AGENT_FLOW};
use super::{END, START};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, date};

/// Hana Sato spends this week at the sea and looks in from the hotel; others take days off in July.
const ON_HOLIDAY: u64 = 7;
const HOLIDAY: std::ops::Range<i64> = date(2025, 8, 11)..date(2025, 8, 16);
const HOTEL_DAYS: [i64; 2] = [date(2025, 8, 13), date(2025, 8, 15)];

/// All people, all days.
pub(super) fn work(traffic: &mut Traffic) {
    for person in people() {
        let mut day = START;
        while day < END {
            live_a_day(traffic, &person, day);
            day += DAY;
        }
    }
}

fn live_a_day(traffic: &mut Traffic, person: &Person, day: i64) {
    if person.number == ON_HOLIDAY && HOLIDAY.contains(&day) {
        if HOTEL_DAYS.contains(&day) {
            desk(traffic, person, day + 18 * HOUR, HOTEL_ADDRESS);
            phone(traffic, person, day + 20 * HOUR, HOTEL_ADDRESS);
        }
        return;
    }
    if !is_weekend(day) && !is_day_off(person, day) {
        let at_office = traffic.random.chance(60);
        let address = if at_office { office_address(day, &mut traffic.random) } else { person.home_address(day) };
        let start = day + 13 * HOUR + traffic.random.between(0, 75 * MINUTE);
        desk(traffic, person, start, &address);
    }
    if traffic.random.chance(if is_weekend(day) { 30 } else { 60 }) {
        let address =
            if traffic.random.chance(30) { person.home_address(day) } else { mobile_address(&mut traffic.random) };
        let time = day + traffic.random.between(11 * HOUR, 24 * HOUR - MINUTE);
        phone(traffic, person, time, &address);
    }
}

/// Every fifth person is away for a week in July.
fn is_day_off(person: &Person, day: i64) -> bool {
    let week = date(2025, 7, 14) + (person.number as i64 % 2) * 7 * DAY;
    person.number % 5 == 2 && (week..week + 7 * DAY).contains(&day)
}

/// A morning at the desk: the browser, then on most days the mail add-in, on some the BI client.
fn desk(traffic: &mut Traffic, person: &Person, start: i64, address: &str) {
    if traffic.random.below(60) == 0 {
        browser_login(traffic, person, start - 40 * SECOND, address, "Invalid password");
    }
    browser_login(traffic, person, start, address, "Success");
    if traffic.random.chance(70) {
        let time = start + traffic.random.between(5 * MINUTE, 30 * MINUTE);
        mail_add_in(traffic, person, time, address);
    }
    if traffic.random.chance(25) {
        let time = start + traffic.random.between(HOUR, 5 * HOUR);
        bi_client(traffic, person, time, address);
    }
}

fn browser_login(traffic: &mut Traffic, person: &Person, time: i64, address: &str, status: &'static str) {
    // Pages that Salesforce itself opens show no address.
    let address = if traffic.random.chance(1) { "Salesforce.com IP" } else { address };
    let login = Login {
        user: &person.user,
        login_type: "Application",
        sub_type: "UI Username-Password",
        application: "Browser",
        browser: if person.works_on_mac { "Safari 17" } else { "Chrome 138" },
        platform: if person.works_on_mac { "Mac OSX" } else { "Windows 11" },
        address,
        status,
    };
    traffic.login(time, login);
}

fn mail_add_in(traffic: &mut Traffic, person: &Person, time: i64, address: &str) {
    let access = Access {
        user: person.user.clone(),
        app: MAILBRIDGE,
        sub_type: REFRESH_TOKEN,
        user_agent: "Mailbridge/4.0 (Windows NT 10.0; Win64; x64)",
        platform: "Windows 11",
    };
    let mut session = traffic.open(time, &access, address);
    for turn in 0..traffic.random.between(1, 3) {
        let time = time + 7 * SECOND + turn * traffic.random.between(10 * MINUTE, HOUR);
        let sender = traffic.random.below(4000);
        let text = format!(
            "SELECT Id, Name, Email, Account.Name FROM Contact\nWHERE Email IN \
                ('buyer{sender}@customer.example', 'office{sender}@customer.example')"
        );
        let question = Question::rest("Contact, Account", text, traffic.random.between(0, 3));
        let source = if traffic.random.chance(1) { "Salesforce.com IP" } else { address };
        traffic.call_from(time, &mut session, question, source);
    }
}

fn bi_client(traffic: &mut Traffic, person: &Person, time: i64, address: &str) {
    let access = Access {
        user: person.user.clone(),
        app: NORTHWIND_BI_DESKTOP,
        sub_type: REFRESH_TOKEN,
        user_agent: "NorthwindBI-Desktop/2025.1",
        platform: if person.works_on_mac { "Mac OS" } else { "Windows 11" },
    };
    let mut session = traffic.open(time, &access, address);
    for (turn, object) in (1..).zip(["Opportunity", "Account"]) {
        let text = format!("SELECT Id, Name, OwnerId, CreatedDate FROM {object} WHERE OwnerId = '{}'", person.user.id);
        let rows = traffic.random.between(20, 260);
        traffic.call(time + turn * 25 * SECOND, &mut session, Question::rest(object, text, rows));
    }
}

/// The mobile app: `ApiEvent` does not record its calls, so there are logins only.
fn phone(traffic: &mut Traffic, person: &Person, time: i64, address: &str) {
    let first_time = traffic.random.chance(8);
    let access = Access {
        user: person.user.clone(),
        app: SALESFORCE_IOS,
        sub_type: if first_time { USER_AGENT_FLOW } else { REFRESH_TOKEN },
        user_agent: "SalesforceMobileSDK/12.2 iOS/17.5.1 Salesforce/252.0",
        platform: "iPhone",
    };
    traffic.oauth_login(time, &access, address, "Success");
}
