//! What simple judges find, and how often they alarm.

use super::{Study, Table, percent};
use crate::study::measure::{for_each_seed, months};
use crate::study::{campaigns, rivals};

impl Study {
    pub(super) fn rivals(&self) -> String {
        let mut recall = Table::new(self.head(&["judge", "campaign"]));
        let mut alarms = Table::new(self.head(&["judge", "month"]));
        let measured: Vec<_> = self
            .profiles
            .iter()
            .map(|profile| {
                let found =
                    for_each_seed(&self.seeds(), self.threads, |seed| rivals::recall(profile, seed, &campaigns::ALL));
                let found: Vec<(usize, usize, Vec<bool>)> = found.into_iter().flatten().collect();
                let false_alarms =
                    for_each_seed(&self.seeds(), self.threads, |seed| rivals::false_alarms(profile, seed));
                (*profile, found, false_alarms)
            })
            .collect();
        for (judge, told) in rivals::ALL.iter().enumerate() {
            for (campaign, known) in campaigns::ALL.iter().enumerate() {
                let cells = measured.iter().map(|(_, found, _)| {
                    let own = found.iter().filter(|(by, of, _)| (*by, *of) == (judge, campaign));
                    let stages: Vec<bool> = own.flat_map(|(_, _, stages)| stages.iter().copied()).collect();
                    percent(stages.iter().filter(|found| **found).count(), stages.len())
                });
                recall.push(&[told.name, known.name], cells);
            }
            for (place, kind) in ["plain", "eventful"].into_iter().enumerate() {
                let cells = measured.iter().map(|(profile, _, alarms)| {
                    let sum: usize = alarms.iter().map(|counts| counts[judge][place]).sum();
                    format!("{:.2}", sum as f64 / months::org_days(alarms.len() * profile.orgs) as f64)
                });
                alarms.push(&[told.name, kind], cells);
            }
        }
        format!(
            "\n### Simple judges on the same data\n\nStages alarmed at, of all stages:\n\n{recall}\nAlarms in an \
             organisation's day without any campaign:\n\n{alarms}"
        )
    }
}
