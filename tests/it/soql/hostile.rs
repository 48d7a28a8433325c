//! Texts that are broken, cut or made to hurt.

use tokentrail::value::soql::{Fault, MAX_DEPTH, MAX_LITERALS, MAX_NAMES, MAX_TEXT, Unread, read};

use super::sound;

#[test]
fn the_first_fault_is_named() {
    for (text, what, at) in [
        ("", Fault::NotAQuery, 0),
        (" \n", Fault::NotAQuery, 2),
        ("  query more", Fault::NotAQuery, 2),
        ("SELECTED Id FROM Account", Fault::NotAQuery, 0),
        ("(SELECT Id FROM Account)", Fault::NotAQuery, 0),
        ("DELETE FROM Account", Fault::NotAQuery, 0),
        ("SELECT Id FROM A WHERE B = 'x", Fault::UnclosedString, 27),
        ("SELECT Id FROM A WHERE B IN ('a', 'x\\", Fault::UnclosedString, 34),
        ("SELECT Id FROM A WHERE B = 'O'Brien'", Fault::UnexpectedWord, 30),
        ("SELECT Id FROM A /* no end", Fault::UnclosedComment, 17),
        ("SELECT Id FROM A /*/", Fault::UnclosedComment, 17),
        ("FIND {x RETURNING Account", Fault::UnclosedBrace, 5),
        ("SELECT Id FROM A WHERE (B IN ('a', ", Fault::UnclosedParenthesis, 23),
        ("SELECT (SELECT Id FROM Contacts", Fault::UnclosedParenthesis, 7),
        ("SELECT Id FROM A WHERE B = 1)", Fault::StrayParenthesis, 28),
        ("SELECT Id; FROM A", Fault::UnexpectedCharacter, 9),
        ("SELECT Id FROM A WHERE B ! 1", Fault::UnexpectedCharacter, 25),
        ("\0SELECT Id FROM A", Fault::UnexpectedCharacter, 0),
        ("SELECT ä FROM A", Fault::UnexpectedCharacter, 7),
        ("SELECT Id FROM A SELECT Id FROM B", Fault::UnexpectedWord, 17),
        ("SELECT Id FROM A WHERE B = 1 FROM C", Fault::UnexpectedWord, 29),
        ("SELECT Id FROM A WHERE (B = 1 LIMIT 5)", Fault::UnexpectedWord, 30),
        ("SELECT TYPEOF What WHEN A THEN B FROM C", Fault::UnexpectedWord, 33),
        ("SELECT FIELDS(SOME) FROM A", Fault::UnexpectedWord, 14),
        ("SELECT COUNT(Id FROM A", Fault::UnexpectedWord, 16),
        ("SELECT FROM A", Fault::UnexpectedWord, 7),
        ("SELECT Id, FROM A", Fault::UnexpectedWord, 11),
        ("SELECT Id = 5 FROM A", Fault::UnexpectedCharacter, 10),
        ("SELECT Id, 'x' FROM A", Fault::UnexpectedCharacter, 11),
        ("SELECT Id FROM A WHRE B = 1", Fault::UnexpectedCharacter, 24),
        ("SELECT Id FROM A LIMT 5", Fault::UnexpectedCharacter, 22),
        ("SELECT Id FROM 'A'", Fault::NoObject, 15),
        ("SELECT Id FROM , A", Fault::NoObject, 15),
        ("SELECT Id FROM (A)", Fault::NoObject, 15),
        ("FIND {x} RETURNING (Id)", Fault::NoObject, 19),
        ("SELECT Id, Na", Fault::NoObject, 13),
        ("SELECT", Fault::NoObject, 6),
        ("SELECT Id FROM", Fault::NoObject, 14),
        ("SELECT Id FROM A,", Fault::NoObject, 17),
        ("SELECT Id FROM WHERE B = 1", Fault::NoObject, 15),
        ("SELECT Id WHERE B = 1", Fault::NoObject, 10),
        ("SELECT (SELECT Id) FROM A", Fault::NoObject, 17),
        ("FIND {x} RETURNING", Fault::NoObject, 18),
        ("FIND", Fault::CutOff, 4),
        ("FIND {x} IN", Fault::CutOff, 11),
        ("SELECT Id FROM A WHERE", Fault::CutOff, 22),
        ("SELECT Id FROM A WHERE B =", Fault::CutOff, 26),
        ("SELECT Id FROM A LIMIT ", Fault::CutOff, 23),
        ("SELECT Id FROM A ORDER BY B,", Fault::CutOff, 28),
    ] {
        assert_eq!(read(text).unread, Some(Unread { what, at }), "{text:?}");
    }
}

#[test]
fn faults_are_words() {
    let unread = read("SELECT Id FROM A WHERE B = 'x").unread.unwrap();
    assert_eq!(unread.to_string(), "unclosed string at byte 27");
}

#[test]
fn what_can_be_read_is_read() {
    let query = read("[SELECT Id, Na\0me FROM Account WHERE B = 'O'Brien' LIMIT 5]");
    assert_eq!((query.objects, query.columns, query.filtered), (vec!["Account".to_owned()], 2, true));
    assert_eq!(query.literals, ["O", " LIMIT 5]"]);
    assert_eq!(query.limit, None, "it stands in a string that is not closed");
    assert_eq!(read("SELECT TYPEOF A WHEN B THEN C FROM Event LIMIT 5").objects, ["Event"]);
    assert_eq!(read("SELECT Id, = FROM Account").objects, ["Account"]);
    let nested = read("EXPLAIN (SELECT Id FROM Account WHERE Name = 'x')");
    assert_eq!((nested.objects, nested.columns, nested.filtered), (vec!["Account".to_owned()], 0, false));
    assert_eq!(read("DELETE FROM Account WHERE Name = 'x' LIMIT 5"), {
        let mut same = read("DELETE FROM Account WHERE Name = 'y' LIMIT 6");
        same.objects.clear();
        same
    });
}

#[test]
fn nesting_is_limited() {
    let nested = |depth| format!("SELECT Id FROM A WHERE {}B = 1{} LIMIT 5", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(sound(&nested(MAX_DEPTH)).limit, Some(5));
    let query = read(&nested(MAX_DEPTH + 1));
    assert_eq!(query.unread, Some(Unread { what: Fault::TooDeep, at: 23 + MAX_DEPTH }));
    assert_eq!((query.objects, query.limit), (vec!["A".to_owned()], None));
}

#[test]
fn objects_are_limited() {
    let joined = |count: usize| {
        let conditions: Vec<_> = (1..count).map(|i| format!("Id IN (SELECT Id FROM O{i})")).collect();
        format!("SELECT Id FROM Account WHERE {} LIMIT 5", conditions.join(" AND "))
    };
    assert_eq!(sound(&joined(MAX_NAMES)).objects.len(), MAX_NAMES);
    let query = read(&joined(MAX_NAMES + 1));
    assert_eq!((query.objects.len(), query.limit), (MAX_NAMES, Some(5)));
    assert_eq!(query.unread.unwrap().what, Fault::TooManyObjects);
    // The main object is kept even if it comes too late.
    let inner = joined(MAX_NAMES + 1).replace("LIMIT 5", "");
    let late = read(&format!("SELECT (SELECT Id FROM Kids WHERE Id IN ({inner})) FROM Main"));
    assert_eq!((late.objects.len(), late.objects[0].as_str()), (MAX_NAMES, "Main"));
}

#[test]
fn literals_are_limited() {
    let listed = |count: usize| format!("SELECT Id FROM A WHERE B IN ({}) LIMIT 5", vec!["'x'"; count].join(","));
    assert_eq!(sound(&listed(MAX_LITERALS - 1)).literals.len(), MAX_LITERALS - 1);
    assert_eq!(sound(&listed(MAX_LITERALS + 1)).literals.len(), MAX_LITERALS);
    assert_eq!(sound(&listed(MAX_LITERALS + 1)).limit, Some(5));
    let long = sound(&format!("SELECT Id FROM A WHERE B = 'a{}'", "é".repeat(MAX_TEXT)));
    assert_eq!(long.literals, [format!("a{}", "é".repeat((MAX_TEXT - 1) / 2))]);
    let name = sound(&format!("SELECT Id FROM {}", "A".repeat(MAX_TEXT + 1)));
    assert_eq!(name.objects, ["A".repeat(MAX_TEXT)]);
}
