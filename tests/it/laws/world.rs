//! A small made-up organisation: five weeks of calls, logins, tokens and assertions, with something for every detector.

use std::collections::BTreeMap;

use tokentrail::batch::{Role, Table};
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use crate::oracle::START;
use crate::oracle::random::Random;
use crate::oracle::rows::Row;

mod logins;
mod setup;
mod volume;

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
    networks = ["10.0.0.0/18", "10.0.120.0/24"]
    [[app]]
    name = "Chat"
    scopes = ["chatter_api"]
"#;

/// Who runs the world's networks, and where they are.
pub(super) const NETWORKS: &str = "10.0.0.0,10.0.124.255,64496,Home
10.0.125.0,10.0.255.255,64511,Rented Hosting
10.0.0.0,10.0.114.255,de
10.0.115.0,10.0.255.255,NL
";

const APPS: [Option<&str>; 6] =
    [Some("Ledger Sync"), Some("Warehouse"), Some("Chat"), Some("Not Registered"), Some("Browser"), None];
/// A query, and what is told of it: objects, probe, selection, words looked for.
type Query = (&'static str, &'static str, Option<&'static str>, &'static str, Option<&'static str>);
const FEW: &str = "few columns";
const USUAL_QUERIES: [Query; 2] = [
    ("SELECT Id FROM Invoice__c", "Invoice__c", None, FEW, None),
    ("SELECT Id FROM Order__c", "Order__c", None, FEW, None),
];
const NEW_QUERIES: [Query; 6] = [
    ("SELECT COUNT() FROM Case", "Case", Some("count Case"), FEW, None),
    ("SELECT COUNT() FROM Contact", "Contact", Some("count Contact"), FEW, None),
    ("SELECT COUNT() FROM Stock__c", "Stock__c", Some("count Stock__c"), FEW, None),
    ("SELECT FIELDS(ALL) FROM Lead LIMIT 200", "Lead", None, "FIELDS(ALL) of Lead", None),
    ("SELECT Id FROM Task WHERE Subject LIKE '%token%'", "Task", None, FEW, Some("token")),
    ("SELECT Id FROM Price__c", "Price__c", None, FEW, None),
];
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
        for (number, app) in (1..4).zip(&APPS[1..]) {
            self.turns(*app, number, random, &mut rows);
        }
        for user in 0..3 {
            self.journey(user, random, &mut rows);
        }
        self.theft(random, &mut rows);
        self.volumes(&mut rows);
        for signer in 0..4 {
            self.assertions(signer, random, &mut rows);
        }
        for token in 0..40 {
            rows.push(self.token(token, random));
        }
        self.logins_and_tokens(random, &mut rows);
        self.setup(&mut rows);
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
        self.name_logins(random, &mut rows);
        rows
    }

    /// Calls name a login of their user and app; a few name one that is not there.
    fn name_logins(self, random: &mut Random, rows: &mut [Row]) {
        let of = |row: &Row| (row.text(Role::App).map(str::to_owned), row.text(Role::User).map(str::to_owned));
        let mut logins: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for row in rows.iter_mut().filter(|row| row.table == Table::Logins && !row.has(Role::Latitude)) {
            let id = row.text(Role::EventId).unwrap().to_owned();
            *row = row.clone().with_text(Role::LoginHistoryId, id.as_str());
            logins.entry(of(row)).or_default().push(id);
        }
        for (number, row) in (0..).zip(rows.iter_mut().filter(|row| row.table == Table::Calls)) {
            let known = logins.get(&of(row)).map(|ids| random.pick(ids));
            let named = if random.chance(10) { Some(format!("{}gone-{number}", self.mark)) } else { known };
            *row = row.clone().with_text(Role::LoginHistoryId, named.as_deref());
        }
    }

    /// On one day of the last week, calls from home and from elsewhere in turns.
    fn turns(self, app: Option<&str>, user: i64, random: &mut Random, rows: &mut Vec<Row>) {
        let day = DAYS - random.within(2..=6);
        for hour in 0..8 {
            let network = if hour % 2 == 0 { user } else { 150 + random.within(0..=1) };
            let address = format!("{}.0.{network}.1", self.network);
            let time = START.0 + day * DAY + (hour * 60 + random.within(0..=20)) * 60 * SECOND;
            let mut row = self.row_of(app, user, &address, time, random);
            row.table = Table::Calls;
            rows.push(self.call_or_login(row, false, random));
        }
    }

    /// Logins with places: near to each other, and now and then far away.
    fn journey(self, user: i64, random: &mut Random, rows: &mut Vec<Row>) {
        for day in DAYS - 9..DAYS {
            for hour in [9, 10, 17] {
                let is_far = random.chance(20);
                let network = if is_far { 22 } else { user };
                let address = format!("{}.0.{network}.9", self.network);
                let minutes = (hour * 60 + random.within(0..=59)) * 60 * SECOND;
                let mut row = self.row_of(APPS[3], user, &address, START.0 + day * DAY + minutes, random);
                row.table = Table::Logins;
                let longitude = if is_far { -74_000_000 } else { 8_500_000 };
                let row = row.with(Role::Latitude, 50_000_000).with(Role::Longitude, longitude);
                rows.push(self.call_or_login(row, false, random));
            }
        }
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

    /// A session of the last week that looks around, pages through a lot, and calls more often than anybody does.
    fn theft(self, random: &mut Random, rows: &mut Vec<Row>) {
        let start = START.0 + (DAYS - 3) * DAY;
        for number in 0..260 {
            let address = format!("{}.0.1.1", self.network);
            let mut row = self.row_of(APPS[0], 1, &address, start + number * SECOND, random);
            row.table = Table::Calls;
            let row =
                row.with_text(Role::User, self.user(1).as_str()).with_text(Role::Username, self.username(1).as_str());
            let row = self.call(row, number % 20 == 0, random).with(Role::Rows, 2000);
            rows.push(row.with_text(Role::Operation, "QueryMore"));
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
            return self.call(row, is_new, random);
        }
        let refreshes = row.text(Role::App) != self.marked(APPS[1]).as_deref();
        let subtypes: &[Option<&str>] =
            if refreshes { &[Some("OAuth Refresh Token"), None] } else { &[Some("OAuth Web Server"), None] };
        row.with_text(Role::LoginType, "Remote Access 2.0")
            .with_text(Role::LoginSubtype, random.pick(subtypes))
            .with_text(Role::Status, if random.chance(90) { "Success" } else { "Invalid password" })
    }

    /// What a call asks for, and with what: something else where it is new.
    fn call(self, row: Row, is_new: bool, random: &mut Random) -> Row {
        let most = if is_new { 9000 } else { 900 };
        let families: &[&str] = if is_new { &["REST", "Bulk", "SOAP Partner"] } else { &["REST"] };
        let queries: &[Query] = if is_new { &NEW_QUERIES } else { &USUAL_QUERIES };
        let clients: &[&str] =
            if is_new { &["curl/8.4", "python-requests/2"] } else { &["ledger-sync/4", "ledger-sync/5"] };
        let endpoints: &[&str] = if is_new { &["/jobs/query", "/limits/recordCount"] } else { &["/query", "/recent"] };
        let day = row.time().div_euclid(DAY) - START.0.div_euclid(DAY);
        let session = format!("{}session {:?} {day}", self.mark, row.text(Role::User));
        let session = (!random.chance(3)).then_some(session.as_str());
        let operation = random.pick(&[Some("Query"), Some("QueryMore"), None]);
        // Where no operation is named, the resource would name it.
        let endpoint = random.pick(endpoints);
        let endpoint = operation.filter(|_| random.chance(90)).map(|_| endpoint);
        let query = (!random.chance(10)).then(|| random.pick(queries));
        row.with(Role::Rows, (!random.chance(5)).then(|| random.within(0..=most)))
            .with_text(Role::ApiFamily, random.pick(families))
            .with_text(Role::Operation, operation)
            .with_text(Role::Session, session)
            .with_text(Role::Client, (!random.chance(10)).then(|| random.pick(clients)))
            .with_text(Role::Endpoint, endpoint)
            .with_text(Role::Query, query.map(|query| query.0))
            .with_text(Role::Objects, query.map(|query| query.1))
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

/// What `NETWORKS` says of an address.
fn located<'t>(address: &str, from: &[(u8, &'t str)]) -> Option<&'t str> {
    let network: u8 = address.strip_prefix("10.0.")?.split('.').next()?.parse().ok()?;
    from.iter().rev().find(|(first, _)| *first <= network).map(|(_, text)| *text)
}

/// What the export of a row is called.
fn event_type(row: &Row) -> &'static str {
    match row.table {
        Table::Calls => "ApiEvent",
        Table::Logins if row.has(Role::Latitude) => "LoginEvent",
        Table::Logins => "LoginHistory",
        Table::Tokens => "OauthToken",
        Table::Sessions => "LoginAs",
        table => table.name(),
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
    let provider = row
        .text(Role::SourceIp)
        .and_then(|address| located(address, &[(0, "AS64496 Home"), (125, "AS64511 Rented Hosting")]));
    let origin = row.text(Role::SourceIp).and_then(|address| located(address, &[(0, "DE"), (115, "NL")]));
    let all_queries = USUAL_QUERIES.iter().chain(&NEW_QUERIES);
    let query = row.text(Role::Query).and_then(|text| all_queries.clone().find(|query| query.0 == text));
    let family = row.text(Role::Client).and_then(|client| client.split('/').next()).map(str::to_owned);
    let resource = row.text(Role::Endpoint).map(str::to_owned);
    let of_resource = resource.as_deref().filter(|path| *path == "/limits/recordCount").map(|_| "count records");
    let row = if row.table == Table::Calls {
        row.with_text(Role::ClientFamily, family.as_deref())
            .with_text(Role::Resource, resource.as_deref())
            .with_text(Role::Probe, query.and_then(|query| query.2).or(of_resource))
            .with_text(Role::Selection, query.map(|query| query.3))
            .with_text(Role::Hunted, query.and_then(|query| query.4))
    } else {
        let name =
            row.text(Role::App).filter(|_| matches!(row.table, Table::Logins | Table::Tokens)).map(str::to_owned);
        row.with_text(Role::AppName, name.as_deref())
    };
    let log = row.text(Role::Log).unwrap_or(event_type(&row)).to_owned();
    row.with_text(Role::Log, log.as_str())
        .with_text(Role::Network, network.as_deref())
        .with_text(Role::Provider, provider)
        .with_text(Role::NetworkClass, provider.map(|name| if name.ends_with("Hosting") { "hosting" } else { "other" }))
        .with_text(Role::Origin, origin)
        .with_text(Role::Use, used.as_deref())
        .with_text(Role::Claims, claims.as_deref())
}
