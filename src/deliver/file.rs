//! A file that some forwarder watches: appended to, brought onto the disk, and begun anew when it is long enough.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use super::destination::Keys;
use super::receiver::{Most, Outcome, Receiver, Record};

/// Where it is, and how long it may grow.
#[derive(Debug)]
pub(super) struct Settings {
    path: PathBuf,
    /// A new file is begun after so many bytes.
    bytes: u64,
    /// So many older files are kept, as `path.1` (the newest of them) and so on.
    keep: u32,
}

pub(super) struct Appended {
    path: PathBuf,
    bytes: u64,
    keep: u32,
    one_at_a_time: Mutex<()>,
}

impl Settings {
    pub(super) fn of(keys: &mut Keys<'_>) -> Result<Self, String> {
        let path: PathBuf = keys.required("path")?;
        Ok(Self {
            path: keys.folder.join(path),
            bytes: keys.take("rotate-bytes")?.unwrap_or(100_000_000),
            keep: keys.take("keep")?.unwrap_or(9),
        })
    }

    pub(super) fn receiver(&self) -> Appended {
        Appended { path: self.path.clone(), bytes: self.bytes, keep: self.keep, one_at_a_time: Mutex::new(()) }
    }
}

impl Appended {
    fn append(&self, batch: &[Record]) -> io::Result<()> {
        let length: usize = batch.iter().map(|record| record.text.len() + 1).sum();
        let there = fs::metadata(&self.path).map_or(0, |file| file.len());
        if there > 0 && there + length as u64 > self.bytes {
            self.rotate()?;
        }
        let is_new = !self.path.exists();
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        let text: String = batch.iter().flat_map(|record| [record.text.as_str(), "\n"]).collect();
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        match self.path.parent().filter(|folder| is_new && !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }

    fn rotate(&self) -> io::Result<()> {
        let numbered = |number: u32| PathBuf::from(format!("{}.{number}", self.path.display()));
        if self.keep == 0 {
            return fs::remove_file(&self.path);
        }
        for number in (1..self.keep).rev().filter(|number| numbered(*number).exists()) {
            fs::rename(numbered(number), numbered(number + 1))?;
        }
        fs::rename(&self.path, numbered(1))
    }
}

impl Receiver for Appended {
    fn most(&self) -> Most {
        let bytes = usize::try_from(self.bytes).unwrap_or(usize::MAX).min(4_000_000);
        Most { bytes, records: usize::MAX }
    }

    fn send(&self, batch: &[Record]) -> Outcome {
        let _alone = self.one_at_a_time.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match self.append(batch) {
            Ok(()) => Outcome::Taken(None),
            Err(error) => Outcome::Again(None, format!("{}: {error}", self.path.display())),
        }
    }
}
