//! What must not matter: how rows are divided among workers, blocks and files, in which order they come, what else is
//! in the logs, on which day it all happened, and in which format it was exported.
//!
//! Laws hold for every detector that the program brings along.

use std::collections::BTreeSet;

use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::finding::Finding;

mod export;
mod files;
mod habits;
mod merging;
mod resuming;
mod shifting;
mod strangers;
mod world;

fn all_detectors() -> Vec<&'static Detector> {
    detectors::ALL.to_vec()
}

/// A finding with all that it says.
fn told(finding: &Finding) -> String {
    serde_json::to_string(finding).unwrap()
}

fn all_told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(told).collect()
}

/// Which detectors have found something, over all rounds of a test: a law on nothing says nothing.
#[derive(Default)]
struct Heard {
    detectors: BTreeSet<&'static str>,
}

impl Heard {
    fn note(&mut self, findings: &[Finding]) {
        assert!(!findings.is_empty());
        self.detectors.extend(findings.iter().map(|finding| finding.detector));
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let all: BTreeSet<&str> = all_detectors().iter().map(|detector| detector.id).collect();
            assert_eq!(self.detectors, all, "every detector finds something in the made-up world");
        }
    }
}
