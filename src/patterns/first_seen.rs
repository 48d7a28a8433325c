//! First seen: a value that a subject with a history shows for the first time within the window.
//!
//! ```text
//! baseline            since                 as-of
//! ──a──a──b──a──a──────┼────a──────c──c───────┤        c is new
//! ```
//! A subject without enough of a past is cold and stays silent. A value that is common among other subjects is not news.

use polars::prelude::{IntoLazy, JoinArgs, JoinType, LazyFrame, PolarsError, col, lit};

use super::activity::Activity;
use super::seen::{Entry, Seen};
use super::{Finish, Match, Moves, Rows, fact};
use crate::apps::Principal;
use crate::batch::{NO_ID, Role};
use crate::error::Error;
use crate::finding::Severity;
use crate::frame::{frame, ids, numbers, table};
use crate::value::time::DAY;

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
        // A row that shows no value is no history of values either.
        let shown = rows.iter().map(|(row, subject, time)| (row, subject, time, rows.batch.id(self.of, row)));
        let shown = shown.filter(|(_, _, _, value)| *value != NO_ID).map(|(row, subject, time, value)| {
            let within = self.within.map_or(NO_ID, |role| rows.batch.id(role, row));
            let sum = self.sum.and_then(|role| rows.batch.number(role, row)).unwrap_or(0);
            Entry::one(subject, value, within, sum, rows.mark(row, time))
        });
        let shown: Vec<Entry> = shown.collect();
        for entry in &shown {
            self.activity.observe(entry.subject, entry.first.time);
        }
        self.seen.add(&shown);
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.seen.merge(&other.seen, self.of, self.within, moves);
        self.activity.merge(other.activity, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Result<Vec<Match>, Error> {
        let news = news(self.seen.entries(), &self.activity, self.within.is_some(), finish)?;
        Ok(news.iter().map(|news| self.describe(news, finish)).collect())
    }

    fn describe(&self, news: &News, finish: &Finish<'_>) -> Match {
        let entry = &self.seen.entries()[news.entry];
        let (of, subject, value) = (self.of, entry.subject, entry.value);
        let past = self.activity.before(subject, finish.since.day());
        let registered = finish.registered(subject).and_then(|app| app.principal);
        let principal = registered.or(past.principal);
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
        let mut seen = vec![fact(of.name_in_words(), finish.text(of, value)), fact("events", entry.count)];
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
            further: if of == Role::SourceIp { vec![(of, value)] } else { Vec::new() },
            anchor: None,
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

/// The relational part: which entries are new in the window, to subjects with a past, and not common knowledge.
fn news(
    entries: &[Entry],
    activity: &Activity,
    coarser_must_be_known: bool,
    finish: &Finish<'_>,
) -> Result<Vec<News>, Error> {
    let since = finish.since.0;
    let app = |subject: u32| finish.subjects.part(subject, Role::App).unwrap_or(NO_ID);
    let pasts: Vec<_> = entries.iter().map(|entry| activity.before(entry.subject, finish.since.day())).collect();
    let all = table(vec![
        ("entry", ids((0..).take(entries.len()).collect())),
        ("subject", ids(entries.iter().map(|entry| entry.subject).collect())),
        ("value", ids(entries.iter().map(|entry| entry.value).collect())),
        ("within", ids(entries.iter().map(|entry| entry.within).collect())),
        ("app", ids(entries.iter().map(|entry| app(entry.subject)).collect())),
        ("first", numbers(entries.iter().map(|entry| entry.first.time).collect())),
        ("events", numbers(pasts.iter().map(|past| past.events).collect())),
        ("days", numbers(pasts.iter().map(|past| past.active_days).collect())),
    ])?;
    let all = frame(&all)?.lazy();
    let old = all.clone().filter(col("first").lt(lit(since)));
    let first_of =
        |keys: [&str; 2], name: &str| all.clone().group_by(keys.map(col)).agg([col("first").min().alias(name)]);
    let common_before = since - finish.limit("common-days") * DAY;
    let common = old
        .clone()
        .filter(col("first").lt(lit(common_before)))
        .group_by([col("value")])
        .agg([col("subject").n_unique().alias("common")]);
    let of_app = old.group_by([col("app")]).agg([col("value").n_unique().alias("values_of_app")]);

    let mut fresh = all
        .clone()
        .filter(col("first").gt_eq(lit(since)))
        .filter(col("days").gt_eq(lit(finish.limit("baseline-days"))))
        .filter(col("events").gt_eq(lit(finish.limit("baseline-events"))));
    if coarser_must_be_known {
        fresh = left_join(fresh, first_of(["subject", "within"], "coarser_first"), &["subject", "within"])
            .filter(col("coarser_first").lt(lit(since)));
    }
    fresh = left_join(fresh, common, &["value"]);
    let common_subjects = finish.limit("common-subjects");
    if common_subjects > 0 {
        fresh = fresh.filter(col("common").fill_null(lit(0)).lt(lit(common_subjects)));
    }
    fresh = left_join(fresh, first_of(["app", "value"], "first_for_app"), &["app", "value"]);
    fresh = left_join(fresh, of_app, &["app"]);
    let mut news = read_news(fresh, since).map_err(|error| Error::Frame(error.to_string()))?;
    // Two values of one row (there is none today) would tie; the value settles it for a run.
    let order = |news: &News| (entries[news.entry].first, entries[news.entry].value);
    news.sort_unstable_by_key(order);
    Ok(news)
}

fn left_join(left: LazyFrame, right: LazyFrame, on: &[&str]) -> LazyFrame {
    let on: Vec<_> = on.iter().map(|name| col(*name)).collect();
    left.join(right, on.clone(), on, JoinArgs::new(JoinType::Left))
}

fn read_news(fresh: LazyFrame, since: i64) -> Result<Vec<News>, PolarsError> {
    let int = polars::prelude::DataType::Int64;
    let fresh = fresh
        .select([
            col("entry").cast(int.clone()),
            col("first_for_app").cast(int.clone()),
            col("values_of_app").fill_null(lit(0)).cast(int),
        ])
        .collect()?;
    let column = |name: &str| -> Result<Vec<i64>, PolarsError> {
        Ok(fresh.column(name)?.i64()?.iter().map(|value| value.unwrap_or(i64::MIN)).collect())
    };
    let columns = column("entry")?.into_iter().zip(column("first_for_app")?).zip(column("values_of_app")?);
    let news = columns
        .map(|((entry, first_for_app), values_of_app)| News {
            entry: usize::try_from(entry).unwrap_or(0),
            new_for_app: first_for_app >= since,
            values_of_app,
        });
    Ok(news.collect())
}

fn words(role: Role) -> &'static str {
    role.name_in_words()
}

fn one_step_up(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Low,
        Severity::Low => Severity::Medium,
        // Critical takes two independent kinds of evidence; one new value is one kind.
        _ => Severity::High,
    }
}
