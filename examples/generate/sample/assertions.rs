//! The two JWT bearer integrations: the signer's own log of assertions, and what Salesforce shows of each.

use super::integrations::{every, jitter};
use super::organisation::{App, LEDGER_SYNC, WAREHOUSE_SYNC, integration_user};
use super::row::{Row, Value};
use super::traffic::{Access, JWT_BEARER, Question, Traffic};
use super::{END, START};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, date, iso_text};
use crate::ids::uuid;

pub(super) const COLUMNS: &str = "iss|sub|aud|iat|exp|jti|received|source_ip|outcome";
pub(super) const RAW_COLUMNS: &str = "assertion|received|source_ip|outcome";

const LEDGER_ADDRESS: &str = "198.19.7.21";
const WAREHOUSE_ADDRESS: &str = "198.19.60.9";
const REPLAY_ADDRESS: &str = "198.19.88.140";

/// The drifting clock: so many milliseconds fast at the start, and so many more each day. Half a minute
/// is passed on the 19th day, a full one on the 38th.
const FIRST_SKEW: i64 = 2000;
const DAILY_DRIFT: i64 = 1530;
/// Beyond this an assertion is refused.
const MOST_SKEW: i64 = 60 * SECOND;

/// In good health: signed a moment before it is received, every two hours. Two SOAP queries follow.
pub(super) fn ledger_sync(traffic: &mut Traffic) -> Vec<Row> {
    let access = access(LEDGER_SYNC, "LedgerSync/3.1 (.NET 8.0)");
    let mut signed = Vec::new();
    for time in every(2 * HOUR) {
        let issued = (time + 31 * MINUTE + jitter(traffic)) / SECOND;
        let received = issued * SECOND + traffic.random.between(300, 2000);
        let expires = issued + traffic.random.between(120, 181);
        let assertion = Assertion { app: LEDGER_SYNC, issued, expires, received };
        signed.push(assertion.row(traffic, LEDGER_ADDRESS, "ok"));
        let mut session = traffic.open(received, &access, LEDGER_ADDRESS);
        for (turn, object) in (1..).zip(["Invoice__c", "Account"]) {
            let text = format!(
                "SELECT Id, Name, LastModifiedDate FROM {object} WHERE LastModifiedDate > {}",
                iso_text(time - 2 * HOUR)
            );
            let rows = traffic.random.between(5, 60);
            let question = Question::rest(object, text, rows).by("SOAP Partner");
            traffic.call(received + turn * 4 * SECOND, &mut session, question);
        }
    }
    signed
}

/// The signer whose clock falls behind, every four hours; refused in the end. One assertion is used twice.
pub(super) fn warehouse_sync(traffic: &mut Traffic) -> Vec<Row> {
    let access = access(WAREHOUSE_SYNC, "WarehouseSync/1.8 Go-http-client/2.0");
    let replayed = date(2025, 8, 14) + 12 * HOUR;
    let mut signed = Vec::new();
    for time in every(4 * HOUR) {
        let start = time + 20 * MINUTE + jitter(traffic);
        let accepted = present(traffic, &access, &mut signed, start);
        if !accepted {
            present(traffic, &access, &mut signed, start + 30 * SECOND);
        }
        if time == replayed {
            replay(traffic, &access, &mut signed);
        }
    }
    signed
}

/// One assertion, and if it is accepted one query.
fn present(traffic: &mut Traffic, access: &Access, signed: &mut Vec<Row>, start: i64) -> bool {
    let drifted = FIRST_SKEW + DAILY_DRIFT * (start - START) / DAY;
    let skew = drifted + traffic.random.between(-400, 401);
    // Claims hold whole seconds, so the moment of receipt takes up the milliseconds.
    let issued = (start - skew) / SECOND;
    let received = issued * SECOND + skew;
    debug_assert!(received < END);
    let assertion = Assertion { app: WAREHOUSE_SYNC, issued, expires: issued + 170, received };
    let accepted = skew <= MOST_SKEW;
    let outcome = if accepted { "ok" } else { "invalid_grant" };
    signed.push(assertion.row(traffic, WAREHOUSE_ADDRESS, outcome));
    if !accepted {
        traffic.oauth_login(received, access, WAREHOUSE_ADDRESS, "Failed: Invalid Token");
        return false;
    }
    let mut session = traffic.open(received, access, WAREHOUSE_ADDRESS);
    let text = "SELECT Id, StockKeepingUnit, StockLevel__c FROM Product2 WHERE IsActive = true";
    let rows = traffic.random.between(310, 330);
    traffic.call(received + 6 * SECOND, &mut session, Question::rest("Product2", text, rows));
    true
}

/// The last assertion again, 41 seconds later and from another address.
fn replay(traffic: &mut Traffic, access: &Access, signed: &mut Vec<Row>) {
    let Some(original) = signed.last() else { return };
    let received = original.time + 41 * SECOND;
    let mut copy = Row::new(received);
    for name in ["iss", "sub", "aud", "iat", "exp", "jti", "outcome"] {
        if let Some(value) = original.get(name) {
            copy = copy.with(name, value.clone());
        }
    }
    signed.push(copy.with("received", iso_text(received)).with("source_ip", REPLAY_ADDRESS));
    traffic.oauth_login(received, access, REPLAY_ADDRESS, "Success");
}

fn access(app: App, user_agent: &'static str) -> Access {
    let user = integration_user(app);
    Access { user, app, sub_type: JWT_BEARER, user_agent, platform: "Unknown" }
}

/// One assertion: claims in seconds, receipt in milliseconds.
struct Assertion {
    app: App,
    issued: i64,
    expires: i64,
    received: i64,
}

impl Assertion {
    fn row(&self, traffic: &mut Traffic, address: &str, outcome: &'static str) -> Row {
        let id = uuid(traffic.random.next(), traffic.random.next());
        let id = String::from_utf8_lossy(&id).into_owned();
        let key = self.app.name.to_uppercase().replace(' ', ".");
        let issuer = format!("3MVG9.FAKE.CONSUMER.KEY.{key}");
        let subject = integration_user(self.app).username;
        let audience = "https://login.salesforce.com";
        let claims = serde_json::json!({
            "iss": issuer, "sub": subject, "aud": audience,
            "iat": self.issued, "exp": self.expires, "jti": id,
        });
        let header = r#"{"alg":"RS256","typ":"JWT"}"#;
        let parts = [header, &claims.to_string(), "FAKE-SIGNATURE"].map(base64url);
        Row::new(self.received)
            .with("assertion", parts.join("."))
            .with("iss", issuer)
            .with("sub", subject)
            .with("aud", audience)
            .with("iat", Value::Integer(self.issued))
            .with("exp", Value::Integer(self.expires))
            .with("jti", id)
            .with("received", iso_text(self.received))
            .with("source_ip", address)
            .with("outcome", outcome)
    }
}

/// Base64 in the URL alphabet, without padding.
fn base64url(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=chunk.len() {
            let six = (bits >> (18 - 6 * place)) & 63;
            encoded.push(char::from(ALPHABET[six as usize]));
        }
    }
    encoded
}
