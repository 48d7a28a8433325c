//! Everything about one subject: with whom, from where, by what, on what, and when.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::batch::{Role, Table};
use crate::finding::{Named, Severity, Subject as Judged};
use crate::history::{Entry, History, Identified, Stamp};
use crate::told::{Told, ToldFinding};
use crate::value::Time;

/// What exports tell of a subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// Who it is.
    pub subject: Identified,
    /// The first and the last event; nothing where there is none.
    pub first: Option<Time>,
    /// See `first`.
    pub last: Option<Time>,
    /// Rows by table.
    pub rows: BTreeMap<&'static str, usize>,
    /// Events of each day between the first and the last one.
    pub days: Vec<Day>,
    /// What it was seen with, part by part.
    pub parts: Vec<Part>,
    /// Findings of an earlier scan that are about it.
    pub findings: Vec<About>,
}

/// A day's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Its first moment.
    pub day: Time,
    /// Events.
    pub events: u64,
    /// Rows that calls returned, by the log that tells of the most.
    pub rows: i64,
}

/// What a subject was seen with, of one kind: its addresses, its objects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The kind, in a word or two.
    pub name: &'static str,
    /// The option of `investigate` that tells of one of them.
    pub pivot: Option<&'static str>,
    /// One for each value; the most frequent first.
    pub values: Vec<Seen>,
}

/// One value that a subject was seen with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// What it is. Hostile text.
    pub value: String,
    /// Its id, if that is something else.
    pub id: Option<String>,
    /// Events.
    pub events: u64,
    /// How many of them were refused or failed.
    pub refused: u64,
    /// Rows that calls returned, by the log that tells of the most.
    pub rows: i64,
    /// On how many days.
    pub days: u64,
    /// The first and the last event.
    pub first: Time,
    /// See `first`.
    pub last: Time,
    /// What is known of it: that a list names it, that its app's owner does not.
    pub notes: Vec<String>,
    /// Where the first event stands.
    pub export: String,
    /// See `export`.
    pub record: u64,
}

/// A finding that is about the subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// The finding's id.
    pub id: String,
    /// The detector's id.
    pub detector: String,
    /// How soon somebody should look.
    pub severity: Severity,
    /// What was seen.
    pub sentence: String,
    /// The first event.
    pub first: Time,
}

/// Says what is known of a value of a role.
pub type Knows<'k> = dyn Fn(Role, &str, Time) -> Vec<String> + 'k;

/// A kind of value: its name, the command's word for it, and what of an entry it is.
type Kind = (&'static str, Option<&'static str>, fn(&Entry<'_>) -> Vec<Value>);

/// A value, its id if it has one, and the role by which lists may know it.
struct Value {
    text: String,
    id: Option<String>,
    role: Role,
}

const KINDS: [Kind; 11] = [
    ("apps", Some("app"), |entry| named(entry.app(), Role::App)),
    ("users", Some("user"), |entry| named(entry.user(), Role::User)),
    ("addresses", Some("ip"), |entry| one(entry, Role::SourceIp)),
    ("clients", None, |entry| one(entry, Role::Client)),
    ("logins", None, |entry| only(entry, Table::Logins)),
    ("objects", None, |entry| {
        let object = entry.object().filter(|_| entry.table() == Table::Calls);
        object.map(|object| plain(object, Role::Objects)).into_iter().collect()
    }),
    ("operations", None, |entry| one(entry, Role::Operation)),
    ("queries", None, |entry| one(entry, Role::Shape)),
    ("sessions", Some("session"), |entry| {
        let session = [Role::Session, Role::LoginKey].into_iter().find_map(|role| entry.text(role));
        session.map(|session| plain(session, Role::Session)).into_iter().collect()
    }),
    ("tokens", Some("token"), |entry| one(entry, Role::Token)),
    ("setup changes", None, |entry| only(entry, Table::SetupChanges)),
];

fn plain(text: &str, role: Role) -> Value {
    Value { text: text.to_owned(), id: None, role }
}

fn one(entry: &Entry<'_>, role: Role) -> Vec<Value> {
    entry.text(role).map(|text| plain(text, role)).into_iter().collect()
}

fn only(entry: &Entry<'_>, table: Table) -> Vec<Value> {
    if entry.table() == table { vec![plain(&entry.message(), Role::Action)] } else { Vec::new() }
}

fn named(named: Option<Named>, role: Role) -> Vec<Value> {
    let told = |named: Named| {
        let text = named.name.clone().or(named.id.clone())?;
        Some(Value { id: named.id.filter(|id| *id != text), text, role })
    };
    named.and_then(told).into_iter().collect()
}

/// What one value has been in.
struct Count {
    seen: Seen,
    role: Role,
    day: i32,
    rows: BTreeMap<String, i64>,
}

/// What a history tells of its subject. Findings are those that name it.
pub fn profile(history: &History<'_>, told: &Told, knows: &Knows<'_>) -> Profile {
    let mut counts: Vec<BTreeMap<(String, Option<String>), Count>> = KINDS.iter().map(|_| BTreeMap::new()).collect();
    let mut days: BTreeMap<i32, (u64, BTreeMap<String, i64>)> = BTreeMap::new();
    let (mut first, mut last) = (None, None);
    for entry in history.entries() {
        for (counts, (_, _, values)) in counts.iter_mut().zip(&KINDS) {
            for value in values(&entry) {
                counts
                    .entry((value.text.clone(), value.id.clone()))
                    .or_insert_with(|| Count::new(value, &entry))
                    .take(&entry);
            }
        }
        if entry.stamp != Stamp::Happened {
            continue;
        }
        first.get_or_insert(entry.time);
        last = Some(entry.time);
        let (events, rows) = days.entry(entry.time.day()).or_default();
        *events += 1;
        *rows.entry(entry.log().to_owned()).or_default() += entry.rows().unwrap_or(0);
    }
    let subject = history.subject.clone().unwrap_or_default();
    let parts = KINDS.iter().zip(counts).map(|((name, pivot, _), counts)| Part {
        name,
        pivot: *pivot,
        values: seen(counts, knows),
    });
    Profile {
        first,
        last,
        rows: Table::ALL
            .into_iter()
            .map(|table| (table.name(), history.rows(table)))
            .filter(|(_, rows)| *rows > 0)
            .collect(),
        days: calendar(&days),
        parts: parts.filter(|part| !part.values.is_empty()).collect(),
        findings: told.all.iter().filter(|finding| is_about(&finding.subject, &subject)).map(About::of).collect(),
        subject,
    }
}

/// Every day from the first to the last, those without events too.
fn calendar(days: &BTreeMap<i32, (u64, BTreeMap<String, i64>)>) -> Vec<Day> {
    let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) else {
        return Vec::new();
    };
    let day = |day: i32| {
        let (events, rows) = days.get(&day).map_or((0, 0), |(events, rows)| (*events, most(rows)));
        Day { day: Time::of_day(day), events, rows }
    };
    (*first..=*last).map(day).collect()
}

fn most(rows: &BTreeMap<String, i64>) -> i64 {
    rows.values().copied().max().unwrap_or(0)
}

fn seen(counts: BTreeMap<(String, Option<String>), Count>, knows: &Knows<'_>) -> Vec<Seen> {
    let finished = |count: Count| {
        let mut seen = Seen { rows: most(&count.rows), ..count.seen };
        seen.notes = knows(count.role, seen.id.as_deref().unwrap_or(&seen.value), seen.last);
        seen
    };
    let mut all: Vec<Seen> = counts.into_values().map(finished).collect();
    all.sort_by(|left, right| (right.events, &left.value, &left.id).cmp(&(left.events, &right.value, &right.id)));
    all
}

impl Count {
    fn new(value: Value, entry: &Entry<'_>) -> Self {
        let Value { text, id, role } = value;
        let (export, record) = entry.place();
        let seen = Seen {
            value: text,
            id,
            events: 0,
            refused: 0,
            rows: 0,
            days: 0,
            first: entry.time,
            last: entry.time,
            notes: Vec::new(),
            export: export.to_owned(),
            record,
        };
        Self { seen, role, day: i32::MIN, rows: BTreeMap::new() }
    }

    fn take(&mut self, entry: &Entry<'_>) {
        let seen = &mut self.seen;
        seen.events += 1;
        seen.refused += u64::from(entry.is_refused());
        seen.last = entry.time;
        if entry.time.day() != self.day {
            self.day = entry.time.day();
            seen.days += 1;
        }
        if let Some(rows) = entry.rows() {
            *self.rows.entry(entry.log().to_owned()).or_default() += rows;
        }
    }
}

impl About {
    fn of(finding: &ToldFinding) -> Self {
        Self {
            id: finding.id.clone(),
            detector: finding.detector.clone(),
            severity: finding.severity,
            sentence: finding.sentence.clone(),
            first: finding.first,
        }
    }
}

/// Whether a finding's subject has one of the names of this one.
fn is_about(judged: &Judged, subject: &Identified) -> bool {
    let named = |named: &Option<Named>| {
        let texts = named.iter().flat_map(|named| [&named.id, &named.name]).flatten();
        texts.cloned().collect::<Vec<_>>()
    };
    let others = [&judged.session, &judged.token, &judged.address].into_iter().flatten().cloned();
    let mut all = named(&judged.app).into_iter().chain(named(&judged.user)).chain(others);
    let own: Vec<&String> = [&subject.name.id, &subject.name.name].into_iter().flatten().collect();
    all.any(|text| subject.texts.contains(&text) || own.contains(&&text))
}
