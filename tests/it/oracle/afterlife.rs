//! Afterlife: the last event of a user, if it is later than the time by which the user was inactive or frozen.

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::SECOND;

use super::holder::{SAYS, barred, listing};
use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const WATCH: Watch = Watch {
    tables: &[Table::Users, Table::Logins, Table::Calls],
    matching: Matching::All,
    subject: &[Role::User],
    pattern: Pattern::Afterlife { listing: Table::Users, says: SAYS },
};
const FACTS: &[&str] = &["standing", "since at the latest", "last active", "hours after"];

#[test]
fn afterlife_agrees_with_its_oracle() {
    Twin { name: "afterlife", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let grace = random.pick(&[0, 1, 7200]);
    let mut rows = listing(random);
    for _ in 0..random.within(0..=6) {
        let edge = START.0 + random.pick(&[0, grace, grace, 3600]) * SECOND;
        let row = Row::of(random.pick(&[Table::Logins, Table::Calls]))
            .with(Role::Time, edge + random.within(-3..=3))
            .with_text(Role::User, random.pick(&["u", "v"]))
            .with_text(Role::App, random.pick(&[Some("p"), Some("q"), None]));
        rows.push(row);
    }
    place_at_random(&mut rows, random);
    let since = Time(START.0 + random.pick(&[-10, 0, 1, grace * SECOND]));
    let as_of = Time(START.0 + random.pick(&[2, 9000, 9000]) * SECOND);
    Case { detector: detector("afterlife", WATCH, &[("grace", grace)]), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows: Vec<&Row> = case.rows.iter().filter(|row| row.table == Table::Users).collect();
    let events: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.table != Table::Users).collect();
    let events = by_subject(&events, WATCH.subject);
    let mut verdicts = Vec::new();
    for (user, listed) in by_subject(&rows, WATCH.subject) {
        let (Some(barred), Some(own)) = (barred(&listed), events.get(&user)) else { continue };
        let (Some(ended), last) = (barred.modified, own[own.len() - 1]) else { continue };
        if last.time() <= ended + case.limit("grace") * SECOND {
            continue;
        }
        let hours = (last.time() - ended) / (3600 * SECOND);
        let facts: [&dyn ToString; 4] = [&barred.words, &Time(ended), &Time(last.time()), &hours];
        let verdict = Verdict::on(&[(Role::User, user[0]), (Role::App, last.text(Role::App))], &[last]).with(&facts);
        verdicts.push(Verdict { records: vec![last.record, barred.record], records_total: 2, ..verdict });
    }
    case.in_window(verdicts)
}
