//! What holds for every text.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tokentrail::value::soql::{Fault, MAX_LITERALS, MAX_NAMES, MAX_SHAPE, MAX_TEXT, Query, read};

const LONG: &str = r#"SELECT Id, toLabel(Status) s, FORMAT(convertCurrency(Amount)) amt,
    TYPEOF What WHEN Account THEN Phone,
    Name ELSE Id END, (SELECT LastName FROM Account.Contacts c WHERE Näme = 'é\'\\\u00e9' LIMIT 3) /* … */
    FROM Opportunity AS o, o.Owner w USING SCOPE mine -- mine
    WHERE (Id IN (SELECT OpportunityId FROM ns__Obj__c WHERE X NOT IN ('日本', "b", :c))
    AND Day >= 2024-01-01T00:00:00+01:00)
    OR DISTANCE(P__c, GEOLOCATION(37,-122.5), 'mi') < 20 AND C = LAST_N_DAYS:30 AND D > USD5000
    WITH DATA CATEGORY G__c AT (a__c, b__c) GROUP BY ROLLUP(Name) HAVING COUNT(Id) > 1 ORDER BY Name DESC NULLS LAST
    LIMIT 10 OFFSET 5 FOR VIEW UPDATE TRACKING ALL ROWS"#;

/// Pieces that queries are made of, and some that have no place in one.
const PIECES: &[&str] = &[
    "SELECT",
    "FIND",
    "FROM",
    "WHERE",
    "AND",
    "NOT",
    "IN",
    "LIKE",
    "LIMIT",
    "OFFSET",
    "ORDER",
    "GROUP",
    "BY",
    "HAVING",
    "USING",
    "SCOPE",
    "WITH",
    "FOR",
    "UPDATE",
    "VIEW",
    "ALL",
    "ROWS",
    "TYPEOF",
    "WHEN",
    "THEN",
    "END",
    "RETURNING",
    "AS",
    "NULL",
    "TODAY",
    "ROLLUP",
    "FIELDS",
    "COUNT",
    "Account",
    "a.Contacts",
    "Näme",
    "LAST_N_DAYS:30",
    "USD5000",
    "2024-01-01",
    "-5",
    ":x",
    "'a'",
    "'\\'é'",
    "\"b\"",
    "{t}",
    "?",
    "(",
    ")",
    ",",
    ".",
    "=",
    "<>",
    "!",
    "\0",
    ";",
    "/**/",
    "--\n",
    "\\",
];

/// Pieces after which the rest of the text is something else.
const OPENERS: &[&str] = &["'", "\"", "{", "/*", "--", "\\", ":", "-"];

/// What pieces may come after, so that they reach every clause.
const STARTS: &[&str] = &["", "SELECT ", "SELECT Id FROM A ", "SELECT Id FROM A WHERE B = 1 ", "FIND {x} RETURNING A "];

/// What may stand between two pieces without a meaning.
const BLANKS: &[&str] = &["\n", "\t ", "/* ' ( */", " --'\n", "\u{3000}"];

fn check(text: &str, query: &Query) {
    assert!(query.shape.len() <= MAX_SHAPE);
    assert!(!query.shape.contains(char::is_control), "{:?}", query.shape);
    assert!(query.objects.len() <= MAX_NAMES && query.relationships.len() <= MAX_NAMES);
    assert!(query.literals.len() <= MAX_LITERALS);
    let texts = [&query.objects, &query.relationships, &query.literals];
    assert!(texts.into_iter().flatten().all(|kept| kept.len() <= MAX_TEXT));
    match query.unread {
        Some(unread) => assert!(text.is_char_boundary(unread.at), "{unread:?}"),
        None if query.shape.starts_with("SELECT") => assert!(!query.objects.is_empty() && query.columns > 0, "{text}"),
        None => assert!(query.shape.starts_with("FIND"), "{text}"),
    }
}

#[test]
fn every_part_of_a_query_can_be_read() {
    let whole = read(LONG);
    assert_eq!(whole.unread.unwrap().what, Fault::UnexpectedCharacter, "ä in a name");
    assert_eq!(whole.objects, ["Opportunity", "ns__Obj__c"]);
    assert_eq!(whole.relationships, ["Contacts", "Owner"]);
    assert_eq!((whole.columns, whole.limit, whole.offset), (5, Some(10), Some(5)));
    assert_eq!(whole.literals, ["é'\\é", "日本", "b", "mi"]);
    for (at, _) in LONG.char_indices() {
        check(&LONG[..at], &read(&LONG[..at]));
        check(&LONG[at..], &read(&LONG[at..]));
    }
}

#[test]
fn time_is_linear() {
    for piece in [
        "(",
        "SELECT(",
        "SELECT ",
        "(SELECT Id FROM A)",
        "'",
        "'a',",
        "{",
        "/*",
        "/**/",
        "--",
        "-1",
        ":",
        ".",
        "a.",
        "\0",
    ] {
        let (started, text) = (Instant::now(), piece.repeat(1_000_000 / piece.len()));
        for text in [&text, &format!("SELECT Id FROM A WHERE B IN ({text}")] {
            check(text, &read(text));
        }
        // What takes quadratic time takes far longer.
        assert!(started.elapsed() < Duration::from_secs(10), "{piece}: {:?}", started.elapsed());
    }
}

#[test]
fn nesting_costs_nothing() {
    for piece in ["(", "SELECT("] {
        let text = piece.repeat(10_000_000 / piece.len());
        let started = Instant::now();
        assert!(matches!(read(&text).unread.unwrap().what, Fault::NotAQuery | Fault::TooDeep));
        assert!(started.elapsed() < Duration::from_secs(2), "{piece}: {:?}", started.elapsed());
    }
}

/// A part of a sound query, in two spellings that differ in literals and case only.
fn spellings() -> impl Strategy<Value = (String, String)> {
    let literal = || {
        prop_oneof![
            "'[a-z(),\u{e9}]{0,5}'",
            "\"[a-z' ]{0,5}\"",
            "-?[0-9]{1,5}(\\.[0-9])?",
            ":[a-z]{1,3}",
            Just("2024-01-01T00:00:00Z".to_owned()),
            Just("next_n_weeks:7".to_owned()),
            Just("Yesterday".to_owned()),
            Just("EUR1.5".to_owned()),
        ]
    };
    let list = move || prop::collection::vec(literal(), 1..5).prop_map(|items| format!("( {} )", items.join(" , ")));
    let condition = prop_oneof![
        (literal(), literal()).prop_map(|(a, b)| (format!("Name = {a}"), format!("NAME = {b}"))),
        (literal(), literal()).prop_map(|(a, b)| (format!("x.Y >= {a}"), format!("X.y >= {b}"))),
        (list(), list()).prop_map(|(a, b)| (format!("Id not in {a}"), format!("id NOT IN {b}"))),
        (list(), list()).prop_map(|(a, b)| {
            (format!("Id in ( select Id from B where C in {a} )"), format!("ID IN ( SELECT iD FROM b WHERE c IN {b} )"))
        }),
    ];
    (prop::collection::vec(condition, 1..4), literal(), literal()).prop_map(|(conditions, a, b)| {
        let (one, other): (Vec<_>, Vec<_>) = conditions.into_iter().unzip();
        (
            format!("select Id , count ( Name ) n from Order where {} limit {a}", one.join(" and ")),
            format!("SELECT ID , Count ( naMe ) N FROM order WHERE {} LIMIT {b}", other.join(" AND ")),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_read(text in any::<String>()) {
        check(&text, &read(&text));
    }

    #[test]
    fn any_pieces_can_be_read(
        start in prop::sample::select(STARTS),
        pieces in prop::collection::vec((
            prop_oneof![9 => prop::sample::select(PIECES), 1 => prop::sample::select(OPENERS)],
            prop::sample::select(&["", " "][..]),
        ), 0..40),
    ) {
        let pairs = pieces.iter().flat_map(|(piece, blank)| [*piece, *blank]);
        let text: String = std::iter::once(start).chain(pairs).collect();
        let query = read(&text);
        check(&text, &query);
        // A shape is a query of the same shape, unless a dot that stood alone has made one name of two words.
        if pieces.iter().all(|(piece, _)| *piece != ".") {
            prop_assert_eq!(&read(&query.shape).shape, &query.shape);
            prop_assert_eq!(read(&query.shape).fingerprint, query.fingerprint);
        }
    }

    #[test]
    fn literals_and_case_do_not_count((one, other) in spellings()) {
        let (one, other) = (read(&one), read(&other));
        prop_assert_eq!(one.unread, None);
        prop_assert_eq!(&one.shape, &other.shape);
        prop_assert_eq!(one.fingerprint, other.fingerprint);
        prop_assert_eq!(&one.objects[0], "Order");
        prop_assert_eq!((one.columns, one.counts, one.filtered), (2, true, true));
    }

    #[test]
    fn layout_does_not_count(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        blanks in prop::collection::vec(prop::sample::select(BLANKS), 40),
    ) {
        let spaced = |blanks: &[&str]| -> String {
            pieces.iter().zip(blanks).flat_map(|(piece, blank)| [*piece, *blank]).collect()
        };
        let (one, other) = (read(&spaced(&[" "; 40])), read(&spaced(&blanks)));
        prop_assert_eq!(&one.shape, &other.shape);
        prop_assert_eq!(one.fingerprint, other.fingerprint);
        prop_assert_eq!(&one.objects, &other.objects);
        prop_assert_eq!((one.columns, one.limit, &one.literals), (other.columns, other.limit, &other.literals));
    }
}
