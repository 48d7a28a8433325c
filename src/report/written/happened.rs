//! What happened: incidents, findings, who came from where, and in which order.

use std::collections::BTreeSet;

use super::super::document::{
    Block, Cell, Drawing, Figure, Lane, Row, Section, Table, Text, TimeSpan, Tone, grouped, when,
};
use super::super::verdict::{counted, network};
use super::super::{GRAVE, Lanes, Met, Report, Story};
use super::{MOST_ROWS, Places, by_severity, joined, left_out};
use crate::finding::Finding;
use crate::incident::Incident;
use crate::profile::Seen;
use crate::timeline::Line;
use crate::words::{name_of, plain};

/// A figure has room for so many findings.
const SPANS: usize = 14;
/// So many lines of an incident are told.
const STORY: usize = 12;
/// So many addresses, clients, users.
const MOST: usize = 60;
/// A matrix has room for so many addresses.
const ADDRESSES: usize = 10;

impl Report {
    pub(super) fn findings_figure(&self) -> Option<Block> {
        let mut grave: Vec<&Finding> = self.findings.iter().filter(|finding| finding.severity >= GRAVE).collect();
        let all = grave.len();
        grave.sort_by_key(|finding| (std::cmp::Reverse((finding.severity, finding.score.total)), finding.first));
        grave.truncate(SPANS);
        grave.sort_by_key(|finding| (finding.first, finding.detector));
        let (from, until) =
            (grave.iter().map(|finding| finding.first).min()?, grave.iter().map(|finding| finding.last).max()?);
        let span = |finding: &&Finding| TimeSpan {
            label: format!("{}: {}", finding.detector, name_of(finding.subject.app.as_ref(), "no app named")),
            severity: finding.severity,
            from: finding.first,
            until: finding.last,
        };
        Some(Block::Figure(Figure {
            id: "figure-findings".to_owned(),
            title: "The gravest findings, by when they happened".to_owned(),
            summary: format!(
                "{} of {} from {} to {}.",
                grave.len(),
                counted(all as u64, "grave finding"),
                when(from),
                when(until)
            ),
            from,
            until,
            drawing: Drawing::Spans { spans: grave.iter().map(span).collect() },
        }))
    }

    pub(super) fn incidents_section(&self) -> Section {
        let mut blocks = Vec::new();
        let told: Vec<&Incident> =
            self.incidents.iter().filter(|incident| incident.severity >= crate::finding::Severity::Medium).collect();
        if told.is_empty() {
            blocks.push(Block::Paragraph { text: "No findings of weight belong together.".into() });
        }
        let shown: BTreeSet<&uuid::Uuid> = self.gravest().into_iter().map(|finding| &finding.id).collect();
        for (number, incident) in (1..).zip(told.iter().take(MOST)) {
            let kinds: Vec<String> = incident.parts.iter().map(|(kind, weight)| format!("{kind} {weight}")).collect();
            let text = Text::plain(format!("{number}. ")).and(incident.severity).and(format!(
                " score {} of 100, {} to {}",
                incident.score,
                when(incident.first),
                when(incident.last)
            ));
            blocks.push(Block::Heading { id: format!("incident-{number}"), text });
            let about = [("apps", &incident.apps), ("users", &incident.users), ("addresses", &incident.addresses)];
            let about: Vec<String> = about
                .iter()
                .filter(|(_, all)| !all.is_empty())
                .map(|(name, all)| format!("{name}: {}", joined(*all)))
                .collect();
            blocks.push(Block::Paragraph {
                text: format!("{}. Kinds of evidence, of 100 each: {}.", about.join("; "), kinds.join(", ")).into(),
            });
            let links = incident.findings.iter().zip(&incident.story).take(STORY);
            let items = links.map(|(id, line)| {
                let text = Text::plain(format!("{} ", plain_line(line)));
                if shown.contains(id) { text.and(Text::link("finding", finding_anchor(id))) } else { text }
            });
            let mut items: Vec<Text> = items.collect();
            if incident.story.len() > STORY {
                items.push(format!("… and {}", counted((incident.story.len() - STORY) as u64, "more finding")).into());
            }
            blocks.push(Block::List { ordered: false, items });
        }
        if self.incidents.len() > told.len() {
            let rest = counted((self.incidents.len() - told.len()) as u64, "group");
            blocks.push(Block::Paragraph {
                text: format!("{rest} of findings of low severity are not told here.").into(),
            });
        }
        Section { id: "incidents", title: "What belongs together".to_owned(), blocks }
    }

    pub(super) fn who_section(&self, places: &mut Places) -> Section {
        let mut blocks = Vec::new();
        if self.stories.is_empty() {
            blocks.push(Block::Paragraph { text: "No app has a grave finding. --app tells of one in full.".into() });
        }
        for (number, story) in (1..).zip(&self.stories) {
            let name = name_of(Some(&story.app), "an app");
            blocks.push(Block::Heading { id: format!("app-{number}"), text: name.as_str().into() });
            if !story.foreign.is_empty() {
                let networks: Vec<String> = story.foreign.iter().map(network).collect();
                blocks.push(Block::Paragraph {
                    text: format!("Networks that findings name as not belonging to it: {}.", networks.join(", "))
                        .into(),
                });
            }
            blocks.extend(self.lanes(
                &format!("figure-networks-{number}"),
                &format!("{name}: networks"),
                "events",
                story.networks.as_ref(),
            ));
            blocks.push(Block::Table(self.seen_table(
                story,
                &format!("addresses-{number}"),
                ("addresses", "Addresses"),
                places,
            )));
            blocks.extend(self.lanes(
                &format!("figure-clients-{number}"),
                &format!("{name}: clients"),
                "events",
                story.clients.as_ref(),
            ));
            blocks.push(Block::Table(self.seen_table(
                story,
                &format!("clients-{number}"),
                ("clients", "Clients"),
                places,
            )));
            blocks.push(Block::Table(matrix(story, number, places)));
        }
        if !self.more_apps.is_empty() {
            let names: Vec<String> = self.more_apps.iter().map(|app| name_of(Some(app), "an app")).collect();
            blocks.push(Block::Paragraph {
                text: format!("Not told of here, though findings about them are grave: {}.", names.join(", ")).into(),
            });
        }
        Section { id: "who", title: "Who, from where, with what".to_owned(), blocks }
    }

    /// A figure of lanes, against what was before the window.
    pub(super) fn lanes(&self, id: &str, title: &str, unit: &'static str, lanes: Option<&Lanes>) -> Option<Block> {
        let lanes = lanes?;
        let marked = lanes.lanes.iter().filter(|lane| lane.is_marked).count();
        let summary = format!(
            "{} of {} from {} to {}{}{}.",
            counted(lanes.lanes.iter().map(|lane| lane.total).sum(), unit.trim_end_matches('s')),
            counted(lanes.lanes.len() as u64, "lane"),
            when(lanes.from),
            when(lanes.until),
            if marked > 0 { format!("; foreign: {}", counted(marked as u64, "lane")) } else { String::new() },
            if lanes.left_out > 0 {
                format!("; {} left out", counted(lanes.left_out as u64, "lane"))
            } else {
                String::new()
            },
        );
        let lane = |lane: &super::super::AmountLane| Lane {
            label: lane.label.clone(),
            tone: if lane.is_marked { Tone::Bad } else { Tone::Plain },
            amounts: lane.amounts.clone(),
        };
        let judged_from = Some(self.since).filter(|since| lanes.from < *since && *since < lanes.until);
        let drawing =
            Drawing::Lanes { unit, step: lanes.step, judged_from, lanes: lanes.lanes.iter().map(lane).collect() };
        let (id, title) = (id.to_owned(), title.to_owned());
        Some(Block::Figure(Figure { id, title, summary, from: lanes.from, until: lanes.until, drawing }))
    }

    fn seen_table(&self, story: &Story, id: &str, (part, caption): (&str, &str), places: &mut Places) -> Table {
        let columns =
            [caption, "#Events", "#Refused", "#Rows", "#Days", "First (UTC)", "Last (UTC)", "Known", "First row"];
        let mut table =
            Table::of(id, format!("{caption} of {}, all of the time", name_of(Some(&story.app), "the app")), &columns);
        let values = story.profile.parts.iter().find(|known| known.name == part).map_or(&[][..], |part| &part.values);
        for seen in values.iter().take(MOST) {
            table.rows.push(self.seen_row(story, seen, places));
        }
        table.note = (values.len() > MOST)
            .then(|| format!("{} more; tokentrail investigate app tells them all.", values.len() - MOST));
        table
    }

    fn seen_row(&self, story: &Story, seen: &Seen, places: &mut Places) -> Row {
        let address = seen.value.parse::<std::net::IpAddr>();
        let is_foreign = address.is_ok_and(|address| story.foreign.iter().any(|network| network.contains(&address)));
        let is_new = seen.first >= self.since;
        let mut known: Vec<String> = seen.notes.iter().map(|note| plain(note)).collect();
        if is_new {
            known.insert(0, "new in the window".to_owned());
        }
        let number = |number: u64| Cell::number(i64::try_from(number).unwrap_or(i64::MAX));
        let row = Row::of([
            Text::code(seen.value.as_str()).into(),
            number(seen.events),
            number(seen.refused),
            Cell::number(seen.rows),
            number(seen.days),
            Cell::time(seen.first),
            Cell::time(seen.last),
            known.join("; ").into(),
            places.link(&seen.export, seen.record).into(),
        ]);
        let tone = match (is_foreign, is_new) {
            (true, _) => Tone::Bad,
            (_, true) => Tone::Warning,
            _ => Tone::Plain,
        };
        Row { tone, ..row }
    }

    /// The findings that are told of, gravest first.
    pub(super) fn gravest(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.findings.iter().collect();
        all.sort_by_key(|finding| (std::cmp::Reverse((finding.severity, finding.score.total)), finding.first));
        all.truncate(MOST_ROWS);
        all
    }

    pub(super) fn findings_section(&self, places: &mut Places) -> Section {
        let counts: Vec<String> = by_severity(self.findings.iter())
            .iter()
            .map(|(severity, count)| format!("{count} {}", severity.word()))
            .collect();
        let columns = [
            "Severity",
            "#Score",
            "Detector",
            "What was seen",
            "Judged by",
            "What to do next",
            "First (UTC)",
            "Last (UTC)",
            "Rows",
        ];
        let mut table = Table::of("all-findings", "Findings, gravest first", &columns);
        for finding in self.gravest() {
            let facts: Vec<String> = finding
                .seen
                .iter()
                .chain(&finding.judged_by)
                .map(|fact| format!("{} {}", fact.name, plain(&fact.value.to_string())))
                .collect();
            let mut row = Row::of([
                Cell::severity(finding.severity),
                Cell::number(finding.score.total.into()),
                Text::code(finding.detector).into(),
                finding.sentence.as_str().into(),
                facts.join("; ").into(),
                finding.next_step.as_str().into(),
                Cell::time(finding.first),
                Cell::time(finding.last),
                places.links(&finding.evidence, finding.evidence_total).into(),
            ]);
            row.id = Some(finding_anchor(&finding.id));
            table.rows.push(row);
        }
        table.note = left_out(self.findings.len(), "scan --out FOLDER");
        let text = if self.findings.is_empty() { "None.".to_owned() } else { format!("{}.", counts.join(", ")) };
        Section {
            id: "findings",
            title: "Findings".to_owned(),
            blocks: vec![Block::Paragraph { text: text.into() }, Block::Table(table.without_empty_columns())],
        }
    }

    pub(super) fn timeline_section(&self, places: &mut Places) -> Section {
        let mut lines: Vec<&Line> = self.stories.iter().flat_map(|story| &story.lines).collect();
        lines.sort_by_key(|line| (line.time, &line.log, &line.export, line.record));
        lines.dedup();
        let columns =
            ["Time (UTC)", "Until", "#Times", "What", "App", "User", "Address", "Client", "#Rows", "Findings", "Row"];
        let mut table = Table::of("timeline-lines", "In order; what repeats within an hour is one line", &columns);
        for line in lines.iter().take(MOST_ROWS) {
            let text = |text: &Option<String>| text.as_deref().map(plain).unwrap_or_default();
            let row = Row::of([
                Cell::time(line.time),
                Cell::time(line.until),
                Cell::number(i64::try_from(line.count).unwrap_or(i64::MAX)),
                line.message.as_str().into(),
                name_of(line.app.as_ref(), "").into(),
                name_of(line.user.as_ref(), "").into(),
                text(&line.address).into(),
                text(&line.client).into(),
                line.rows.map_or_else(Cell::default, Cell::number),
                line.findings.join(", ").into(),
                places.link(&line.export, line.record).into(),
            ]);
            let tone = if line.refused {
                Tone::Unknown
            } else if line.severity >= Some(GRAVE) {
                Tone::Bad
            } else {
                Tone::Plain
            };
            table.rows.push(Row { tone, ..row });
        }
        table.note = left_out(lines.len(), "timeline");
        Section {
            id: "timeline",
            title: "Timeline".to_owned(),
            blocks: vec![Block::Table(table.without_empty_columns())],
        }
    }
}

/// A line of an incident, with its time to the second.
fn plain_line(line: &str) -> String {
    match line.split_once(' ') {
        Some((time, rest)) => format!("{} {rest}", time.get(..19).unwrap_or(time).replace('T', " ")),
        None => line.to_owned(),
    }
}

pub(super) fn finding_anchor(id: &uuid::Uuid) -> String {
    format!("finding-{id}")
}

/// Who came from where in the window: events and, where calls returned any, rows; each leads to the first of them.
fn matrix(story: &Story, number: usize, places: &mut Places) -> Table {
    let addresses = distinct(story, |met| &met.address, ADDRESSES);
    let users = distinct(story, |met| &met.user, MOST);
    let names: Vec<String> = addresses.iter().map(|address| plain(address)).collect();
    let mut columns = vec!["User"];
    columns.extend(names.iter().map(String::as_str));
    let caption = format!(
        "Users of {} by where they came from, in the window: events (rows)",
        name_of(Some(&story.app), "the app")
    );
    let mut table = Table::of(format!("met-{number}"), caption, &columns);
    for user in &users {
        let cell = |address: &&str| {
            let met = story.met.iter().find(|met| met.user == *user && met.address == **address);
            met.map_or_else(Cell::default, |met| met_cell(met, places))
        };
        let cells: Vec<Cell> = addresses.iter().map(cell).collect();
        table.rows.push(Row::of(std::iter::once(Cell::from(*user)).chain(cells)));
    }
    let shown = |met: &&Met| users.contains(&met.user.as_str()) && addresses.contains(&met.address.as_str());
    let left_out = story.met.len() - story.met.iter().filter(shown).count();
    table.note = (left_out > 0).then(|| format!("{left_out} more pairs; tokentrail investigate app tells them all."));
    table
}

/// The first distinct values, in the order of what is foreign and of how much it is.
fn distinct<'s>(story: &'s Story, of: impl Fn(&'s Met) -> &'s String, most: usize) -> Vec<&'s str> {
    let mut all: Vec<&str> = Vec::new();
    for met in &story.met {
        let value = of(met).as_str();
        if all.len() < most && !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

fn met_cell(met: &Met, places: &mut Places) -> Cell {
    let events = grouped(i64::try_from(met.events).unwrap_or(i64::MAX));
    let text = if met.rows > 0 { format!("{events} ({})", grouped(met.rows)) } else { events };
    #[expect(clippy::cast_precision_loss, reason = "it is what rows are sorted by, not what is shown")]
    let sort = Some(met.events as f64);
    let tone = if met.is_foreign { Tone::Bad } else { Tone::Plain };
    Cell { text: Text::link(text, places.cite(&met.export, met.record)), sort, tone }
}
