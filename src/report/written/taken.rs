//! What was taken, and what is alive still.

use super::super::document::{Block, Cell, Row, Section, Table, Text, Tone, grouped};
use super::super::verdict::counted;
use super::super::{Report, Story, Taken};
use super::{MOST_ROWS, Places, joined, left_out};
use crate::impact::ObjectImpact;
use crate::inventory::{AppUse, TokenState};
use crate::words::{name_of, plain};

/// So many columns of an object are named.
const COLUMNS: usize = 24;

impl Report {
    pub(super) fn taken_section(&self, places: &mut Places) -> Section {
        let mut blocks = vec![Block::Paragraph { text: HOW_TO_READ.into() }];
        if self.stories.is_empty() {
            blocks = vec![Block::Paragraph { text: "No app is told of: nothing is counted.".into() }];
        }
        for (number, story) in (1..).zip(&self.stories) {
            let name = name_of(Some(&story.app), "an app");
            blocks.push(Block::Heading { id: format!("taken-{number}"), text: name.as_str().into() });
            blocks.push(Block::Paragraph { text: whose(story).into() });
            blocks.extend(self.lanes(
                &format!("figure-rows-{number}"),
                &format!("{name}: rows by object, what was taken"),
                "rows",
                story.objects.as_ref(),
            ));
            if !story.impact.objects.is_empty() {
                blocks.push(Block::Table(objects_table(story, number, places).without_empty_columns()));
            }
        }
        Section { id: "taken", title: "What was taken".to_owned(), blocks }
    }

    pub(super) fn live_section(&self) -> Section {
        let mut blocks = Vec::new();
        let lists_tokens = self.coverage.covered.iter().any(|log| log.table == "tokens" && log.used > 0);
        if !lists_tokens {
            let text = "No list of tokens (OauthToken) was given: what is alive is not known.";
            blocks.push(Block::Paragraph { text: text.into() });
        }
        for (number, app) in (1..).zip(self.live.iter().filter(|app| !app.tokens.is_empty())) {
            blocks.push(Block::Table(self.tokens_table(app, number).without_empty_columns()));
        }
        let without: Vec<String> = self
            .live
            .iter()
            .filter(|app| app.tokens.is_empty() && lists_tokens)
            .map(|app| name_of(Some(&app.app), "an app"))
            .collect();
        if !without.is_empty() {
            let text = format!(
                "No token is listed of {}. A list shows only what its maker may see, and no tokens of JWT bearer and client \
                 credentials flows.",
                without.join(", ")
            );
            blocks.push(Block::Paragraph { text: text.into() });
        }
        if blocks.is_empty() {
            blocks.push(Block::Paragraph { text: "No app is told of.".into() });
        }
        Section { id: "live", title: "What is alive".to_owned(), blocks }
    }

    fn tokens_table(&self, app: &AppUse, number: usize) -> Table {
        let columns = ["Token", "User", "Granted (UTC)", "Last used (UTC)", "#Uses"];
        let caption = format!("Tokens of {}, as they were listed last", name_of(Some(&app.app), "an app"));
        let mut table = Table::of(format!("tokens-{number}"), caption, &columns);
        let mut tokens: Vec<&TokenState> = app.tokens.iter().collect();
        tokens.sort_by_key(|token| (std::cmp::Reverse(token.last_used), token.token.clone()));
        for token in tokens.iter().take(MOST_ROWS) {
            table.rows.push(Row::of([
                Text::code(token.token.as_deref().unwrap_or("no reference")).into(),
                token
                    .user
                    .as_ref()
                    .map_or_else(Cell::default, |id| self.usernames.get(id).unwrap_or(id).as_str().into()),
                token.created.map_or_else(Cell::default, Cell::time),
                token.last_used.map_or_else(|| "never".into(), Cell::time),
                token.use_count.map_or_else(Cell::default, Cell::number),
            ]));
        }
        table.note = left_out(tokens.len(), "apps");
        table
    }

    /// What the exports cover, log by log.
    pub(super) fn coverage_section(&self) -> Section {
        let columns = [
            "Log",
            "Organisation",
            "#Rows used",
            "#Repeated",
            "#Not usable",
            "First (UTC)",
            "Last (UTC)",
            "#Hours without a row",
        ];
        let mut table = Table::of("covered", "What the exports cover, and nothing else was looked at", &columns);
        let number = |number: u64| Cell::number(i64::try_from(number).unwrap_or(i64::MAX));
        for log in &self.coverage.covered {
            table.rows.push(Row::of([
                log.event_type.as_str().into(),
                Text::code(log.org.as_str()).into(),
                number(log.used),
                number(log.repeated),
                number(log.quarantined.values().sum()),
                log.first.map_or_else(Cell::default, Cell::time),
                log.last.map_or_else(Cell::default, Cell::time),
                log.hours.as_ref().map_or_else(Cell::default, |hours| number(hours.missing)),
            ]));
        }
        Section {
            id: "coverage",
            title: "Coverage".to_owned(),
            blocks: vec![Block::Table(table.without_empty_columns())],
        }
    }
}

const HOW_TO_READ: &str = "Logs tell how many rows were sent, not which ones. At least: the largest single reading of the \
                           object, a query with its pages or a bulk job. At most: every time that rows were sent.";

fn whose(story: &Story) -> String {
    let of = match story.taken {
        Taken::FromForeignNetworks => {
            "Counted are calls in the window that came from the networks that do not belong to it: those through the app, and those that name no app."
        }
        Taken::ByAnybody => {
            "No finding names a network that does not belong to the app: counted are all its calls in the window."
        }
    };
    let mut text = of.to_owned();
    let mut more = |number: u64, words: &str| {
        if number > 0 {
            text.extend([" ", &counted(number, "call"), words]);
        }
    };
    more(story.calls_without_address, " without an address, tied to nobody, left out.");
    more(story.impact.calls_without_object, " of which no row says the object.");
    more(story.impact.refused, " refused.");
    text
}

fn objects_table(story: &Story, number: usize, places: &mut Places) -> Table {
    let columns = [
        "Object",
        "#Rows at least",
        "#Rows at most",
        "Part of the object",
        "#Calls",
        "#Readings",
        "First (UTC)",
        "Last (UTC)",
        "Kinds of data",
        "Columns",
        "First row",
    ];
    let mut table = Table::of(
        format!("objects-{number}"),
        format!("Objects read through {}", name_of(Some(&story.app), "the app")),
        &columns,
    );
    for object in story.impact.objects.iter().take(MOST_ROWS) {
        let count = |number: u64| Cell::number(i64::try_from(number).unwrap_or(i64::MAX));
        let at_most = Cell::number(object.most);
        let at_most = if object.calls_without_rows > 0 {
            Cell { text: format!("{} or more", grouped(object.most)).into(), ..at_most }
        } else {
            at_most
        };
        let row = Row::of([
            Text::code(plain(&object.object)).into(),
            Cell::number(object.least),
            at_most,
            part(object).into(),
            count(object.calls),
            count(object.readings),
            Cell::time(object.first),
            Cell::time(object.last),
            classes(object).into(),
            columns_of(object).into(),
            places.link(&object.export, object.record).into(),
        ]);
        let tone = if crate::value::object::is_sensitive(&object.object) { Tone::Warning } else { Tone::Plain };
        table.rows.push(Row { tone, ..row });
    }
    table.note = left_out(story.impact.objects.len(), "impact");
    table
}

fn part(object: &ObjectImpact) -> String {
    match (object.coverage, object.size) {
        (Some((least, most)), Some(size)) => {
            let percent =
                if least.total_cmp(&most).is_eq() { format!("{least} %") } else { format!("{least} to {most} %") };
            let whence = if size.counted.is_some() { ", as a counting query in the exports has it" } else { "" };
            format!("{percent} of {}{whence}", grouped(size.rows))
        }
        _ => "size not known".to_owned(),
    }
}

fn classes(object: &ObjectImpact) -> String {
    let told = object.classes.iter().map(|(class, fields)| format!("{}: {}", plain(class), joined(fields)));
    told.collect::<Vec<_>>().join("; ")
}

fn columns_of(object: &ObjectImpact) -> String {
    let named: Vec<String> = object.columns.iter().take(COLUMNS).map(|column| plain(column)).collect();
    let mut text = named.join(", ");
    if object.columns.len() > COLUMNS {
        text = format!("{text} and {} more", object.columns.len() - COLUMNS);
    }
    if object.calls_without_columns > 0 {
        let without = format!("{} say none", counted(object.calls_without_columns, "call"));
        text = if text.is_empty() { without } else { format!("{text}; {without}") };
    }
    text
}
