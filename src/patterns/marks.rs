//! The first few marks of a thing: enough to show, few enough to hold for everything.

use super::Mark;

/// The most marks that a state keeps for one thing: enough to show, few enough to hold for everything.
pub(crate) const MARKS_KEPT: usize = 3;

const MOST_KEPT: u8 = 3;
const _: () = assert!(MOST_KEPT as usize == MARKS_KEPT);

/// The first few marks of a thing, in order, held in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FirstMarks {
    marks: [Mark; MARKS_KEPT],
    kept: u8,
}

impl FirstMarks {
    pub(crate) fn one(mark: Mark) -> Self {
        Self { marks: [mark; MARKS_KEPT], kept: 1 }
    }

    pub(crate) fn as_slice(&self) -> &[Mark] {
        &self.marks[..usize::from(self.kept)]
    }

    /// The same where there may be none yet.
    pub(crate) fn add_to(marks: &mut Option<Self>, mark: Mark) {
        match marks {
            Some(marks) => marks.add(mark),
            None => *marks = Some(Self::one(mark)),
        }
    }

    /// Takes a mark in if it is one of the first.
    pub(crate) fn add(&mut self, mark: Mark) {
        let kept = usize::from(self.kept);
        if kept == MARKS_KEPT && mark >= self.marks[MARKS_KEPT - 1] {
            return;
        }
        let place = self.as_slice().iter().take_while(|known| **known < mark).count();
        let last = kept.min(MARKS_KEPT - 1);
        self.marks.copy_within(place..last, place + 1);
        self.marks[place] = mark;
        self.kept = u8::try_from(kept + 1).unwrap_or(u8::MAX).min(MOST_KEPT);
    }
}
