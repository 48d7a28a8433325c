//! What to do, what was changed, what was met that is listed; and how all of this was found out.

use super::super::Report;
use super::super::document::{Block, Cell, Row, Section, Span, Table, Text, Tone, when};
use super::super::verdict::counted;
use super::{MOST_ROWS, Places, joined, left_out};
use crate::changes::Persistence;
use crate::coverage::Verdict;
use crate::revocation::{Step, Stops};
use crate::words::{name_of, plain};

/// So many steps are on the first page.
const FIRST: usize = 6;

impl Report {
    pub(super) fn first_steps(&self) -> Vec<Text> {
        let mut items: Vec<Text> =
            self.plan.steps.iter().take(FIRST).map(|step| Text::link(title(step), step_anchor(step))).collect();
        if self.plan.steps.len() > FIRST {
            let more = counted((self.plan.steps.len() - FIRST) as u64, "more step");
            items.push(Text::link(format!("{more}, with what stops working"), "actions"));
        }
        items
    }

    pub(super) fn actions_section(&self) -> Section {
        let mut blocks = Vec::new();
        if self.plan.steps.is_empty() {
            blocks.push(Block::Paragraph { text: "The exports show nothing to revoke for grave findings.".into() });
        } else {
            let text = "Keep the exports and their hashes first. Then, in this order; what stops working is counted without what came \
                        from networks that do not belong there. Afterwards export again and run tokentrail verify-containment.";
            blocks.push(Block::Paragraph { text: text.into() });
            let columns = ["#Step", "What", "Why", "Where", "REST", "What stops working", "Owner"];
            let mut table = Table::of("steps", "Steps, in this order", &columns);
            for step in self.plan.steps.iter().take(MOST_ROWS) {
                let mut row = Row::of([
                    Cell::number(i64::try_from(step.number).unwrap_or(i64::MAX)),
                    Text(vec![Span::Strong { text: title(step) }]).into(),
                    plain_long(&step.because).into(),
                    step.setup.as_str().into(),
                    step.rest.as_deref().map_or_else(Cell::default, |rest| Text::code(rest).into()),
                    stops(&step.stops).into(),
                    step.owner.as_deref().map(plain).unwrap_or_default().into(),
                ]);
                row.id = Some(step_anchor(step));
                table.rows.push(row);
            }
            table.note = left_out(self.plan.steps.len(), "revoke-plan");
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        blocks.extend(self.plan.notes.iter().map(|note| Block::Paragraph { text: note.as_str().into() }));
        Section { id: "actions", title: "What to do".to_owned(), blocks }
    }

    pub(super) fn changes_section(&self, places: &mut Places) -> Section {
        let marked: Vec<_> = self.changes.iter().filter(|change| change.persistence.is_some()).collect();
        let about = format!(
            "{} in the window, {} of them by which somebody could stay. No list of setup codes is complete: what is not known \
             is not marked; tokentrail changes tells all of them.",
            counted(self.changes.len() as u64, "change"),
            marked.len()
        );
        let mut blocks = vec![Block::Paragraph { text: about.into() }];
        if !marked.is_empty() {
            let columns = ["Time (UTC)", "By", "What", "App", "Could serve to stay", "Row"];
            let mut table = Table::of("persistence", "Changes by which somebody could stay", &columns);
            for change in marked.iter().take(MOST_ROWS) {
                table.rows.push(Row::of([
                    Cell::time(change.time),
                    name_of(change.user.as_ref(), "").into(),
                    plain(&change.sentence).into(),
                    name_of(change.app.as_ref(), "").into(),
                    change.persistence.map(Persistence::words).unwrap_or_default().into(),
                    places.link(&change.export, change.record).into(),
                ]));
            }
            table.note = left_out(marked.len(), "changes");
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        Section { id: "changes", title: "What was changed".to_owned(), blocks }
    }

    pub(super) fn indicators_section(&self, places: &mut Places) -> Section {
        let text = format!(
            "{} ({} looked for).",
            sentence(self.sweep.verdict.words()),
            counted(self.sweep.looked_for as u64, "indicator")
        );
        let mut blocks = vec![Block::Paragraph { text: text.into() }];
        if !self.sweep.hits.is_empty() {
            let columns = [
                "Indicator",
                "Of",
                "How sure",
                "#Events",
                "#In its time",
                "First (UTC)",
                "Last (UTC)",
                "Apps",
                "Users",
                "First row",
            ];
            let mut table = Table::of("hits", "Listed indicators that were met, at any time", &columns);
            let number = |number: u64| Cell::number(i64::try_from(number).unwrap_or(i64::MAX));
            for hit in self.sweep.hits.iter().take(MOST_ROWS) {
                let row = Row::of([
                    Text::code(plain(&hit.entry.value)).into(),
                    plain(&hit.entry.name).into(),
                    format!("{} {}", hit.entry.confidence.word(), hit.entry.class.word()).into(),
                    number(hit.events),
                    number(hit.events_in_time),
                    Cell::time(hit.first),
                    Cell::time(hit.last),
                    joined(&hit.apps).into(),
                    joined(&hit.users).into(),
                    places.link(&hit.export, hit.record).into(),
                ]);
                let tone = if hit.events_in_time > 0 { Tone::Bad } else { Tone::Plain };
                table.rows.push(Row { tone, ..row });
            }
            table.note = left_out(self.sweep.hits.len(), "ioc sweep");
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        Section { id: "indicators", title: "Listed indicators".to_owned(), blocks }
    }

    pub(super) fn method_section(&self) -> Section {
        let text = format!(
            "{} read {} as plain files, changed nothing and connected to nothing. Judged is what happened from {} to {}; what is \
             before, as far as the exports go, is what was usual. \"Now\" is the newest event unless somebody says otherwise; no \
             clock is read, and the same exports give the same bytes. Findings name what was seen and the numbers that it was \
             judged by; tokentrail detectors and the pages of each tell the rules.",
            self.tool,
            counted(self.inputs.len() as u64, "export"),
            when(self.since),
            when(self.as_of)
        );
        let mut blocks = vec![Block::Paragraph { text: text.into() }];
        if self.limits.is_empty() {
            blocks.push(Block::Paragraph { text: "All limits are the program's own.".into() });
        } else {
            let told = self.limits.iter().map(|(detector, name, value)| format!("{detector}: {name} = {value}").into());
            blocks.push(Block::Paragraph { text: "Limits that were set otherwise than the program has them:".into() });
            blocks.push(Block::List { ordered: false, items: told.collect() });
        }
        if !self.excepted.is_empty() {
            let mut table = Table::of(
                "excepted",
                "Findings that were expected, and are in nothing else",
                &["Detector", "What was seen", "Why it is expected"],
            );
            for (finding, reason) in self.excepted.iter().take(MOST_ROWS) {
                table.rows.push(Row::of([
                    Text::code(finding.detector).into(),
                    finding.sentence.as_str().into(),
                    plain_long(reason).into(),
                ]));
            }
            table.note = left_out(self.excepted.len(), "scan --show-excepted");
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        if !self.problems.is_empty() {
            let mut table = Table::of(
                "problems",
                "Exports that could not be read, or not to the end",
                &["Export", "What is wrong"],
            );
            for problem in self.problems.iter().take(MOST_ROWS) {
                table.rows.push(Row::of([plain_long(&problem.export).into(), plain_long(&problem.what).into()]));
            }
            table.note = left_out(self.problems.len(), "coverage");
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        Section { id: "method", title: "Method".to_owned(), blocks }
    }

    pub(super) fn unseen_section(&self) -> Section {
        let mut blocks =
            vec![Block::List { ordered: false, items: UNSEEN.iter().map(|text| (*text).into()).collect() }];
        let unable = self.coverage.detectors.iter().filter(|ability| ability.verdict != Verdict::Runs);
        let mut table = Table::of(
            "unable",
            "Detectors that could not run on these exports, or only in part",
            &["Detector", "How far", "Why"],
        );
        for ability in unable {
            let tone = if ability.verdict == Verdict::Cannot { Tone::Unknown } else { Tone::Plain };
            let row = Row::of([
                Text::code(ability.detector).into(),
                ability.verdict.word().into(),
                ability.reason.as_str().into(),
            ]);
            table.rows.push(Row { tone, ..row });
        }
        if !table.rows.is_empty() {
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        Section { id: "unseen", title: "What cannot be seen here".to_owned(), blocks }
    }
}

/// What no export of these shows, whatever it covers.
const UNSEEN: [&str; 5] = [
    "Which records were read: logs count rows. Texts of queries tell objects, columns and conditions.",
    "Hours that the exports do not cover. Event log files come late, and a missing hour is not a quiet one.",
    "Tokens of JWT bearer and client credentials flows: no list of tokens has them.",
    "What guests read through sites, and what happened in other systems with what was taken.",
    "Who sat behind an address: addresses are shared, rented and forged by proxies.",
];

fn step_anchor(step: &Step) -> String {
    format!("step-{}", step.number)
}

fn title(step: &Step) -> String {
    let whose = step.user.as_ref().map(|user| format!(" of {}", name_of(Some(user), "somebody"))).unwrap_or_default();
    let token = step.token.as_deref().map(|token| format!(" {}", plain(token))).unwrap_or_default();
    format!("{}{token}{whose}: {}", sentence(step.action.words()), name_of(Some(&step.app), "an app"))
}

fn stops(stops: &Stops) -> String {
    if stops.last.is_none() {
        return "nothing that the exports show".to_owned();
    }
    let from = counted(stops.addresses.len() as u64, "address");
    format!("{} events a day ({}) from {from}", stops.events_a_day, joined(&stops.uses))
}

/// Words with a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Foreign text that is told in full: reasons, paths.
fn plain_long(text: &str) -> String {
    crate::words::visible(text)
}
