//! What `scan`, `coverage` and `convert` have in common: which exports to read, how, and up to when.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::bail;
use tokentrail::apps::Register;
use tokentrail::apps::scopes::Risks;
use tokentrail::configuration::says_who_has_access;
use tokentrail::convert::Convert;
use tokentrail::detector::Detector;
use tokentrail::engine::{Scan, Window};
use tokentrail::history::Selection;
use tokentrail::ingest::{Limits, Problem};
use tokentrail::lists::{Class, Lists};
use tokentrail::memory::Keep;
use tokentrail::networks::Networks;
use tokentrail::schema::Schemas;
use tokentrail::settings::Values;
use tokentrail::value::time::{DAY, SECOND};
use tokentrail::value::{Time, Zone};

use super::progress::Progress;
use super::standard_input::Found;

#[derive(clap::Args)]
pub(super) struct Input {
    /// Exports: files, folders or patterns; CSV, JSON, Parquet or Arrow, plain or as .gz, .zst or .zip; - is standard
    /// input.
    #[arg(required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// The register of your apps; apps.toml in a given folder is found by itself.
    #[arg(long, value_name = "FILE")]
    apps: Option<PathBuf>,
    /// Settings to merge over the defaults.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// A list of indicators to add: addresses and networks, one on each line, or CSV with a column `value`; see the page
    /// of address-listed. May be given more than once.
    #[arg(long, value_name = "FILE")]
    lists: Vec<PathBuf>,
    /// A list of Tor exits, VPNs or proxies, in the same forms. May be given more than once.
    #[arg(long, value_name = "FILE")]
    anonymisers: Vec<PathBuf>,
    /// A table of who runs networks or in which country they are: CSV as in the npm packages @ip-location-db/asn and
    /// @ip-location-db/geo-whois-asn-country. May be given more than once.
    #[arg(long, value_name = "FILE")]
    networks: Vec<PathBuf>,
    /// A folder of schemas to add, or to put in place of the embedded ones.
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,
    /// The organisation's id, where exports do not name it.
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// The time zone of local times in exports, for example `America/New_York`.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Start of the detection window: a time, a date, or a number of days up to now. Commands that tell what happened
    /// begin there. [default: 7d; the first event where no detectors run]
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// What counts as now: a time or a date. [default: the newest event]
    #[arg(long, visible_alias = "until", value_name = "TIME")]
    as_of: Option<String>,
    /// Exit with 3 if more exports than this could not be used.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) max_problems: usize,
    /// Workers. [default: one for each processor]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Say nothing but what was asked for.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// The options, read and checked.
pub(super) struct Prepared {
    found: Found,
    pub(super) values: Values,
    pub(super) keep: Keep,
    pub(super) risks: Risks,
    schemas: Schemas,
    pub(super) register: Register,
    lists: Arc<Lists>,
    networks: Arc<Networks>,
    org: Option<String>,
    zone: Option<Zone>,
    window: Window,
    /// Whether the window was asked for.
    is_windowed: bool,
    pub(super) as_of: Option<Time>,
    threads: usize,
    quiet: bool,
}

impl Input {
    /// Finds the exports and reads settings, schemas and register.
    pub(super) fn prepare(&self) -> anyhow::Result<Prepared> {
        let found = Found::of(&self.paths, &Limits::default())?;
        found.at_least_one(&self.paths)?;
        self.prepare_for(found)
    }

    /// The same, where metadata without exports will do.
    pub(super) fn prepare_with_or_without_exports(&self) -> anyhow::Result<Prepared> {
        self.prepare_for(Found::of(&self.paths, &Limits::default())?)
    }

    fn prepare_for(&self, mut found: Found) -> anyhow::Result<Prepared> {
        found.exports.retain(|export| !says_who_has_access(&export.path));
        let (file, values) = super::settings::effective(self.settings.as_deref())?;
        let schemas = match &self.schemas {
            Some(folder) => Schemas::with_folder(folder)?,
            None => Schemas::embedded()?,
        };
        let register = self.register()?;
        let zone = zone(self.zone.as_ref().or(file.zone.as_ref()))?;
        let as_of = self.as_of.as_deref().map(|text| time(text, "--as-of", zone)).transpose()?;
        let window = window(self.since.as_deref().unwrap_or("7d"), zone)?;
        if let (Window::Since(since), Some(as_of)) = (window, as_of)
            && since > as_of
        {
            bail!("--since is later than --as-of: {since} > {as_of}");
        }
        Ok(Prepared {
            found,
            values,
            keep: file.memory.keep(),
            risks: Risks::new(&file.scopes)?,
            schemas,
            register,
            lists: Arc::new(self.all_lists()?),
            networks: Arc::new(Networks::read(&self.networks)?),
            org: self.org.clone().or(file.org),
            zone,
            window,
            is_windowed: self.since.is_some(),
            as_of,
            threads: self.threads.unwrap_or_else(processors).max(1),
            quiet: self.quiet,
        })
    }

    /// The program's own list, and those that were named.
    fn all_lists(&self) -> anyhow::Result<Lists> {
        let indicators = self.lists.iter().map(|path| (path, Class::Indicator));
        let anonymisers = self.anonymisers.iter().map(|path| (path, Class::Anonymiser));
        let mut lists = Lists::embedded()?;
        for (path, class) in indicators.chain(anonymisers) {
            lists = lists.with_file(path, class)?;
        }
        Ok(lists)
    }

    /// The file that was named, or `apps.toml` in a folder that was given.
    fn register(&self) -> anyhow::Result<Register> {
        match self.in_folder("apps.toml", self.apps.as_ref()) {
            Some(path) => Ok(Register::read(&path)?),
            None => Ok(Register::default()),
        }
    }

    /// The file that was named, or the one of this name in a folder that was given.
    pub(super) fn in_folder(&self, name: &str, named: Option<&PathBuf>) -> Option<PathBuf> {
        let found = || self.paths.iter().map(|path| path.join(name)).find(|path| path.is_file());
        named.cloned().or_else(found)
    }
}

impl Prepared {
    /// A scan of the exports for some detectors.
    pub(super) fn scan<'a>(&'a self, detectors: &'a [&'static Detector]) -> Scan<'a> {
        Scan {
            exports: &self.found.exports,
            schemas: &self.schemas,
            detectors,
            values: &self.values,
            register: &self.register,
            lists: Arc::clone(&self.lists),
            networks: Arc::clone(&self.networks),
            resolve_apps: true,
            org: self.org.as_deref(),
            zone: self.zone,
            idle_by_date: false,
            window: self.window,
            as_of: self.as_of,
            threads: self.threads,
            limits: Limits::default(),
            memory: None,
            taken: Arc::default(),
        }
    }

    /// A conversion of the exports.
    pub(super) fn convert(&self) -> Convert<'_> {
        Convert {
            exports: &self.found.exports,
            schemas: &self.schemas,
            register: &self.register,
            zone: self.zone,
            threads: self.threads,
            limits: Limits::default(),
            taken: Arc::default(),
        }
    }

    /// What lies between `--since` and `--as-of`, and everything where they are not given.
    pub(super) fn selection(&self) -> anyhow::Result<Selection> {
        let since = match (self.window, self.as_of) {
            _ if !self.is_windowed => None,
            (Window::Since(since), _) => Some(since),
            (Window::Days(days), Some(now)) => Some(Time(now.0 - days.saturating_mul(DAY))),
            (Window::Days(_), None) => {
                bail!(
                    "--since counts days up to now, and nobody said when that is\n\nhint: give a date, or --as-of too"
                )
            }
        };
        let mut selection = Selection::all();
        (selection.since, selection.until) = (since, self.as_of);
        Ok(selection)
    }

    /// Lists of indicators, and tables of networks.
    pub(super) fn knowledge(&self) -> (Arc<Lists>, Arc<Networks>) {
        (Arc::clone(&self.lists), Arc::clone(&self.networks))
    }

    /// The organisation's id, if it was named.
    pub(super) fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// Whether nothing is to be said but what was asked for.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Paths that lead to no export.
    pub(super) fn unread(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.found.problems)
    }

    /// A progress bar for the bytes that are taken.
    pub(super) fn progress(&self, taken: &Arc<AtomicU64>) -> Progress {
        let total = self.found.exports.iter().map(|export| export.size).sum();
        Progress::follow(Arc::clone(taken), total, self.quiet)
    }
}

pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn zone(name: Option<&String>) -> anyhow::Result<Option<Zone>> {
    name.map(|name| {
        name.parse().map_err(|_| {
            anyhow::anyhow!("no time zone is called {name:?}\n\nhint: use a name such as America/New_York or UTC")
        })
    })
    .transpose()
}

/// `14d`, or a point in time.
fn window(text: &str, zone: Option<Zone>) -> anyhow::Result<Window> {
    match text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()) {
        Some(days) if days > 0 => Ok(Window::Days(days)),
        _ => time(text, "--since", zone).map(Window::Since),
    }
}

/// A point in time as people write it on a command line.
pub(super) fn time(text: &str, option: &str, zone: Option<Zone>) -> anyhow::Result<Time> {
    // A bare date is the day's first moment for a start, and its last for "now".
    if text.len() == 10 {
        let midnight = Time::parse(format!("{text} 00:00:00").as_bytes(), None);
        let end = if option == "--as-of" { DAY - SECOND / 1000 } else { 0 };
        if let Ok(midnight) = midnight {
            return Ok(Time(midnight.0 + end));
        }
    }
    Time::parse(text.as_bytes(), zone).map_err(|_| {
        anyhow::anyhow!(
            "{option} is not a time: {text:?}\n\nhint: write 2025-08-17, 2025-08-17T11:00:00Z or, for --since, 14d"
        )
    })
}
