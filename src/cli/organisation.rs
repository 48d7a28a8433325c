//! What commands about apps look at: exports, metadata and the register, read together.

use std::io;
use std::path::Path;

use tokentrail::audit::Audit;
use tokentrail::configuration::Configuration;
use tokentrail::ingest::Problem;
use tokentrail::inventory::Inventory;
use tokentrail::value::Time;

use super::input::{Input, Prepared};
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

/// All that the given paths say of apps.
pub(super) struct Organisation<'a> {
    input: &'a Input,
    pub(super) prepared: Prepared,
    pub(super) configuration: Configuration,
    inventory: Inventory,
}

impl<'a> Organisation<'a> {
    /// Reads it; rows that cannot be used go into the folder, if there is one.
    pub(super) fn read(input: &'a Input, folder: Option<&Path>, verbose: bool) -> anyhow::Result<Self> {
        let prepared = input.prepare_with_or_without_exports()?;
        let configuration = Configuration::found(&input.paths);
        let mut quarantine = QuarantineFile::new(folder, verbose)?;
        let scan = prepared.scan(&[]);
        let progress = prepared.progress(&scan.taken);
        let inventory = Inventory::take(&scan, &mut quarantine);
        drop(progress);
        drop(scan);
        quarantine.finish()?;
        Ok(Self { input, prepared, configuration, inventory })
    }

    /// What exports show; nothing where there is no row.
    pub(super) fn inventory(&self) -> Option<&Inventory> {
        Some(&self.inventory).filter(|inventory| inventory.counts.values().any(|count| count.used > 0))
    }

    /// "Now", if it is known.
    pub(super) fn as_of(&self) -> Option<Time> {
        self.prepared.as_of.or_else(|| self.inventory().map(|inventory| inventory.as_of))
    }

    /// All of it, to be judged.
    pub(super) fn audit<'b>(&'b self, expected: Option<&'b Configuration>) -> Audit<'b> {
        Audit {
            configuration: &self.configuration,
            expected,
            inventory: self.inventory(),
            register: &self.prepared.register,
            values: &self.prepared.values,
            org: self.prepared.org(),
            as_of: self.as_of(),
        }
    }

    /// Tells what could not be used, and how the command ends if nothing else decides.
    pub(super) fn problems(&self) -> anyhow::Result<Ended> {
        let problems: Vec<Problem> =
            self.configuration.problems.iter().chain(&self.inventory.problems).cloned().collect();
        if !self.input.quiet {
            let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
            summary::ambiguous_apps(&self.inventory.ambiguous, &mut stderr)?;
            summary::problems(&problems, &mut stderr)?;
        }
        Ok(if problems.len() > self.input.max_problems { Ended::WithProblems } else { Ended::Well })
    }
}
