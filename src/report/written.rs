//! A report of what happened as a document: the answer first, then what it rests on, and the rows last.

mod evidence;
mod happened;
mod next;
mod taken;

use std::collections::{BTreeMap, BTreeSet};

use self::evidence::Places;
use super::document::{Attachment, Block, Cell, Document, Row, Section, Table, Text, Tone, when};
use super::verdict::Sign;
use super::{Report, navigator};
use crate::words::{name_of, plain};

/// So many rows of long tables are on a page; the commands tell them all.
const MOST_ROWS: usize = 400;

impl Report {
    /// The report as a document.
    pub fn document(&self) -> Document {
        let mut places = Places::of(self);
        let mut sections = vec![self.first_page()];
        sections.push(self.incidents_section());
        sections.push(self.who_section(&mut places));
        sections.push(self.taken_section(&mut places));
        sections.push(self.live_section());
        sections.push(self.actions_section());
        sections.push(self.changes_section(&mut places));
        sections.push(self.indicators_section(&mut places));
        sections.push(self.techniques_section());
        sections.push(self.timeline_section(&mut places));
        sections.push(self.findings_section(&mut places));
        sections.push(places.section());
        sections.push(self.method_section());
        sections.push(self.coverage_section());
        sections.push(self.unseen_section());
        Document {
            title: "OAuth tokens and connected apps: what happened".to_owned(),
            subtitle: self.subtitle(),
            about: vec![
                ("Judged", format!("{} to {} (UTC)", when(self.since), when(self.as_of))),
                ("Written by", self.tool.to_owned()),
                ("Exports", self.inputs.len().to_string()),
            ],
            sections,
            attachments: vec![navigator_attachment(self)],
        }
    }

    fn subtitle(&self) -> String {
        let orgs: BTreeSet<String> =
            self.coverage.covered.iter().map(|log| plain(&log.org)).filter(|org| org != "unknown").collect();
        let apps: Vec<String> = self.stories.iter().map(|story| name_of(Some(&story.app), "an app")).collect();
        let of = match orgs.len() {
            0 => String::new(),
            1 => format!("Organisation {}", orgs.into_iter().collect::<String>()),
            some => format!("{some} organisations"),
        };
        let about = if apps.is_empty() { String::new() } else { apps.join(", ") };
        [of, about].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// The verdict, what limits it, and what to do first.
    fn first_page(&self) -> Section {
        let tone = match self.verdict.sign {
            Sign::OfAbuse => Tone::Bad,
            Sign::ToBeExplained => Tone::Warning,
            Sign::NoneInCoveredHours => Tone::Plain,
            Sign::CannotSay => Tone::Unknown,
        };
        let paragraphs = self.verdict.sentences.iter().map(|sentence| Text::plain(sentence.clone())).collect();
        let mut blocks = vec![Block::Callout { tone, title: self.verdict.sign.words().to_owned(), paragraphs }];
        if !self.verdict.limits.is_empty() {
            blocks.push(Block::Callout {
                tone: Tone::Unknown,
                title: "What limits this".to_owned(),
                paragraphs: self.verdict.limits.iter().map(|limit| Text::plain(limit.clone())).collect(),
            });
        }
        if !self.plan.steps.is_empty() {
            blocks.push(Block::Heading { id: "first".to_owned(), text: "Do first".into() });
            blocks.push(Block::List { ordered: true, items: self.first_steps() });
        }
        blocks.extend(self.findings_figure());
        Section { id: "verdict", title: "Verdict".to_owned(), blocks }
    }

    fn techniques_section(&self) -> Section {
        let mut table = Table::of(
            "techniques",
            "ATT&CK techniques that findings point at",
            &["Technique", "Name", "#Findings", "Detectors"],
        );
        for (technique, detectors) in self.techniques() {
            let all: usize = detectors.values().sum();
            let told: Vec<&str> = detectors.into_keys().collect();
            table.rows.push(Row::of([
                Text::code(technique).into(),
                navigator::name(technique).into(),
                Cell::number(i64::try_from(all).unwrap_or(i64::MAX)),
                told.join(", ").into(),
            ]));
        }
        let about = "A finding points at a technique that what was seen is consistent with. The layer opens in the ATT&CK \
                     Navigator.";
        let blocks = vec![Block::Paragraph { text: about.into() }, Block::Table(table.without_empty_columns())];
        Section { id: "attack", title: "ATT&CK".to_owned(), blocks }
    }
}

fn navigator_attachment(report: &Report) -> Attachment {
    Attachment {
        name: "navigator.json",
        media_type: "application/json",
        about: "Layer for the ATT&CK Navigator",
        content: format!("{:#}\n", navigator::layer(report)),
    }
}

/// Names joined by commas, fit to stand in a sentence.
fn joined<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    texts.into_iter().map(|text| plain(text)).collect::<Vec<_>>().join(", ")
}

/// What a table that has more rows than there is room for leaves out.
fn left_out(all: usize, command: &str) -> Option<String> {
    (all > MOST_ROWS).then(|| format!("{} more; tokentrail {command} tells them all.", all - MOST_ROWS))
}

/// Severities with how many there are of each, worst first.
fn by_severity<'f>(
    findings: impl Iterator<Item = &'f crate::finding::Finding>,
) -> Vec<(crate::finding::Severity, usize)> {
    let mut counts: BTreeMap<crate::finding::Severity, usize> = BTreeMap::new();
    findings.for_each(|finding| *counts.entry(finding.severity).or_default() += 1);
    counts.into_iter().rev().collect()
}
