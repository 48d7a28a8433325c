//! Amounts by equal parts of a time, for figures: who, from where, what, hour by hour or day by day.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::value::Time;
use crate::value::time::{DAY, HOUR, SECOND};

/// What happened in each part of a time, lane by lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lanes {
    /// When the first part begins.
    pub from: Time,
    /// When the last part ends.
    pub until: Time,
    /// How long a part is, in microseconds.
    pub step: i64,
    /// The lanes: those that are marked first, then those with more.
    pub lanes: Vec<AmountLane>,
    /// How many lanes are left out.
    pub left_out: usize,
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmountLane {
    /// What it is of. Hostile text.
    pub label: String,
    /// Whether it is what the report is about.
    pub is_marked: bool,
    /// All parts together.
    pub total: u64,
    /// Part by part.
    pub amounts: Vec<u64>,
}

/// A figure has room for so many parts.
const PARTS: i64 = 96;

/// So many lanes.
const LANES: usize = 10;

/// How long a part may be.
const STEPS: [i64; 10] =
    [60 * SECOND, 5 * 60 * SECOND, 15 * 60 * SECOND, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 28 * DAY];

/// Gathers what happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    events: Vec<(Time, u64)>,
    lanes: BTreeMap<String, (bool, Vec<(Time, u64)>)>,
}

impl Gathered {
    /// An amount of a lane at a time; a lane is marked if all of its amounts are.
    pub(super) fn add(&mut self, label: &str, is_marked: bool, time: Time, amount: u64) {
        self.events.push((time, amount));
        if !self.lanes.contains_key(label) {
            self.lanes.insert(label.to_owned(), (true, Vec::new()));
        }
        if let Some((marked, amounts)) = self.lanes.get_mut(label) {
            *marked &= is_marked;
            amounts.push((time, amount));
        }
    }

    /// The lanes; nothing if nothing happened.
    pub(super) fn finish(self) -> Option<Lanes> {
        let first = self.events.iter().map(|(time, _)| time.0).min()?;
        let last = self.events.iter().map(|(time, _)| time.0).max()?;
        let parts = |step: i64| last.div_euclid(step) - first.div_euclid(step) + 1;
        let step = STEPS.into_iter().find(|step| parts(*step) <= PARTS).unwrap_or(STEPS[STEPS.len() - 1]);
        let (begin, count) = (first.div_euclid(step), usize::try_from(parts(step)).unwrap_or(1));
        let lane = |(label, (is_marked, events)): (String, (bool, Vec<(Time, u64)>))| {
            let mut amounts = vec![0; count];
            for (time, amount) in events {
                if let Some(part) =
                    usize::try_from(time.0.div_euclid(step) - begin).ok().and_then(|at| amounts.get_mut(at))
                {
                    *part += amount;
                }
            }
            AmountLane { label, is_marked, total: amounts.iter().sum(), amounts }
        };
        let mut lanes: Vec<AmountLane> = self.lanes.into_iter().map(lane).collect();
        lanes.sort_by(|left, right| {
            (right.is_marked, right.total, &left.label).cmp(&(left.is_marked, left.total, &right.label))
        });
        let left_out = lanes.len().saturating_sub(LANES);
        lanes.truncate(LANES);
        let until = Time((begin + i64::try_from(count).unwrap_or(1)) * step);
        Some(Lanes { from: Time(begin * step), until, step, lanes, left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::{Gathered, HOUR};
    use crate::value::Time;

    #[test]
    fn parts_are_as_fine_as_there_is_room() {
        let mut gathered = Gathered::default();
        let noon = Time::parse(b"2025-08-17T12:00:00Z", None).unwrap();
        gathered.add("usual", false, noon, 3);
        gathered.add("foreign", true, Time(noon.0 + 40 * HOUR), 1);
        gathered.add("usual", false, Time(noon.0 + 90 * 60), 4);
        let lanes = gathered.finish().unwrap();
        assert_eq!(lanes.step, HOUR);
        assert_eq!(lanes.lanes[0].label, "foreign", "what is marked comes first");
        assert_eq!((lanes.lanes[0].amounts.len(), lanes.lanes[0].amounts[40]), (41, 1));
        assert_eq!((lanes.lanes[1].amounts[0], lanes.lanes[1].total), (7, 7));
        assert_eq!(Gathered::default().finish(), None);
    }
}
