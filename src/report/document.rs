//! A report as sections of text, tables and figures, whatever it is written as: a page, or Markdown.
//!
//! Texts may be hostile: writers escape all of them. Anchors are our own: letters, digits and dashes.

use serde::Serialize;

use crate::finding::Severity;
use crate::value::Time;

/// All of it, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Document {
    /// The title.
    pub title: String,
    /// What it is about, in a line: the organisation, the window.
    pub subtitle: String,
    /// What is known of the report itself: version, inputs, "now". Names and values.
    pub about: Vec<(&'static str, String)>,
    /// The sections.
    pub sections: Vec<Section>,
    /// Files that a reader can take out of it.
    pub attachments: Vec<Attachment>,
}

/// A part with a heading.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Section {
    /// Its anchor.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    /// A heading below the section's.
    Heading {
        /// Its anchor.
        id: String,
        /// What it says.
        text: Text,
    },
    /// A paragraph.
    Paragraph {
        /// What it says.
        text: Text,
    },
    /// What has to be seen first.
    Callout {
        /// How it looks.
        tone: Tone,
        /// In a few words.
        title: String,
        /// More, a paragraph each.
        paragraphs: Vec<Text>,
    },
    /// Points; numbered if their order matters.
    List {
        /// Whether their order matters.
        ordered: bool,
        /// The points.
        items: Vec<Text>,
    },
    /// A table.
    Table(Table),
    /// A figure.
    Figure(Figure),
}

/// How something looks, besides its words: nothing is said by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// As everything.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// To be looked at.
    Warning,
    /// To be acted on.
    Bad,
    /// Not known, not covered.
    Unknown,
}

/// A line of text with links in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Span>);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Span {
    /// As it is.
    Plain {
        /// What it says.
        text: String,
    },
    /// What stands out.
    Strong {
        /// What it says.
        text: String,
    },
    /// Something to copy: an address, a command, a call.
    Code {
        /// What it says.
        text: String,
    },
    /// A link within the report.
    Link {
        /// What it says.
        text: String,
        /// The anchor that it leads to.
        to: String,
    },
    /// How soon to look.
    Severity {
        /// The severity, whose word is shown.
        severity: Severity,
    },
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// Its anchor.
    pub id: String,
    /// What it tells.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, as long as `columns` each.
    pub rows: Vec<Row>,
    /// What it leaves out.
    pub note: Option<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether it holds numbers, which stand at the right.
    pub is_number: bool,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// Its anchor, if something links to it.
    pub id: Option<String>,
    /// How it looks.
    pub tone: Tone,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// What it says.
    pub text: Text,
    /// What it is sorted by, if not by its text.
    pub sort: Option<f64>,
    /// How it looks.
    pub tone: Tone,
}

/// A figure. What it shows is told by its summary and by a table beside it, too.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its anchor.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What is to be seen in it, in a sentence, for who does not see it.
    pub summary: String,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// What is drawn.
    pub drawing: Drawing,
}

/// What is drawn against time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Drawing {
    /// Bars from one time to another, a line each.
    Spans {
        /// The lines.
        spans: Vec<TimeSpan>,
    },
    /// Amounts by equal parts of the time, a lane each.
    Lanes {
        /// What is counted, for example `events` or `rows`.
        unit: &'static str,
        /// How long a part is, in microseconds.
        step: i64,
        /// From when on something is judged: what is before is what was usual. Drawn as a line.
        judged_from: Option<Time>,
        /// The lanes.
        lanes: Vec<Lane>,
    },
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeSpan {
    /// What it is. Hostile text.
    pub label: String,
    /// How severe it is.
    pub severity: Severity,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
}

/// A lane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lane {
    /// What it is. Hostile text.
    pub label: String,
    /// How it looks: [`Tone::Bad`] is what the report is about.
    pub tone: Tone,
    /// Amounts, part by part from the figure's beginning.
    pub amounts: Vec<u64>,
}

/// A file within the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its name: our own, no path.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What it says.
    pub content: String,
}

impl Text {
    /// Text as it is.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Span::Plain { text: text.into() }])
    }

    /// Something to copy.
    pub fn code(text: impl Into<String>) -> Self {
        Self(vec![Span::Code { text: text.into() }])
    }

    /// A link within the report.
    pub fn link(text: impl Into<String>, to: impl Into<String>) -> Self {
        Self(vec![Span::Link { text: text.into(), to: to.into() }])
    }

    /// The same, and then something else.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// The words of it, without anything else.
    pub fn words(&self) -> String {
        self.0.iter().map(Span::words).collect()
    }
}

impl Span {
    /// What it says.
    pub fn words(&self) -> &str {
        match self {
            Self::Plain { text } | Self::Strong { text } | Self::Code { text } | Self::Link { text, .. } => text,
            Self::Severity { severity } => severity.word(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl From<Severity> for Text {
    fn from(severity: Severity) -> Self {
        Self(vec![Span::Severity { severity }])
    }
}

impl<T: Into<Text>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Cell {
    /// A whole number, with commas between thousands.
    pub fn number(number: i64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "it is what rows are sorted by, not what is shown")]
        let sort = Some(number as f64);
        Self { text: grouped(number).into(), sort, ..Self::default() }
    }

    /// A point in time, to the second.
    pub fn time(time: Time) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "it is what rows are sorted by, not what is shown")]
        let sort = Some(time.0 as f64);
        Self { text: when(time).into(), sort, ..Self::default() }
    }

    /// How soon to look.
    pub fn severity(severity: Severity) -> Self {
        Self { sort: Some(f64::from(severity as u8)), ..severity.into() }
    }

    /// The same, looking so.
    #[must_use]
    pub fn in_tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same, leading to an anchor.
    #[must_use]
    pub fn linked(mut self, to: impl Into<String>) -> Self {
        self.text = Text::link(self.text.words(), to);
        self
    }
}

impl Row {
    /// A row of cells.
    pub fn of(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { cells: cells.into_iter().collect(), ..Self::default() }
    }
}

impl Table {
    /// The same, without columns that say nothing in any row.
    #[must_use]
    pub fn without_empty_columns(mut self) -> Self {
        let says = |at: usize| {
            self.rows.iter().any(|row| {
                row.cells.get(at).is_some_and(|cell| !cell.text.0.is_empty() && !cell.text.words().is_empty())
            })
        };
        let kept: Vec<bool> = (0..self.columns.len()).map(says).collect();
        if self.rows.is_empty() {
            return self;
        }
        let keep = |at: usize| kept.get(at).copied().unwrap_or(true);
        let mut at = 0..;
        self.columns.retain(|_| at.next().is_none_or(keep));
        for row in &mut self.rows {
            let mut at = 0..;
            row.cells.retain(|_| at.next().is_none_or(keep));
        }
        self
    }

    /// A table without rows; names that begin with `#` are of numbers.
    pub fn of(id: impl Into<String>, caption: impl Into<String>, columns: &[&str]) -> Self {
        let column =
            |name: &&str| Column { name: name.trim_start_matches('#').to_owned(), is_number: name.starts_with('#') };
        Self {
            id: id.into(),
            caption: caption.into(),
            columns: columns.iter().map(column).collect(),
            ..Self::default()
        }
    }
}

/// A point in time as people read it, to the second: `2025-08-17 11:12:33`.
pub fn when(time: Time) -> String {
    let text = time.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// `1482113` as `1,482,113`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(-1234), "−1,234");
        assert_eq!(grouped(1_482_113), "1,482,113");
    }
}
