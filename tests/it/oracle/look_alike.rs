//! Look-alike: subjects that are new as `debut` has it, each of their names against each known one, with a distance that is
//! worked out from its definition.

use std::collections::BTreeSet;

use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::finding::Severity;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const KNOWN: &[&str] = &["abca", "ab ba", "cccc ccc"];
const REGISTER: &str = "[[app]]\nname = \"aabb\"\nid = \"0H4Tr0000000001\"\n";
const WATCH: Watch = Watch {
    tables: &[Table::Logins, Table::Tokens],
    matching: Matching::All,
    subject: &[Role::App],
    pattern: Pattern::LookAlike { created: Some(Role::Created), name: Role::AppName, known: KNOWN },
};

#[test]
fn look_alike_agrees_with_its_oracle() {
    let register = super::grant::register_of(REGISTER);
    let facts = &["name", "resembles", "has", "first seen", "events"];
    Twin { name: "look-alike", cases: 3000, register: &register, facts, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let since = START.0 + 20 * DAY;
    let days = random.within(0..=9);
    let edges = [since, since - days * DAY, since + 3 * DAY, since + 7 * DAY];
    let mut rows = Vec::new();
    for app in ["0H4Tr0000000001KAA", "0H4Tr0000000002", "x", "y", "z"] {
        for _ in 0..random.pick(&[0, 1, 2]) {
            let length = random.pick(&[0, 4, 4, 5, 7, 8]);
            let mut name: String = (0..length).map(|_| random.pick(&['a', 'b', 'c', ' '])).collect();
            if random.chance(30) {
                random.pick(&["ABCA", "ba ab", "ba a ab", "aabb", "cccccc", "ccc cccc", "ac"]).clone_into(&mut name);
            }
            let table = random.pick(&[Table::Logins, Table::Tokens]);
            let time = random.pick(&edges) + random.within(-1..=1);
            let row = Row::of(table).with(Role::Time, time).with_text(Role::App, app);
            let row = row.with_text(Role::Log, table.name());
            let row = if table == Table::Tokens { row.with(Role::Created, time) } else { row };
            rows.push(row.with_text(Role::AppName, (!name.trim().is_empty()).then_some(name.as_str())));
        }
    }
    // Something old, of which nothing is to be told.
    for table in [Table::Logins, Table::Tokens] {
        let row = Row::of(table).with(Role::Time, since - 5 * DAY).with(Role::Created, since - 5 * DAY);
        let row = row.with_text(Role::Log, table.name());
        rows.push(row.with_text(Role::App, "old").with_text(Role::AppName, "old"));
    }
    place_at_random(&mut rows, random);
    let limits = [("history-days", days), ("edits", random.within(0..=3)), ("letters-per-edit", random.within(1..=4))];
    let as_of = Time(since + 7 * DAY);
    Case { detector: detector("look-alike", WATCH, &limits), rows, since: Time(since), as_of, midnight: None }
}

fn moment(row: &Row) -> i64 {
    row.number(if row.table == Table::Tokens { Role::Created } else { Role::Time }).unwrap()
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let is_in_sight = |row: &&Row| row.table == Table::Tokens || row.time() <= case.as_of.0;
    let mut rows: Vec<&Row> = case.rows.iter().filter(is_in_sight).collect();
    rows.sort_by_key(|row| (moment(row), row.export, row.record));
    let begins = |table: Table| rows.iter().find(|row| row.table == table).map(|row| moment(row)).unwrap();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&rows, &[Role::App]) {
        let [Some(app)] = subject[..] else { continue };
        let (first, last) = (moment(rows[0]), moment(rows[rows.len() - 1]));
        let is_new = case.since.0 <= first && first <= case.as_of.0;
        let reaches = begins(rows[0].table) <= case.since.0 - case.limit("history-days") * DAY;
        if !is_new || !reaches || app == "0H4Tr0000000001KAA" {
            continue;
        }
        let names: BTreeSet<&str> = rows.iter().filter_map(|row| row.text(Role::AppName)).collect();
        // The most telling first, then the first known one, then the first name.
        let mut found: Vec<(u8, &str, &str)> = Vec::new();
        for name in names {
            if KNOWN.iter().any(|known| name.trim().eq_ignore_ascii_case(known)) {
                continue;
            }
            for known in KNOWN.iter().chain(&["aabb"]) {
                found.extend(likeness(name, known, case).map(|rank| (rank, *known, name)));
            }
        }
        found.sort_unstable();
        let Some((rank, known, name)) = found.first() else { continue };
        let has = ["its name", "nearly its letters", "its words in another order", "its words among others"];
        let verdict = Verdict::on(&[(Role::App, Some(app))], &rows);
        let verdict = verdict.with(&[name, known, &has[usize::from(*rank)], &Time(first), &rows.len()]);
        let verdict = if *rank == 3 { verdict.at(Severity::Medium, 0) } else { verdict };
        verdicts.push(Verdict { span: (first, last), records: vec![rows[0].record], ..verdict });
    }
    verdicts
}

fn likeness(name: &str, known: &str, case: &Case) -> Option<u8> {
    let (name, known) = (name.to_lowercase(), known.to_lowercase());
    if name.trim() == known {
        return Some(0);
    }
    let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<Vec<char>>();
    let (own, others) = (letters(&name), letters(&known));
    let most = case.limit("edits").min(i64::try_from(others.len()).unwrap() / case.limit("letters-per-edit"));
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect::<Vec<char>>();
    let apart = i64::try_from(distance(&spaced(&name), &spaced(&known))).unwrap();
    if own == others || apart <= most {
        return Some(1);
    }
    let words =
        |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>();
    let (own, others) = (words(&name), words(&known));
    match (own == others, others.len() > 1 && others.iter().all(|word| own.contains(word))) {
        (true, _) => Some(2),
        (_, true) => Some(3),
        _ => None,
    }
}

/// Letters added, left out, changed, or swapped with the next one.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut known = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (at, to) in (0..=one.len()).flat_map(|at| (0..=other.len()).map(move |to| (at, to))) {
        if at == 0 || to == 0 {
            known[at][to] = at + to;
            continue;
        }
        let changed = known[at - 1][to - 1] + usize::from(one[at - 1] != other[to - 1]);
        let mut least = changed.min(known[at - 1][to] + 1).min(known[at][to - 1] + 1);
        if at > 1 && to > 1 && one[at - 1] == other[to - 2] && one[at - 2] == other[to - 1] {
            least = least.min(known[at - 2][to - 2] + 1);
        }
        known[at][to] = least;
    }
    known[one.len()][other.len()]
}
