//! Sequence: every row that satisfies the second condition, with the latest row before it that satisfies the first.

use std::collections::BTreeSet;

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

const FIRST: Matching = Matching::IsIn(Role::Action, &["first", "both"]);
const THEN: Matching = Matching::IsIn(Role::Action, &["then", "both"]);
const WATCH: Watch = Watch {
    tables: &[Table::Calls],
    matching: Matching::All,
    subject: &[Role::User],
    pattern: Pattern::Sequence { first: &FIRST, then: &THEN, same: Role::Job, tell: Role::App },
};
const FACTS: &[&str] = &["times", "shortest seconds", "days begun before", "days completed before"];

#[test]
fn sequence_agrees_with_its_oracle() {
    Twin { name: "sequence", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let within = random.within(0..=3);
    let mut rows = Vec::new();
    let actions = [Some("first"), Some("first"), Some("then"), Some("then"), Some("both"), Some("other"), None];
    for user in ["u", "v"] {
        let count = random.pick(&[0, 2, 6, 14]);
        let gaps = [0, 1, SECOND, within * SECOND, within * SECOND + 1, DAY / 2, DAY];
        for time in random.timeline(START.0, &gaps, count) {
            rows.push(
                Row::of(Table::Calls)
                    .with(Role::Time, time)
                    .with_text(Role::User, user)
                    .with_text(Role::Action, random.pick(&actions))
                    .with_text(Role::Job, random.pick(&[None, None, Some("x"), Some("y")]))
                    .with_text(Role::App, random.pick(&[None, Some("a"), Some("b")])),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.within(0..=3) * DAY + random.pick(&[-1, 0, 1, DAY / 2]));
    let limits =
        [("within", within), ("habit", random.pick(&[1, 50, 100])), ("habit-days", random.pick(&[1, 2, 3, 9]))];
    let as_of = Time(START.0 + random.pick(&[4, 100]) * DAY);
    Case { detector: detector("sequence", WATCH, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let within = case.limit("within") * SECOND;
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&case.rows_in_sight(), WATCH.subject) {
        let is =
            |row: &Row, word: &str| row.text(Role::Action).is_some_and(|action| action == word || action == "both");
        let fits = |first: &Row, then: &Row| {
            let jobs = (first.text(Role::Job), then.text(Role::Job));
            let same = jobs.0.is_none() || jobs.1.is_none() || jobs.0 == jobs.1;
            let gap = then.time() - first.time();
            is(first, "first") && first.record != then.record && (0..=within).contains(&gap) && same
        };
        let mut done: Vec<(&Row, &Row)> = Vec::new();
        for then in rows.iter().filter(|row| is(row, "then")) {
            done.extend(rows.iter().rfind(|first| fits(first, then)).map(|first| (*first, *then)));
        }
        let day = |row: &Row| row.time().div_euclid(DAY);
        let is_before = |day: &i64| *day < case.since.0.div_euclid(DAY);
        let begun: BTreeSet<i64> =
            rows.iter().filter(|row| is(row, "first")).map(|row| day(row)).filter(is_before).collect();
        let completed: BTreeSet<i64> = done.iter().map(|(_, then)| day(then)).filter(is_before).collect();
        let days = |days: &BTreeSet<i64>| i64::try_from(days.len()).unwrap();
        let share = days(&completed) * 100 >= days(&begun) * case.limit("habit");
        done.retain(|(_, then)| then.time() >= case.since.0);
        if done.is_empty() || share && days(&completed) >= case.limit("habit-days") {
            continue;
        }
        let mut told: Vec<&Row> = done.iter().flat_map(|(first, then)| [*first, *then]).collect();
        told.sort_by_key(|row| row.place());
        told.dedup_by_key(|row| row.record);
        let app = done.iter().flat_map(|(first, then)| [then.text(Role::App), first.text(Role::App)]).flatten().next();
        let gap = done.iter().map(|(first, then)| then.time() - first.time()).min().unwrap();
        let facts: [&dyn ToString; 4] = [&done.len(), &(gap / SECOND), &begun.len(), &completed.len()];
        verdicts.push(Verdict::on(&[(Role::User, subject[0]), (Role::App, app)], &told).with(&facts));
    }
    case.in_window(verdicts)
}
