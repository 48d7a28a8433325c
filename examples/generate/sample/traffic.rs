//! Turns "this user of this app asks this" into `ApiEvent` and `LoginHistory` rows that belong together.

use super::START;
use super::organisation::{App, User, country_of};
use super::row::{Row, Value};
use crate::calendar::SECOND;
use crate::ids::{login_key, record_id_text, session_key, uuid};
use crate::random::Random;

pub(super) const REFRESH_TOKEN: &str = "OAuth Refresh Token";
pub(super) const USER_AGENT_FLOW: &str = "OAuth User-Agent";
pub(super) const CLIENT_CREDENTIALS: &str = "OAuth Client Credentials";
/// No sub-type exists for the JWT bearer flow; the field stays null.
pub(super) const JWT_BEARER: &str = "";

/// How an app gets in and what it says it is.
#[derive(Clone)]
pub(super) struct Access {
    pub user: User,
    pub app: App,
    pub sub_type: &'static str,
    pub user_agent: &'static str,
    pub platform: &'static str,
}

/// What a successful login leaves behind for the calls after it.
pub(super) struct Session {
    access: Access,
    address: String,
    login_id: String,
    login_key: String,
    session_key: String,
    calls: u32,
}

impl Session {
    /// What all calls of the session have in common.
    fn row(&self, time: i64, named_by_id: bool) -> Row {
        let access = &self.access;
        Row::new(time)
            .with("EventDate", Value::Time(time))
            .with("UserId", access.user.id.as_str())
            .with("Username", access.user.username.as_str())
            .with("Application", access.app.name)
            .with("Client", "Unknown")
            .with("ConnectedAppId", if named_by_id { access.app.id() } else { String::new() })
            .with("AdditionalInfo", "{}")
            .with("LoginHistoryId", self.login_id.as_str())
            .with("LoginKey", self.login_key.as_str())
            .with("SessionKey", self.session_key.as_str())
            .with("SessionLevel", "STANDARD")
            .with("Platform", access.platform)
            .with("PolicyOutcome", "NoAction")
            .with("UserAgent", access.user_agent)
    }
}

/// A login as `LoginHistory` shows it.
pub(super) struct Login<'a> {
    pub user: &'a User,
    pub login_type: &'static str,
    pub sub_type: &'static str,
    pub application: &'a str,
    pub browser: &'static str,
    pub platform: &'static str,
    pub address: &'a str,
    pub status: &'static str,
}

/// One call that reads data. `processed` counts the rows of the whole query, `returned` those of this call.
pub(super) struct Question {
    pub api_type: &'static str,
    pub operation: &'static str,
    pub entities: &'static str,
    pub text: String,
    pub processed: i64,
    pub returned: i64,
}

impl Question {
    /// A REST query that returns all its rows at once.
    pub(super) fn rest(entities: &'static str, text: impl Into<String>, rows: i64) -> Question {
        let (api_type, operation, text) = ("REST", "Query", text.into());
        Question { api_type, operation, entities, text, processed: rows, returned: rows }
    }

    pub(super) fn by(self, api_type: &'static str) -> Question {
        Question { api_type, ..self }
    }
}

/// The rows made so far. Every stream has its own random numbers, so that one does not move another.
pub(super) struct Traffic {
    pub calls: Vec<Row>,
    pub logins: Vec<Row>,
    pub random: Random,
}

impl Traffic {
    pub(super) fn new(seed: u64) -> Traffic {
        Traffic { calls: Vec::new(), logins: Vec::new(), random: Random::new(seed) }
    }

    /// Calls and logins in the order in which Salesforce gives them out.
    pub(super) fn newest_first(mut self) -> (Vec<Row>, Vec<Row>) {
        self.calls.sort_by_key(|row| std::cmp::Reverse(row.time));
        self.logins.sort_by_key(|row| std::cmp::Reverse(row.time));
        (self.calls, self.logins)
    }

    /// A successful OAuth login of an app.
    pub(super) fn open(&mut self, time: i64, access: &Access, address: &str) -> Session {
        let login_id = self.oauth_login(time, access, address, "Success");
        let number = self.random.next();
        Session {
            access: access.clone(),
            address: address.to_owned(),
            login_id,
            login_key: String::from_utf8_lossy(&login_key(number)).into_owned(),
            session_key: String::from_utf8_lossy(&session_key(number)).into_owned(),
            calls: 0,
        }
    }

    /// An OAuth login with any outcome; returns its id.
    pub(super) fn oauth_login(&mut self, time: i64, access: &Access, address: &str, status: &'static str) -> String {
        self.login(
            time,
            Login {
                user: &access.user,
                login_type: "Remote Access 2.0",
                sub_type: access.sub_type,
                application: access.app.name,
                browser: "Unknown",
                platform: access.platform,
                address,
                status,
            },
        )
    }

    /// Any login. `LoginHistory` keeps whole seconds.
    pub(super) fn login(&mut self, time: i64, login: Login<'_>) -> String {
        let second = time.div_euclid(SECOND);
        let number = (second - START / SECOND) as u64 * 3844 + self.random.below(3844);
        let id = record_id_text("0Ya", 40_000_000_000 + number);
        let row = Row::new(time)
            .with("Id", id.as_str())
            .with("UserId", login.user.id.as_str())
            .with("Username", login.user.username.as_str())
            .with("LoginTime", Value::Time(second * SECOND))
            .with("LoginType", login.login_type)
            .with("LoginSubType", login.sub_type)
            .with("LoginUrl", "alderfinch-example.my.salesforce.com")
            .with("SourceIp", login.address)
            .with("Status", login.status)
            .with("Application", login.application)
            .with("Browser", login.browser)
            .with("Platform", login.platform)
            .with("ClientVersion", "N/A")
            .with("ApiType", "N/A")
            .with("ApiVersion", "N/A")
            .with("CipherSuite", "ECDHE-RSA-AES256-GCM-SHA384")
            .with("TlsProtocol", "TLS 1.2")
            .with("CountryIso", country_of(login.address));
        self.logins.push(row);
        id
    }

    /// A call in a session. The first one names the app by id; some of the later ones by name only, as in
    /// real exports.
    pub(super) fn call(&mut self, time: i64, session: &mut Session, question: Question) {
        let source = session.address.clone();
        self.call_from(time, session, question, &source);
    }

    /// The same with another source address than the session's.
    pub(super) fn call_from(&mut self, time: i64, session: &mut Session, question: Question, source: &str) {
        let named_by_id = session.calls == 0 || self.random.chance(75);
        session.calls += 1;
        let id = uuid(self.random.next(), self.random.next());
        let request = [session_key(self.random.next()), session_key(self.random.next())].concat();
        let request = String::from_utf8_lossy(&request[..22]).replace(['+', '/'], "-");
        let elapsed = 12 + question.returned / 9 + self.random.between(0, 60);
        let row = session
            .row(time, named_by_id)
            .with("EventIdentifier", String::from_utf8_lossy(&id).into_owned())
            .with("CreatedDate", Value::Time(time + self.random.between(900, 4000)))
            .with("RequestIdentifier", request)
            .with("ElapsedTime", Value::Integer(elapsed))
            .with("ApiType", question.api_type)
            .with("ApiVersion", Value::Double(62))
            .with("Operation", question.operation)
            .with("QueriedEntities", question.entities)
            .with("Query", question.text)
            .with("RowsProcessed", Value::Double(question.processed))
            .with("RowsReturned", Value::Double(question.returned))
            .with("SourceIp", source);
        self.calls.push(row);
    }
}
