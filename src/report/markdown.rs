//! A document as Markdown, as GitHub and most wikis read it. Figures are drawn in letters.

use std::fmt::{self, Write};

use super::document::{Block, Document, Drawing, Figure, Span, Table, Text, Tone};
use crate::words::{markdown as escaped, visible};

/// Writes the Markdown.
///
/// # Panics
/// Never: writing into memory does not fail.
pub fn markdown(document: &Document) -> String {
    let mut out = String::new();
    write(document, &mut out).expect("writing into memory does not fail");
    out
}

fn write(document: &Document, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}\n", escaped(&document.title))?;
    if !document.subtitle.is_empty() {
        writeln!(out, "{}\n", escaped(&document.subtitle))?;
    }
    for (name, value) in &document.about {
        writeln!(out, "- {name}: {}", escaped(value))?;
    }
    for section in &document.sections {
        writeln!(out, "\n<a id=\"{}\"></a>\n\n## {}", section.id, escaped(&section.title))?;
        for block in &section.blocks {
            out.push('\n');
            write_block(block, out)?;
        }
    }
    for file in &document.attachments {
        writeln!(out, "\n## {}\n\n`{}`\n", escaped(file.about), file.name)?;
        fenced(&file.content, out)?;
    }
    Ok(())
}

fn write_block(block: &Block, out: &mut String) -> fmt::Result {
    match block {
        Block::Heading { id, text } => writeln!(out, "<a id=\"{id}\"></a>\n\n### {}", spans(text)),
        Block::Paragraph { text } => writeln!(out, "{}", spans(text)),
        Block::Callout { title, paragraphs, .. } => {
            writeln!(out, "> **{}**", escaped(title))?;
            paragraphs.iter().try_for_each(|text| writeln!(out, ">\n> {}", spans(text)))
        }
        Block::List { ordered, items } => {
            let mark = if *ordered { "1." } else { "-" };
            items.iter().try_for_each(|text| writeln!(out, "{mark} {}", spans(text)))
        }
        Block::Table(table) => write_table(table, out),
        Block::Figure(figure) => write_figure(figure, out),
    }
}

fn spans(text: &Text) -> String {
    let span = |span: &Span| match span {
        // Between backticks nothing can be escaped: what is to be copied is escaped like all else.
        Span::Plain { text } | Span::Code { text } => escaped(text),
        Span::Strong { text } => format!("**{}**", escaped(text)),
        Span::Link { text, to } => format!("[{}](#{to})", escaped(text)),
        Span::Severity { severity } => format!("**{}**", severity.word()),
    };
    text.0.iter().map(span).collect()
}

fn write_table(table: &Table, out: &mut String) -> fmt::Result {
    writeln!(out, "<a id=\"{}\"></a>\n\n**{}**\n", table.id, escaped(&table.caption))?;
    let names: Vec<String> = table.columns.iter().map(|column| escaped(&column.name)).collect();
    writeln!(out, "| {} |", names.join(" | "))?;
    let rules: Vec<&str> = table.columns.iter().map(|column| if column.is_number { "--:" } else { "---" }).collect();
    writeln!(out, "|{}|", rules.join("|"))?;
    for row in &table.rows {
        let mut cells: Vec<String> = row.cells.iter().map(|cell| spans(&cell.text)).collect();
        if let Some(first) = cells.first_mut() {
            let anchor = row.id.as_ref().map(|id| format!("<a id=\"{id}\"></a>")).unwrap_or_default();
            *first = format!("{anchor}{}{first}", mark(row.tone));
        }
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    table.note.iter().try_for_each(|note| writeln!(out, "\n{}", escaped(note)))
}

fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "▲ ",
        Tone::Warning => "△ ",
        Tone::Unknown => "? ",
        Tone::Good => "✓ ",
        Tone::Plain => "",
    }
}

fn write_figure(figure: &Figure, out: &mut String) -> fmt::Result {
    writeln!(out, "<a id=\"{}\"></a>\n\n**{}**\n\n{}\n", figure.id, escaped(&figure.title), escaped(&figure.summary))?;
    let mut text = String::new();
    match &figure.drawing {
        Drawing::Spans { spans } => {
            for span in spans {
                let (from, until) = (span.from, span.until);
                writeln!(text, "{from} – {until}  {:<8}  {}", span.severity.word(), visible(&span.label))?;
            }
        }
        Drawing::Lanes { lanes, unit, .. } => {
            for lane in lanes {
                let total: u64 = lane.amounts.iter().sum();
                let label = visible(&lane.label);
                writeln!(text, "[{}]  {}{label}, {total} {unit}", bars(&lane.amounts), mark(lane.tone))?;
            }
        }
    }
    fenced(&text, out)
}

/// Amounts as bars, the greatest one as high as it goes; a blank is nothing.
fn bars(amounts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = amounts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |amount: &u64| match *amount {
        0 => ' ',
        amount => {
            let eighths = (u128::from(amount) * 8).div_ceil(u128::from(most));
            BARS[usize::try_from(eighths - 1).unwrap_or(7).min(7)]
        }
    };
    amounts.iter().map(bar).collect()
}

/// Text as it is, in a fence that nothing in it ends.
fn fenced(text: &str, out: &mut String) -> fmt::Result {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "{fence}text\n{}\n{fence}", text.trim_end())
}
