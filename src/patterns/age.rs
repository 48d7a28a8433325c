//! Age: something that nobody has used for too long, or not at all since it began, or that began too long ago.
//!
//! What is unused is told one by one: each can go. What is used and old is told app by app: there is one policy to change.
//!
//! By default the age slides: it is the time from last use to "now". With a zone for date boundaries it is what SOQL's
//! `LastUsedDate < LAST_N_DAYS:30` says: days count from midnight.

use std::collections::{HashMap, HashSet};

use chrono::TimeZone;
use foldhash::fast::FixedState;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{Finish, Mark, Match, Moves, Pattern, Rows, fact, one_step_up};
use crate::batch::{Column, NO_ID, NO_NUMBER, Role};
use crate::finding::{Fact, FactValue, Finding};
use crate::value::Time;
use crate::value::time::{DAY, Zone};

/// Which age is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ageing {
    /// From the last use on.
    Idle,
    /// From the beginning on, if there was no use.
    NeverUsed,
    /// From the beginning on, if there was a use; from a second limit on it is a step worse. All of an app together.
    Alive,
}

impl Ageing {
    pub(super) fn limits(self) -> &'static [&'static str] {
        match self {
            Self::Idle => &["more-than", "up-to"],
            Self::NeverUsed => &["more-than"],
            Self::Alive => &["more-than", "worse-after"],
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    used: Role,
    created: Role,
    /// By subject.
    known: Vec<Option<Thing>>,
}

/// The newest that is known of one thing. Times and counts are [`NO_NUMBER`] where they are not known.
#[derive(Clone, Copy, Debug)]
struct Thing {
    used: i64,
    created: i64,
    use_count: i64,
    /// Whether the export has a column for the last use at all.
    says_when_used: bool,
    user: u32,
    app: u32,
    /// The row that says so: of several snapshots, the one with the latest use.
    mark: Mark,
    snapshots: u32,
}

impl State {
    pub(super) fn new(used: Role, created: Role) -> Self {
        Self { used, created, known: Vec::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for row in rows.selected.iter().map(|row| *row as usize) {
            let number = |role: Role| rows.batch.number(role, row).unwrap_or(NO_NUMBER);
            let (used, created) = (number(self.used), number(self.created));
            let thing = Thing {
                used,
                created,
                use_count: number(Role::UseCount),
                says_when_used: !matches!(rows.batch.column(self.used), Column::Absent),
                user: rows.batch.id(Role::User, row),
                app: rows.batch.id(Role::App, row),
                mark: rows.mark(row, said(used).or(said(created)).unwrap_or(Time::EARLIEST.0)),
                snapshots: 1,
            };
            self.add(rows.subjects[row], thing);
        }
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        for (subject, thing) in known(&other.known) {
            let (user, app) = (moves.value(Role::User, thing.user), moves.value(Role::App, thing.app));
            self.add(moves.subject(subject), Thing { user, app, ..*thing });
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let Pattern::Age { of, .. } = finish.detector.watch.pattern else { return Vec::new() };
        let is_old = match of {
            Ageing::Idle => unused_for,
            Ageing::NeverUsed => never_used_for,
            Ageing::Alive => alive_for,
        };
        let old: Vec<(u32, Thing, i64)> =
            known(&self.known).filter_map(|(subject, thing)| Some((subject, *thing, is_old(thing, finish)?))).collect();
        if of == Ageing::Alive {
            return by_app(old).iter().map(|things| describe_app(things, finish)).collect();
        }
        let totals = totals(&old);
        let pairs = old.par_iter().zip(&totals);
        let described =
            pairs.map(|((subject, thing, since), totals)| describe(*subject, *thing, *since, *totals, finish));
        described.collect()
    }

    fn add(&mut self, subject: u32, thing: Thing) {
        let place = subject as usize;
        if self.known.len() <= place {
            self.known.resize(place + 1, None);
        }
        let Some(known) = &mut self.known[place] else {
            self.known[place] = Some(thing);
            return;
        };
        let newer = (thing.used, std::cmp::Reverse(thing.mark)) > (known.used, std::cmp::Reverse(known.mark));
        let newest = if newer { thing } else { *known };
        *known = Thing {
            created: known.created.max(thing.created),
            use_count: known.use_count.max(thing.use_count),
            says_when_used: known.says_when_used || thing.says_when_used,
            snapshots: known.snapshots.saturating_add(thing.snapshots),
            ..newest
        };
    }
}

/// The things that are known, with their subjects.
fn known(things: &[Option<Thing>]) -> impl Iterator<Item = (u32, &Thing)> {
    (0..).zip(things).filter_map(|(subject, thing)| Some((subject, thing.as_ref()?)))
}

/// A number that is known.
fn said(number: i64) -> Option<i64> {
    Some(number).filter(|number| *number != NO_NUMBER)
}

/// Since when a used thing has been unused, if that is long enough and not too long.
fn unused_for(thing: &Thing, finish: &Finish<'_>) -> Option<i64> {
    let used = said(thing.used).filter(|_| thing.use_count != 0)?;
    let (more_than, up_to) = (finish.limit("more-than"), finish.limit("up-to"));
    (is_before(used, more_than, finish) && (up_to == 0 || !is_before(used, up_to, finish))).then_some(used)
}

fn never_used_for(thing: &Thing, finish: &Finish<'_>) -> Option<i64> {
    let silent = thing.says_when_used && said(thing.used).is_none();
    let unused = said(thing.use_count).map_or(silent, |count| count == 0);
    let created = said(thing.created).filter(|_| unused)?;
    is_before(created, finish.limit("more-than"), finish).then_some(created)
}

fn alive_for(thing: &Thing, finish: &Finish<'_>) -> Option<i64> {
    let was_used = thing.use_count != 0 && (said(thing.used).is_some() || said(thing.use_count).is_some());
    let created = said(thing.created).filter(|_| was_used)?;
    is_before(created, finish.limit("more-than"), finish).then_some(created)
}

/// Whether a time is more than so many days before now: sliding, or from midnight as SOQL counts.
fn is_before(time: i64, days: i64, finish: &Finish<'_>) -> bool {
    let sliding = finish.as_of.0 - days * DAY;
    time < finish.idle_by_date.and_then(|zone| midnight_before(finish.as_of, days, zone)).unwrap_or(sliding)
}

/// The start of the local day so many calendar days ago; some of them have 23 or 25 hours.
fn midnight_before(time: Time, days: i64, zone: Zone) -> Option<i64> {
    let today = zone.from_utc_datetime(&time.calendar().naive_utc()).date_naive();
    let day = today.checked_sub_days(chrono::Days::new(u64::try_from(days).ok()?))?;
    let start = zone.from_local_datetime(&day.and_time(chrono::NaiveTime::MIN)).earliest()?;
    Some(start.timestamp_micros())
}

/// For each old thing, how many old ones its app and its user have.
fn totals(old: &[(u32, Thing, i64)]) -> Vec<(u32, u32)> {
    let mut of_app: HashMap<u32, u32, FixedState> = HashMap::default();
    let mut of_user: HashMap<u32, u32, FixedState> = HashMap::default();
    for (_, thing, _) in old {
        *of_app.entry(thing.app).or_default() += 1;
        *of_user.entry(thing.user).or_default() += 1;
    }
    old.iter().map(|(_, thing, _)| (of_app[&thing.app], of_user[&thing.user])).collect()
}

/// The things of each app, the oldest first, each with its beginning.
fn by_app(old: Vec<(u32, Thing, i64)>) -> Vec<Vec<(Thing, i64)>> {
    let mut apps: HashMap<u32, Vec<(Thing, i64)>, FixedState> = HashMap::default();
    for (_, thing, since) in old {
        apps.entry(thing.app).or_default().push((thing, since));
    }
    let mut apps: Vec<_> = apps.into_values().collect();
    for things in &mut apps {
        things.sort_unstable_by_key(|(thing, since)| (*since, thing.mark));
    }
    apps
}

fn describe_app(things: &[(Thing, i64)], finish: &Finish<'_>) -> Match {
    let (oldest, since) = things[0];
    let users: HashSet<u32, FixedState> = things.iter().map(|(thing, _)| thing.user).collect();
    let is_worse = is_before(since, finish.limit("worse-after"), finish);
    Match {
        subject: NO_ID,
        further: Some((Role::App, oldest.app)).filter(|(_, app)| *app != NO_ID).into_iter().collect(),
        // The oldest goes, the others stay: it is the same finding still.
        anchor: Some(FactValue::Words("tokens of the app")),
        span: (since, finish.as_of.0.max(since)),
        count: things.len() as u64,
        seen: vec![
            fact("tokens", things.len()),
            fact("users", users.len()),
            fact("oldest created", Time(since)),
            fact("days", (finish.as_of.0 - since).max(0) / DAY),
        ],
        judged_by: judged_by(finish),
        marks: things.iter().take(Finding::EVIDENCE_KEPT).map(|(thing, _)| thing.mark).collect(),
        marks_total: things.len() as u64,
        principal: None,
        severity: is_worse.then(|| one_step_up(finish.detector.severity)),
        weights: weights(oldest.app, finish),
    }
}

fn weights(app: u32, finish: &Finish<'_>) -> Vec<(String, i16)> {
    let registered = (app != NO_ID).then(|| finish.register.find(finish.text(Role::App, app))).flatten();
    let scopes = registered.and_then(|app| app.scopes.as_ref());
    let is_full = scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope == "full"));
    if is_full { vec![("the app was granted full access".to_owned(), 15)] } else { Vec::new() }
}

fn judged_by(finish: &Finish<'_>) -> Vec<Fact> {
    let counted = if finish.idle_by_date.is_some() { "from midnight, as SOQL does" } else { "to the second" };
    vec![
        fact("more than days", finish.limit("more-than")),
        fact("as of", finish.as_of),
        fact("counted", FactValue::Words(counted)),
    ]
}

fn describe(subject: u32, thing: Thing, since: i64, totals: (u32, u32), finish: &Finish<'_>) -> Match {
    let moment = |time: i64| said(time).map_or(FactValue::Words("never"), |time| Time(time).into());
    Match {
        subject,
        further: [(Role::User, thing.user), (Role::App, thing.app)]
            .into_iter()
            .filter(|(_, id)| *id != NO_ID)
            .collect(),
        anchor: Some(moment(thing.created)),
        span: (since, finish.as_of.0.max(since)),
        count: 1,
        seen: vec![
            fact("last used", moment(thing.used)),
            fact("created", moment(thing.created)),
            fact("days", (finish.as_of.0 - since).max(0) / DAY),
            fact("use count", said(thing.use_count).map_or(FactValue::Words("unknown"), FactValue::Number)),
            fact("such tokens of the app", totals.0),
            fact("such tokens of the user", totals.1),
        ],
        judged_by: judged_by(finish),
        marks: vec![thing.mark],
        marks_total: u64::from(thing.snapshots),
        principal: None,
        severity: None,
        weights: weights(thing.app, finish),
    }
}
