//! Afterlife: a subject is still active after the listing of its kind says that it ended.
//!
//! ```text
//! listed as ended, modified last at m:   ──a──a──m─ grace ─┄──a──      the last event counts
//! ```
//! The listing tells how it is now, and when that was changed last: by then it had ended.

use super::by_subject::BySubject;
use super::standing::{Says, Standing, Standings};
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, NO_NUMBER, Role, Table};
use crate::value::Time;
use crate::value::time::{HOUR, SECOND};

pub(super) const LIMITS: &[&str] = &["grace"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    listing: Table,
    standings: Standings,
    /// By subject: its last event.
    last: BySubject<Option<Event>>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    mark: Mark,
    app: u32,
}

impl State {
    pub(super) fn new(listing: Table, says: &'static [Says]) -> Self {
        Self { listing, standings: Standings::new(says), last: BySubject::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        if rows.batch.table == self.listing {
            self.standings.observe(rows);
            return;
        }
        for (row, subject, time) in rows.iter() {
            self.add(subject, Event { mark: rows.mark(row, time), app: rows.batch.id(Role::App, row) });
        }
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        self.standings.merge(&other.standings, moves);
        for (subject, event) in other.last.iter() {
            if let Some(Event { mark, app }) = *event {
                let app = moves.value(Role::App, app);
                self.add(moves.subject(subject), Event { mark, app });
            }
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let grace = finish.limit("grace").saturating_mul(SECOND);
        let after = |(subject, (words, standing)): (u32, (Vec<&'static str>, Standing))| {
            let event = (*self.last.get(subject)?)?;
            let ended = Some(standing.modified).filter(|modified| *modified != NO_NUMBER)?;
            (event.mark.time > ended.saturating_add(grace))
                .then(|| describe(subject, &words.join(" and "), standing, event, finish))
        };
        self.standings.that_hold().into_iter().filter_map(after).collect()
    }

    fn add(&mut self, subject: u32, event: Event) {
        let known = self.last.of(subject).get_or_insert(event);
        if event.mark > known.mark {
            *known = event;
        }
    }
}

fn describe(subject: u32, words: &str, standing: Standing, event: Event, finish: &Finish<'_>) -> Match {
    Match {
        subject,
        further: Some((Role::App, event.app)).filter(|(_, app)| *app != NO_ID).into_iter().collect(),
        anchor: Some(Time(standing.modified).into()),
        span: (event.mark.time, event.mark.time),
        count: 1,
        seen: vec![
            fact("standing", words.to_owned()),
            fact("since at the latest", Time(standing.modified)),
            fact("last active", Time(event.mark.time)),
            fact("hours after", (event.mark.time - standing.modified) / HOUR),
        ],
        judged_by: vec![fact("grace seconds", finish.limit("grace"))],
        marks: vec![event.mark, standing.mark],
        marks_total: 2,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
