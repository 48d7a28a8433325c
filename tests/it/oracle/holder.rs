//! Holder: the tokens of users of whom the row that was modified last says that they are inactive, or frozen.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::{Pattern, Says};
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

pub(super) const SAYS: &[Says] = &[
    Says { role: Role::Active, holds: is_no, words: "inactive" },
    Says { role: Role::Frozen, holds: is_yes, words: "frozen" },
];
const WATCH: Watch = Watch {
    tables: &[Table::Tokens, Table::Users],
    matching: Matching::All,
    subject: &[Role::User],
    pattern: Pattern::Holder { held: Role::Token, listing: Table::Users, says: SAYS },
};
const FACTS: &[&str] = &["standing", "since at the latest", "tokens", "apps"];

fn is_no(text: &str) -> bool {
    text == "no"
}

fn is_yes(text: &str) -> bool {
    text == "yes"
}

#[test]
fn holder_agrees_with_its_oracle() {
    Twin { name: "holder", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn case(random: &mut Random) -> Case {
    let mut rows = listing(random);
    for _ in 0..random.within(0..=8) {
        let row = Row::of(Table::Tokens)
            .with(Role::Time, (!random.chance(10)).then(|| START.0 + random.within(-3..=3)))
            .with_text(Role::User, random.pick(&[Some("u"), Some("v"), None]))
            .with_text(Role::Token, random.pick(&[Some("a"), Some("b"), Some("c"), None]))
            .with_text(Role::App, random.pick(&[Some("p"), Some("q"), Some("r"), Some("s"), None]));
        rows.push(row);
    }
    place_at_random(&mut rows, random);
    let limits = [("at-least", random.within(0..=3))];
    let as_of = Time(START.0 + random.within(-2..=2));
    Case { detector: detector("holder", WATCH, &limits), rows, since: Time(as_of.0 - DAY), as_of, midnight: None }
}

/// What some rows say of two users.
pub(super) fn listing(random: &mut Random) -> Vec<Row> {
    let mut rows = Vec::new();
    for _ in 0..random.within(0..=5) {
        let row = Row::of(Table::Users)
            .with(Role::Modified, (!random.chance(20)).then(|| START.0 + random.within(-2..=2)))
            .with_text(Role::User, random.pick(&["u", "u", "v"]));
        let active = random.pick(&[Some("yes"), Some("no"), Some("no"), None]);
        let frozen = random.pick(&[Some("yes"), Some("no"), None]);
        rows.push(if random.chance(50) {
            row.with_text(Role::Active, active)
        } else {
            row.with_text(Role::Frozen, frozen)
        });
    }
    rows
}

/// A user who is one or the other: the words, since when, and the row that says so.
pub(super) struct Barred {
    pub(super) words: String,
    pub(super) modified: Option<i64>,
    pub(super) record: u64,
}

/// What the listing's rows say of one user.
pub(super) fn barred(rows: &[&Row]) -> Option<Barred> {
    let mut held: Vec<(&str, &Row)> = Vec::new();
    for (role, says, words) in [(Role::Active, "no", "inactive"), (Role::Frozen, "yes", "frozen")] {
        let told: Vec<&Row> = rows.iter().copied().filter(|row| row.text(role).is_some()).collect();
        let Some(newest) = told.iter().map(|row| row.number(Role::Modified)).max() else { continue };
        let newest = told.iter().filter(|row| row.number(Role::Modified) == newest);
        let first = newest.filter(|row| row.text(role) == Some(says)).min_by_key(|row| (row.export, row.record));
        held.extend(first.map(|row| (words, *row)));
    }
    let modified = held.iter().map(|(_, row)| row.number(Role::Modified)).max()?;
    let latest = held.iter().map(|(_, row)| *row).filter(|row| row.number(Role::Modified) == modified);
    let record = latest.min_by_key(|row| (row.export, row.record))?.record;
    let words: Vec<&str> = held.iter().map(|(words, _)| *words).collect();
    Some(Barred { words: words.join(" and "), modified, record })
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let rows: Vec<&Row> = case.rows.iter().collect();
    let of_table = |table: Table| rows.iter().copied().filter(move |row| row.table == table).collect::<Vec<&Row>>();
    let tokens = by_subject(&of_table(Table::Tokens), &[Role::User]);
    let mut verdicts = Vec::new();
    for (user, listed) in by_subject(&of_table(Table::Users), &[Role::User]) {
        let (Some(barred), Some(held)) = (barred(&listed), tokens.get(&user)) else { continue };
        let mut last: BTreeMap<&str, &Row> = BTreeMap::new();
        for row in held {
            if let Some(token) = row.text(Role::Token) {
                let known = last.entry(token).or_insert(row);
                if row.place() > known.place() {
                    *known = row;
                }
            }
        }
        if last.is_empty() || last.len() < usize::try_from(case.limit("at-least")).unwrap() {
            continue;
        }
        let mut shown: Vec<&Row> = last.into_values().collect();
        shown.sort_by_key(|row| row.place());
        let apps: BTreeSet<&str> = held.iter().filter_map(|row| row.text(Role::App)).collect();
        let apps = apps.into_iter().take(FEW).collect::<Vec<_>>().join(", ");
        let since = barred.modified.map_or("unknown".to_owned(), |time| Time(time).to_string());
        let verdict = Verdict::on(&[(Role::User, user[0])], &shown).with(&[&barred.words, &since, &shown.len(), &apps]);
        let records: Vec<u64> = std::iter::once(barred.record).chain(shown.iter().map(|row| row.record)).collect();
        verdicts.push(Verdict {
            span: (barred.modified.unwrap_or(i64::MAX).min(case.as_of.0), case.as_of.0),
            records_total: records.len() as u64,
            records,
            ..verdict
        });
    }
    verdicts
}
