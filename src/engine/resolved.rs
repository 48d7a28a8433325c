//! One subject for each app: what was learned under its name and under its id comes together.

use super::watchers::Watchers;
use super::{Partial, Scan};
use crate::apps::Resolution;
use crate::dictionary::Domain;

impl Partial {
    /// The same with each app by one key, as far as exports and register tell. If they tell nothing new, nothing moves.
    pub(super) fn with_resolved_apps(mut self, scan: &Scan<'_>) -> (Self, Resolution) {
        let Some(mut pairs) = self.pairs.take() else { return (self, Resolution::default()) };
        let apps = self.dictionary.values(Domain::App);
        let resolution = Resolution::of(pairs.finish(&self.dictionary), apps, scan.register);
        if resolution.is_empty() {
            return (self, resolution);
        }
        let rename = |text: &str| resolution.key(text).map(str::to_owned);
        let strings = self.dictionary.rename(Domain::App, &rename);
        let mut empty = Self::new(scan);
        empty.dictionary = std::mem::take(&mut self.dictionary);
        (empty.join(self, &strings, Watchers::take_over), resolution)
    }
}
