//! Wave: within a short time many of a kind try in vain, hardly any does not, and some get through: somebody tries what
//! belongs to others.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::stretch::{Window, stretches};
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within", "failed-percent"];

/// So many of those that got through are named, in the order of their first rows.
const SHOWN: usize = 10;

#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Who tries.
    by: Role,
    outcome: Role,
    in_vain: fn(&str) -> bool,
    tries: HashMap<u32, Vec<Try>, FixedState>,
}

#[derive(Clone, Copy, Debug)]
struct Try {
    mark: Mark,
    by: u32,
    in_vain: bool,
}

/// Who is in the window, and how often in vain and not in vain.
struct Crowd {
    tries: HashMap<u32, [u32; 2], FixedState>,
    failed: usize,
    got_through: usize,
    at_least: usize,
    failed_percent: usize,
}

impl Crowd {
    fn change(&mut self, one: &Try, change: impl Fn(u32) -> u32) {
        let tries = self.tries.entry(one.by).or_default();
        let place = usize::from(one.in_vain);
        let before = tries[place];
        tries[place] = change(before);
        let counted = if one.in_vain { &mut self.failed } else { &mut self.got_through };
        match (before, tries[place]) {
            (0, _) => *counted += 1,
            (_, 0) => *counted -= 1,
            _ => {}
        }
        if *tries == [0, 0] {
            self.tries.remove(&one.by);
        }
    }
}

impl Window<Try> for Crowd {
    fn enter(&mut self, one: &Try) {
        self.change(one, |count| count + 1);
    }

    fn leave(&mut self, one: &Try) {
        self.change(one, |count| count - 1);
    }

    fn is_full(&self) -> bool {
        let all = self.tries.len();
        let only_failed = all - self.got_through;
        self.failed >= self.at_least && self.got_through > 0 && only_failed * 100 >= self.failed_percent * all
    }
}

impl State {
    pub(super) fn new(by: Role, outcome: Role, in_vain: fn(&str) -> bool) -> Self {
        Self { by, outcome, in_vain, tries: HashMap::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let by = rows.batch.id(self.by, row);
            let outcome = rows.dictionary.role_text(self.outcome, rows.batch.id(self.outcome, row));
            if let Some(outcome) = outcome.filter(|_| by != NO_ID) {
                let one = Try { mark: rows.mark(row, time), by, in_vain: (self.in_vain)(outcome) };
                self.tries.entry(subject).or_default().push(one);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "rows are sorted before they are judged")]
        for (subject, tries) in other.tries {
            let tries = tries.into_iter().map(|one| Try { by: moves.value(self.by, one.by), ..one });
            self.tries.entry(moves.subject(subject)).or_default().extend(tries);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let limit = |name: &str| usize::try_from(finish.limit(name)).unwrap_or(usize::MAX);
        let within = finish.limit("within").saturating_mul(SECOND);
        let mut matches = Vec::new();
        #[expect(clippy::iter_over_hash_type, reason = "matches come in any order")]
        for (subject, mut tries) in self.tries {
            tries.sort_unstable_by_key(|one| one.mark);
            let crowd = Crowd {
                tries: HashMap::default(),
                failed: 0,
                got_through: 0,
                at_least: limit("at-least").max(1),
                failed_percent: limit("failed-percent").min(100),
            };
            let waves = stretches(&tries, |one| one.mark, within, crowd);
            matches.extend(waves.into_iter().map(|wave| describe(self.by, subject, &tries[wave], finish)));
        }
        matches
    }
}

fn describe(by: Role, subject: u32, tries: &[Try], finish: &Finish<'_>) -> Match {
    let distinct = |in_vain: bool| {
        let mut of_kind: Vec<Try> = tries.iter().filter(|one| one.in_vain == in_vain).copied().collect();
        let mut known: std::collections::HashSet<u32, FixedState> = std::collections::HashSet::default();
        of_kind.retain(|one| known.insert(one.by));
        of_kind
    };
    let (failed, got_through) = (distinct(true), distinct(false));
    let shown: Vec<&str> = got_through.iter().take(SHOWN).map(|one| finish.text(by, one.by)).collect();
    // Half of what is shown for those who got through, or more where the others are few.
    let rest = Finding::EVIDENCE_KEPT - got_through.len().min(Finding::EVIDENCE_KEPT / 2);
    let first = failed.iter().take(rest).chain(got_through.iter().take(Finding::EVIDENCE_KEPT / 2));
    let mut marks: Vec<Mark> = first.map(|one| one.mark).collect();
    marks.sort_unstable();
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (tries[0].mark.time, tries[tries.len() - 1].mark.time),
        count: tries.len() as u64,
        seen: vec![
            fact("failed", failed.len()),
            fact("got through", got_through.len()),
            fact("through", shown.join(", ")),
            fact("events", tries.len()),
        ],
        judged_by: vec![
            fact("at least", finish.limit("at-least")),
            fact("within seconds", finish.limit("within")),
            fact("failed percent", finish.limit("failed-percent")),
        ],
        marks,
        marks_total: tries.len() as u64,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
