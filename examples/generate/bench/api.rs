//! `api.csv`: `ApiEvent` rows of the benchmark population, 30 columns.

use super::csv::CsvFile;
use super::population::{self, App, Population, dotted};
use super::{END, WINDOW, time_of};
use crate::calendar::{DAY, iso};
use crate::ids::{login_key, record_id, session_key, uuid};
use crate::random::{Random, mix};

const COLUMNS: &str = "\
    AdditionalInfo ApiType ApiVersion Application Client ConnectedAppId CreatedDate \
    ElapsedTime EvaluationTime EventDate EventIdentifier Id LoginHistoryId LoginKey Operation \
    Platform PolicyId PolicyOutcome QueriedEntities Query Records RequestIdentifier \
    RowsProcessed RowsReturned SessionKey SessionLevel SourceIp UserAgent UserId Username";

/// Sessions that are open at the same time.
const OPEN_SESSIONS: u64 = 4096;

struct Query {
    before: &'static str,
    after: &'static str,
    entities: &'static str,
}

/// The first four of a hundred queries hold a quote, the next twenty line breaks; see `query`.
const QUOTED: [Query; 2] = [
    Query {
        before: "SELECT Id, Name, Industry, AnnualRevenue FROM Account WHERE Name LIKE \
            '%\"Acme\"%' AND OwnerId = '",
        after: "' ORDER BY LastModifiedDate DESC LIMIT 200",
        entities: "Account",
    },
    Query {
        before: "SELECT Id, Subject, Status, Priority FROM Case WHERE Subject = 'Label \
            \"fragile\", size 12\"' AND AccountId = '",
        after: "'",
        entities: "Case",
    },
];
const LINES: [Query; 3] = [
    Query {
        before: "SELECT Id, Name, StageName, Amount, CloseDate,\n       Owner.Name, \
            Account.Name FROM Opportunity WHERE AccountId = '",
        after: "' AND IsClosed = false ORDER BY CloseDate LIMIT 2000",
        entities: "Opportunity, User, Account",
    },
    Query {
        before: "SELECT Id, CaseNumber, Subject, Description, Status, Priority, Origin FROM \
            Case WHERE OwnerId = '",
        after: "'\nORDER BY CreatedDate DESC NULLS LAST LIMIT 500",
        entities: "Case",
    },
    Query {
        before: "SELECT Id, FirstName, LastName, Email, Phone, MailingCity, MailingCountry \
            FROM Contact WHERE AccountId = '",
        after: "' AND\n      LastModifiedDate >= LAST_N_DAYS:7",
        entities: "Contact",
    },
];
const ORDINARY: [Query; 6] = [
    Query {
        before: "SELECT Id, FirstName, LastName, Email, Phone, Title, Department, AccountId \
            FROM Contact WHERE AccountId = '",
        after: "' AND IsDeleted = false LIMIT 2000",
        entities: "Contact",
    },
    Query {
        before: "SELECT Id, Name, Company, Email, Status, LeadSource, CreatedDate, OwnerId \
            FROM Lead WHERE OwnerId = '",
        after: "' ORDER BY CreatedDate DESC LIMIT 1000",
        entities: "Lead",
    },
    Query {
        before: "SELECT Id, Name, StageName, Amount, Probability, CloseDate, \
            ForecastCategoryName FROM Opportunity WHERE Id > '",
        after: "' AND CloseDate = THIS_FISCAL_QUARTER ORDER BY Id LIMIT 2000",
        entities: "Opportunity",
    },
    Query {
        before: "SELECT Id, Subject, ActivityDate, Status, WhoId, WhatId, OwnerId FROM Task \
            WHERE WhatId = '",
        after: "' AND SystemModstamp >= LAST_N_DAYS:2",
        entities: "Task",
    },
    Query {
        before: "SELECT Id, Name, BillingStreet, BillingCity, BillingPostalCode, \
            BillingCountry, Website FROM Account WHERE ParentId = '",
        after: "' LIMIT 500",
        entities: "Account",
    },
    Query {
        before: "SELECT Id, Quantity, UnitPrice, TotalPrice, Product2.Name, Opportunity.Name \
            FROM OpportunityLineItem WHERE OpportunityId = '",
        after: "'",
        entities: "OpportunityLineItem, Product2, Opportunity",
    },
];

struct Session {
    number: u64,
    user: u64,
    app: usize,
    address: [u8; 4],
    /// About one session in 650 goes on from another network.
    roams: bool,
}

pub(super) fn write(mut file: CsvFile, population: &Population, rows: u64) -> std::io::Result<()> {
    let mut random = Random::new(1);
    let mut sessions = Vec::new();
    let mut started = 0;
    file.header(COLUMNS)?;
    for row in 0..rows {
        let time = time_of(row, rows, &mut random);
        let slot = random.below(OPEN_SESSIONS.min(rows / 8 + 1)) as usize;
        // A new session at every 2.2nd row; the slots fill up at the start.
        if slot >= sessions.len() {
            sessions.push(session(population, &mut random, &mut started, time));
        } else if random.below(22) < 10 {
            sessions[slot] = session(population, &mut random, &mut started, time);
        }
        let place = slot.min(sessions.len() - 1);
        call(&mut file, population, &mut random, (row, time, &sessions[place]));
        file.end_row()?;
    }
    file.finish()
}

fn session(population: &Population, random: &mut Random, started: &mut u64, time: i64) -> Session {
    *started += 1;
    let user = population.any_user(random);
    let app = population::app_of(user, random.below(2));
    let moved = time >= WINDOW && population::moves(user) && random.chance(40);
    let address =
        if moved { population::other_address(user) } else { population::usual_address(user, random.below(2)) };
    Session { number: *started, user, app, address, roams: random.below(650) == 0 }
}

fn call(file: &mut CsvFile, population: &Population, random: &mut Random, (row, time, session): (u64, i64, &Session)) {
    let app = &population.apps[session.app];
    file.plain(b"{}");
    file.plain(if row % 11 == 5 { b"SOAP Partner" } else { b"REST" });
    file.plain(b"58.0");
    file.plain(app.name.as_bytes());
    file.plain(b"Unknown");
    file.plain(app.id.as_bytes());
    file.plain(&iso((time + 2500).min(END)));
    file.number(10 + random.below(900));
    file.plain(b"0.0");
    file.plain(&iso(time));
    file.plain(&uuid(mix(row * 2), mix(row * 2 + 1)));
    file.plain(b"000000000000000AAA");
    file.plain(&record_id("0Ya", 7_000_000 + session.number));
    file.plain(&login_key(session.number));
    file.plain(if random.chance(12) { b"QueryMore" } else { b"Query" });
    file.plain(app.platform.as_bytes());
    file.plain(b"");
    file.plain(b"NoAction");
    query(file, random);
    result(file, random, spike_factor(session.app, time));
    caller(file, random, app, session);
}

/// `QueriedEntities` and Query.
fn query(file: &mut CsvFile, random: &mut Random) {
    let query = match random.below(100) {
        0..4 => random.pick(&QUOTED),
        4..24 => random.pick(&LINES),
        _ => random.pick(&ORDINARY),
    };
    let mut text = Vec::with_capacity(256);
    text.extend_from_slice(query.before.as_bytes());
    text.extend_from_slice(&record_id("001", random.below(50_000_000)));
    text.extend_from_slice(query.after.as_bytes());
    file.text(query.entities.as_bytes());
    file.text(&text);
}

/// Records, `RequestIdentifier`, `RowsProcessed` and `RowsReturned`.
fn result(file: &mut CsvFile, random: &mut Random, factor: u64) {
    let returned = random.below(400) * factor;
    if random.chance(75) {
        let mut records = Vec::with_capacity(192);
        records.extend_from_slice(br#"{"totalSize":4,"done":true,"records":[],"recordIds":["#);
        for place in 0..4 {
            records.extend_from_slice(if place == 0 { b"\"" } else { b",\"" });
            records.extend_from_slice(&record_id("003", random.below(50_000_000)));
            records.push(b'"');
        }
        records.extend_from_slice(b"]}");
        file.text(&records);
    } else {
        file.plain(b"");
    }
    file.plain(&session_key(random.next()).map(|byte| if byte == b'/' { b'-' } else { byte }));
    file.number(returned);
    file.number(returned);
}

/// `SessionKey` to Username.
fn caller(file: &mut CsvFile, random: &mut Random, app: &App, session: &Session) {
    let address =
        if session.roams && random.chance(50) { population::other_address(session.number) } else { session.address };
    let (address, length) = dotted(address);
    file.plain(&session_key(session.number));
    file.plain(b"STANDARD");
    file.plain(&address[..length]);
    file.text(app.user_agent.as_bytes());
    file.plain(&population::user_id(session.user));
    file.plain(format!("user{:05}@northwind.example.com", session.user).as_bytes());
}

/// About forty (app, day) pairs of the last seven days return thirty times as many rows.
fn spike_factor(app: usize, time: i64) -> u64 {
    let cell = app as u64 * 100_000 + (time / DAY) as u64;
    if time >= WINDOW && mix(cell).is_multiple_of(38) { 30 } else { 1 }
}
