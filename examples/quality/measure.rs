//! Scans of what was invented, and what of it they find.

use std::path::PathBuf;
use std::sync::Arc;

use tokentrail::apps::Register;
use tokentrail::detectors;
use tokentrail::engine::{Outcome, Scan, Window, scan};
use tokentrail::ingest::{Limits, QuarantinedRow, discover};
use tokentrail::lists::Lists;
use tokentrail::memory::Memory;
use tokentrail::networks::Networks;
use tokentrail::schema::Schemas;
use tokentrail::settings::Values;

pub(crate) mod campaigns;
pub(crate) mod credit;
pub(crate) mod months;
mod shelf;

/// All that scans have in common: default limits, all detectors, no lists, no tables of networks.
pub(crate) struct Scanner {
    schemas: Schemas,
    values: Values,
    register: Register,
    lists: Arc<Lists>,
    networks: Arc<Networks>,
}

impl Scanner {
    pub(crate) fn new() -> Scanner {
        Scanner {
            schemas: Schemas::embedded().expect("schemas of the program"),
            values: Values::defaults(detectors::ALL),
            register: Register::default(),
            lists: Arc::default(),
            networks: Arc::default(),
        }
    }

    /// One scan. What was invented is read to the last row, or nothing that is measured means anything.
    pub(crate) fn scan(&self, paths: &[PathBuf], window: Window, memory: Option<&Memory>) -> Outcome {
        let (exports, unread) = discover(paths);
        let asked = Scan {
            exports: &exports,
            schemas: &self.schemas,
            detectors: detectors::ALL,
            values: &self.values,
            register: &self.register,
            lists: Arc::clone(&self.lists),
            networks: Arc::clone(&self.networks),
            resolve_apps: true,
            org: None,
            zone: None,
            idle_by_date: false,
            window,
            as_of: None,
            threads: 1,
            limits: Limits::default(),
            memory,
            taken: Arc::default(),
        };
        let mut quarantined: Vec<QuarantinedRow> = Vec::new();
        let outcome = scan(&asked, &mut quarantined).expect("a scan");
        assert!(unread.is_empty() && outcome.problems.is_empty(), "{unread:?} {:?}", outcome.problems);
        assert!(quarantined.is_empty(), "{:?}", quarantined.first());
        outcome
    }
}

/// Does something for each seed, on so many threads; results in the order of seeds.
pub(crate) fn for_each_seed<T: Send>(seeds: &[u64], threads: usize, act: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let result = act(*seed);
                    done.lock().expect("no panic in another thread").push((*seed, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic in another thread");
    done.sort_by_key(|(seed, _)| *seed);
    done.into_iter().map(|(_, result)| result).collect()
}
