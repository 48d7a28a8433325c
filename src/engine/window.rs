//! The detection window.

use crate::value::Time;
use crate::value::time::DAY;

/// Where the detection window begins; it ends with "now".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// So many UTC days, the one that holds "now" included.
    Days(i64),
    /// At this time.
    Since(Time),
}

impl Default for Window {
    fn default() -> Self {
        Self::Days(7)
    }
}

impl Window {
    pub(crate) fn start(self, as_of: Time) -> Time {
        match self {
            Self::Days(days) => {
                let start = as_of.day_start().0.saturating_sub((days - 1).max(0).saturating_mul(DAY));
                Time(start).max(Time::EARLIEST)
            }
            Self::Since(since) => since,
        }
    }
}
