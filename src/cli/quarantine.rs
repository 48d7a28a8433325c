//! The file of rows that could not be used.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tokentrail::emit;
use tokentrail::ingest::{Quarantine, QuarantinedRow};

use super::summary;

/// Rows that could not be used, a line each in `quarantine.ndjson`; without a folder, only shown if asked for.
pub(super) struct QuarantineFile {
    file: Option<BufWriter<File>>,
    path: PathBuf,
    show: bool,
    failure: Option<io::Error>,
}

impl QuarantineFile {
    pub(super) fn new(folder: Option<&Path>, show: bool) -> anyhow::Result<Self> {
        let path = folder.unwrap_or(Path::new("")).join("quarantine.ndjson");
        let file = match folder {
            Some(folder) => {
                fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
                Some(BufWriter::new(File::create(&path).with_context(|| format!("cannot write {}", path.display()))?))
            }
            None => None,
        };
        Ok(Self { file, path, show: show && folder.is_none(), failure: None })
    }

    /// Under another name, for a second reading of the same exports.
    pub(super) fn named(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let path = folder.join(name);
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { file: Some(BufWriter::new(file)), path, show: false, failure: None })
    }

    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        let result = self.failure.map_or(flushed, Err);
        result.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

impl Quarantine for QuarantineFile {
    fn take(&mut self, row: QuarantinedRow) {
        if self.show {
            let _ = writeln!(io::stderr(), "not used: {}", summary::one_line(&row.to_string()));
        }
        if let Some(file) = &mut self.file {
            let written = emit::json_line(&row, file);
            self.failure = self.failure.take().or(written.err());
        }
    }
}
