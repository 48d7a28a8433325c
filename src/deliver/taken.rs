//! What a destination has taken: remembered as long as something could send it again, then only counted.
//!
//! `delivered.tsv` has a line for each record that was taken: finding id, digest and day, between tabs. Of a finding's lines
//! the last holds. A line is given up when the finding was not sent for as long as is asked, nor found again in the
//! second half of that time, and nothing of it waits. The line `forgotten`, count and day stands for all that were given up.
//!
//! The file is written anew when something is given up, or half of its lines say nothing any more: aside, synced, renamed. A program that dies
//! before the renaming leaves the old file, and after it the new one; both say the same.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use uuid::Uuid;

use super::spool::key;

/// How long it is remembered what was taken.
#[derive(Clone, Copy, Debug)]
pub struct Remember {
    /// The day that it is: days since 1970.
    pub today: i64,
    /// So many days after a finding was noted for the last time, it may be forgotten.
    pub days: i64,
}

/// What was taken.
#[derive(Debug)]
pub(super) struct Taken {
    remember: Remember,
    /// By finding: what was said when it was last taken, and the day when that was last noted.
    said: HashMap<Uuid, (u64, i64)>,
    /// Findings that were taken and given up.
    forgotten: usize,
    /// Lines of the file.
    lines: usize,
}

pub(super) const FILE: &str = "delivered.tsv";
const FORGOTTEN: &str = "forgotten";
const ASIDE: &str = ".delivered";

impl Taken {
    /// Reads the file of a folder, if there is one. A cut line is one that the program died over: its records are
    /// sent again.
    pub(super) fn read(folder: &Path, remember: Remember) -> io::Result<Self> {
        let mut taken = Self { remember, said: HashMap::new(), forgotten: 0, lines: 0 };
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(taken);
        }
        for line in BufReader::new(File::open(&path)?).lines() {
            let line = line?;
            taken.lines += 1;
            let mut cells = line.split('\t');
            let (Some(id), Some(said), Some(day)) = (cells.next(), cells.next(), cells.next()) else { continue };
            let Some(day) = day.parse().ok().filter(|day| *day >= FIRST_WHOLE_DAY) else { continue };
            if id == FORGOTTEN {
                taken.forgotten = said.parse().unwrap_or(0);
            } else if let Some((id, digest)) = key(id, said) {
                taken.said.insert(id, (digest, day));
            }
        }
        Ok(taken)
    }

    /// What was said when a finding was last taken, if it was and is remembered.
    pub(super) fn digest(&self, id: Uuid) -> Option<u64> {
        self.said.get(&id).map(|(digest, _)| *digest)
    }

    /// Findings that were taken, ever.
    pub(super) fn count(&self) -> usize {
        self.said.len() + self.forgotten
    }

    pub(super) fn add(&mut self, id: Uuid, digest: u64, day: i64) {
        self.said.insert(id, (digest, day));
        self.lines += 1;
    }

    /// The line that notes again today what was noted half of the time ago, so that what is still found is not forgotten.
    pub(super) fn renewed(&self, id: Uuid) -> Option<String> {
        let (digest, day) = self.said.get(&id)?;
        let Remember { today, days } = self.remember;
        (today - day > days / 2).then(|| line(id, *digest, today))
    }

    /// Whether there is anything to forget.
    pub(super) fn has_old(&self) -> bool {
        self.said.values().any(|(_, day)| self.is_old(*day))
    }

    /// Gives up what is old and of which nothing waits, and says whether the file has to be written anew.
    pub(super) fn forget(&mut self, waits: &HashSet<Uuid>) -> bool {
        let before = self.said.len();
        let Remember { today, days } = self.remember;
        self.said.retain(|id, (_, day)| today - *day <= days || waits.contains(id));
        let given_up = before - self.said.len();
        self.forgotten += given_up;
        given_up > 0 || self.lines > FEW && self.said.len() < self.lines / 2
    }

    fn is_old(&self, day: i64) -> bool {
        self.remember.today - day > self.remember.days
    }

    /// Writes the file anew, whole or not at all.
    pub(super) fn write(&mut self, folder: &Path) -> io::Result<()> {
        let aside = folder.join(ASIDE);
        let mut lines: Vec<(Uuid, u64, i64)> =
            self.said.iter().map(|(id, (digest, day))| (*id, *digest, *day)).collect();
        lines.sort_unstable();
        let mut file = BufWriter::new(File::create(&aside)?);
        writeln!(file, "{FORGOTTEN}\t{}\t{}", self.forgotten, self.remember.today)?;
        for (id, digest, day) in lines {
            file.write_all(line(id, digest, day).as_bytes())?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&aside, folder.join(FILE))?;
        File::open(folder)?.sync_all()?;
        self.lines = self.said.len() + 1;
        Ok(())
    }
}

/// Days have five digits for a long time to come: one with fewer was cut.
const FIRST_WHOLE_DAY: i64 = 10_000;
/// A file of so few lines is not written anew to make it shorter.
const FEW: usize = 16;

/// A line of the file.
pub(super) fn line(id: Uuid, digest: u64, day: i64) -> String {
    format!("{id}\t{digest:016x}\t{day}\n")
}
