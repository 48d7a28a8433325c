//! Patterns at work: one state for each shape, and what all of them can do.

use std::sync::Arc;

use super::daily::Daily;
use super::{Finish, Match, Moves, Past, Pattern, Rows};
use super::{
    afterlife, age, alternation, beside, breakthrough, burst, creep, debut, deviation, drift, first_seen, grant,
    harvest, holder, listed, look_alike, loosening, newcomer, rare_hour, rejection, reported, revival, rush, sequence,
    skew, spread, sweep, travel, unlogged, unmatched, wave,
};
use crate::error::Error;
use crate::lists::Lists;

/// A pattern at work.
#[derive(Clone, Debug)]
pub(crate) enum State {
    FirstSeen(first_seen::State),
    Spread(spread::State),
    Daily(Daily),
    Revival(revival::State),
    Sequence(sequence::State),
    Burst(burst::State),
    Harvest(harvest::State),
    Rush(rush::State),
    Sweep(sweep::State),
    Skew(skew::State),
    Drift(drift::State),
    Age(age::State),
    Grant(grant::State),
    Rejection(rejection::State),
    Listed(listed::State),
    Alternation(alternation::State),
    Beside(beside::State),
    Unmatched(unmatched::State),
    Travel(travel::State),
    Breakthrough(breakthrough::State),
    Debut(debut::State),
    Reported(reported::State),
    LookAlike(look_alike::State),
    RareHour(rare_hour::State),
    Wave(wave::State),
    Holder(holder::State),
    Afterlife(afterlife::State),
    Loosening(loosening::State),
    Unlogged(unlogged::State),
    Newcomer(newcomer::State),
}

impl Pattern {
    /// The state before any row.
    pub(crate) fn start(self, limits: &dyn Fn(&str) -> i64, lists: &Arc<Lists>) -> State {
        match self {
            Self::FirstSeen { of, within, sum } => State::FirstSeen(first_seen::State::new(of, within, sum)),
            Self::FirstSeenAmong { of, sum, .. } => State::FirstSeen(first_seen::State::new(of, None, sum)),
            Self::Spread { of } => State::Spread(spread::State::new(of)),
            Self::Deviation { sum } | Self::Creep { sum } => State::Daily(Daily::new(Some(sum))),
            Self::Revival => State::Revival(revival::State::new()),
            Self::Sequence { first, then, same, tell } => {
                State::Sequence(sequence::State::new([*first, *then], same, tell, limits))
            }
            Self::Burst => State::Burst(burst::State::default()),
            Self::Harvest { sum } => State::Harvest(harvest::State::new(sum, limits)),
            Self::Rush => State::Rush(rush::State::default()),
            Self::Sweep { of } => State::Sweep(sweep::State::new(of, limits)),
            Self::Skew { from, to } => State::Skew(skew::State::new(from, to, limits)),
            Self::Drift { from, to } => State::Drift(drift::State::new(from, to)),
            Self::Age { used, created, .. } => State::Age(age::State::new(used, created)),
            Self::Grant { question } => State::Grant(grant::State::new(question)),
            Self::Rejection => State::Rejection(rejection::State::default()),
            Self::Listed { of, kind, class } => State::Listed(listed::State::new(of, kind, class, Arc::clone(lists))),
            Self::Alternation { of } => State::Alternation(alternation::State::new(of)),
            Self::Beside { of, sum } => State::Beside(beside::State::new(of, sum)),
            Self::Unmatched { named_in, by } => State::Unmatched(unmatched::State::new(named_in, by)),
            Self::Travel => State::Travel(travel::State::new(lists)),
            Self::Breakthrough { of, in_vain } => State::Breakthrough(breakthrough::State::new(of, in_vain)),
            Self::Debut { created } => State::Debut(debut::State::new(created)),
            Self::Reported { regardless_of_score } => {
                State::Reported(reported::State::new(regardless_of_score, limits))
            }
            Self::LookAlike { created, name, known } => State::LookAlike(look_alike::State::new(created, name, known)),
            Self::RareHour => State::RareHour(rare_hour::State::default()),
            Self::Wave { by, outcome, in_vain } => State::Wave(wave::State::new(by, outcome, in_vain)),
            Self::Holder { held, listing, says } => State::Holder(holder::State::new(held, listing, says)),
            Self::Afterlife { listing, says } => State::Afterlife(afterlife::State::new(listing, says)),
            Self::Loosening { loosens } => State::Loosening(loosening::State::new(loosens)),
            Self::Unlogged { used, logged_in } => State::Unlogged(unlogged::State::new(used, logged_in)),
            Self::Newcomer { of, name } => State::Newcomer(newcomer::State::new(of, name)),
        }
    }
}

impl State {
    pub(crate) fn observe(&mut self, rows: &Rows<'_>) {
        match self {
            Self::FirstSeen(state) => state.observe(rows),
            Self::Spread(state) => state.observe(rows),
            Self::Daily(daily) => daily.observe(rows),
            Self::Revival(state) => state.observe(rows),
            Self::Sequence(state) => state.observe(rows),
            Self::Burst(state) => state.observe(rows),
            Self::Harvest(state) => state.observe(rows),
            Self::Rush(state) => state.observe(rows),
            Self::Sweep(state) => state.observe(rows),
            Self::Skew(state) => state.observe(rows),
            Self::Drift(state) => state.observe(rows),
            Self::Age(state) => state.observe(rows),
            Self::Grant(state) => state.observe(rows),
            Self::Rejection(state) => state.observe(rows),
            Self::Listed(state) => state.observe(rows),
            Self::Alternation(state) => state.observe(rows),
            Self::Beside(state) => state.observe(rows),
            Self::Unmatched(state) => state.observe(rows),
            Self::Travel(state) => state.observe(rows),
            Self::Breakthrough(state) => state.observe(rows),
            Self::Debut(state) => state.observe(rows),
            Self::Reported(state) => state.observe(rows),
            Self::LookAlike(state) => state.observe(rows),
            Self::RareHour(state) => state.observe(rows),
            Self::Wave(state) => state.observe(rows),
            Self::Holder(state) => state.observe(rows),
            Self::Afterlife(state) => state.observe(rows),
            Self::Loosening(state) => state.observe(rows),
            Self::Unlogged(state) => state.observe(rows),
            Self::Newcomer(state) => state.observe(rows),
        }
    }

    /// Takes in a state of the same pattern.
    pub(crate) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        match (self, other) {
            (Self::FirstSeen(own), Self::FirstSeen(other)) => own.merge(other, moves),
            (Self::Spread(own), Self::Spread(other)) => own.merge(other, moves),
            (Self::Daily(own), Self::Daily(other)) => own.merge(other, moves),
            (Self::Revival(own), Self::Revival(other)) => own.merge(other, moves),
            (Self::Sequence(own), Self::Sequence(other)) => own.merge(other, moves),
            (Self::Burst(own), Self::Burst(other)) => own.merge(other, moves),
            (Self::Harvest(own), Self::Harvest(other)) => own.merge(other, moves),
            (Self::Rush(own), Self::Rush(other)) => own.merge(other, moves),
            (Self::Sweep(own), Self::Sweep(other)) => own.merge(other, moves),
            (Self::Skew(own), Self::Skew(other)) => own.merge(other, moves),
            (Self::Drift(own), Self::Drift(other)) => own.merge(other, moves),
            (Self::Age(own), Self::Age(other)) => own.merge(&other, moves),
            (Self::Grant(own), Self::Grant(other)) => own.merge(other, moves),
            (Self::Rejection(own), Self::Rejection(other)) => own.merge(other, moves),
            (Self::Listed(own), Self::Listed(other)) => own.merge(other, moves),
            (Self::Alternation(own), Self::Alternation(other)) => own.merge(other, moves),
            (Self::Beside(own), Self::Beside(other)) => own.merge(other, moves),
            (Self::Unmatched(own), Self::Unmatched(other)) => own.merge(other, moves),
            (Self::Travel(own), Self::Travel(other)) => own.merge(other, moves),
            (Self::Breakthrough(own), Self::Breakthrough(other)) => own.merge(other, moves),
            (Self::Debut(own), Self::Debut(other)) => own.merge(&other, moves),
            (Self::Reported(own), Self::Reported(other)) => own.merge(other, moves),
            (Self::LookAlike(own), Self::LookAlike(other)) => own.merge(other, moves),
            (Self::RareHour(own), Self::RareHour(other)) => own.merge(other, moves),
            (Self::Wave(own), Self::Wave(other)) => own.merge(other, moves),
            (Self::Holder(own), Self::Holder(other)) => own.merge(&other, moves),
            (Self::Afterlife(own), Self::Afterlife(other)) => own.merge(&other, moves),
            (Self::Loosening(own), Self::Loosening(other)) => own.merge(&other, moves),
            (Self::Unlogged(own), Self::Unlogged(other)) => own.merge(other, moves),
            (Self::Newcomer(own), Self::Newcomer(other)) => own.merge(&other, moves),
            (own, other) => debug_assert!(false, "states of one detector have one pattern: {own:?} and {other:?}"),
        }
    }

    /// What the next run has to know; nothing where a run looks at its own rows only.
    pub(crate) fn past(&self) -> Option<Past> {
        let mut past = match self {
            Self::FirstSeen(state) => state.past(),
            Self::Daily(daily) => daily.past(),
            Self::Revival(state) => state.past(),
            Self::Grant(state) => state.past(),
            Self::Sequence(state) => state.past(),
            Self::Harvest(state) => state.past(),
            Self::Rush(state) => state.past(),
            Self::Sweep(state) => state.past(),
            Self::Alternation(state) => state.past(),
            Self::Beside(state) => state.past(),
            Self::Debut(state) => state.past(),
            Self::LookAlike(state) => state.past(),
            Self::RareHour(state) => state.past(),
            _ => return None,
        };
        past.settle();
        Some(past)
    }

    /// Takes in what earlier runs have learned.
    pub(crate) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        match self {
            Self::FirstSeen(state) => state.recall(past, moves),
            Self::Daily(daily) => daily.recall(past, moves),
            Self::Revival(state) => state.recall(past, moves),
            Self::Grant(state) => state.recall(past, moves),
            Self::Sequence(state) => state.recall(past, moves),
            Self::Harvest(state) => state.recall(past, moves),
            Self::Rush(state) => state.recall(past, moves),
            Self::Sweep(state) => state.recall(past, moves),
            Self::Alternation(state) => state.recall(past, moves),
            Self::Beside(state) => state.recall(past, moves),
            Self::Debut(state) => state.recall(past, moves),
            Self::LookAlike(state) => state.recall(past, moves),
            Self::RareHour(state) => state.recall(past, moves),
            _ => {}
        }
    }

    /// The matches, in any order.
    pub(crate) fn finish(self, finish: &Finish<'_>) -> Result<Vec<Match>, Error> {
        match self {
            Self::FirstSeen(state) => Ok(state.finish(finish)),
            Self::Age(state) => Ok(state.finish(finish)),
            Self::Rejection(state) => state.finish(finish),
            Self::Spread(state) => Ok(state.finish(finish)),
            Self::Daily(daily) => Ok(match finish.detector.watch.pattern {
                Pattern::Creep { .. } => creep::judge(daily, finish),
                _ => deviation::judge(daily, finish),
            }),
            Self::Revival(state) => Ok(state.finish(finish)),
            Self::Sequence(state) => Ok(state.finish(finish)),
            Self::Burst(state) => Ok(state.finish(finish)),
            Self::Harvest(state) => Ok(state.finish(finish)),
            Self::Rush(state) => Ok(state.finish(finish)),
            Self::Sweep(state) => Ok(state.finish(finish)),
            Self::Skew(state) => Ok(state.finish(finish)),
            Self::Drift(state) => Ok(state.finish(finish)),
            Self::Grant(state) => Ok(state.finish(finish)),
            Self::Listed(state) => Ok(state.finish(finish)),
            Self::Alternation(state) => Ok(state.finish(finish)),
            Self::Beside(state) => Ok(state.finish(finish)),
            Self::Unmatched(state) => Ok(state.finish(finish)),
            Self::Travel(state) => Ok(state.finish(finish)),
            Self::Breakthrough(state) => Ok(state.finish(finish)),
            Self::Debut(state) => Ok(state.finish(finish)),
            Self::Reported(state) => Ok(state.finish(finish)),
            Self::LookAlike(state) => Ok(state.finish(finish)),
            Self::RareHour(state) => Ok(state.finish(finish)),
            Self::Wave(state) => Ok(state.finish(finish)),
            Self::Holder(state) => Ok(state.finish(finish)),
            Self::Afterlife(state) => Ok(state.finish(finish)),
            Self::Loosening(state) => Ok(state.finish(finish)),
            Self::Unlogged(state) => Ok(state.finish(finish)),
            Self::Newcomer(state) => Ok(state.finish(finish)),
        }
    }
}
