//! Rows that the report rests on: each has an anchor, its export with the hash, and its number there.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Report;
use super::super::document::{Block, Cell, Row, Section, Span, Table, Text};
use crate::finding::Evidence;

/// The rows that are cited, and what is known of them.
pub(super) struct Places {
    /// Exports in order, with their hashes.
    exports: BTreeMap<String, String>,
    /// What findings say of rows.
    known: BTreeMap<(String, u64), Evidence>,
    cited: BTreeSet<(String, u64)>,
}

impl Places {
    pub(super) fn of(report: &Report) -> Self {
        // Of findings that are told of: a large organisation has hundreds of thousands.
        let told = report.gravest();
        let evidence = || told.iter().flat_map(|finding| &finding.evidence);
        let mut exports: BTreeMap<String, String> =
            evidence().map(|row| (row.export.clone(), row.sha256.clone())).collect();
        let stories = || report.stories.iter();
        let others = stories()
            .flat_map(|story| story.lines.iter().map(|line| &line.export))
            .chain(stories().flat_map(|story| story.met.iter().map(|met| &met.export)))
            .chain(stories().flat_map(|story| story.impact.objects.iter().map(|object| &object.export)))
            .chain(report.changes.iter().map(|change| &change.export))
            .chain(report.sweep.hits.iter().map(|hit| &hit.export));
        for export in others {
            exports.entry(export.clone()).or_default();
        }
        exports.extend(report.inputs.clone());
        let known = evidence().map(|row| ((row.export.clone(), row.record), row.clone())).collect();
        Self { exports, known, cited: BTreeSet::new() }
    }

    /// The anchor of a row.
    pub(super) fn cite(&mut self, export: &str, record: u64) -> String {
        self.cited.insert((export.to_owned(), record));
        self.anchor(export, record)
    }

    /// A link to a row, in a few letters.
    pub(super) fn link(&mut self, export: &str, record: u64) -> Text {
        let to = self.cite(export, record);
        Text::link(format!("{}:{record}", self.number(export)), to)
    }

    /// Links to the rows of a finding.
    pub(super) fn links(&mut self, evidence: &[Evidence], all: u64) -> Text {
        let mut text = Text::default();
        for row in evidence {
            if !text.0.is_empty() {
                text = text.and(" ");
            }
            text = text.and(self.link(&row.export, row.record));
        }
        let more = all.saturating_sub(evidence.len() as u64);
        if more > 0 { text.and(Text(vec![Span::Plain { text: format!(" and {more} more") }])) } else { text }
    }

    fn number(&self, export: &str) -> usize {
        self.exports.keys().take_while(|known| known.as_str() <= export).count()
    }

    fn anchor(&self, export: &str, record: u64) -> String {
        // All exports are known beforehand: one more would move the numbers of those behind it.
        format!("row-{}-{record}", self.number(export))
    }

    /// The appendix.
    pub(super) fn section(&self) -> Section {
        let about = "Records are counted from 1 behind the header. A hash is of the file as it lies there, packed or not; the \
                     records of a member of an archive are behind the archive's hash. What was converted before names the \
                     export that it came from.";
        let mut exports = Table::of("exports", "Exports", &["#Number", "Export", "SHA-256"]);
        for (number, (export, hash)) in (1_i64..).zip(&self.exports) {
            let mut row = Row::of([Cell::number(number), export.as_str().into(), Text::code(hash.as_str()).into()]);
            row.id = Some(format!("export-{number}"));
            exports.rows.push(row);
        }
        let mut rows = Table::of(
            "rows",
            "Rows that this report rests on",
            &["Row", "#Record", "Export", "Time (UTC)", "Event", "#Offset"],
        );
        for (export, record) in &self.cited {
            let number = self.number(export);
            let known = self.known.get(&(export.clone(), *record));
            let mut row = Row::of([
                format!("{number}:{record}").into(),
                Cell::number(i64::try_from(*record).unwrap_or(i64::MAX)),
                Text::link(export.as_str(), format!("export-{number}")).into(),
                known.map_or_else(Cell::default, |row| Cell::time(row.time)),
                known.and_then(|row| row.event_id.as_deref()).map_or_else(Cell::default, |id| Text::code(id).into()),
                known.map_or_else(Cell::default, |row| Cell::number(i64::try_from(row.offset).unwrap_or(i64::MAX))),
            ]);
            row.id = Some(self.anchor(export, *record));
            rows.rows.push(row);
        }
        let blocks = vec![
            Block::Paragraph { text: about.into() },
            Block::Table(exports.without_empty_columns()),
            Block::Table(rows.without_empty_columns()),
        ];
        Section { id: "evidence", title: "Evidence".to_owned(), blocks }
    }
}
