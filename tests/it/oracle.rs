//! Every pattern against its slow, obvious twin. A law compares the code with itself; only a definition compares it
//! with the truth: each file below restates one pattern from its words, without regard to speed.
//!
//! Inputs are small, random and always the same ones: a failure names its case, and the case is all that it takes.

use tokentrail::apps::Register;
use tokentrail::detector::{Detector, Limit, Unit, Watch};
use tokentrail::finding::Severity;
use tokentrail::value::{Time, Zone};

use random::Random;
use rows::{Row, Stage};
use verdict::Verdict;

mod afterlife;
mod age;
mod alternation;
mod beside;
mod breakthrough;
mod burst;
mod creep;
mod debut;
mod deviation;
mod drift;
mod first_seen;
mod first_seen_among;
pub(crate) mod grant;
mod harvest;
mod holder;
mod listed;
mod look_alike;
mod loosening;
mod newcomer;
pub(crate) mod random;
mod rare_hour;
mod rejection;
mod reported;
mod revival;
pub(crate) mod rows;
mod rush;
mod sequence;
mod skew;
mod spread;
mod sweep;
mod travel;
mod unlogged;
mod unmatched;
mod verdict;
mod wave;

/// All made-up events begin here: 2025-06-02, a Monday.
pub(crate) const START: Time = Time(20_241 * tokentrail::value::time::DAY);

/// So many values and so many rows of evidence are enough to show, where a pattern need not keep them all.
const FEW: usize = 3;

/// Rows, and what to look for in them.
pub(crate) struct Case {
    detector: &'static Detector,
    rows: Vec<Row>,
    since: Time,
    as_of: Time,
    /// Count idle days from midnight there.
    midnight: Option<Zone>,
}

impl Case {
    fn limit(&self, name: &str) -> i64 {
        self.detector.limits.iter().find(|limit| limit.name == name).unwrap().value
    }

    /// The rows up to "now".
    fn rows_in_sight(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.time() <= self.as_of.0).collect();
        rows.sort_by_key(|row| row.place());
        rows
    }

    /// The verdicts on behaviour that reaches into the window.
    fn in_window(&self, mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
        verdicts.retain(|verdict| verdict.span.1 >= self.since.0);
        verdicts
    }
}

/// What a pattern's comparison takes.
struct Twin<'a> {
    name: &'a str,
    cases: u64,
    register: &'a Register,
    /// The facts that are compared.
    facts: &'a [&'a str],
    /// Makes a case.
    case: fn(&mut Random) -> Case,
    /// Says what should be found in it.
    oracle: fn(&Case) -> Vec<Verdict>,
}

impl Twin<'_> {
    /// Compares on all cases; both outcomes must be frequent, or the comparison would be empty.
    fn agrees(&self) {
        let (mut with, mut without) = (0, 0);
        for number in 0..self.cases {
            let mut random = Random::of_case(self.name, number);
            let case = (self.case)(&mut random);
            let mut expected = (self.oracle)(&case);
            expected.sort();
            let mut found = self.found(&case, &mut random);
            found.sort();
            assert_eq!(found, expected, "{} (left), its oracle (right), case {number}: {}", self.name, told(&case));
            if expected.is_empty() { without += 1 } else { with += 1 }
        }
        assert!(with > self.cases / 10 && without > self.cases / 50, "{}: {with} with, {without} without", self.name);
    }

    /// What the program finds, with the rows learned in one to three parts.
    fn found(&self, case: &Case, random: &mut Random) -> Vec<Verdict> {
        let detectors = [case.detector];
        let stage = Stage {
            detectors: &detectors,
            register: self.register,
            since: Some(case.since),
            as_of: Some(case.as_of),
            midnight: case.midnight,
        };
        let parts = random.parts(&case.rows, 3);
        stage.findings(&parts, random).iter().map(|finding| Verdict::of(finding, self.facts)).collect()
    }
}

fn told(case: &Case) -> String {
    let limits: Vec<String> =
        case.detector.limits.iter().map(|limit| format!("{} {}", limit.name, limit.value)).collect();
    let rows: Vec<String> = case.rows.iter().map(Row::told).collect();
    format!("\n{}\nwindow {} .. {}\n{}", limits.join(", "), case.since.0, case.as_of.0, rows.join("\n"))
}

/// A detector of our own. There are some thousand of them in a run; that they are never freed does no harm.
pub(crate) fn detector(id: &'static str, watch: Watch, limits: &[(&'static str, i64)]) -> &'static Detector {
    let limit =
        |(name, value): &(&'static str, i64)| Limit { name, value: *value, unit: Unit::Count, source: "a test" };
    Box::leak(Box::new(Detector {
        id,
        version: 1,
        title: "Made up",
        family: tokentrail::detector::Family::Network,
        severity: Severity::Low,
        integration: Severity::Medium,
        techniques: &[],
        doc: "",
        watch,
        limits: Box::leak(limits.iter().map(limit).collect::<Box<[Limit]>>()),
        sentence: "",
        next_step: "",
    }))
}
