//! A document as one HTML file that needs nothing else: no network, no other file, no script to be read.
//!
//! What it says is hostile. The template engine escapes all of it, and what hides in it is made visible first; the
//! content security policy lets nothing run but our own script and style, by their hashes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Environment, Output, State, Value, context, escape_formatter};
use sha2::{Digest, Sha256};

use super::document::{Block, Document};
use super::figures;
use crate::words::visible;

const PAGE: &str = include_str!("page.html");
const SPAN: &str = include_str!("span.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page.
///
/// # Panics
/// If the embedded templates cannot be filled, which a test excludes.
pub fn html(document: &Document) -> String {
    fill(document).expect("the embedded templates fit the document")
}

fn fill(document: &Document) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_formatter(shown);
    environment.add_template("page.html", PAGE)?;
    environment.add_template("span.html", SPAN)?;
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    let figures = blocks.filter_map(|block| match block {
        Block::Figure(figure) => Some((figure.id.clone(), Value::from_safe_string(figures::svg(figure)))),
        _ => None,
    });
    let figures: std::collections::BTreeMap<String, Value> = figures.collect();
    let attachments: Vec<Value> = document
        .attachments
        .iter()
        .map(|file| {
            let link = format!("data:{};base64,{}", file.media_type, STANDARD.encode(&file.content));
            context! { name => file.name, about => file.about, link }
        })
        .collect();
    environment.get_template("page.html")?.render(context! {
        document => Value::from(Serde(document)),
        figures,
        attachments,
        policy => Value::from_safe_string(policy()),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
    })
}

/// What the page may do: be read, in its own style, with its own script.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// Writes a value: of texts what hides first, then what means something in HTML.
fn shown(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(visible(text))),
        _ => escape_formatter(out, state, value),
    }
}
