//! Reports as they are written: nothing that somebody else has chosen means anything on a page, in a figure or in Markdown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::events::Event;
use sha2::{Digest, Sha256};
use tokentrail::finding::Severity;
use tokentrail::report::document::{
    Block, Cell, Document, Drawing, Figure, Lane, Row, Section, Span, Table, Text, TimeSpan, Tone,
};
use tokentrail::report::{figures, markdown::markdown, page::html};
use tokentrail::value::Time;
use tokentrail::value::time::HOUR;

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "</style></svg></code><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "{{ 7 * 7 }}{% include 'x' %}",
    "[link](javascript:alert(1)) | cell `code` **strong** <b>",
    "]]>\u{202e}gnp.exe\u{202c}\u{0}\u{1b}[2J",
    "```\n# heading\n~~~",
    "\u{1f469}\u{200d}\u{1f4bb}\u{e0001}",
];

fn time(text: &str) -> Time {
    Time::parse(text.as_bytes(), None).unwrap()
}

fn lanes() -> Figure {
    let (from, until) = (time("2025-08-17T00:00:00Z"), time("2025-08-18T00:00:00Z"));
    let lane = |(number, label): (usize, &&str)| Lane {
        label: (*label).to_owned(),
        tone: if number == 0 { Tone::Bad } else { Tone::Plain },
        amounts: (0..24).map(|hour| hour * number as u64).collect(),
    };
    let lanes = HOSTILE.iter().enumerate().map(lane).collect();
    let drawing = Drawing::Lanes { unit: "events", step: HOUR, judged_from: Some(Time(from.0 + 6 * HOUR)), lanes };
    Figure {
        id: "lanes".to_owned(),
        title: HOSTILE[0].to_owned(),
        summary: HOSTILE[2].to_owned(),
        from,
        until,
        drawing,
    }
}

fn spans() -> Figure {
    let (from, until) = (time("2025-08-17T00:00:00Z"), time("2025-08-17T00:00:00Z"));
    let span = |label: &&str| TimeSpan { label: (*label).to_owned(), severity: Severity::Critical, from, until };
    let drawing = Drawing::Spans { spans: HOSTILE.iter().map(span).collect() };
    Figure { id: "spans".to_owned(), title: "At one moment".to_owned(), summary: String::new(), from, until, drawing }
}

/// A document in which everything that can be hostile is.
fn document() -> Document {
    let mut table = Table::of("table", HOSTILE[4], &["#Number", "Text"]);
    let text = |text: &str| {
        let (plain, strong) = (Span::Plain { text: text.into() }, Span::Strong { text: text.into() });
        Text(vec![
            plain,
            strong,
            Span::Code { text: text.into() },
            Span::Link { text: text.into(), to: "table".into() },
        ])
    };
    for (number, hostile) in (0..).zip(HOSTILE) {
        table.rows.push(Row::of([Cell::number(number), text(hostile).into()]));
    }
    let items: Vec<Text> = HOSTILE.iter().map(|hostile| text(hostile)).collect();
    let callout = Block::Callout { tone: Tone::Bad, title: HOSTILE[1].to_owned(), paragraphs: items.clone() };
    let blocks = vec![
        callout,
        Block::Heading { id: "heading".to_owned(), text: text(HOSTILE[0]) },
        Block::List { ordered: true, items },
        Block::Table(table),
        Block::Figure(lanes()),
        Block::Figure(spans()),
    ];
    Document {
        title: HOSTILE[0].to_owned(),
        subtitle: HOSTILE[1].to_owned(),
        about: vec![("About", HOSTILE[3].to_owned())],
        sections: vec![Section { id: "section", title: HOSTILE[4].to_owned(), blocks }],
        attachments: Vec::new(),
    }
}

#[test]
fn nothing_on_a_page_is_more_than_text() {
    let page = html(&document());
    let body = page.split_once("</style>").unwrap().1.rsplit_once("<script>").unwrap().0;
    for means in ["<script", "<img", "<b>", " onmouseover=\"", "href=\"javascript", "{{", "style=\""] {
        // Two braces stand there as text; nothing was put in their place.
        let expected = if means == "{{" { body.contains("{{ 7 * 7 }}") } else { !body.contains(means) };
        assert!(expected, "{means} on the page");
    }
    assert!(body.contains("&lt;script&gt;alert(1)&lt;") && !body.contains("49{%"), "the name is not shown as it is");
    assert!(body.contains("\\u{202e}gnp.exe") && !body.contains(['\u{202e}', '\u{0}', '\u{1b}', '\u{e0001}']));
    assert_eq!(page, html(&document()), "the same bytes");
}

#[test]
fn the_policy_lets_only_our_own_style_and_script_in() {
    let page = html(&document());
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let inside = page.split_once(&format!("<{tag}>")).unwrap().1;
        let (inside, _) = inside.split_once(&format!("</{tag}>")).unwrap();
        let hash = STANDARD.encode(Sha256::digest(inside.as_bytes()));
        assert!(page.contains(&format!("{directive} 'sha256-{hash}';")), "{tag} is not what the policy names");
    }
    assert!(page.contains("default-src 'none';") && !page.contains("unsafe-inline"));
}

#[test]
fn figures_are_well_formed_and_hold_nothing_but_shapes_and_text() {
    for figure in [lanes(), spans()] {
        let drawn = figures::svg(&figure);
        let mut reader = quick_xml::Reader::from_str(&drawn);
        let mut texts = 0;
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    assert!(["svg", "rect", "line", "polyline", "text"].contains(&name.as_str()), "an element {name}");
                    texts += usize::from(name == "text");
                    for attribute in tag.attributes() {
                        let key = attribute.unwrap().key.as_ref().to_owned();
                        assert!(key != "style" && !key.starts_with("on") && !key.contains("href"), "{name} has {key}");
                    }
                }
                _ => {}
            }
        }
        assert!(texts > HOSTILE.len(), "labels are missing");
        assert!(!drawn.contains(['\u{202e}', '\u{0}', '\u{1b}']), "something hides");
    }
}

#[test]
fn a_lane_is_as_high_as_its_greatest_part_and_foreign_ones_are_marked() {
    let drawn = figures::svg(&lanes());
    let bars = |colour: &str| drawn.matches(&format!("fill=\"{colour}\"")).count();
    // Lane 0 is foreign and empty, the others have 23 parts that are not.
    assert_eq!((bars("#8FABC9"), bars("#9C230B")), (7 * 23, 0));
    assert!(drawn.contains("▲ &lt;script") && drawn.contains("before") && drawn.contains("judged"));
}

#[test]
fn nothing_in_markdown_is_more_than_text() {
    let told = markdown(&document());
    let (mut fence, mut outside) = (None, String::new());
    for line in told.lines() {
        let ticks = line.chars().take_while(|letter| *letter == '`').count();
        match fence {
            None if ticks > 2 => fence = Some(ticks),
            Some(opened) if ticks >= opened && line.len() == ticks => fence = None,
            None => outside.extend([line, "\n"]),
            Some(_) => {}
        }
    }
    assert_eq!(fence, None, "a fence stays open");
    let ours = outside.replace("<a id=\"", "").replace("\"></a>", "");
    for (at, letter) in ours.match_indices(['<', '`', '[']) {
        let before = ours[..at].chars().next_back();
        let is_our_link = letter == "[" && ours[at..].contains("](#table)");
        assert!(
            before == Some('\\') || is_our_link,
            "{letter} means something: {}",
            &ours[at..][..20.min(ours.len() - at)]
        );
    }
    assert!(!outside.lines().any(|line| line.starts_with("# heading") || line.starts_with("~~~")));
    for row in outside.lines().filter(|line| line.starts_with("| ")) {
        let cells = row.replace("\\|", "").matches('|').count();
        assert_eq!(cells, 3, "another number of cells: {row}");
    }
}
