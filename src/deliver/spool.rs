//! The folder in which records wait for one destination.
//!
//! | file | holds |
//! |---|---|
//! | `00000001.tsv`, … | records that wait: finding id, digest, record, between tabs; written aside, synced, renamed |
//! | `delivered.tsv` | what was taken, see `taken.rs`; appended and synced after each batch |
//! | `dead.ndjson` | what will never be taken, with the answer: appended and synced |
//! | `lock` | held by one run at a time |

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::receiver::{Record, Refusal};
use super::taken::{self, Remember, Taken};
use crate::error::Error;
use crate::held::hold;

/// The spool of one destination.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    /// What was delivered.
    taken: Taken,
    /// What has been put aside: it is not sent again by itself.
    dead: HashSet<(Uuid, u64)>,
    _lock: File,
}

/// How a destination stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Findings that were delivered, ever.
    pub delivered: usize,
    /// Records that wait.
    pub waiting: usize,
    /// Records that were refused.
    pub dead: usize,
}

/// A record that its receiver refused, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// The finding's id.
    pub id: String,
    /// A digest of what the finding says.
    pub digest: String,
    /// The HTTP status; 0 where there is none.
    pub status: u16,
    /// What the receiver said, shortened.
    pub answer: String,
    /// The record, whole.
    pub record: String,
}

/// A new file of the spool is begun after so many bytes.
const FILE_BYTES: usize = 8 << 20;
const DEAD: &str = "dead.ndjson";
const ASIDE: &str = ".writing";

impl Spool {
    /// Opens a folder, and makes it if there is none. What was delivered and can be sent by nothing any more is given up.
    ///
    /// # Errors
    /// If it cannot be made, read or written, or another run holds it.
    pub fn open(folder: &Path, remember: Remember) -> Result<Self, Error> {
        let failed = |source| Error::Io { path: folder.to_owned(), source };
        let Some(lock) = hold(folder).map_err(failed)? else {
            let folder = folder.display();
            return Err(Error::Delivery(format!(
                "another run delivers from {folder}\n\nhint: wait until it has ended"
            )));
        };
        let taken = Taken::read(folder, remember).map_err(failed)?;
        let mut spool = Self { folder: folder.to_owned(), taken, dead: HashSet::new(), _lock: lock };
        spool.forget()?;
        for dead in spool.dead()? {
            spool.dead.extend(key(&dead.id, &dead.digest));
        }
        Ok(spool)
    }

    /// Puts records into the spool that are neither delivered, nor refused, nor there; says how many.
    ///
    /// `keep_first`: what was delivered once is not sent again when more is known of it.
    pub(super) fn put(&self, records: impl Iterator<Item = Record>, keep_first: bool) -> Result<usize, Error> {
        let waiting = self.all_waiting()?;
        let mut renewed = String::new();
        let is_new = |record: &Record| {
            let key = (record.id, record.digest);
            let known = self.taken.digest(record.id);
            !waiting.contains(&key)
                && !self.dead.contains(&key)
                && known.is_none_or(|digest| !keep_first && digest != record.digest)
        };
        let (mut count, mut file) = (0, Vec::new());
        for record in records {
            renewed.extend(self.taken.renewed(record.id));
            if !is_new(&record) {
                continue;
            }
            writeln!(file, "{}\t{:016x}\t{}", record.id, record.digest, record.text)
                .map_err(|source| self.failed(source))?;
            count += 1;
            if file.len() >= FILE_BYTES {
                self.add(&std::mem::take(&mut file))?;
            }
        }
        if !file.is_empty() {
            self.add(&file)?;
        }
        if !renewed.is_empty() {
            self.append(taken::FILE, renewed.as_bytes())?;
        }
        Ok(count)
    }

    /// What stands in the files, whether it was delivered or not.
    fn all_waiting(&self) -> Result<HashSet<(Uuid, u64)>, Error> {
        let mut waiting = HashSet::new();
        for path in self.files()? {
            for record in Self::records(&path)? {
                let record = record?;
                waiting.insert((record.id, record.digest));
            }
        }
        Ok(waiting)
    }

    /// Gives up what nothing could send again, and keeps the file of what was delivered short.
    fn forget(&mut self) -> Result<(), Error> {
        let waits = if self.taken.has_old() { self.all_waiting()? } else { HashSet::new() };
        if self.taken.forget(&waits.into_iter().map(|(id, _)| id).collect()) {
            self.taken.write(&self.folder).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// The files with records that wait, oldest first.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|source| self.failed(source))? {
            let path = entry.map_err(|source| self.failed(source))?.path();
            if number(&path).is_some() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// The records of a file that still wait.
    pub(super) fn waiting(&self, path: &Path) -> Result<Vec<Record>, Error> {
        let still_waits = |record: &Result<Record, Error>| {
            record.as_ref().map_or(true, |record| {
                self.taken.digest(record.id) != Some(record.digest) && !self.dead.contains(&(record.id, record.digest))
            })
        };
        Self::records(path)?.filter(still_waits).collect()
    }

    /// Notes that records were taken, on a day (days since 1970).
    pub(super) fn note(&mut self, records: &[Record], day: i64) -> Result<(), Error> {
        let text: String = records.iter().map(|record| taken::line(record.id, record.digest, day)).collect();
        self.append(taken::FILE, text.as_bytes())?;
        for record in records {
            self.taken.add(record.id, record.digest, day);
        }
        Ok(())
    }

    /// Puts a record aside that will never be taken.
    pub(super) fn bury(&mut self, record: &Record, refusal: &Refusal) -> Result<(), Error> {
        let dead = Dead {
            id: record.id.to_string(),
            digest: format!("{:016x}", record.digest),
            status: refusal.status,
            answer: refusal.says.clone(),
            record: record.text.clone(),
        };
        let mut line = serde_json::to_vec(&dead).map_err(|error| self.failed(error.into()))?;
        line.push(b'\n');
        self.append(DEAD, &line)?;
        self.dead.insert((record.id, record.digest));
        Ok(())
    }

    /// Takes away a file of which nothing waits any more.
    pub(super) fn finish(path: &Path) -> Result<(), Error> {
        fs::remove_file(path).map_err(|source| Error::Io { path: path.to_owned(), source })
    }

    /// What was refused.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn dead(&self) -> Result<Vec<Dead>, Error> {
        let path = self.folder.join(DEAD);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let file = File::open(&path).map_err(|source| self.failed(source))?;
        let lines = BufReader::new(file).lines();
        let read = |line: io::Result<String>| {
            let line = line.map_err(|source| self.failed(source))?;
            // The last line may be cut: the program died while writing it, and the record still waits.
            Ok(serde_json::from_str(&line).ok())
        };
        lines.filter_map(|line| read(line).transpose()).collect()
    }

    /// Puts what was refused back into the spool, to be tried again; says how much that is.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn revive(&mut self) -> Result<usize, Error> {
        let mut all: BTreeMap<(Uuid, u64), String> = BTreeMap::new();
        for dead in self.dead()? {
            all.extend(key(&dead.id, &dead.digest).map(|key| (key, dead.record)));
        }
        self.dead.clear();
        let records = all.into_iter().map(|((id, digest), text)| Record { id, digest, text });
        let count = self.put(records, false)?;
        let path = self.folder.join(DEAD);
        if path.exists() {
            fs::remove_file(&path).map_err(|source| self.failed(source))?;
        }
        Ok(count)
    }

    /// How the destination stands.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn standing(&self) -> Result<Standing, Error> {
        let mut waiting = 0;
        for path in self.files()? {
            waiting += self.waiting(&path)?.len();
        }
        Ok(Standing { delivered: self.taken.count(), waiting, dead: self.dead.len() })
    }

    fn records(path: &Path) -> Result<impl Iterator<Item = Result<Record, Error>>, Error> {
        let failed = |source: io::Error| Error::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let shown = path.display().to_string();
        Ok(BufReader::new(file).lines().map(move |line| {
            let line = line.map_err(|error| Error::Delivery(format!("cannot read {shown}: {error}")))?;
            record(&line).ok_or_else(|| Error::Delivery(format!("{shown} holds a line that is no record")))
        }))
    }

    /// A new file, whole or not at all.
    fn add(&self, bytes: &[u8]) -> Result<(), Error> {
        let next = self.files()?.last().and_then(|path| number(path)).map_or(1, |newest| newest + 1);
        let (aside, path) = (self.folder.join(ASIDE), self.folder.join(format!("{next:08}.tsv")));
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create(&aside)?);
            file.write_all(bytes)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&aside, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(|source| self.failed(source))
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(name);
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            // After a line that was cut, begin a new one.
            if !ends_with_line_break(&path)? {
                file.write_all(b"\n")?;
            }
            file.write_all(bytes)?;
            file.sync_data()
        };
        write().map_err(|source| Error::Io { path: path.clone(), source })
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Io { path: self.folder.clone(), source }
    }
}

fn ends_with_line_break(path: &Path) -> io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_suffix(".tsv")?;
    name.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.parse().ok())?
}

fn record(line: &str) -> Option<Record> {
    let (id, rest) = line.split_once('\t')?;
    let (digest, text) = rest.split_once('\t')?;
    let (id, digest) = key(id, digest)?;
    Some(Record { id, digest, text: text.to_owned() })
}

pub(super) fn key(id: &str, digest: &str) -> Option<(Uuid, u64)> {
    Some((id.parse().ok()?, u64::from_str_radix(digest, 16).ok()?))
}
