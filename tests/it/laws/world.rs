//! A small made-up organisation: five weeks of calls, logins, tokens and assertions, with something for every detector.

use tokentrail::batch::{Role, Table};
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use crate::oracle::START;
use crate::oracle::random::Random;
use crate::oracle::rows::Row;

mod logins;

/// How many days the world lasts; the last seven are the detection window.
pub(super) const DAYS: i64 = 35;
/// The register of the world's apps.
pub(super) const REGISTER: &str = r#"
    [[app]]
    name = "Ledger Sync"
    id = "0H4Tr0000000001"
    consumer-key = "FAKE-KEY-0"
    principal = "integration"
    scopes = ["api", "refresh_token", "openid"]
    [[app]]
    name = "Warehouse"
    principal = "integration"
    scopes = ["full", "refresh_token"]
    [[app]]
    name = "Chat"
    scopes = ["chatter_api"]
"#;

const APPS: [Option<&str>; 6] =
    [Some("Ledger Sync"), Some("Warehouse"), Some("Chat"), Some("Not Registered"), Some("Browser"), None];
const ADDRESSES_OF_ALL: [&str; 2] = ["198.51.100.7", "2001:db8:1::7"];

/// Which world it is.
#[derive(Clone, Copy)]
pub(super) struct World {
    /// What names and ids begin with, where one world must not be taken for the other.
    pub(super) mark: &'static str,
    /// The first part of the addresses.
    pub(super) network: u8,
    /// Whether two rows may have the same time.
    pub(super) ties: bool,
    /// Whether cells may be empty that tell subjects apart.
    pub(super) nameless: bool,
}

impl World {
    /// The world of most laws.
    pub(super) const OURS: Self = Self { mark: "", network: 10, ties: true, nameless: true };

    /// All rows, in no particular order.
    pub(super) fn rows(self, random: &mut Random) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, app) in (0..).zip(APPS) {
            for user in [number, number + 1] {
                self.habit(app, user, random, &mut rows);
            }
        }
        self.commons(random, &mut rows);
        for signer in 0..4 {
            self.assertions(signer, random, &mut rows);
        }
        for token in 0..40 {
            rows.push(self.token(token, random));
        }
        self.logins_and_tokens(random, &mut rows);
        if !self.ties {
            // What a token's export says of its time is when it was last used.
            for (number, row) in (1..).zip(rows.iter_mut().filter(|row| row.table != Table::Tokens)) {
                let time = row.number(Role::Time).map(|time| time + number);
                *row = row.clone().with(Role::Time, time);
            }
        }
        random.shuffle(&mut rows);
        for (number, row) in (0_u32..).zip(&mut rows) {
            *row = derived(row.clone()).with_text(Role::EventId, format!("{}event-{number}", self.mark).as_str());
        }
        rows
    }

    /// What a user does through an app: from a few addresses at some hours, and in the last week from others too.
    fn habit(self, app: Option<&str>, user: i64, random: &mut Random, rows: &mut Vec<Row>) {
        let homes = [(user, 1), (user, 2), (user + 20, 1)];
        let hours = random.pick(&[24, 9, 2]);
        for day in 0..DAYS {
            if random.chance(10) {
                continue;
            }
            for _ in 0..random.within(1..=3) {
                let (mut network, mut host) = random.pick(&homes);
                let is_new = day >= DAYS - 7 && random.chance(20);
                if is_new && random.chance(50) {
                    network = random.within(100..=140);
                } else if is_new {
                    host = random.within(100..=140);
                }
                let address = format!("{}.0.{network}.{host}", self.network);
                let minutes = 60 * random.within(0..=hours - 1) + random.within(0..=59);
                let row = self.row_of(app, user, &address, START.0 + day * DAY + minutes * 60 * SECOND, random);
                rows.push(self.call_or_login(row, is_new, random));
            }
        }
    }

    /// Two addresses that many users come from, long known or not: what is common is no news.
    fn commons(self, random: &mut Random, rows: &mut Vec<Row>) {
        for user in 0..7 {
            let address = random.pick(&ADDRESSES_OF_ALL);
            let day = if user < 5 { random.within(3..=8) } else { DAYS - 2 };
            let row = self.row_of(APPS[1], user, address, START.0 + day * DAY, random);
            rows.push(self.call_or_login(row, false, random));
        }
    }

    fn row_of(self, app: Option<&str>, user: i64, address: &str, time: i64, random: &mut Random) -> Row {
        let table = random.pick(&[Table::Calls, Table::Calls, Table::Logins]);
        let is_named = !self.nameless || !random.chance(3);
        Row::of(table)
            .with(Role::Time, time)
            .with_text(Role::App, self.marked(app).as_deref())
            .with_text(Role::User, is_named.then(|| self.user(user)).as_deref())
            .with_text(Role::Username, is_named.then(|| self.username(user)).as_deref())
            .with_text(Role::SourceIp, (!random.chance(3)).then_some(address))
    }

    fn call_or_login(self, row: Row, is_new: bool, random: &mut Random) -> Row {
        if row.table == Table::Calls {
            let most = if is_new { 9000 } else { 900 };
            let families: &[&str] = if is_new { &["REST", "Bulk", "SOAP Partner"] } else { &["REST"] };
            return row
                .with(Role::Rows, (!random.chance(5)).then(|| random.within(0..=most)))
                .with_text(Role::ApiFamily, random.pick(families))
                .with_text(Role::Operation, random.pick(&[Some("Query"), Some("QueryMore"), None]));
        }
        let refreshes = row.text(Role::App) != self.marked(APPS[1]).as_deref();
        let subtypes: &[Option<&str>] =
            if refreshes { &[Some("OAuth Refresh Token"), None] } else { &[Some("OAuth Web Server"), None] };
        row.with_text(Role::LoginType, "Remote Access 2.0")
            .with_text(Role::LoginSubtype, random.pick(subtypes))
            .with_text(Role::Status, if random.chance(90) { "Success" } else { "Invalid password" })
    }

    /// A signer's assertions: one clock drifts, some are off, some live long, some are sent twice, some are refused.
    fn assertions(self, signer: i64, random: &mut Random, rows: &mut Vec<Row>) {
        for day in 0..DAYS {
            let issued = START.0 + day * DAY + random.within(0..=86_399) * SECOND;
            let skew = if signer == 0 { 20 + day } else { random.pick(&[0, 1, 1, 2, 45, 90, 200, -9]) };
            let life = random.pick(&[120, 120, 120, 180, 181, 7200]);
            let identifier = format!("{}{signer}-{}", self.mark, random.within(0..=400));
            let refused = random.chance(15);
            for copy in 0..if random.chance(20) { 2 } else { 1 } {
                let received = issued + skew * SECOND + copy * random.pick(&[0, 1, 5000]) * SECOND;
                let host = if random.chance(60) { signer } else { 77 };
                let row = Row::of(Table::Assertions)
                    .with(Role::Time, received)
                    .with(Role::IssuedAt, (!random.chance(3)).then_some(issued))
                    .with(Role::ExpiresAt, (!random.chance(3)).then_some(issued + life * SECOND))
                    .with_text(Role::Issuer, format!("{}FAKE-KEY-{signer}", self.mark).as_str())
                    .with_text(Role::Principal, self.username(signer).as_str())
                    .with_text(Role::Audience, random.pick(&[Some("https://login.salesforce.com"), None]))
                    .with_text(Role::AssertionId, (!random.chance(20)).then_some(identifier.as_str()))
                    .with_text(Role::SourceIp, format!("{}.1.0.{host}", self.network).as_str())
                    .with_text(Role::Outcome, if refused { "invalid_grant" } else { "ok" });
                rows.push(row);
                if refused && random.chance(70) {
                    let status = random.pick(&["Invalid password", "User is inactive", "Success"]);
                    let near = received + random.within(-130..=130) * SECOND;
                    let address = format!("{}.1.0.{signer}", self.network);
                    let mut row = self.row_of(APPS[0], signer, &address, near, random);
                    row.table = Table::Logins;
                    rows.push(self.call_or_login(row, false, random).with_text(Role::Status, status));
                }
            }
        }
    }

    fn token(self, number: i64, random: &mut Random) -> Row {
        let now = START.0 + DAYS * DAY;
        let used = random.chance(70).then(|| now - random.within(0..=60) * DAY - random.within(0..=1) * SECOND);
        let created = now - random.within(60..=400) * DAY;
        let app = if self.nameless { random.pick(&APPS) } else { random.pick(&APPS[..4]) };
        let holder = random.within(0..=6);
        Row::of(Table::Tokens)
            .with(Role::Time, used.unwrap_or(created))
            .with(Role::LastUsed, used)
            .with(Role::Created, created)
            .with(Role::UseCount, if used.is_some() { random.pick(&[None, Some(7)]) } else { Some(0) })
            .with_text(Role::Token, format!("{}token {number}", self.mark).as_str())
            .with_text(Role::App, self.marked(app).as_deref())
            .with_text(Role::User, self.user(holder).as_str())
            .with_text(Role::Username, self.username(holder).as_str())
            .with_text(Role::MenuItem, random.pick(&[Some("0DSTr0000000001AAA"), Some("0DSTr0000000001AAA"), None]))
    }

    fn marked(self, name: Option<&str>) -> Option<String> {
        name.map(|name| format!("{}{name}", self.mark))
    }

    /// An id of 15 characters.
    fn user(self, number: i64) -> String {
        format!("005{:0>12}", format!("{}{number}", self.mark))
    }

    fn username(self, number: i64) -> String {
        format!("{}user{number}@alder.example", self.mark)
    }
}

/// What the program makes of a row's cells as it reads them.
fn derived(row: Row) -> Row {
    let text = |role: Role| row.text(role).unwrap_or_default().to_owned();
    let network = row.text(Role::SourceIp).map(|address| match address.rsplit_once('.') {
        Some((start, _)) => format!("{start}.0/24"),
        None => "2001:db8:1::/64".to_owned(),
    });
    let used = match row.table {
        Table::Calls => Some(format!("{} {}", text(Role::ApiFamily), text(Role::Operation)).trim().to_owned()),
        Table::Logins => {
            let flow = row.text(Role::LoginSubtype).or(row.text(Role::LoginType));
            flow.map(|flow| format!("login: {flow}"))
        }
        _ => None,
    };
    let claims = (row.table == Table::Assertions).then(|| row.number(Role::IssuedAt)).flatten();
    let claims = claims.map(|time| format!("{} for {} at {}", text(Role::Issuer), text(Role::Principal), Time(time)));
    row.with_text(Role::Network, network.as_deref())
        .with_text(Role::Use, used.as_deref())
        .with_text(Role::Claims, claims.as_deref())
}
