//! The folder that a memory is kept in.
//!
//! A generation is written whole into a folder aside, brought onto the disk and put in place by one rename. Whenever the
//! program dies, the generations in place are whole. The one before the newest stays, to go back to.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{About, Memory, tables};
use crate::detector::Detector;
use crate::detectors;
use crate::error::Error;
use crate::held::hold;
use crate::value::Time;

/// A folder with generations of a memory, held by one run at a time.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    _lock: File,
}

/// What a generation says about itself.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    org: Option<String>,
    newest: Option<String>,
    /// In the order of their numbers in the tables.
    habits: Vec<Remembering>,
    same_days: tables::Shared,
    apps: BTreeSet<(String, String)>,
    interactive: BTreeMap<String, (String, String)>,
    exports: BTreeMap<String, (String, String)>,
    excluded: Vec<Excluded>,
    let_go: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Remembering {
    detector: String,
    version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Excluded {
    from: String,
    to: String,
    reason: String,
}

const FORMAT: u32 = 2;
const MANIFEST: &str = "manifest.json";
const PREFIX: &str = "generation-";
/// A generation that is not finished.
const ASIDE: &str = ".writing";

impl Store {
    /// Opens a folder, and makes it if there is none.
    ///
    /// # Errors
    /// If it cannot be made, or another run holds it.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Io { path: folder.to_owned(), source };
        match hold(folder).map_err(failed)? {
            Some(lock) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            None => Err(Error::Memory(format!(
                "another run holds the memory in {}\n\nhint: wait until it has ended",
                folder.display()
            ))),
        }
    }

    /// The newest generation; an empty memory if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn load(&self) -> Result<Memory, Error> {
        match self.generations()?.pop() {
            Some(number) => read(&self.folder.join(name(number))),
            None => Ok(Memory::default()),
        }
    }

    /// Puts a new generation in place; says its number.
    ///
    /// # Errors
    /// If it cannot be written. What was there before is still there then.
    pub fn save(&self, memory: &Memory) -> Result<u64, Error> {
        let failed = |source| Error::Io { path: self.folder.clone(), source };
        let generations = self.generations()?;
        let number = generations.last().map_or(1, |newest| newest + 1);
        let aside = self.folder.join(ASIDE);
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(failed)?;
        }
        fs::create_dir(&aside).map_err(failed)?;
        let same_days = tables::write(memory, &aside)?;
        let manifest =
            serde_json::to_vec_pretty(&Manifest::of(memory, same_days)).map_err(|error| failed(error.into()))?;
        fs::write(aside.join(MANIFEST), manifest).map_err(failed)?;
        File::open(aside.join(MANIFEST)).and_then(|file| file.sync_all()).map_err(failed)?;
        synced(&aside).map_err(failed)?;
        fs::rename(&aside, self.folder.join(name(number))).map_err(failed)?;
        synced(&self.folder).map_err(failed)?;
        for old in generations.iter().rev().skip(1) {
            fs::remove_dir_all(self.folder.join(name(*old))).map_err(failed)?;
        }
        Ok(number)
    }

    /// The numbers of the generations in place, oldest first.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn generations(&self) -> Result<Vec<u64>, Error> {
        let failed = |source| Error::Io { path: self.folder.clone(), source };
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|number| number.parse().ok());
            numbers.extend::<Option<u64>>(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// Whether a folder of this name is a generation of a memory, and not one of exports.
pub(crate) fn is_generation(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name == ASIDE || name.strip_prefix(PREFIX).is_some_and(|number| number.len() >= 6))
}

fn name(number: u64) -> String {
    format!("{PREFIX}{number:06}")
}

/// A folder's entries are on the disk when this is done. Windows has no such thing and needs none.
fn synced(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn read(folder: &Path) -> Result<Memory, Error> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| tables::broken(folder, &error.to_string()))?;
    if manifest.format != FORMAT {
        let why = format!("it is of format {}, and this program reads {FORMAT}", manifest.format);
        return Err(tables::broken(folder, &why));
    }
    let known = |habit: &Remembering| {
        detectors::find(&habit.detector).filter(|detector: &&Detector| detector.version == habit.version)
    };
    let detectors: Vec<Option<&'static Detector>> = manifest.habits.iter().map(known).collect();
    let mut memory = tables::read(folder, &detectors, &manifest.same_days)?;
    memory.apps.clone_from(&manifest.apps);
    let wrong = || tables::broken(folder, "a time in its manifest is none");
    memory.interactive = manifest.interactive().ok_or_else(wrong)?;
    memory.about = manifest.about().ok_or_else(wrong)?;
    Ok(memory)
}

impl Manifest {
    fn of(memory: &Memory, same_days: tables::Shared) -> Self {
        let About { org, newest, exports, excluded, let_go } = &memory.about;
        let remembering = memory
            .habits
            .iter()
            .map(|habit| Remembering { detector: habit.detector.id.to_owned(), version: habit.detector.version });
        let excluded = excluded.iter().map(|((from, to), reason)| Excluded {
            from: from.to_string(),
            to: to.to_string(),
            reason: reason.clone(),
        });
        Self {
            format: FORMAT,
            org: org.clone(),
            newest: newest.map(|time| time.to_string()),
            habits: remembering.collect(),
            same_days,
            apps: memory.apps.clone(),
            interactive: memory
                .interactive
                .iter()
                .map(|(user, (first, last))| (user.clone(), (first.to_string(), last.to_string())))
                .collect(),
            exports: exports
                .iter()
                .map(|(sha256, (name, read))| (sha256.clone(), (name.clone(), read.to_string())))
                .collect(),
            excluded: excluded.collect(),
            let_go: *let_go,
        }
    }

    fn interactive(&self) -> Option<BTreeMap<String, (Time, Time)>> {
        let logins = self.interactive.iter();
        logins.map(|(user, (first, last))| Some((user.clone(), (time(first)?, time(last)?)))).collect()
    }

    fn about(self) -> Option<About> {
        let newest = match &self.newest {
            Some(text) => Some(time(text)?),
            None => None,
        };
        let mut exports = BTreeMap::new();
        for (sha256, (name, read)) in self.exports {
            exports.insert(sha256, (name, time(&read)?));
        }
        let mut excluded = BTreeMap::new();
        for Excluded { from, to, reason } in self.excluded {
            excluded.insert((time(&from)?, time(&to)?), reason);
        }
        Some(About { org: self.org, newest, exports, excluded, let_go: self.let_go })
    }
}

fn time(text: &str) -> Option<Time> {
    Time::parse(text.as_bytes(), None).ok()
}
