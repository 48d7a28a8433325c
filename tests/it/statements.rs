//! Every statement of the documents that can be checked, and what checks it: `statements.toml`, shown in `STATEMENTS.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use tokentrail::apps::scopes::{self, Risks};
use tokentrail::checks;
use tokentrail::detectors;
use tokentrail::finding::Severity;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    documents: BTreeMap<String, String>,
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Statement {
    id: String,
    says: String,
    held_by: Vec<String>,
    not_checkable: Option<String>,
    handling: Option<String>,
    test: String,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Table {
    let text = fs::read_to_string(repository().join("tests/it/statements.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

#[test]
fn every_statement_of_every_document_is_there_once_and_in_order() {
    let rows = |document: &'static str, count: usize| (1..=count).map(move |row| format!("{document}-{row}"));
    let all = rows("S0", 18).chain(rows("S1", 18)).chain(rows("S2", 9)).chain(rows("S3", 12)).chain(rows("S4", 9));
    let table = table();
    let found: Vec<String> = table.statement.iter().map(|statement| statement.id.clone()).collect();
    assert_eq!(found, all.collect::<Vec<_>>());
    let documents: BTreeSet<&str> = found.iter().map(|id| &id[..2]).collect();
    assert_eq!(table.documents.keys().map(String::as_str).collect::<BTreeSet<_>>(), documents);
}

#[test]
fn what_holds_a_statement_exists() {
    let exists = |id: &str| detectors::find(id).is_some() || checks::find(id).is_some();
    let told: Vec<Statement> = table().statement;
    for statement in &told {
        for id in &statement.held_by {
            assert!(exists(id) || id.starts_with("`tokentrail "), "{}: {id}", statement.id);
        }
        assert!(statement.says.ends_with('.') && !statement.says.contains(['|', '\n']), "{}", statement.id);
    }
    // Checks of this project's own stand behind no statement.
    let own = ["ranges-lost-in-move", "tokens-orphaned"];
    let checks = checks::ALL.iter().map(|check| check.id);
    for id in checks.filter(|id| !own.contains(id)) {
        assert!(told.iter().any(|statement| statement.held_by.iter().any(|by| *by == id)), "{id} holds nothing");
    }
}

#[test]
fn what_cannot_be_checked_says_why() {
    for statement in table().statement {
        assert_eq!(statement.held_by.is_empty(), statement.not_checkable.is_some(), "{}", statement.id);
    }
}

/// A test that is named is there: a function of a file, or a file (`coverage::`).
#[test]
fn tests_that_are_named_are_there() {
    let tests = repository().join("tests/it");
    for statement in table().statement {
        let (module, function) = statement.test.rsplit_once("::").unwrap_or_else(|| panic!("{}", statement.id));
        let path = tests.join(module.replace("::", "/")).with_extension("rs");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", statement.id));
        let is_there = function.is_empty() || text.contains(&format!("#[test]\nfn {function}()"));
        assert!(is_there, "{}: {}", statement.id, statement.test);
    }
}

/// S1-3 and S3-1: the scopes that documents name, with the risks that they give, but for `web` (conflict with Salesforce).
#[test]
fn scopes_are_as_risky_as_the_documents_say() {
    let risks = Risks::default();
    let risk = |name: &str| scopes::find(name).map(|scope| risks.of(scope));
    for (name, expected) in [
        ("full", Severity::Critical),
        ("api", Severity::Medium),
        ("refresh_token", Severity::Medium),
        ("web", Severity::Medium),
        ("chatter_api", Severity::Low),
        ("openid", Severity::Low),
        ("custom_permissions", Severity::Low),
    ] {
        assert_eq!(risk(name), Some(expected), "{name}");
    }
}

#[test]
fn the_page_shows_the_table() {
    let path = repository().join("STATEMENTS.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- statements -->\n").expect("the marker");
    let (shown, after) = rest.split_once("<!-- /statements -->").expect("the marker");
    let written = markdown(&table());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{before}<!-- statements -->\n{written}<!-- /statements -->{after}")).unwrap();
    } else {
        assert!(shown == written, "STATEMENTS.md is not what statements.toml says: UPDATE=1 writes it");
    }
}

fn markdown(table: &Table) -> String {
    let mut text = String::new();
    for (document, title) in &table.documents {
        let _ = write!(text, "\n## {document}: {title}\n\n");
        text.push_str("| | the document says | held by | how it is handled |\n|---|---|---|---|\n");
        for statement in table.statement.iter().filter(|statement| statement.id.starts_with(document)) {
            let shown = |id: &String| match id.as_str() {
                command if command.starts_with('`') => command.to_owned(),
                id => format!("`{id}`"),
            };
            let held: Vec<String> = statement.held_by.iter().map(shown).collect();
            let held = held.join(", ");
            let handling = match (&statement.not_checkable, &statement.handling) {
                (Some(why), _) => format!("Not checkable: {why}"),
                (None, handling) => handling.clone().unwrap_or_default(),
            };
            let _ = writeln!(text, "| {} | {} | {held} | {handling} |", statement.id, statement.says);
        }
    }
    text.push('\n');
    text
}
