//! Rejection: assertions that the token endpoint refused, and the most likely reason. `invalid_grant` stands for many
//! causes; the assertion's own claims and the login that failed at the same moment tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{IntoLazy, JoinArgs, JoinType, PolarsError, col};

use super::skew::seconds;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role, Table};
use crate::error::Error;
use crate::finding::Finding;
use crate::frame::{frame, ids, numbers, table};
use crate::value::codes;
use crate::value::time::{DAY, SECOND};

pub(super) const LIMITS: &[&str] = &["skew-above", "ahead-by", "lifetime-above", "login-within"];
pub(super) const ROLES: &[Role] = &[
    Role::Principal,
    Role::Audience,
    Role::IssuedAt,
    Role::ExpiresAt,
    Role::Outcome,
    Role::Username,
    Role::Status,
    Role::LoginType,
];

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    refused: Vec<Refused>,
    failed_logins: Vec<FailedLogin>,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    subject: u32,
    principal: u32,
    audience: u32,
    outcome: u32,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    mark: Mark,
}

/// Of the evidence, so many places are kept for logins.
const LOGINS_SHOWN: usize = 5;

/// A refused assertion and the login that failed with it.
type WithLogin = (Refused, Option<FailedLogin>);

#[derive(Clone, Copy, Debug)]
struct FailedLogin {
    username: u32,
    status: u32,
    mark: Mark,
}

impl State {
    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let id = |role: Role| rows.batch.id(role, row);
            let text = |role: Role| rows.dictionary.role_text(role, id(role));
            let mark = rows.mark(row, time);
            match rows.batch.table {
                Table::Assertions if text(Role::Outcome).is_some_and(|outcome| !is_success(outcome)) => {
                    self.refused.push(Refused {
                        subject,
                        principal: id(Role::Principal),
                        audience: id(Role::Audience),
                        outcome: id(Role::Outcome),
                        issued_at: rows.batch.number(Role::IssuedAt, row),
                        expires_at: rows.batch.number(Role::ExpiresAt, row),
                        mark,
                    });
                }
                Table::Logins if text(Role::LoginType).is_some_and(|by| !by.starts_with("Remote Access")) => {}
                Table::Logins if text(Role::Status).is_some_and(|status| !codes::is_success(status)) => {
                    self.failed_logins.push(FailedLogin {
                        username: id(Role::Username),
                        status: id(Role::Status),
                        mark,
                    });
                }
                _ => {}
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.refused.extend(other.refused.into_iter().map(|refused| Refused {
            subject: moves.subject(refused.subject),
            principal: moves.value(Role::Principal, refused.principal),
            audience: moves.value(Role::Audience, refused.audience),
            outcome: moves.value(Role::Outcome, refused.outcome),
            ..refused
        }));
        self.failed_logins.extend(other.failed_logins.into_iter().map(|login| FailedLogin {
            username: moves.value(Role::Username, login.username),
            status: moves.value(Role::Status, login.status),
            ..login
        }));
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Result<Vec<Match>, Error> {
        if self.refused.is_empty() {
            return Ok(Vec::new());
        }
        self.refused.sort_by_key(|refused| refused.mark);
        self.failed_logins.sort_by_key(|login| login.mark);
        let logins = self.logins_at_the_moment(finish)?;
        let mut by_cause: BTreeMap<(u32, String), Vec<WithLogin>> = BTreeMap::new();
        for (row, refused) in self.refused.iter().enumerate() {
            let login = logins.get(&row).map(|login| self.failed_logins[*login]);
            let cause = cause(refused, login, finish);
            by_cause.entry((refused.subject, cause)).or_default().push((*refused, login));
        }
        let mut matches = Vec::new();
        for ((subject, cause), rows) in by_cause {
            for episode in rows.chunk_by(|(left, _), (right, _)| right.mark.time - left.mark.time <= DAY) {
                matches.push(describe(subject, &cause, episode, finish));
            }
        }
        Ok(matches)
    }

    /// For each refused assertion, the failed login of the same user that is nearest in time, if one is near.
    fn logins_at_the_moment(&self, finish: &Finish<'_>) -> Result<BTreeMap<usize, usize>, Error> {
        let refused = table(vec![
            ("assertion", ids((0..).take(self.refused.len()).collect())),
            ("username", ids(self.refused.iter().map(|refused| refused.principal).collect())),
            ("received", numbers(self.refused.iter().map(|refused| refused.mark.time).collect())),
        ])?;
        let logins = table(vec![
            ("login", ids((0..).take(self.failed_logins.len()).collect())),
            ("username", ids(self.failed_logins.iter().map(|login| login.username).collect())),
            ("failed", numbers(self.failed_logins.iter().map(|login| login.mark.time).collect())),
        ])?;
        let on = [col("username")];
        let pairs = frame(&refused)?
            .lazy()
            .filter(col("username").neq(polars::prelude::lit(NO_ID)))
            .join(frame(&logins)?.lazy(), &on, &on, JoinArgs::new(JoinType::Inner))
            .collect()
            .map_err(|error| Error::Frame(error.to_string()))?;
        let within = finish.limit("login-within") * SECOND;
        nearest(&pairs, within).map_err(|error| Error::Frame(error.to_string()))
    }
}

fn nearest(pairs: &polars::prelude::DataFrame, within: i64) -> Result<BTreeMap<usize, usize>, PolarsError> {
    let (assertions, logins) = (pairs.column("assertion")?.u32()?, pairs.column("login")?.u32()?);
    let (received, failed) = (pairs.column("received")?.i64()?, pairs.column("failed")?.i64()?);
    let mut nearest: BTreeMap<usize, (i64, usize)> = BTreeMap::new();
    for row in 0..pairs.height() {
        let (Some(assertion), Some(login)) = (assertions.get(row), logins.get(row)) else { continue };
        let (Some(received), Some(failed)) = (received.get(row), failed.get(row)) else { continue };
        let candidate = ((received - failed).abs(), login as usize);
        if candidate.0 <= within {
            let best = nearest.entry(assertion as usize).or_insert(candidate);
            *best = candidate.min(*best);
        }
    }
    Ok(nearest.into_iter().map(|(assertion, (_, login))| (assertion, login)).collect())
}

/// The first of these that fits; what Salesforce says of the user goes before what the claims say of the assertion.
fn cause(refused: &Refused, login: Option<FailedLogin>, finish: &Finish<'_>) -> String {
    let status = login.map(|login| finish.text(Role::Status, login.status));
    let telling =
        ["inactive", "frozen", "approved", "restricted", "ip address", "disabled", "deleted", "lockout", "certificate"];
    if let Some(status) = status
        && telling.iter().any(|word| status.to_lowercase().contains(word))
    {
        return format!("the login history says: {status}");
    }
    let received = refused.mark.time;
    let skew = refused.issued_at.map(|issued_at| received - issued_at);
    let lifetime = refused.issued_at.zip(refused.expires_at).map(|(issued_at, expires_at)| expires_at - issued_at);
    let audience = finish.dictionary.role_text(Role::Audience, refused.audience);
    if skew.is_some_and(|skew| skew > finish.limit("skew-above") * SECOND) {
        return "the signer's clock is behind, or the assertion was kept too long before it was sent".to_owned();
    }
    if skew.is_some_and(|skew| skew < -finish.limit("ahead-by") * SECOND) {
        return "the signer's clock is ahead".to_owned();
    }
    if refused.expires_at.is_some_and(|expires_at| expires_at <= received) {
        return "the assertion had expired when it arrived".to_owned();
    }
    if lifetime.is_some_and(|lifetime| lifetime > finish.limit("lifetime-above") * SECOND) {
        return "the assertion would live longer than three minutes".to_owned();
    }
    if audience.is_some_and(|audience| !is_salesforce(audience)) {
        return "the audience is no Salesforce login host".to_owned();
    }
    status.map_or_else(
        || "not in the claims: look at the certificate, the consumer key and the user's approval".to_owned(),
        |status| format!("the login history says: {status}"),
    )
}

fn describe(subject: u32, cause: &str, rows: &[(Refused, Option<FailedLogin>)], finish: &Finish<'_>) -> Match {
    let (first, last) = (rows[0].0, rows[rows.len() - 1].0);
    let mut marks: Vec<Mark> = rows.iter().map(|(refused, _)| refused.mark).collect();
    marks.truncate(Finding::EVIDENCE_KEPT - LOGINS_SHOWN);
    // One failed login may stand behind several assertions of its moment.
    let logins: BTreeSet<Mark> = rows.iter().filter_map(|(_, login)| login.map(|login| login.mark)).collect();
    marks.extend(logins.iter().take(LOGINS_SHOWN));
    let skew = |refused: &Refused| {
        refused.issued_at.map_or("unknown".to_owned(), |issued_at| seconds(refused.mark.time - issued_at))
    };
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (first.mark.time, last.mark.time),
        count: rows.len() as u64,
        seen: vec![
            fact("cause", cause),
            fact("outcome", finish.text(Role::Outcome, last.outcome)),
            fact("refused", rows.len()),
            fact("failed logins at the same moment", logins.len()),
            fact("last skew seconds", skew(&last)),
        ],
        judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
        marks,
        marks_total: (rows.len() + logins.len()) as u64,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}

/// By the first word: `Success`, `200 OK`, `issued`.
fn is_success(outcome: &str) -> bool {
    let word = outcome.split_whitespace().next().unwrap_or_default();
    ["success", "ok", "200", "issued", "granted", "login_no_error"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Hosts that may stand in `aud`: the login hosts, My Domain and community hosts.
fn is_salesforce(audience: &str) -> bool {
    let host = audience.trim().trim_start_matches("https://").split(['/', ':']).next().unwrap_or_default();
    ["salesforce.com", "force.com", "site.com", "cloudforce.com"]
        .iter()
        .any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
}
