//! Unmatched: calls that name a login which is not there, though logins of that time are.

use std::collections::BTreeMap;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls, Table::Logins],
    matching: Matching::All,
    subject: &[Role::User],
    pattern: Pattern::Unmatched { named_in: Table::Logins, by: &[Role::LoginHistoryId, Role::LoginKey] },
};
const FACTS: &[&str] = &["sessions", "events"];
const HOUR: i64 = 3600 * SECOND;

#[test]
fn unmatched_agrees_with_its_oracle() {
    Twin { name: "unmatched", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let margin = random.pick(&[0, 3600, 86_400]);
    let mut rows = Vec::new();
    let logins = random.pick(&[0, 6, 12, 20]);
    let gaps = [HOUR, 5 * HOUR, 12 * HOUR, 12 * HOUR, DAY, DAY + 1];
    for time in random.timeline(START.0 - DAY, &gaps, logins) {
        rows.push(named(Row::of(Table::Logins), time, random, 4));
    }
    let times: Vec<i64> = rows.iter().map(Row::time).chain([START.0]).collect();
    for _ in 0..random.within(1..=12) {
        let edge = random.pick(&times) + random.pick(&[-1, 0, 0, 1]) * margin * SECOND;
        rows.push(named(Row::of(Table::Calls), edge + random.within(-1..=1), random, 9));
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.within(-2..=4) * DAY);
    let as_of = Time(since.0 + random.pick(&[2 * DAY, 30 * DAY]));
    let limits = [("at-least", random.within(0..=3)), ("margin", margin)];
    Case { detector: detector("unmatched", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn named(row: Row, time: i64, random: &mut Random, most: i64) -> Row {
    let name =
        |kind: &str, random: &mut Random| (!random.chance(30)).then(|| format!("{kind}{}", random.within(1..=most)));
    let (id, key) = (name("id", random), name("key", random));
    row.with(Role::Time, time)
        .with_text(Role::User, random.pick(&[Some("u"), Some("u"), Some("u"), Some("v"), None]))
        .with_text(Role::LoginHistoryId, id.as_deref())
        .with_text(Role::LoginKey, key.as_deref())
}

/// What a call names its login by.
fn link(row: &Row) -> Option<(Role, &str)> {
    [Role::LoginHistoryId, Role::LoginKey].into_iter().find_map(|role| Some((role, row.text(role)?)))
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let margin = case.limit("margin") * SECOND;
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.text(Role::User).is_some()).collect();
    let calls: Vec<&Row> =
        rows.iter().copied().filter(|row| row.table == Table::Calls && link(row).is_some()).collect();
    let Some(first_of_all) = calls.iter().map(|row| row.time()).min() else { return Vec::new() };
    let mut verdicts = Vec::new();
    for (user, own) in by_subject(&calls, WATCH.subject) {
        let mut sessions: BTreeMap<(Role, &str), Vec<&Row>> = BTreeMap::new();
        for row in own {
            sessions.entry(link(row).unwrap()).or_default().push(row);
        }
        sessions.retain(|(role, name), session| {
            let logins: Vec<&&Row> =
                rows.iter().filter(|row| row.table == Table::Logins && row.text(*role).is_some()).collect();
            let begin = session[0].time();
            let has_login_on = |day: i64| logins.iter().any(|row| row.time().div_euclid(DAY) == day);
            let mut days = (begin - margin).div_euclid(DAY)..=begin.div_euclid(DAY);
            session[session.len() - 1].time() >= case.since.0
                && !logins.iter().any(|row| row.text(*role) == Some(*name))
                && logins.iter().any(|row| row.text(Role::User) == user[0])
                && logins.iter().any(|row| row.time() <= begin - margin)
                && logins.iter().any(|row| row.time() >= begin + margin)
                && first_of_all <= begin - margin
                && days.all(has_login_on)
        });
        if sessions.is_empty() || sessions.len() < usize::try_from(case.limit("at-least")).unwrap() {
            continue;
        }
        let mut found: Vec<&Row> = sessions.values().flatten().copied().collect();
        found.sort_by_key(|row| row.place());
        let mut shown: Vec<&Row> = sessions.values().flat_map(|rows| [rows[0], rows[rows.len() - 1]]).collect();
        shown.sort_by_key(|row| row.place());
        shown.dedup_by_key(|row| row.record);
        let verdict = Verdict::on(&[(Role::User, user[0])], &found).with(&[&sessions.len(), &found.len()]);
        verdicts.push(Verdict { records: shown.iter().map(|row| row.record).take(20).collect(), ..verdict });
    }
    case.in_window(verdicts)
}
