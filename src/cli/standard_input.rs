//! The exports that paths name, standard input among them.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;
use tokentrail::error::Error;
use tokentrail::ingest::{Export, Limits, Problem, discover, discover_as};

/// What is to be read, and which paths lead nowhere.
pub(super) struct Found {
    /// Sorted by name.
    pub(super) exports: Vec<Export>,
    pub(super) problems: Vec<Problem>,
    /// Goes away with this value.
    _spooled: Option<NamedTempFile>,
}

/// How standard input is given as a path, and what it is called in findings and problems.
const STANDARD_INPUT: (&str, &str) = ("-", "<stdin>");

impl Found {
    /// Finds the exports, and takes standard input in where `-` asks for it.
    pub(super) fn of(paths: &[PathBuf], limits: &Limits) -> anyhow::Result<Self> {
        let is_stdin = |path: &&PathBuf| path.as_os_str() == STANDARD_INPUT.0;
        let files: Vec<PathBuf> = paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
        let (mut exports, mut problems) = discover(&files);
        let mut spooled = None;
        if files.len() < paths.len() {
            let file = spool(limits.decompressed_bytes)?;
            let (more, wrong) = discover_as(file.path(), STANDARD_INPUT.1);
            exports.extend(more);
            problems.extend(wrong);
            exports.sort_by(|left, right| left.name.cmp(&right.name));
            spooled = Some(file);
        }
        Ok(Self { exports, problems, _spooled: spooled })
    }

    /// An error if no export was found, and nothing else that says why.
    pub(super) fn at_least_one(&self, paths: &[PathBuf]) -> anyhow::Result<()> {
        if self.exports.is_empty() && self.problems.iter().all(|problem| !is_archives(problem, paths)) {
            let given: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            return Err(Error::NothingToRead(given.join(", ")).into());
        }
        Ok(())
    }
}

/// A problem of a file that is there: it says more than that nothing was found.
fn is_archives(problem: &Problem, paths: &[PathBuf]) -> bool {
    let file = problem.export.split('!').next().unwrap_or_default();
    file == STANDARD_INPUT.1 || (Path::new(file).is_file() && !paths.is_empty())
}

/// Standard input as a file: evidence is read back from it and its hash is told, and a pipe can be read only once.
fn spool(most: u64) -> anyhow::Result<NamedTempFile> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        bail!("nothing comes in on standard input\n\nhint: write: zcat export.csv.gz | tokentrail scan -");
    }
    let hint = "hint: free some room, or set TMPDIR to a folder that has more, or give the export as a file";
    let mut file = NamedTempFile::new()
        .map_err(|error| anyhow::anyhow!("cannot keep standard input in a temporary file: {error}\n\n{hint}"))?;
    let mut source = stdin.lock().take(most.saturating_add(1));
    let mut buffer = vec![0; 1 << 18];
    let mut length = 0;
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).context("cannot read standard input"),
        };
        length += count as u64;
        if length > most {
            bail!("standard input holds more than {most} bytes\n\nhint: give the export as a file");
        }
        file.write_all(&buffer[..count]).map_err(|error| {
            let place = file.path().display();
            anyhow::anyhow!("cannot keep standard input in {place} after {length} bytes: {error}\n\n{hint}")
        })?;
    }
    Ok(file)
}
