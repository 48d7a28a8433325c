//! The library as the tests run it: files in, findings out.

use std::path::{Path, PathBuf};

use tokentrail::apps::Register;
use tokentrail::coverage::{Coverage, cover};
use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::engine::{Outcome, Scan, Window, scan};
use tokentrail::finding::{Finding, Named};
use tokentrail::ingest::{Limits, Problem, QuarantinedRow, discover};
use tokentrail::inventory::Inventory;
use tokentrail::lists::{Class, Lists};
use tokentrail::memory::Memory;
use tokentrail::networks::Networks;
use tokentrail::schema::Schemas;
use tokentrail::settings::Values;
use tokentrail::value::{Time, Zone};

/// How to run; `Default` is what a user gets who says nothing.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) detectors: Vec<&'static Detector>,
    pub(crate) settings: String,
    pub(crate) apps: String,
    /// A file of indicators to add to the program's own, and its name.
    pub(crate) lists: Vec<(String, String)>,
    /// Tables of networks, and their names.
    pub(crate) networks: Vec<(String, String)>,
    pub(crate) resolve_apps: bool,
    /// A folder of schemas to add.
    pub(crate) schemas: Option<PathBuf>,
    pub(crate) org: Option<String>,
    pub(crate) since: Option<Time>,
    pub(crate) as_of: Option<Time>,
    pub(crate) zone: Option<Zone>,
    pub(crate) idle_by_date: bool,
    pub(crate) threads: usize,
    pub(crate) block_bytes: usize,
    pub(crate) memory: Option<Memory>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            detectors: detectors::ALL.to_vec(),
            settings: String::new(),
            apps: String::new(),
            lists: Vec::new(),
            networks: Vec::new(),
            resolve_apps: true,
            schemas: None,
            org: None,
            since: None,
            as_of: None,
            zone: None,
            idle_by_date: false,
            threads: 2,
            block_bytes: 1 << 20,
            memory: None,
        }
    }
}

/// What a run gives: the outcome, and the rows that were not used.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) quarantined: Vec<QuarantinedRow>,
}

impl Run {
    /// Scans files and folders.
    pub(crate) fn scan(&self, paths: &[PathBuf]) -> Ran {
        let mut quarantined = Vec::new();
        let (mut outcome, problems) = self.with_scan(paths, |asked| scan(asked, &mut quarantined).unwrap());
        outcome.problems.extend(problems);
        Ran { outcome, quarantined }
    }

    /// What exports show of apps.
    pub(crate) fn inventory(&self, paths: &[PathBuf]) -> Inventory {
        self.with_scan(paths, |asked| Inventory::take(asked, &mut Vec::new())).0
    }

    /// What files and folders cover.
    pub(crate) fn cover(&self, paths: &[PathBuf]) -> Coverage {
        self.with_scan(paths, cover).0
    }

    /// Puts the scan of files and folders together, and does something with it; and what could not be read.
    fn with_scan<T>(&self, paths: &[PathBuf], act: impl FnOnce(&Scan<'_>) -> T) -> (T, Vec<Problem>) {
        let (exports, problems) = discover(paths);
        let schemas = match &self.schemas {
            Some(folder) => Schemas::with_folder(folder).unwrap(),
            None => Schemas::embedded().unwrap(),
        };
        let mut values = Values::defaults(&self.detectors).with_checks(tokentrail::checks::ALL);
        let file = toml::from_str(&self.settings).unwrap();
        values.apply(&file, Path::new("settings.toml"), &self.detectors, tokentrail::checks::ALL).unwrap();
        let register = self.register();
        let limits = Limits { block_bytes: self.block_bytes, ..Limits::default() };
        let asked = Scan {
            exports: &exports,
            schemas: &schemas,
            detectors: &self.detectors,
            values: &values,
            register: &register,
            lists: std::sync::Arc::new(self.lists()),
            networks: std::sync::Arc::new(networks_of(&self.networks)),
            resolve_apps: self.resolve_apps,
            org: self.org.as_deref(),
            zone: self.zone,
            idle_by_date: self.idle_by_date,
            window: self.since.map_or_else(Window::default, Window::Since),
            as_of: self.as_of,
            threads: self.threads,
            limits,
            memory: self.memory.as_ref(),
            taken: std::sync::Arc::default(),
        };
        (act(&asked), problems)
    }

    /// Scans files that are made of these texts, by name.
    pub(crate) fn scan_texts(&self, files: &[(&str, &[u8])]) -> Ran {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        self.scan(&[folder.path().to_owned()])
    }

    pub(crate) fn lists(&self) -> Lists {
        let folder = tempfile::tempdir().unwrap();
        let mut lists = Lists::embedded().unwrap();
        for (name, text) in &self.lists {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            lists = lists.with_file(&path, Class::Indicator).unwrap();
        }
        lists
    }

    pub(crate) fn register(&self) -> Register {
        if self.apps.is_empty() {
            return Register::default();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("apps.toml");
        std::fs::write(&path, &self.apps).unwrap();
        Register::read(&path).unwrap()
    }
}

/// Tables of networks of these names and texts.
pub(crate) fn networks_of(tables: &[(String, String)]) -> Networks {
    let folder = tempfile::tempdir().unwrap();
    let written = tables.iter().map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    Networks::read(&written.collect::<Vec<_>>()).unwrap()
}

/// A finding on one line, as pages and golden files show it.
pub(crate) fn line(finding: &Finding) -> String {
    let named =
        |named: &Option<Named>| named.as_ref().and_then(|named| named.name.clone().or_else(|| named.id.clone()));
    let subject = &finding.subject;
    let parts = [
        named(&subject.app),
        named(&subject.user),
        subject.session.clone(),
        subject.token.clone(),
        subject.address.clone(),
        subject.assertion.clone(),
    ];
    let subject = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let facts = finding.seen.iter().map(|fact| format!("{}={}", fact.name, fact.value)).collect::<Vec<_>>().join("; ");
    let (severity, id) = (finding.severity.word(), finding.detector);
    format!("{severity} {id} {}..{} x{} {subject}: {facts}", finding.first, finding.last, finding.count)
}
