//! Breakthrough: many tries in vain within a short time, and then one that gets through.
//!
//! ```text
//!   x x xx xxx x      ✓        x in vain, ✓ got through
//!   └─ within ─┘─ then ─┘
//! ```
//! The tries count back from the last one before the success: in `(last − within, last]`. The success follows in
//! `[last, last + then-within)`. Tries that stand behind one match stand behind no other.

use std::collections::BTreeMap;

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::Role;
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within", "then-within"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    in_vain: fn(&str) -> bool,
    tries: BTreeMap<u32, Tries>,
}

/// What one subject tried.
#[derive(Clone, Debug, Default)]
struct Tries {
    in_vain: Vec<Mark>,
    got_through: Vec<Mark>,
}

impl State {
    pub(super) fn new(of: Role, in_vain: fn(&str) -> bool) -> Self {
        Self { of, in_vain, tries: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let outcome = rows.dictionary.role_text(self.of, rows.batch.id(self.of, row));
            let Some(outcome) = outcome else { continue };
            let tries = self.tries.entry(subject).or_default();
            let kind = if (self.in_vain)(outcome) { &mut tries.in_vain } else { &mut tries.got_through };
            kind.push(rows.mark(row, time));
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, tries) in other.tries {
            let own = self.tries.entry(moves.subject(subject)).or_default();
            own.in_vain.extend(tries.in_vain);
            own.got_through.extend(tries.got_through);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let mut matches = Vec::new();
        for (subject, mut tries) in self.tries {
            tries.in_vain.sort_unstable();
            tries.got_through.sort_unstable();
            for (in_vain, success) in breakthroughs(&tries, finish) {
                matches.push(describe(subject, in_vain, success, finish));
            }
        }
        matches
    }
}

/// Each success with the tries that it follows.
fn breakthroughs<'t>(tries: &'t Tries, finish: &Finish<'_>) -> Vec<(&'t [Mark], Mark)> {
    let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX).max(1);
    let (within, then_within) = (finish.limit("within") * SECOND, finish.limit("then-within") * SECOND);
    let mut found = Vec::new();
    let mut open = tries.in_vain.as_slice();
    for success in &tries.got_through {
        let (before, after) = open.split_at(open.partition_point(|mark| mark.time <= success.time));
        let Some(last) = before.last().filter(|last| success.time < last.time + then_within) else { continue };
        let first = before.partition_point(|mark| mark.time <= last.time - within);
        if before.len() - first >= at_least {
            found.push((&before[first..], *success));
            open = after;
        }
    }
    found
}

fn describe(subject: u32, in_vain: &[Mark], success: Mark, finish: &Finish<'_>) -> Match {
    let last = in_vain[in_vain.len() - 1];
    let shown = in_vain.iter().copied().take(Finding::EVIDENCE_KEPT - 1);
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (in_vain[0].time, success.time),
        count: in_vain.len() as u64 + 1,
        seen: vec![
            fact("tries in vain", in_vain.len()),
            fact("seconds until success", (success.time - last.time) / SECOND),
        ],
        judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
        marks: shown.chain([success]).collect(),
        marks_total: in_vain.len() as u64 + 1,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
