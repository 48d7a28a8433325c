//! The tokens as they stand at the end: most in use, some forgotten, some never used.

use super::END;
use super::organisation::{
    App, CHATTER_WIDGET, DRIFT, MAILBRIDGE, NORTHWIND_BI, NORTHWIND_BI_DESKTOP, SALESFORCE_IOS, User, integration_user,
    people,
};
use super::row::{Row, Value};
use super::traffic::Traffic;
use crate::calendar::{DAY, HOUR};
use crate::random::Random;

pub(super) const COLUMNS: &str = "Id|AppName|AppMenuItemId|UserId|User.Username=Username|CreatedDate|\
    LastUsedDate|UseCount|AccessToken|DeleteToken";

const PERSONAL: [App; 3] = [SALESFORCE_IOS, MAILBRIDGE, NORTHWIND_BI_DESKTOP];

/// Days since the last use of tokens that a replaced phone or laptop left behind: idle for more than
/// thirty days, or soon to be. None lies near an edge.
const FORGOTTEN: [i64; 13] = [34, 41, 47, 58, 66, 90, 133, 211, 24, 25, 26, 27, 28];
/// Days since tokens were made that nobody ever used.
const NEVER_USED: [i64; 6] = [9, 16, 38, 120, 2, 4];
/// People who have the mobile app on two devices that are both in use.
const SECOND_DEVICES: usize = 23;

/// The token table at the end of the data.
pub(super) fn snapshot(traffic: &Traffic) -> Vec<Row> {
    let mut tokens = Tokens { rows: Vec::new(), random: Random::new(5) };
    for app in [NORTHWIND_BI, DRIFT, CHATTER_WIDGET] {
        tokens.in_use(traffic, app, &integration_user(app), 0);
    }
    let people = people();
    for person in &people {
        for app in PERSONAL {
            tokens.in_use(traffic, app, &person.user, 0);
        }
    }
    for person in people.iter().take(SECOND_DEVICES) {
        tokens.in_use(traffic, SALESFORCE_IOS, &person.user, 1);
    }
    let mut owners = people.iter().cycle();
    let mut next_owner = || owners.next().map(|person| &person.user);
    for (place, days) in FORGOTTEN.into_iter().enumerate() {
        let Some(user) = next_owner() else { continue };
        let used = END - days * DAY - 5 * HOUR;
        tokens.add(PERSONAL[place % 3], user, used - 80 * DAY, Some(used), 40 + days);
    }
    for (place, days) in NEVER_USED.into_iter().enumerate() {
        let Some(user) = next_owner() else { continue };
        tokens.add(PERSONAL[place % 3], user, END - days * DAY - 7 * HOUR, None, 0);
    }
    tokens.rows
}

struct Tokens {
    rows: Vec<Row>,
    random: Random,
}

impl Tokens {
    /// A token whose last use is the user's last login with the app, or the last but `earlier` ones.
    /// No login, no token.
    fn in_use(&mut self, traffic: &Traffic, app: App, user: &User, earlier: usize) {
        let ours = |row: &&Row| row.text("Application") == app.name && row.text("UserId") == user.id;
        let mut times: Vec<i64> = traffic.logins.iter().filter(ours).map(|row| row.time).collect();
        times.sort_unstable();
        let Some(used) = times.iter().rev().nth(earlier) else { return };
        let created = times[0] - self.random.between(20 * DAY, 300 * DAY);
        let count = times.len() as i64 + self.random.between(10, 900);
        self.add(app, user, created, Some(*used), count);
    }

    fn add(&mut self, app: App, user: &User, created: i64, used: Option<i64>, count: i64) {
        let number = self.rows.len() + 1;
        let whole_second = |time: i64| Value::Time(time / 1000 * 1000);
        let row = Row::new(created)
            .with("AppName", app.name)
            .with("AppMenuItemId", app.menu_item())
            .with("UserId", user.id.as_str())
            .with("Username", user.username.as_str())
            .with("CreatedDate", whole_second(created))
            .with("UseCount", Value::Integer(count))
            .with("AccessToken", format!("FAKE-ACCESS-TOKEN-{number:04}"))
            .with("DeleteToken", format!("FAKE-DELETE-TOKEN-{number:04}"));
        self.rows.push(match used {
            Some(time) => row.with("LastUsedDate", whole_second(time)),
            None => row,
        });
    }
}
