//! First seen: a value that a subject with a history shows for the first time within the window.
//!
//! ```text
//! baseline            since                 as-of
//! ──a──a──b──a──a──────┼────a──────c──c───────┤        c is new
//! ```
//! A subject without enough of a past is cold and stays silent. A value that is common among other subjects is not news.
//! Where only some values are of interest, the others are history, and lists are taken apart: see `first_seen/parts.rs`.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use parts::{Among, Shown};

use super::activity::{Activity, Histories};
use super::seen::{Entry, Seen};
use super::{Finish, Match, Moves, Past, Rows, fact, one_step_up};
use crate::apps::Principal;
use crate::batch::{NO_ID, Role};
use crate::value::Time;
use crate::value::time::DAY;

pub(super) mod parts;

pub(super) const LIMITS: &[&str] =
    &["baseline-days", "baseline-events", "common-subjects", "common-days", "steady-values"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    within: Option<Role>,
    sum: Option<Role>,
    seen: Seen,
    activity: Activity,
}

/// An entry that is news, with what makes it more or less so.
struct News {
    entry: usize,
    new_for_app: bool,
    values_of_app: i64,
}

impl State {
    pub(super) fn new(of: Role, within: Option<Role>, sum: Option<Role>) -> Self {
        Self { of, within, sum, seen: Seen::default(), activity: Activity::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let Self { of, within, sum, seen, activity } = self;
        let batch = rows.batch;
        // A row that shows no value is no history of values either.
        let shown = rows.iter().filter(|(row, _, _)| batch.id(*of, *row) != NO_ID);
        seen.observe(shown.map(|(row, subject, time)| {
            activity.observe(subject, time);
            let within = within.map_or(NO_ID, |role| batch.id(role, row));
            let sum = sum.and_then(|role| batch.number(role, row)).unwrap_or(0);
            Entry::one(subject, batch.id(*of, row), within, sum, rows.mark(row, time))
        }));
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.seen.merge(&other.seen, self.of, self.within, moves);
        self.activity.merge(other.activity, moves);
    }

    pub(super) fn past(&self) -> Past {
        Past { shown: self.seen.past(), active: self.activity.past(), ..Past::default() }
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.seen.recall(past, self.of, self.within, moves);
        self.activity.recall(past, moves);
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Vec<Match> {
        let histories = std::mem::take(&mut self.activity).histories();
        let shown = match Among::of(finish) {
            Some(among) => Shown::in_parts(&self.seen, self.of, among, finish),
            None => Shown::as_it_is(&self.seen, self.of),
        };
        let news = news(&shown, &histories, self.within.is_some(), finish);
        news.iter().map(|news| self.describe(news, &shown, &histories, finish)).collect()
    }

    fn describe(&self, news: &News, shown: &Shown<'_>, histories: &Histories, finish: &Finish<'_>) -> Match {
        let entry = &shown.entries()[news.entry];
        let (of, subject) = (self.of, entry.subject);
        let value = shown.text(entry, finish);
        let past = histories.before(subject, finish.since.day());
        let principal = finish.principal(subject, past.principal);
        let steady = finish.limit("steady-values");
        let mut weights = Vec::new();
        let mut severity = None;
        // Rows that name no app have none in common.
        let of_app = finish.subjects.part(subject, Role::App).is_some();
        if news.new_for_app && of_app {
            weights.push((format!("no user of the app showed this {} before", words(of)), 15));
            if principal == Some(Principal::Integration) && news.values_of_app <= steady && steady > 0 {
                weights.push((format!("the app had kept to {} until now", news.values_of_app), 15));
                severity = Some(one_step_up(finish.detector.integration));
            }
        }
        let mut judged_by = vec![
            fact("baseline events", past.events),
            fact("baseline active days", past.active_days),
            fact("window start", finish.since),
        ];
        if of_app {
            judged_by.push(fact("known to the app before", news.values_of_app));
        }
        let mut seen = vec![fact(of.name_in_words(), value), fact("events", entry.count)];
        if self.sum.is_some() {
            seen.push(fact("rows", entry.sum));
        }
        let holding = finish.subjects.part(subject, Role::User).and_then(|user| finish.holdings.get(&user));
        if let Some(holding) = holding {
            seen.push(fact("tokens of the user", holding.tokens));
            seen.push(fact("apps with tokens of the user", holding.apps.len()));
        }
        Match {
            subject,
            further: if of == Role::SourceIp { vec![(of, entry.value)] } else { Vec::new() },
            // Two values of one list have the same first evidence.
            anchor: Among::of(finish).map(|_| format!("{value} at {}", Time(entry.first.time)).into()),
            span: (entry.first.time, entry.last.time),
            count: u64::from(entry.count),
            seen,
            judged_by,
            marks: entry.marks().collect(),
            marks_total: u64::from(entry.count),
            principal,
            severity,
            weights,
        }
    }
}

/// What all subjects together showed, as far as it makes a value more or less of a surprise.
#[derive(Default)]
struct Company {
    /// When an app first showed a value, by app and value.
    of_app: HashMap<(u32, u32), i64, FixedState>,
    /// How many values an app showed before the window.
    values_of_app: HashMap<u32, i64, FixedState>,
    /// When a subject first showed anything within a coarser value.
    coarser: HashMap<(u32, u32), i64, FixedState>,
    /// How many subjects have shown a value for so long that it is common knowledge.
    common: HashMap<u32, i64, FixedState>,
}

impl Company {
    fn of(entries: &[Entry], coarser_must_be_known: bool, finish: &Finish<'_>) -> Self {
        let common_before = finish.since.0 - finish.limit("common-days") * DAY;
        let count_common = finish.limit("common-subjects") > 0;
        let mut company = Self::default();
        for entry in entries {
            let first = entry.first.time;
            earliest(&mut company.of_app, (app_of(entry.subject, finish), entry.value), first);
            if coarser_must_be_known && entry.within != NO_ID {
                earliest(&mut company.coarser, (entry.subject, entry.within), first);
            }
            if count_common && first < common_before {
                *company.common.entry(entry.value).or_default() += 1;
            }
        }
        #[expect(clippy::iter_over_hash_type, reason = "counting is commutative")]
        for ((app, _), first) in &company.of_app {
            if *first < finish.since.0 {
                *company.values_of_app.entry(*app).or_default() += 1;
            }
        }
        company
    }
}

fn earliest(times: &mut HashMap<(u32, u32), i64, FixedState>, key: (u32, u32), time: i64) {
    times.entry(key).and_modify(|known| *known = time.min(*known)).or_insert(time);
}

fn app_of(subject: u32, finish: &Finish<'_>) -> u32 {
    finish.subjects.part(subject, Role::App).unwrap_or(NO_ID)
}

/// Which entries are new in the window, to subjects with a past, and not common knowledge.
fn news(shown: &Shown<'_>, histories: &Histories, coarser_must_be_known: bool, finish: &Finish<'_>) -> Vec<News> {
    let entries = shown.entries();
    let since = finish.since.0;
    let (days, events) = (finish.limit("baseline-days"), finish.limit("baseline-events"));
    let common_subjects = finish.limit("common-subjects");
    let company = Company::of(entries, coarser_must_be_known, finish);
    let is_news = |entry: &Entry| {
        let past = histories.before(entry.subject, finish.since.day());
        let is_common =
            common_subjects > 0 && company.common.get(&entry.value).is_some_and(|all| *all >= common_subjects);
        // Where the coarser value is not known there is nobody else to report it.
        let is_known_coarser = || entry.within == NO_ID || company.coarser[&(entry.subject, entry.within)] < since;
        past.active_days >= days
            && past.events >= events
            && !is_common
            && (!coarser_must_be_known || is_known_coarser())
            && shown.is_of_interest(entry)
    };
    // What an earlier run has seen first, it has told.
    let is_fresh = |entry: &Entry| entry.first.time >= since && !entry.first.is_remembered();
    let fresh = entries.iter().enumerate().filter(|(_, entry)| is_fresh(entry) && is_news(entry));
    let fresh = fresh.map(|(place, entry)| {
        let app = app_of(entry.subject, finish);
        News {
            entry: place,
            new_for_app: company.of_app[&(app, entry.value)] >= since,
            values_of_app: company.values_of_app.get(&app).copied().unwrap_or(0),
        }
    });
    let mut news: Vec<News> = fresh.collect();
    // The values of one list tie in all but their names.
    let order = |news: &News| (entries[news.entry].first, shown.text(&entries[news.entry], finish));
    news.sort_by(|one, other| order(one).cmp(&order(other)));
    news
}

fn words(role: Role) -> &'static str {
    role.name_in_words()
}
