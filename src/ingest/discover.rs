//! From the paths that a user gives to a sorted list of exports.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use walkdir::WalkDir;

use crate::memory;

use super::Problem;
use super::archive::{self, Member};
use super::listing;

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Where it is.
    pub path: PathBuf,
    /// The path as text, for people and records.
    pub name: String,
    /// Its size in bytes, compressed if it is.
    pub size: u64,
    /// The member of the zip archive, or of the listing of event log files, at `path` that it is, if it is one.
    pub member: Option<Member>,
}

/// Endings that a file inside a folder must have to count as an export; a file that is named itself is always read.
const ENDINGS: [&str; 9] = ["csv", "json", "ndjson", "jsonl", "txt", "parquet", "arrow", "feather", "ipc"];
const COMPRESSED: [&str; 3] = ["gz", "gzip", "zst"];
const ARCHIVE: &str = "zip";

/// Finds all exports under files, folders and globs, sorted by path, each file once; and what could not be read.
pub fn discover(paths: &[PathBuf]) -> (Vec<Export>, Vec<Problem>) {
    let (found, mut problems) = files_like(paths, |path| looks_like_export(path) || is_archive_name(path));
    let mut exports = Vec::new();
    for (files, wrong) in found.into_par_iter().map(with_members).collect::<Vec<_>>() {
        exports.extend(files);
        problems.extend(wrong);
    }
    exports.sort_by(|left, right| left.name.cmp(&right.name));
    problems.sort();
    (exports, problems)
}

/// The files under files, folders and globs, each once: those that are named themselves, and in folders those with a
/// wanted name. Archives are not looked into.
pub(crate) fn files_like(paths: &[PathBuf], wanted: fn(&Path) -> bool) -> (Vec<Export>, Vec<Problem>) {
    let mut found = BTreeMap::new();
    let mut problems = Vec::new();
    for path in paths {
        if path.exists() {
            walk(path, wanted, &mut found, &mut problems);
            continue;
        }
        let matches = glob::glob(&path.to_string_lossy())
            .map(|matches| matches.filter_map(Result::ok).collect::<Vec<_>>())
            .unwrap_or_default();
        if matches.is_empty() {
            problems.push(problem(path, "no such file or folder, and no file fits it as a pattern"));
        }
        for path in matches {
            walk(&path, wanted, &mut found, &mut problems);
        }
    }
    (found.into_values().collect(), problems)
}

/// One file under another name, as when it came from standard input: it, or its members if it is an archive.
pub fn discover_as(path: &Path, name: &str) -> (Vec<Export>, Vec<Problem>) {
    let size = path.metadata().map_or(0, |metadata| metadata.len());
    let (mut exports, mut problems) =
        with_members(Export { path: path.to_owned(), name: name.to_owned(), size, member: None });
    exports.sort_by(|left, right| left.name.cmp(&right.name));
    problems.sort();
    (exports, problems)
}

/// The file as an export, or the exports in it if it is an archive, or a listing that holds event log files.
fn with_members(file: Export) -> (Vec<Export>, Vec<Problem>) {
    if is_archive(&file.path) {
        return archive::members(&file);
    }
    listing::bodies(&file).unwrap_or_else(|| (vec![file], Vec::new()))
}

/// By its first bytes, because archives come under many names; by its name only if it is cut off before those.
pub(crate) fn is_archive(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    match read {
        Ok(()) => matches!(magic, [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6]) || is_archive_name(path),
        Err(_) => is_archive_name(path),
    }
}

/// Adds a file, or the wanted files of a folder; keyed by canonical path, so that no file is read twice.
fn walk(path: &Path, wanted: fn(&Path) -> bool, found: &mut BTreeMap<PathBuf, Export>, problems: &mut Vec<Problem>) {
    let entries = WalkDir::new(path).follow_links(true).into_iter();
    for entry in entries.filter_entry(|entry| entry.depth() == 0 || !memory::is_generation(entry.file_name())) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let at = error.path().unwrap_or(path).to_owned();
                problems.push(problem(&at, &format!("cannot be read: {error}")));
                continue;
            }
        };
        let named_itself = entry.depth() == 0;
        if !entry.file_type().is_file() || !(named_itself || wanted(entry.path())) {
            continue;
        }
        let canonical = entry.path().canonicalize().unwrap_or_else(|_| entry.path().to_owned());
        let name = entry.path().to_string_lossy().into_owned();
        let size = entry.metadata().map_or(0, |metadata| metadata.len());
        let export = Export { path: entry.path().to_owned(), name, size, member: None };
        // Of two names for one file the smaller one stays, so that the order of arguments does not matter.
        let kept = found.entry(canonical).or_insert_with(|| export.clone());
        if export.name < kept.name {
            *kept = export;
        }
    }
}

pub(super) fn is_archive_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ARCHIVE))
}

pub(super) fn looks_like_export(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    // What the program itself has written is no export, nor what macOS packs beside each file.
    let ours = ["quarantine.ndjson", "incidents.ndjson", "excepted.ndjson"];
    if name.starts_with("._") || name.starts_with("findings.") || ours.contains(&name.as_str()) {
        return false;
    }
    let mut parts: Vec<&str> = name.split('.').collect();
    if parts.last().is_some_and(|last| COMPRESSED.contains(last)) {
        parts.pop();
    }
    parts.len() > 1 && parts.last().is_some_and(|last| ENDINGS.contains(last))
}

fn problem(path: &Path, what: &str) -> Problem {
    Problem { export: path.to_string_lossy().into_owned(), offset: None, what: what.to_owned(), hint: None }
}
