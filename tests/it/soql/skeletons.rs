//! What queries have in common: a text and its skeleton are read alike, so texts with one skeleton are read alike.

use proptest::prelude::*;
use tokentrail::value::soql::{Fault, Query, read, skeleton};

/// Pieces around which strings and dates begin and end, and numbers that are no dates.
const PIECES: &[&str] = &[
    "SELECT ",
    "s",
    "Id",
    " FROM ",
    "A",
    " WHERE ",
    "B",
    " = ",
    " LIMIT ",
    " OFFSET ",
    " IN ",
    "(",
    ")",
    ",",
    ".",
    ":",
    "?",
    "'",
    "\"",
    "'x'",
    "''",
    "\"it's\"",
    "'%'",
    "\\",
    "/*",
    "*/",
    "--",
    "-",
    "+",
    "{",
    "}",
    "é",
    "\u{3000}",
    "\n",
    "2024",
    "2024-01-02",
    "2024-01-02T03:04:05.678+01:00",
    "2024-",
    "12024-7",
    "1.2024-7",
    "x2024-7",
    "T5",
    "Z",
    "5",
    "USD5",
    "LAST_N_DAYS:2024-7",
    "FIND ",
];

fn skeleton_of(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    skeleton(text.as_bytes(), &mut bytes).then(|| String::from_utf8(bytes).unwrap())
}

/// All that is read but literals and places.
fn without_literals(query: Query) -> (Query, Option<Fault>) {
    let fault = query.unread.map(|unread| unread.what);
    (Query { literals: Vec::new(), unread: None, ..query }, fault)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_is_read_as_its_skeleton_is(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30)) {
        let text: String = std::iter::once(&"SELECT ").chain(&pieces).copied().collect();
        if let Some(bones) = skeleton_of(&text) {
            let query = read(&text);
            prop_assert!(query.literals.iter().all(|literal| !literal.contains('%')));
            prop_assert_eq!(without_literals(query), without_literals(read(&bones)), "{}", bones);
            prop_assert_eq!(skeleton_of(&bones), Some(bones));
        }
    }
}

#[test]
fn ids_and_dates_do_not_count() {
    let of = |id: &str, date: &str| {
        skeleton_of(&format!(
            "SELECT Id FROM Task WHERE WhatId = '{id}' AND CreatedDate >= {date} AND Day = 2024-02-29"
        ))
    };
    assert!(of("a", "2024-01-01").is_some());
    assert_eq!(of("001Tr000001XRVPIA4", "2025-08-31T23:59:59.999Z"), of("001\"é", "1999-12-01T00:00:00.000Z"));
    assert_ne!(of("a", "2024-01-01"), of("a", "2024-01-01T00:00:00Z"));
}

#[test]
fn numbers_and_names_count() {
    for (one, other) in [
        ("SELECT Id FROM A LIMIT 2024", "SELECT Id FROM A LIMIT 2025"),
        ("SELECT Id FROM A LIMIT 2024-", "SELECT Id FROM A LIMIT 2025-"),
        ("SELECT Id FROM A2024-1", "SELECT Id FROM A2025-1"),
        ("SELECT F2024__c FROM A", "SELECT F2025__c FROM A"),
    ] {
        assert_ne!(skeleton_of(one).unwrap(), skeleton_of(other).unwrap());
    }
}

#[test]
fn what_is_hard_to_tell_has_none() {
    for text in [
        "",
        " SELECT Id FROM A",
        "FIND 'x' RETURNING A",
        "SELECT Id FROM A WHERE B = 'x",
        "SELECT Id FROM A WHERE B = 'O\\'Brien'",
        "SELECT Id FROM A WHERE B LIKE '%token%'",
        "SELECT Id /* it's */ FROM A",
        "SELECT Id -- it's\nFROM A",
        "SELECT {Id} FROM A",
    ] {
        assert_eq!(skeleton_of(text), None, "{text}");
    }
}
