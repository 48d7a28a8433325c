//! Sessions and what is asked in them, as rows.

use super::Org;
use crate::study::calendar::{HOUR, MINUTE, SECOND};
use crate::study::random::Random;
use crate::study::row::{BROWSER, Cause, Row, What};

pub(crate) const REMOTE: &str = "Remote Access 2.0";
pub(crate) const REFRESH: &str = "OAuth Refresh Token";
const VERSION: &str = "v60.0";

/// Rows in the making.
pub(crate) struct Traffic {
    rows: Vec<Row>,
    pub(crate) random: Random,
    pub(crate) cause: Cause,
    sessions: u64,
    jobs: u64,
}

/// Somebody who is logged in.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub(crate) user: u32,
    pub(crate) app: u32,
    pub(crate) address: u32,
    pub(crate) agent: &'static str,
    pub(crate) number: u64,
}

impl Traffic {
    pub(crate) fn new(org: &Org, seed: u64) -> Traffic {
        let sessions = org.number * 10_000_000;
        Traffic { rows: Vec::new(), random: Random::new(seed), cause: Cause::Habit, sessions, jobs: sessions }
    }

    /// More rows for an organisation that has rows already.
    pub(crate) fn more(org: &Org, seed: u64, cause: Cause) -> Traffic {
        let mut traffic = Traffic { cause, ..Traffic::new(org, seed) };
        traffic.sessions += 5_000_000 + seed % 97 * 10_000;
        traffic.jobs = traffic.sessions;
        traffic
    }

    pub(crate) fn into_rows(mut self) -> Vec<Row> {
        self.rows.sort_by_key(|row| row.time);
        self.rows
    }

    /// A login with a token, and its session.
    pub(crate) fn refresh(&mut self, time: i64, user: u32, app: u32, address: u32, agent: &'static str) -> Session {
        self.login(time, (user, app), address, agent, REMOTE, REFRESH, "Success")
    }

    #[expect(clippy::too_many_arguments, reason = "what a login says")]
    pub(crate) fn login(
        &mut self,
        time: i64,
        (user, app): (u32, u32),
        address: u32,
        agent: &'static str,
        login_type: &'static str,
        sub_type: &'static str,
        status: &'static str,
    ) -> Session {
        self.sessions += 1;
        let session = Session { user, app, address, agent, number: self.sessions };
        self.push(time, &session, What::Login { login_type, sub_type, status });
        session
    }

    /// A query over REST: one row of each of two exports.
    pub(crate) fn query(&mut self, time: i64, session: &Session, object: &'static str, text: &str, rows: i64) {
        self.ask(time, session, object, "Query", "REST", text, rows);
        self.request(time, session, "GET", "/services/data/v60.0/query", object, rows);
    }

    /// The pages of one query, two thousand rows each, so many milliseconds apart.
    pub(crate) fn pages(
        &mut self,
        time: i64,
        session: &Session,
        object: &'static str,
        text: &str,
        rows: i64,
        apart: i64,
    ) {
        let mut left = rows;
        let mut turn = 0;
        while left > 0 || turn == 0 {
            let page = left.min(2000);
            let at = time + turn * apart;
            let operation = if turn == 0 { "Query" } else { "QueryMore" };
            self.ask(at, session, object, operation, "REST", text, page);
            let path = if turn == 0 { "query" } else { "query/01gTr00000Fake-2000" };
            self.request(at, session, "GET", &format!("/services/data/{VERSION}/{path}"), object, page);
            left -= page;
            turn += 1;
        }
    }

    /// A row of `ApiEvent` alone.
    #[expect(clippy::too_many_arguments, reason = "what a query says")]
    pub(crate) fn ask(
        &mut self,
        time: i64,
        session: &Session,
        object: &'static str,
        operation: &'static str,
        api: &'static str,
        text: &str,
        rows: i64,
    ) {
        self.push(time, session, What::Query { object, operation, api, text: text.into(), rows });
    }

    /// A row of `RestApi` alone. One in a hundred and fifty fails.
    pub(crate) fn request(
        &mut self,
        time: i64,
        session: &Session,
        method: &'static str,
        path: &str,
        object: &'static str,
        rows: i64,
    ) {
        let failed = self.cause == Cause::Habit && self.random.below(150) == 0;
        let (status, rows) = if failed { (*self.random.pick(&[400, 503, 500]), 0) } else { (200, rows) };
        self.push(time, session, What::Request { method, path: path.into(), object, rows, status });
    }

    pub(crate) fn describe(&mut self, time: i64, session: &Session, object: &'static str) {
        self.request(time, session, "GET", &format!("/services/data/{VERSION}/sobjects/{object}/describe"), "", 0);
    }

    /// A bulk query job of an object, from its making to the download of its results; when it was done.
    pub(crate) fn job(
        &mut self,
        time: i64,
        session: &Session,
        object: &'static str,
        rows: i64,
        takes: i64,
    ) -> (u64, i64) {
        self.jobs += 1;
        let job = self.jobs;
        self.request(time, session, "POST", "/services/data/v60.0/jobs/query", "", 0);
        let step = |status, rows| What::Step { job, status, object, rows };
        self.push(time, session, step("UploadComplete", 0));
        self.push(time + 2 * SECOND, session, step("InProgress", 0));
        self.push(time + takes, session, step("JobComplete", rows));
        let results = format!("/services/data/v60.0/jobs/query/750Tr00000{:05}AAA/results", job % 100_000);
        self.request(time + takes + 3 * SECOND, session, "GET", &results, "", 0);
        (job, time + takes)
    }

    pub(crate) fn delete_job(&mut self, time: i64, session: &Session, object: &'static str, job: u64) {
        let path = format!("/services/data/v60.0/jobs/query/750Tr00000{:05}AAA", job % 100_000);
        self.request(time, session, "DELETE", &path, "", 0);
        self.push(time, session, What::Step { job, status: "deleted", object, rows: 0 });
    }

    /// One of an app's machines: the first half of them four times out of five.
    pub(crate) fn machine(&mut self, addresses: &[u32]) -> u32 {
        let half = addresses.len().div_ceil(2);
        let known = if self.random.chance(80) { &addresses[..half] } else { addresses };
        *self.random.pick(known)
    }

    pub(crate) fn browse(&mut self, time: i64, user: u32, address: u32, agent: &'static str, status: &'static str) {
        self.login(time, (user, BROWSER), address, agent, "Application", "UI Username-Password", status);
    }

    /// Some time within an hour.
    pub(crate) fn within_an_hour(&mut self) -> i64 {
        self.random.between(MINUTE, HOUR)
    }

    fn push(&mut self, time: i64, session: &Session, what: What) {
        let Session { user, app, address, agent, number } = *session;
        self.rows.push(Row { time, user, app, address, session: number, agent, what, cause: self.cause });
    }
}
