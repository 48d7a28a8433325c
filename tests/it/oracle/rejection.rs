//! Rejection: refused assertions with the failed login that is nearest in time, and the first cause that fits.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, place_at_random};
use super::skew::seconds;
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Assertions, Table::Logins],
    matching: Matching::All,
    subject: &[Role::Issuer, Role::Principal],
    pattern: Pattern::Rejection,
};
const FACTS: &[&str] = &["cause", "outcome", "refused", "failed logins at the same moment", "last skew seconds"];
const OUTCOMES: &[Option<&str>] =
    &[Some("invalid_grant"), Some("400"), Some("200 OK"), Some(" success"), Some("Granted"), None];
const STATUSES: &[Option<&str>] = &[
    Some("Success"),
    Some("Invalid Password"),
    Some("User is Inactive"),
    Some("Restricted IP"),
    Some("LOGIN_NO_ERROR"),
    None,
];
const LOGIN_TYPES: &[Option<&str>] =
    &[Some("Remote Access 2.0"), Some("Remote Access Client"), Some("Application"), None];
const AUDIENCES: &[Option<&str>] = &[
    Some("https://login.salesforce.com"),
    Some("https://alder.my.salesforce.com/services"),
    Some("https://salesforce.com.example"),
    Some("notsalesforce.com"),
    None,
];

#[test]
fn rejection_agrees_with_its_oracle() {
    Twin { name: "rejection", cases: 2500, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let (skew_above, ahead_by, lifetime) = (random.within(2..=4), random.within(0..=1), random.within(2..=5));
    let near = random.within(0..=2) * SECOND;
    let gaps = random.pick(&[[0, 1, near, near + 1, DAY], [0, 0, DAY - 1, DAY, DAY + 1]]);
    let outcomes = if random.chance(30) { &OUTCOMES[..1] } else { OUTCOMES };
    let mut rows = Vec::new();
    for (issuer, name) in [(Some("i"), Some("p")), (Some("j"), Some("p")), (Some("i"), Some("q")), (Some("i"), None)] {
        let count = random.pick(&[0, 0, 1, 3, 6, 30]);
        for time in random.timeline(START.0, &gaps, count) {
            let skew = random.pick(&[0, 0, skew_above, -ahead_by]) * SECOND + random.within(-1..=1);
            let life = random.pick(&[lifetime * SECOND, lifetime * SECOND, skew]) + random.within(-1..=1);
            rows.push(
                Row::of(Table::Assertions)
                    .with(Role::Time, time)
                    .with(Role::IssuedAt, (!random.chance(10)).then_some(time - skew))
                    .with(Role::ExpiresAt, (!random.chance(30)).then_some(time - skew + life))
                    .with_text(Role::Issuer, issuer)
                    .with_text(Role::Principal, name)
                    .with_text(Role::Audience, random.pick(AUDIENCES))
                    .with_text(Role::Outcome, random.pick(outcomes)),
            );
            if random.chance(40) {
                let failed = time + random.pick(&[-near - 1, -near, -1, 0, 1, near, near + 1]);
                rows.push(
                    Row::of(Table::Logins)
                        .with(Role::Time, failed)
                        .with_text(Role::Username, name)
                        .with_text(Role::LoginType, random.pick(LOGIN_TYPES))
                        .with_text(Role::Status, random.pick(STATUSES)),
                );
            }
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(rows.first().map_or(START.0, Row::time) + random.within(-1..=1));
    let as_of = Time(START.0 + random.pick(&[1, 100]) * DAY);
    let limits = [
        ("skew-above", skew_above),
        ("ahead-by", ahead_by),
        ("lifetime-above", lifetime),
        ("login-within", near / SECOND),
    ];
    Case { detector: detector("rejection", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows = case.rows_in_sight();
    let failed = |row: &&Row, table: Table, role: Role| {
        let fine = ["Success", "LOGIN_NO_ERROR", "200 OK", " success", "Granted"];
        row.table == table && row.text(role).is_some_and(|text| !fine.contains(&text))
    };
    // Who fails to log in through the browser sends no assertion.
    let by_oauth = |row: &Row| row.text(Role::LoginType) != Some("Application");
    let logins: Vec<&Row> =
        rows.iter().filter(|row| failed(row, Table::Logins, Role::Status) && by_oauth(row)).copied().collect();
    let mut by_cause: BTreeMap<_, Vec<(&Row, Option<&Row>)>> = BTreeMap::new();
    for refused in rows.iter().filter(|row| failed(row, Table::Assertions, Role::Outcome)) {
        let away = |login: &&&Row| (login.time() - refused.time()).abs();
        let nearest = logins
            .iter()
            .filter(|login| {
                refused.text(Role::Principal).is_some() && login.text(Role::Username) == refused.text(Role::Principal)
            })
            .filter(|login| away(login) <= case.limit("login-within") * SECOND)
            .min_by_key(away)
            .copied();
        let subject = (refused.text(Role::Issuer), refused.text(Role::Principal));
        by_cause.entry((subject, cause(refused, nearest, case))).or_default().push((refused, nearest));
    }
    let mut verdicts = Vec::new();
    for (((issuer, name), cause), rows) in by_cause {
        for episode in rows.chunk_by(|(earlier, _), (later, _)| later.time() - earlier.time() <= DAY) {
            verdicts.push(verdict(&[(Role::Issuer, issuer), (Role::Principal, name)], &cause, episode));
        }
    }
    case.in_window(verdicts)
}

fn verdict(subject: &[(Role, Option<&str>)], cause: &str, episode: &[(&Row, Option<&Row>)]) -> Verdict {
    let refused: Vec<&Row> = episode.iter().map(|(row, _)| *row).collect();
    // A login is one event, however many assertions it is the nearest to.
    let logins: BTreeSet<_> = episode.iter().filter_map(|(_, login)| login.map(Row::place)).collect();
    let last = refused[refused.len() - 1];
    let skew = last.number(Role::IssuedAt).map_or("unknown".to_owned(), |issued| seconds(last.time() - issued));
    let facts: [&dyn ToString; 5] = [&cause, &last.text(Role::Outcome).unwrap(), &refused.len(), &logins.len(), &skew];
    let mut verdict = Verdict::on(subject, &refused).with(&facts);
    verdict.records.truncate(15);
    verdict.records.extend(logins.iter().map(|(_, _, record)| *record).take(5));
    verdict.records_total += logins.len() as u64;
    verdict
}

fn cause(refused: &Row, login: Option<&Row>, case: &Case) -> String {
    let status = login.and_then(|login| login.text(Role::Status));
    let by_login = |status: &str| format!("the login history says: {status}");
    let (issued, expires) = (refused.number(Role::IssuedAt), refused.number(Role::ExpiresAt));
    let late = issued.map(|issued| refused.time() - issued);
    let limit = |name: &str| case.limit(name) * SECOND;
    match status {
        Some(status @ ("User is Inactive" | "Restricted IP")) => by_login(status),
        _ if late.is_some_and(|late| late > limit("skew-above")) => {
            "the signer's clock is behind, or the assertion was kept too long before it was sent".to_owned()
        }
        _ if late.is_some_and(|late| late < -limit("ahead-by")) => "the signer's clock is ahead".to_owned(),
        _ if expires.is_some_and(|expires| expires <= refused.time()) => {
            "the assertion had expired when it arrived".to_owned()
        }
        _ if issued.zip(expires).is_some_and(|(issued, expires)| expires - issued > limit("lifetime-above")) => {
            "the assertion would live longer than three minutes".to_owned()
        }
        _ if refused.text(Role::Audience).is_some_and(|audience| AUDIENCES[2..].contains(&Some(audience))) => {
            "the audience is no Salesforce login host".to_owned()
        }
        Some(status) => by_login(status),
        None => "not in the claims: look at the certificate, the consumer key and the user's approval".to_owned(),
    }
}
