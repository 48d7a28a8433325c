//! Matches, and what it takes to tell them: the second half of a scan ends here, and the words begin.

use std::collections::BTreeMap;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::{Names, Outcome, Scan, report, spans_of_event_types};
use crate::apps::Resolution;
use crate::batch::Table;
use crate::dictionary::Dictionary;
use crate::evidence::Records;
use crate::finding::{Finding, Subject};
use crate::patterns::Match;
use crate::subjects::Subjects;
use crate::value::Time;

/// All matches of a scan.
#[derive(Debug)]
pub struct Judged {
    /// By detector: its id, its kind of subject, its matches.
    pub(super) matches: Vec<(&'static str, usize, Vec<Match>)>,
    pub(super) dictionary: Dictionary,
    pub(super) subjects: Vec<Subjects>,
    pub(super) names: Names,
    pub(super) apps: Resolution,
    pub(super) spans: BTreeMap<Table, (i64, i64)>,
    pub(super) since: Time,
    pub(super) as_of: Time,
    pub(super) rows_after: u64,
}

impl Judged {
    /// Each match with its detector's id and its subject, in a fixed order.
    pub fn matches<'a>(
        &'a self,
        scan: &'a Scan<'a>,
    ) -> impl ParallelIterator<Item = (&'static str, Subject, &'a Match)> {
        let namer = report::Namer { scan, dictionary: &self.dictionary, names: &self.names, apps: &self.apps };
        self.matches.par_iter().flat_map(move |(detector, kind, matches)| {
            matches.par_iter().map(move |found| (*detector, namer.subject(&self.subjects[*kind], found), found))
        })
    }

    /// Reads the evidence back and puts the findings into words. `hashes` are those of the exports, in their order.
    pub fn report(self, scan: &Scan<'_>, hashes: &[String]) -> Outcome {
        let marks = self.matches.iter().flat_map(|(_, _, matches)| matches).flat_map(|found| &found.marks);
        let records = Records::read(marks, scan, &super::demand_of(scan));
        let namer = report::Namer { scan, dictionary: &self.dictionary, names: &self.names, apps: &self.apps };
        let reporter = report::Reporter { namer, records: &records, hashes };
        let by_detector = scan.detectors.par_iter().zip(&self.matches);
        let mut findings: Vec<Finding> = by_detector
            .flat_map(|(detector, (_, kind, matches))| {
                let (reporter, subjects) = (&reporter, &self.subjects[*kind]);
                matches.par_iter().map(move |found| reporter.finding(detector, subjects, found))
            })
            .collect();
        findings.par_sort_by(|left, right| {
            (left.first, left.detector, &left.subject, left.id).cmp(&(
                right.first,
                right.detector,
                &right.subject,
                right.id,
            ))
        });
        let exports = scan.exports.iter().map(|export| export.name.clone());
        Outcome {
            findings,
            problems: records.problems,
            counts: spans_of_event_types(&self.spans, scan.schemas),
            hashes: exports.zip(hashes.iter().cloned()).collect(),
            since: self.since,
            as_of: self.as_of,
            rows_after: self.rows_after,
            ambiguous_apps: self.apps.ambiguous,
            memory: None,
        }
    }
}
