//! Rare hour: hour by hour of the window, the last of each hour of the week, against a list of all hours before it.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, HOUR};

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Calls, Table::Logins],
    matching: Matching::All,
    subject: &[Role::App, Role::User],
    pattern: Pattern::RareHour,
};

#[test]
fn rare_hour_agrees_with_its_oracle() {
    let register = super::grant::register_of(
        "[[app]]\nname = \"b\"\nprincipal = \"integration\"\n[[app]]\nname = \"c\"\nprincipal = \"person\"\n",
    );
    let facts = &["hour", "hours", "events", "active hours before", "at about this hour"];
    Twin { name: "rare hour", cases: 2000, register: &register, facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let since = START.0 + random.pick(&[14, 20, 28, 30]) * DAY + random.pick(&[0, 1, 5 * HOUR]);
    let as_of = since + random.pick(&[2, 7, 15]) * DAY;
    let mut rows = Vec::new();
    for app in [Some("a"), Some("b"), Some("c"), None] {
        let (begin, hours) = (random.within(0..=23), random.pick(&[1, 2, 5, 24]));
        let end = (as_of - START.0) / DAY + 1;
        for day in random.within(0..=3)..=end {
            let weekend = matches!(day % 7, 5 | 6);
            if (weekend && hours < 24 && random.chance(80)) || random.chance(10) {
                continue;
            }
            for _ in 0..random.pick(&[1, 2, 3]) {
                let odd = random.chance(4);
                let hour = if odd { random.within(0..=23) } else { (begin + random.within(0..=hours - 1)) % 24 };
                let time = START.0 + day * DAY + hour * HOUR + random.pick(&[0, 1, HOUR / 2, HOUR - 1]);
                let table = random.pick(&[Table::Calls, Table::Logins]);
                let row = Row::of(table).with(Role::Time, time).with_text(Role::App, app);
                rows.push(row.with_text(Role::User, "u"));
            }
        }
    }
    place_at_random(&mut rows, random);
    let limits = [
        ("history-days", random.pick(&[0, 14, 20, 28])),
        ("history-hours", random.pick(&[0, 20, 40])),
        ("rare-percent", random.pick(&[1, 5, 20])),
    ];
    let detector = detector("rare-hour", WATCH, &limits);
    Case { detector, rows, since: Time(since), as_of: Time(as_of), midnight: None }
}

/// The hour, as hours since 1970.
fn hour(row: &Row) -> i64 {
    row.time().div_euclid(HOUR)
}

/// 1970 began on a Thursday.
fn is_weekend(hour: i64) -> bool {
    ["Th", "Fr", "Sa", "Su", "Mo", "Tu", "We"][usize::try_from(hour.div_euclid(24).rem_euclid(7)).unwrap()]
        .starts_with('S')
}

fn is_about(one: i64, other: i64) -> bool {
    let apart = (one - other).rem_euclid(24);
    is_weekend(one) == is_weekend(other) && [0, 1, 23].contains(&apart)
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let app = subject[0];
        let before: Vec<&Row> = rows.iter().filter(|row| Time(row.time()).day() < case.since.day()).copied().collect();
        let is_person = app == Some("c") || (app != Some("b") && is_learned_person(&before));
        let past: BTreeSet<i64> = before.iter().map(|row| hour(row)).collect();
        let Some(first) = past.first().map(|hour| hour.div_euclid(24)) else { continue };
        let total = i64::try_from(past.len()).unwrap();
        let too_short = i64::from(case.since.day()) - first < case.limit("history-days");
        if !is_person || too_short || total < case.limit("history-hours") {
            continue;
        }
        let near = |now: i64| i64::try_from(past.iter().filter(|then| is_about(now, **then)).count()).unwrap();
        let mut by_hour: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            by_hour.entry(hour(row)).or_default().push(row);
        }
        let later = |now: i64| by_hour.range(now + 1..).any(|(then, _)| (then - now) % (7 * 24) == 0);
        let is_in_window = |rows: &[&Row]| rows[rows.len() - 1].time() >= case.since.0;
        let rare: Vec<(i64, &Vec<&Row>)> = by_hour
            .iter()
            .map(|(now, rows)| (*now, rows))
            .filter(|(now, rows)| is_in_window(rows) && !later(*now))
            .filter(|(now, _)| near(*now) * 100 < case.limit("rare-percent") * total)
            .collect();
        for run in rare.chunk_by(|one, next| one.0 + 1 == next.0) {
            let rows: Vec<&Row> = run.iter().flat_map(|(_, rows)| rows.iter().copied()).collect();
            let most = run.iter().map(|(now, _)| near(*now)).max().unwrap();
            let parts = [(Role::App, app), (Role::User, subject[1])];
            let verdict = Verdict::on(&parts, &rows);
            let verdict = verdict.with(&[&Time(run[0].0 * HOUR), &run.len(), &rows.len(), &total, &most]);
            let records = run.iter().take(20).map(|(_, rows)| rows[0].record).collect();
            verdicts.push(Verdict { records, ..verdict });
        }
    }
    verdicts
}

/// Two weeks and more, and no machine: those are active on most days, without a night or at a few hours.
fn is_learned_person(rows: &[&Row]) -> bool {
    let days: BTreeSet<i64> = rows.iter().map(|row| hour(row).div_euclid(24)).collect();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return false };
    let span = usize::try_from(last - first + 1).unwrap();
    let hours: BTreeSet<i64> = rows.iter().map(|row| hour(row).rem_euclid(24)).collect();
    let sleeps = (0..24).any(|from| (from..from + 6).all(|hour| !hours.contains(&(hour % 24))));
    let is_machine = 20 * days.len() >= 17 * span && (!sleeps || hours.len() <= 4);
    span >= 14 && !is_machine
}
