//! What happens to logins, tokens and sessions in the made-up world: guesses, insecure flows, apps and administrators that
//! are new, and what another product says.

use tokentrail::batch::{Role, Table};
use tokentrail::value::time::{DAY, SECOND};

use super::{APPS, DAYS, World};
use crate::oracle::START;
use crate::oracle::random::Random;
use crate::oracle::rows::Row;

/// The first day of the detection window, about.
const LATE: i64 = START.0 + (DAYS - 5) * DAY;

impl World {
    /// Rows for the detectors of logins, and for those of sessions and anomalies.
    pub(super) fn logins_and_tokens(self, random: &mut Random, rows: &mut Vec<Row>) {
        self.guesses(random, rows);
        self.flows(random, rows);
        for day in [2, 3, DAYS - 4, DAYS - 3, DAYS - 2] {
            rows.push(self.login_as(if day < 7 { 30 } else { 31 }, day, random));
        }
        for number in 0..12 {
            rows.push(self.anomaly(number, random));
        }
        for number in 0..6 {
            rows.push(self.token_of_new_app(number));
        }
    }

    fn login(self, app: Option<&str>, user: i64, address: &str, time: i64) -> Row {
        Row::of(Table::Logins)
            .with(Role::Time, time)
            .with_text(Role::App, self.marked(app).as_deref())
            .with_text(Role::User, self.user(user).as_str())
            .with_text(Role::Username, self.username(user).as_str())
            .with_text(Role::SourceIp, address)
            .with_text(Role::LoginType, "Application")
            .with_text(Role::LoginSubtype, None)
    }

    /// Of one user until it works, of many users from one address until one gets in, and of one who has left.
    fn guesses(self, random: &mut Random, rows: &mut Vec<Row>) {
        let address = format!("{}.9.0.1", self.network);
        for number in 0..30 {
            let minute = LATE + number * random.pick(&[60, 90, 119]) * SECOND;
            let status = if number == 20 { "Success" } else { "Invalid password" };
            rows.push(self.login(APPS[4], 40, &address, minute).with_text(Role::Status, status));
            let second = LATE + DAY + number * 7 * SECOND;
            rows.push(self.login(APPS[4], 50 + number, &address, second).with_text(Role::Status, "Invalid login"));
        }
        let guessed = self.login(APPS[4], 81, &address, LATE + DAY + 300 * SECOND);
        rows.push(guessed.with_text(Role::Status, "Success"));
        for hour in 0..4 {
            let left = self.login(APPS[0], 41, &address, LATE + hour * random.pick(&[3600, 40_000]) * SECOND);
            rows.push(left.with_text(Role::Status, "User is inactive"));
        }
    }

    /// A flow that should not be, a way that is new for its user, and tokens refreshed from two networks.
    fn flows(self, random: &mut Random, rows: &mut Vec<Row>) {
        let address = format!("{}.9.0.2", self.network);
        for hour in 0..30 * 24 {
            if random.chance(20) {
                let time = START.0 + hour * 3600 * SECOND;
                rows.push(self.login(APPS[4], 42, &address, time).with_text(Role::Status, "Success"));
            }
        }
        // Who works by day is a person.
        rows.push(self.login(APPS[4], 54, &address, START.0).with_text(Role::Status, "Success"));
        let password = self.login(APPS[2], 42, &address, LATE).with_text(Role::LoginType, "Remote Access 2.0");
        rows.push(password.with_text(Role::LoginSubtype, "OAuth Username-Password").with_text(Role::Status, "Success"));
        for number in 0..8 {
            let address = format!("{}.9.{}.2", self.network, number % 2);
            let time = LATE + number * random.pick(&[60, 299, 300]) * SECOND;
            let refresh = self.login(APPS[0], 43, &address, time).with_text(Role::LoginType, "Remote Access 2.0");
            rows.push(refresh.with_text(Role::LoginSubtype, "OAuth Refresh Token").with_text(Role::Status, "Success"));
        }
    }

    fn login_as(self, admin: i64, day: i64, random: &mut Random) -> Row {
        Row::of(Table::Sessions)
            .with(Role::Time, START.0 + day * DAY + random.within(0..=3600) * SECOND)
            .with_text(Role::User, self.user(admin).as_str())
            .with_text(Role::Username, self.username(admin).as_str())
            .with_text(Role::Target, self.user(random.within(0..=6)).as_str())
            .with_text(Role::SourceIp, format!("{}.9.0.3", self.network).as_str())
            .with_text(Role::Action, "LoginAs")
    }

    fn anomaly(self, number: i64, random: &mut Random) -> Row {
        Row::of(Table::Anomalies)
            .with(Role::Time, LATE + number * 3600 * SECOND)
            .with(Role::Score, (!random.chance(20)).then(|| random.within(0..=10) * 10_000_000))
            .with_text(Role::User, self.user(number % 7).as_str())
            .with_text(Role::Username, self.username(number % 7).as_str())
            .with_text(Role::SourceIp, format!("{}.9.0.4", self.network).as_str())
            .with_text(Role::Action, "ApiAnomaly")
            .with_text(Role::Reason, "more rows than usual")
    }

    /// An app that nobody installed and that looks like another one, six times granted by one user.
    fn token_of_new_app(self, number: i64) -> Row {
        let created = LATE + number * 3600 * SECOND;
        Row::of(Table::Tokens)
            .with(Role::Time, created + SECOND)
            .with(Role::LastUsed, created + SECOND)
            .with(Role::Created, created)
            .with(Role::UseCount, 1)
            .with_text(Role::Token, format!("{}new token {number}", self.mark).as_str())
            .with_text(Role::App, self.marked(Some("Dta Loader")).as_deref())
            .with_text(Role::User, self.user(42).as_str())
            .with_text(Role::Username, self.username(42).as_str())
            .with_text(Role::MenuItem, None)
    }
}
