//! How often clean months call somebody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Study, Table};
use crate::study::benign;
use crate::study::measure::{Scanner, for_each_seed, months};
use crate::study::profile::Profile;

/// So many findings of each detector are shown where causes are asked for.
const SHOWN: usize = 8;

impl Study {
    pub(super) fn months(&self, scanner: &Scanner, causes: bool) -> String {
        let mut table = Table::new(self.head(&["an organisation's day", "month"]));
        let mut events = Table::new(self.head(&["event"]));
        let measure = |profile: &&'static Profile| -> Vec<[months::Month; 2]> {
            let months = for_each_seed(&self.seeds(), self.threads, |seed| months::measure(scanner, profile, seed));
            months.into_iter().flatten().collect()
        };
        let months: Vec<Vec<[months::Month; 2]>> = self.profiles.iter().map(measure).collect();
        for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
            let a_day = |count: &dyn Fn(&months::Month) -> usize| {
                let cells = months.iter().map(|all| {
                    let sum: usize = all.iter().map(|month| count(&month[place])).sum();
                    format!("{:.3}", sum as f64 / months::org_days(all.len()) as f64)
                });
                cells.collect::<Vec<_>>()
            };
            table.push(&["findings, high or critical", kind], a_day(&months::Month::high).into_iter());
            let at_once = a_day(&|month| month.high_at_once.values().sum());
            table.push(&["the same, in one scan of everything", kind], at_once.into_iter());
            table.push(&["incidents, high or critical", kind], a_day(&|month| month.incidents).into_iter());
            table.push(&["findings, medium", kind], a_day(&|month| month.medium).into_iter());
        }
        for (event, name) in benign::EVENTS.iter().enumerate() {
            let cells = months.iter().map(|all| {
                let own = all.iter().filter_map(|month| month[1].by_event.get(&event));
                let sum: usize = own.flat_map(BTreeMap::values).sum();
                format!("{:.2}", sum as f64 / all.len() as f64)
            });
            events.push(&[name], cells);
        }
        let mut text = format!(
            "\n### Clean months\n\n{table}\nHigh or critical findings that each event of the eventful month makes, of an \
             organisation:\n\n{events}"
        );
        if causes {
            for (profile, all) in self.profiles.iter().zip(&months) {
                for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
                    let mut high: BTreeMap<&str, usize> = BTreeMap::new();
                    for (detector, count) in all.iter().flat_map(|month| &month[place].high) {
                        *high.entry(detector).or_default() += count;
                    }
                    let mut at_once: BTreeMap<&str, usize> = BTreeMap::new();
                    for (detector, count) in all.iter().flat_map(|month| &month[place].high_at_once) {
                        *at_once.entry(detector).or_default() += count;
                    }
                    let _ = writeln!(text, "\n{} {kind}: daily {high:?}, at once {at_once:?}", profile.name);
                    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
                    for (detector, sentence) in all.iter().flat_map(|month| &month[place].sentences) {
                        let times = shown.entry(detector).or_default();
                        *times += 1;
                        if *times <= SHOWN {
                            let _ = writeln!(text, "- {detector} {sentence}");
                        }
                    }
                }
            }
        }
        text
    }
}
