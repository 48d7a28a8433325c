//! The page of the week as a document, in the words of who clicks through Setup.

use super::super::document::{Block, Cell, Document, Row, Section, Span, Table, Text, Tone};
use super::super::verdict::counted;
use super::{Fix, Weekly, is_grave};
use crate::finding::{Finding, Named, Severity};
use crate::inventory::AppSummary;
use crate::rollout::{AppPlan, Control, State};
use crate::told::ToldFinding;
use crate::value::Time;
use crate::words::{name_of, plain, visible};

/// So many things to do stand on top.
const FIRST: usize = 5;
/// So many rows a table has.
const MOST: usize = 300;

impl Weekly {
    /// The page as a document.
    pub fn document(&self) -> Document {
        let date = |time: Option<Time>| time.map(Time::date_text);
        let week = match (date(self.since), date(self.as_of)) {
            (Some(since), Some(as_of)) => format!("{since} to {as_of}"),
            (None, Some(as_of)) => format!("as of {as_of}"),
            _ => "setup only, no event logs".to_owned(),
        };
        Document {
            title: "Connected apps this week".to_owned(),
            subtitle: week.clone(),
            about: vec![
                ("Week", week),
                ("Apps", self.apps.len().to_string()),
                ("Files read", self.inputs.len().to_string()),
                ("Written by", self.tool.to_owned()),
            ],
            sections: vec![
                self.first(),
                self.fixes_section(),
                self.seen_section(),
                self.apps_section(),
                self.controls_section(),
                self.frozen_section(),
                self.exceptions_section(),
                self.changes_section(),
                self.basis_section(),
            ],
            attachments: Vec::new(),
        }
    }

    fn first(&self) -> Section {
        let grave = self.events(Severity::High).count();
        let open = self.fixes.iter().filter(|fix| fix.severity >= Severity::Medium).count();
        let (tone, title) = match (grave, open) {
            (0, 0) if self.since.is_none() => {
                (Tone::Unknown, "Nothing stands out in the setup; no event logs were given".to_owned())
            }
            (0, 0) => (Tone::Plain, "Nothing stands out in what was given".to_owned()),
            (0, open) => (Tone::Warning, format!("{} to mend", counted(open as u64, "setting"))),
            (grave, _) => (Tone::Bad, format!("{} to explain today", counted(grave as u64, "finding"))),
        };
        let mut paragraphs = vec![format!(
            "{}; {} that fail; {} excepted.",
            counted(self.apps.len() as u64, "app"),
            counted(self.fixes.len() as u64, "check"),
            self.excepted.len()
        )];
        if let Some(diff) = &self.since_last {
            paragraphs.push(format!(
                "Since last week: {} new, {} gone, {} changed, {} as before.",
                diff.new.len(),
                diff.gone.len(),
                diff.changed.len(),
                diff.unchanged
            ));
        }
        let mut blocks =
            vec![Block::Callout { tone, title, paragraphs: paragraphs.into_iter().map(Text::from).collect() }];
        let items = self.do_first();
        if !items.is_empty() {
            blocks.push(Block::Heading { id: "first".to_owned(), text: "Do first".into() });
            blocks.push(Block::List { ordered: true, items });
        }
        Section { id: "week", title: "This week".to_owned(), blocks }
    }

    /// One thing for each app that something grave was seen of, then the gravest settings.
    fn do_first(&self) -> Vec<Text> {
        let mut items: Vec<Text> = Vec::new();
        let mut told: Vec<Option<&Named>> = Vec::new();
        for finding in
            self.findings.iter().filter(|finding| is_grave(finding) && crate::checks::find(finding.detector).is_none())
        {
            let app = finding.subject.app.as_ref();
            if items.len() < FIRST && !told.contains(&app) {
                told.push(app);
                let name = name_of(app, "Users");
                items.push(
                    Text(vec![Span::Strong { text: format!("{name}: ") }])
                        .and(format!("{} {} ", finding.sentence, finding.next_step))
                        .and(Text::link("All that was seen", "seen")),
                );
            }
        }
        for fix in self.fixes.iter().take(FIRST.saturating_sub(items.len())) {
            let name = name_of(fix.app.as_ref(), "The organisation");
            items.push(
                Text(vec![Span::Strong { text: format!("{name}: ") }])
                    .and(format!("{}. {} ", visible(&fix.what), fix.setup_path))
                    .and(Text::link("All that is to mend", "fixes")),
            );
        }
        items
    }

    fn fixes_section(&self) -> Section {
        let columns =
            ["How soon", "App", "What is wrong", "Where to change it", "What to think of before", "Owner", "Check"];
        let mut table = Table::of("to-mend", "What to mend, in this order", &columns);
        for fix in self.fixes.iter().take(MOST) {
            table.rows.push(fix_row(fix));
        }
        table.note = left_out(self.fixes.len(), "audit");
        let blocks = if self.fixes.is_empty() {
            let text = "No check fails. Checks need metadata: the folder of `sf project retrieve` for connected apps and external client apps.";
            vec![Block::Paragraph { text: text.into() }]
        } else {
            vec![Block::Table(table.without_empty_columns())]
        };
        Section { id: "fixes", title: "Settings to mend".to_owned(), blocks }
    }

    fn seen_section(&self) -> Section {
        let columns = ["How soon", "App", "User", "What was seen", "What to do", "First (UTC)", "Last (UTC)"];
        let mut table = Table::of("seen-this-week", "What was seen this week, gravest first", &columns);
        let events: Vec<&Finding> = self.events(Severity::Medium).collect();
        for finding in events.iter().take(MOST) {
            let mut row = Row::of([
                Cell::severity(finding.severity),
                name_of(finding.subject.app.as_ref(), "").into(),
                name_of(finding.subject.user.as_ref(), "").into(),
                finding.sentence.as_str().into(),
                finding.next_step.as_str().into(),
                Cell::time(finding.first),
                Cell::time(finding.last),
            ]);
            row.id = Some(format!("finding-{}", finding.id));
            table.rows.push(row);
        }
        table.note = left_out(events.len(), "scan --out FOLDER");
        let low = self.events(Severity::Info).count() - events.len();
        let text = match (self.since, low) {
            (None, _) => "No event logs were given: what apps did is not known.".to_owned(),
            (_, 0) if events.is_empty() => "No finding in the hours that the logs cover.".to_owned(),
            (_, low) => format!("{} of low weight are not told here.", counted(low as u64, "finding")),
        };
        let mut blocks = vec![Block::Paragraph { text: text.into() }];
        if !table.rows.is_empty() {
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        Section { id: "seen", title: "What was seen".to_owned(), blocks }
    }

    fn apps_section(&self) -> Section {
        let about = "Points say what a thief of the app's tokens would get, and how little would stop one; they are no probability. 0 \
                     to 100.";
        let columns = ["#Risk", "App", "Owner", "#Tokens", "#Users", "#Calls", "Last used", "Why"];
        let mut table = Table::of("apps-by-risk", "Apps by risk", &columns);
        for app in self.apps.iter().take(MOST) {
            table.rows.push(app_row(app));
        }
        table.note = left_out(self.apps.len(), "apps");
        Section {
            id: "apps",
            title: "Apps by risk".to_owned(),
            blocks: vec![Block::Paragraph { text: about.into() }, Block::Table(table.without_empty_columns())],
        }
    }

    fn controls_section(&self) -> Section {
        let asked: Vec<&AppPlan> = self.rollout.apps.iter().filter(|plan| plan.is_partner != Some(false)).collect();
        let about = "What Salesforce asks of its partners' apps: PKCE, refresh tokens that end when idle, an allow-list of \
                     addresses, and rotation. Turn them on in this order; rotation cannot be turned off again.";
        let mut columns = vec!["App", "Asked of it"];
        columns.extend(Control::ORDER.map(Control::words));
        let mut table = Table::of("four-controls", "The four controls", &columns);
        for plan in &asked {
            let asked = match plan.is_partner {
                Some(true) => "yes",
                _ => "unknown",
            };
            let state = |control| {
                plan.steps.iter().find(|step| step.control == control).map_or(State::Unknown, |step| step.state)
            };
            let states = Control::ORDER.map(|control| Cell::from(state(control).word()).in_tone(tone(state(control))));
            table
                .rows
                .push(Row::of([name_of(Some(&plan.app), "an app").into(), asked.into()].into_iter().chain(states)));
        }
        let mut blocks = vec![Block::Paragraph { text: about.into() }];
        if asked.is_empty() {
            blocks.push(Block::Paragraph {
                text: "No app is known that this is asked of; partner = true in apps.toml says so of one.".into(),
            });
        } else {
            blocks.push(Block::Table(table.without_empty_columns()));
        }
        for (number, plan) in (1..).zip(&asked) {
            blocks.extend(next_steps(number, plan));
        }
        Section { id: "controls", title: "The four controls".to_owned(), blocks }
    }

    fn frozen_section(&self) -> Section {
        let about = "Since 24 April 2026 Salesforce freezes users and revokes refresh tokens when an app's traffic comes through \
                     anonymising networks.";
        let mut blocks = vec![Block::Paragraph { text: about.into() }];
        match &self.would_be_frozen {
            None => blocks.push(Block::Paragraph {
                text: "No list of such networks was given (--anonymisers FILE): nobody can be named.".into(),
            }),
            Some(all) if all.is_empty() => {
                blocks.push(Block::Paragraph { text: "Nobody, by the lists that were given.".into() });
            }
            Some(all) => {
                let mut table = Table::of(
                    "frozen-users",
                    "Who would be frozen",
                    &["User", "App", "Address", "What was seen", "Last (UTC)"],
                );
                for finding in all.iter().take(MOST) {
                    table.rows.push(Row::of([
                        name_of(finding.subject.user.as_ref(), "").into(),
                        name_of(finding.subject.app.as_ref(), "").into(),
                        Text::code(finding.subject.address.as_deref().unwrap_or_default()).into(),
                        finding.sentence.as_str().into(),
                        Cell::time(finding.last),
                    ]));
                }
                blocks.push(Block::Table(table.without_empty_columns()));
            }
        }
        Section { id: "frozen", title: "Who would be frozen".to_owned(), blocks }
    }

    fn exceptions_section(&self) -> Section {
        let mut table = Table::of("expected", "What is expected, and why", &["App", "What", "Why it is expected"]);
        for (finding, reason) in self.excepted.iter().take(MOST) {
            table.rows.push(Row::of([
                name_of(finding.subject.app.as_ref(), "").into(),
                finding.sentence.as_str().into(),
                visible(reason).into(),
            ]));
        }
        table.note = left_out(self.excepted.len(), "scan --show-excepted");
        let blocks = if self.excepted.is_empty() {
            vec![Block::Paragraph { text: "Nothing is excepted by exceptions.toml.".into() }]
        } else {
            vec![Block::Table(table.without_empty_columns())]
        };
        Section { id: "exceptions", title: "Exceptions".to_owned(), blocks }
    }

    fn changes_section(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(diff) = &self.since_last {
            let counts = format!("{} are as before.", counted(diff.unchanged as u64, "finding"));
            blocks.push(Block::Paragraph { text: counts.into() });
            blocks.extend(told_table("new-findings", "New", diff.new.iter().map(|told| (told, String::new()))));
            let why = |excepted: &Option<String>| {
                excepted.as_deref().map_or_else(|| "mended, or not seen this week".to_owned(), visible)
            };
            blocks.extend(told_table(
                "gone-findings",
                "Gone",
                diff.gone.iter().map(|gone| (&gone.finding, why(&gone.excepted))),
            ));
            let what = |changed: &crate::diff::Changed| {
                let all: Vec<String> = changed
                    .changes
                    .iter()
                    .filter(|change| change.what != "sentence")
                    .map(|change| format!("{} {} → {}", change.what, plain(&change.from), plain(&change.to)))
                    .collect();
                all.join("; ")
            };
            blocks.extend(told_table(
                "changed-findings",
                "Changed",
                diff.changed.iter().map(|changed| (&changed.finding, what(changed))),
            ));
        } else {
            let text = "Nothing to compare with was given. Write a JSON beside the page (--out week.json) and give it next week: --previous week.json.";
            blocks.push(Block::Paragraph { text: text.into() });
        }
        Section { id: "since", title: "Since last week".to_owned(), blocks }
    }

    fn basis_section(&self) -> Section {
        let mut logs = Table::of(
            "logs",
            "Logs that were read",
            &["Log", "#Rows used", "#Not usable", "First (UTC)", "Last (UTC)"],
        );
        for (log, counts) in &self.counts {
            let number = |number: u64| Cell::number(i64::try_from(number).unwrap_or(i64::MAX));
            logs.rows.push(Row::of([
                log.as_str().into(),
                number(counts.used),
                number(counts.repeated),
                number(counts.quarantined.values().sum()),
            ]));
        }
        let mut files = Table::of("files", "Files that were read", &["File", "SHA-256"]);
        for (file, hash) in &self.inputs {
            files.rows.push(Row::of([visible(file).into(), Text::code(hash.as_str()).into()]));
        }
        let mut blocks = vec![Block::Table(logs.without_empty_columns())];
        if !self.problems.is_empty() {
            let items = self
                .problems
                .iter()
                .take(MOST)
                .map(|problem| Text::from(visible(&format!("{}: {}", problem.export, problem.what))));
            blocks.push(Block::Paragraph { text: "Could not be read, or not to the end:".into() });
            blocks.push(Block::List { ordered: false, items: items.collect() });
        }
        blocks.push(Block::Table(files.without_empty_columns()));
        Section { id: "basis", title: "What this rests on".to_owned(), blocks }
    }
}

fn left_out(all: usize, command: &str) -> Option<String> {
    (all > MOST).then(|| format!("{} more; tokentrail {command} tells them all.", all - MOST))
}

fn fix_row(fix: &Fix) -> Row {
    Row::of([
        Cell::severity(fix.severity),
        name_of(fix.app.as_ref(), "the organisation").into(),
        visible(&fix.what).into(),
        fix.setup_path.into(),
        fix.when_fixed.into(),
        fix.owner.as_deref().map(plain).unwrap_or_default().into(),
        Text::code(fix.check).into(),
    ])
}

fn app_row(app: &AppSummary) -> Row {
    let number = |number: u64| Cell::number(i64::try_from(number).unwrap_or(i64::MAX));
    let why: Vec<String> =
        app.risk.parts.iter().map(|part| format!("{} ({:+})", plain(&part.reason), part.points)).collect();
    let row = Row::of([
        Cell::number(app.risk.total.into()),
        name_of(Some(&app.app), "an app").into(),
        app.owner.as_deref().map_or_else(|| "nobody".to_owned(), plain).into(),
        number(app.tokens as u64),
        number(app.users.max(app.token_users) as u64),
        number(app.calls),
        app.last.map_or_else(|| "never".into(), Cell::time),
        why.join("; ").into(),
    ]);
    let tone = match app.risk.total {
        60.. => Tone::Bad,
        30.. => Tone::Warning,
        _ => Tone::Plain,
    };
    Row { tone, ..row }
}

fn tone(state: State) -> Tone {
    match state {
        State::On => Tone::Good,
        State::Exempt => Tone::Plain,
        State::Ready | State::Waiting => Tone::Warning,
        State::Unknown => Tone::Unknown,
    }
}

/// What is to be done for the next control of an app that is not on.
fn next_steps(number: usize, plan: &AppPlan) -> Vec<Block> {
    let Some(step) = plan.steps.iter().find(|step| matches!(step.state, State::Ready | State::Waiting)) else {
        return Vec::new();
    };
    let title = format!("{}: {} next", name_of(Some(&plan.app), "an app"), step.control.words());
    let mut blocks = vec![
        Block::Heading { id: format!("control-{number}"), text: title.into() },
        Block::Paragraph { text: visible(&step.evidence).into() },
    ];
    if !step.actions.is_empty() {
        blocks.push(Block::List {
            ordered: true,
            items: step.actions.iter().map(|action| visible(action).into()).collect(),
        });
    }
    blocks.extend(plan.warnings.iter().map(|warning| Block::Paragraph { text: format!("Note: {warning}.").into() }));
    blocks
}

fn told_table<'t>(
    id: &str,
    caption: &str,
    all: impl ExactSizeIterator<Item = (&'t ToldFinding, String)>,
) -> Option<Block> {
    let count = all.len();
    let mut table = Table::of(id, format!("{caption}: {count}"), &["How soon", "App", "What", "Note"]);
    for (told, note) in all.take(MOST) {
        table.rows.push(Row::of([
            Cell::severity(told.severity),
            name_of(told.subject.app.as_ref(), "").into(),
            visible(&told.sentence).into(),
            note.into(),
        ]));
    }
    (count > 0).then_some(Block::Table(table.without_empty_columns()))
}
