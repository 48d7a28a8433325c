//! Age: tokens by the newest that any snapshot says of them, and how long ago that was; sliding, or by calendar days of
//! a zone as SOQL's `LAST_N_DAYS` counts them.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate};
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::{Ageing, Pattern};
use tokentrail::value::time::{DAY, SECOND};
use tokentrail::value::{Time, Zone};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, Twin, detector};

const FACTS: &[&str] =
    &["last used", "created", "days", "use count", "such tokens of the app", "such tokens of the user"];
const REGISTER: &str =
    "[[app]]\nname = \"a\"\nscopes = [\"api\", \"full\"]\n[[app]]\nname = \"b\"\nscopes = [\"api\"]\n";

#[test]
fn age_agrees_with_its_oracle() {
    let register = &super::grant::register_of(REGISTER);
    Twin { name: "age", cases: 2500, register, facts: FACTS, case: |random| case(Ageing::Idle, random), oracle }
        .agrees();
    let never_used = |random: &mut Random| case(Ageing::NeverUsed, random);
    Twin { name: "age, never used", cases: 2500, register, facts: FACTS, case: never_used, oracle }.agrees();
    let alive = |random: &mut Random| case(Ageing::Alive, random);
    let facts = &["tokens", "users", "oldest created", "days"];
    Twin { name: "age, alive", cases: 2500, register, facts, case: alive, oracle }.agrees();
}

/// Around noon, around midnight, and some days after New York went to summer and to winter time.
const NOWS: &[i64] = &[1_755_518_400, 1_755_489_600, 1_742_500_000, 1_741_665_600, 1_762_819_200, 1_736_900_000];
const ZONES: &[Option<Zone>] = &[None, None, Some(Zone::UTC), Some(Zone::America__New_York), Some(Zone::Asia__Kolkata)];

fn case(of: Ageing, random: &mut Random) -> Case {
    let now = random.pick(NOWS) * SECOND + random.within(-1..=1);
    let midnight = random.pick(ZONES);
    let more_than = random.within(0..=10);
    let up_to = random.pick(&[0, more_than, more_than + 2]);
    let at = |days: i64| [now - days * DAY, local_midnight(now - days * DAY, midnight)];
    let ages = [at(more_than), at(up_to), [now - 40 * DAY, now]].concat();
    let mut rows = Vec::new();
    for token in ["s", "t", "u", "v", "w"] {
        for _ in 0..random.pick(&[0, 1, 1, 2, 4]) {
            let mut time = |percent: usize| {
                let hours = random.pick(&[0, 0, 0, 1, -1]) * 3600 * SECOND;
                random.chance(percent).then(|| random.pick(&ages) + random.within(-1..=1) + hours)
            };
            let (used, created) = (time(70), time(90));
            // An export may have been made without the column.
            let used = random.chance(80).then_some(used);
            let row = Row::of(Table::Tokens).with(Role::Time, used.flatten().or(created));
            let row = if let Some(used) = used { row.with(Role::LastUsed, used) } else { row };
            rows.push(
                row.with(Role::Created, created)
                    .with(Role::UseCount, random.pick(&[None, Some(0), Some(0), Some(3), Some(7)]))
                    .with_text(Role::Token, random.pick(&[Some(token), Some(token), Some(token), None]))
                    .with_text(Role::App, random.pick(&[Some("a"), Some("b"), None]))
                    .with_text(Role::User, random.pick(&[Some("x"), Some("y"), None])),
            );
        }
    }
    place_at_random(&mut rows, random);
    let limits: &[(&'static str, i64)] = match of {
        Ageing::Idle => &[("more-than", more_than), ("up-to", up_to)],
        Ageing::NeverUsed => &[("more-than", more_than)],
        Ageing::Alive => &[("more-than", more_than), ("worse-after", up_to)],
    };
    let pattern = Pattern::Age { used: Role::LastUsed, created: Role::Created, of };
    let watch =
        Watch { tables: &[Table::Tokens], matching: Matching::Known(Role::Token), subject: &[Role::Token], pattern };
    Case { detector: detector("age", watch, limits), rows, since: Time(now), as_of: Time(now), midnight }
}

/// The start of the day that holds a time, as the clocks stand at that time.
fn local_midnight(time: i64, zone: Option<Zone>) -> i64 {
    let time = DateTime::from_timestamp_micros(time).unwrap();
    let offset = zone.map_or(0, |zone| {
        time.with_timezone(&zone).naive_local().and_utc().timestamp_micros() - time.timestamp_micros()
    });
    (time.timestamp_micros() + offset).div_euclid(DAY) * DAY - offset
}

/// What all snapshots together say of a token.
struct Token<'r> {
    used: Option<i64>,
    created: Option<i64>,
    uses: Option<i64>,
    /// Whether any snapshot would say when it was last used.
    says_when_used: bool,
    /// The snapshot with the latest use; of several, the first.
    newest: &'r Row,
    snapshots: u64,
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut rows: Vec<&Row> = case.rows.iter().filter(|row| row.text(Role::Token).is_some()).collect();
    rows.sort_by_key(|row| row.place());
    let Pattern::Age { of, .. } = case.detector.watch.pattern else { return Vec::new() };
    let mut old: Vec<(&str, Token<'_>, i64)> = Vec::new();
    for (subject, rows) in by_subject(&rows, &[Role::Token]) {
        let most = |role: Role| rows.iter().filter_map(|row| row.number(role)).max();
        let used = most(Role::LastUsed);
        let newest = rows.iter().find(|row| row.number(Role::LastUsed) == used).unwrap();
        let says_when_used = rows.iter().any(|row| row.has(Role::LastUsed));
        let token = Token {
            used,
            says_when_used,
            created: most(Role::Created),
            uses: most(Role::UseCount),
            newest,
            snapshots: rows.len() as u64,
        };
        let since = match of {
            Ageing::Idle => idle_since(&token),
            Ageing::NeverUsed => never_used_since(&token),
            Ageing::Alive => alive_since(&token),
        };
        let is_old = |since: &i64| {
            let up_to = if of == Ageing::Idle { case.limit("up-to") } else { 0 };
            is_more_than(case.limit("more-than"), *since, case) && !(up_to > 0 && is_more_than(up_to, *since, case))
        };
        if let Some(since) = since.filter(is_old) {
            old.push((subject[0].unwrap(), token, since));
        }
    }
    if of == Ageing::Alive {
        return of_apps(&old, case);
    }
    old.iter().map(|(name, token, since)| verdict(name, token, *since, &old, case)).collect()
}

/// A count of uses says more than a missing time does.
fn never_used_since(token: &Token<'_>) -> Option<i64> {
    let unused = token.uses.map_or(token.says_when_used && token.used.is_none(), |uses| uses == 0);
    token.created.filter(|_| unused)
}

fn idle_since(token: &Token<'_>) -> Option<i64> {
    token.used.filter(|_| token.uses != Some(0))
}

/// Any sign of a use will do.
fn alive_since(token: &Token<'_>) -> Option<i64> {
    let was_used = token.uses.map_or(token.used.is_some(), |uses| uses > 0);
    token.created.filter(|_| was_used)
}

/// Whether a time is more than so many days ago.
fn is_more_than(days: i64, time: i64, case: &Case) -> bool {
    let Some(zone) = case.midnight else { return case.as_of.0 - time > days * DAY };
    let date = |micros: i64| -> NaiveDate {
        DateTime::from_timestamp_micros(micros).unwrap().with_timezone(&zone).date_naive()
    };
    date(time) < date(case.as_of.0) - Days::new(days.unsigned_abs())
}

fn verdict(name: &str, token: &Token<'_>, since: i64, old: &[(&str, Token<'_>, i64)], case: &Case) -> Verdict {
    let (app, user) = (token.newest.text(Role::App), token.newest.text(Role::User));
    let of = |role: Role| old.iter().filter(|(_, other, _)| other.newest.text(role) == token.newest.text(role)).count();
    let moment = |time: Option<i64>| time.map_or("never".to_owned(), |time| Time(time).to_string());
    let use_count = token.uses.map_or("unknown".to_owned(), |uses| uses.to_string());
    let days = (case.as_of.0 - since).max(0) / DAY;
    let subject = [(Role::App, app), (Role::User, user), (Role::Token, Some(name))];
    let weight = if app == Some("a") { 15 } else { 0 };
    let verdict = Verdict::on(&subject, &[token.newest]).at(case.detector.severity, weight);
    let facts: [&dyn ToString; 6] =
        [&moment(token.used), &moment(token.created), &days, &use_count, &of(Role::App), &of(Role::User)];
    Verdict { span: (since, case.as_of.0.max(since)), records_total: token.snapshots, ..verdict.with(&facts) }
}

/// The old tokens that are in use, by the app that their newest snapshot names.
fn of_apps(old: &[(&str, Token<'_>, i64)], case: &Case) -> Vec<Verdict> {
    let verdict = |app: Option<&str>| {
        let of_app = old.iter().filter(|(_, token, _)| token.newest.text(Role::App) == app);
        let mut tokens: Vec<_> = of_app.collect();
        tokens.sort_by_key(|(_, token, since)| (*since, token.newest.time(), token.newest.place()));
        let since = tokens.first()?.2;
        let is_worse = is_more_than(case.limit("worse-after"), since, case);
        let severity = if is_worse { Severity::Medium } else { case.detector.severity };
        let users: BTreeSet<_> = tokens.iter().map(|(_, token, _)| token.newest.text(Role::User)).collect();
        let rows: Vec<&Row> = tokens.iter().map(|(_, token, _)| token.newest).collect();
        let facts: [&dyn ToString; 4] =
            [&tokens.len(), &users.len(), &Time(since), &((case.as_of.0 - since).max(0) / DAY)];
        let verdict = Verdict::on(&[(Role::App, app)], &rows).at(severity, if app == Some("a") { 15 } else { 0 });
        Some(Verdict { span: (since, case.as_of.0.max(since)), ..verdict.with(&facts) })
    };
    [Some("a"), Some("b"), None].into_iter().filter_map(verdict).collect()
}
