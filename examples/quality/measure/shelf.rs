//! An organisation's rows as files: the history at once, then day by day, hour by hour where somebody asks.

use std::path::PathBuf;

use crate::study::calendar::{DAY, HOUR};
use crate::study::profile::HISTORY;
use crate::study::row::{self, Row};
use crate::study::world::Org;

/// Files of one organisation; they go away with it.
pub(super) struct Shelf<'a> {
    folder: tempfile::TempDir,
    org: &'a Org,
    pub(super) history: Vec<PathBuf>,
    /// By day after the history.
    pub(super) days: Vec<Vec<PathBuf>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(org: &'a Org, rows: &[Row]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for exports");
        let mut shelf = Self { folder, org, history: Vec::new(), days: Vec::new() };
        let first = org.span.start + HISTORY * DAY;
        shelf.history = shelf.write("history", between(rows, org.span.start, first));
        let snapshots = row::snapshots(org, rows, first, org.span.end());
        for (day, tokens) in (0..).zip(snapshots) {
            let start = first + day * DAY;
            let name = format!("day{day:02}");
            let mut paths = shelf.write(&name, between(rows, start, start + DAY));
            paths.push(shelf.keep(&format!("{name}-OauthToken.csv"), &tokens));
            shelf.days.push(paths);
        }
        shelf
    }

    /// All of it, the newest tokens only.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let is_tokens = |path: &&PathBuf| path.to_string_lossy().contains("OauthToken");
        let rows = self.days.iter().flatten().filter(|path| !is_tokens(path));
        let tokens = self.days.last().into_iter().flatten().filter(is_tokens);
        self.history.iter().chain(rows).chain(tokens).cloned().collect()
    }

    /// Rows of so many hours after midnight of a day after the history.
    pub(super) fn hour(&self, rows: &[Row], day: i64, hour: i64, name: &str) -> Vec<PathBuf> {
        let start = self.org.span.start + (HISTORY + day) * DAY + hour * HOUR;
        self.write(&format!("{name}-{day:02}-{hour:02}"), between(rows, start, start + HOUR))
    }

    /// More rows, in files of this name.
    pub(super) fn write(&self, name: &str, rows: &[Row]) -> Vec<PathBuf> {
        let rows: Vec<&Row> = rows.iter().collect();
        let files = row::files(self.org, &rows, name);
        files.iter().map(|(name, bytes)| self.keep(name, bytes)).collect()
    }

    pub(super) fn keep(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("room for exports");
        path
    }
}

/// Of rows in order of time.
pub(super) fn between(rows: &[Row], start: i64, end: i64) -> &[Row] {
    let from = rows.partition_point(|row| row.time < start);
    &rows[from..rows.partition_point(|row| row.time < end)]
}
