//! Reading the text of queries: what each clause says. Shapes, skeletons, hostile texts and laws have their own files.

use tokentrail::value::soql::{FieldSet, Query, read};

mod hostile;
mod laws;
mod shapes;
mod skeletons;

/// What of a query is not its shape. Everything a case does not name is as in `SELECT Id FROM Account`.
#[derive(Clone, Copy)]
struct Asks {
    objects: &'static [&'static str],
    relationships: &'static [&'static str],
    columns: u32,
    counts: bool,
    fields: Option<FieldSet>,
    limit: Option<u64>,
    offset: Option<u64>,
    literals: &'static [&'static str],
    filtered: bool,
}

const PLAIN: Asks = Asks {
    objects: &["Account"],
    relationships: &[],
    columns: 1,
    counts: false,
    fields: None,
    limit: None,
    offset: None,
    literals: &[],
    filtered: false,
};

/// Reads a query that is right in all its parts.
fn sound(text: &str) -> Query {
    let query = read(text);
    assert_eq!(query.unread, None, "{text}");
    query
}

fn check(cases: &[(&str, Asks)]) {
    for (text, asks) in cases {
        let query = sound(text);
        assert_eq!(query.objects, asks.objects, "objects of {text}");
        assert_eq!(query.relationships, asks.relationships, "relationships of {text}");
        assert_eq!(query.columns, asks.columns, "columns of {text}");
        assert_eq!(query.counts, asks.counts, "counts of {text}");
        assert_eq!(query.fields, asks.fields, "fields of {text}");
        assert_eq!((query.limit, query.offset), (asks.limit, asks.offset), "limit and offset of {text}");
        assert_eq!(query.literals, asks.literals, "literals of {text}");
        assert_eq!(query.filtered, asks.filtered, "filter of {text}");
    }
}

#[test]
fn select_lists_are_counted() {
    check(&[
        ("SELECT Id FROM Account", PLAIN),
        ("select Id, Name, Owner.Name from Account", Asks { columns: 3, ..PLAIN }),
        (
            "SELECT Id, toLabel(Status) s, FORMAT(convertCurrency(Amount)) amt FROM Account",
            Asks { columns: 3, ..PLAIN },
        ),
        ("SELECT DISTANCE(Place__c, GEOLOCATION(37,-122), 'mi') FROM Account", PLAIN),
        (
            "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Opportunity THEN Amount, End ELSE Name, Id END, Id \
             FROM Event",
            Asks { objects: &["Event"], columns: 2, ..PLAIN },
        ),
        ("SELECT COUNT() FROM Account", Asks { counts: true, ..PLAIN }),
        ("SELECT Name n, count ( Id ) cnt FROM Account GROUP BY Name", Asks { columns: 2, counts: true, ..PLAIN }),
        ("SELECT FORMAT(COUNT(Id)) FROM Account", Asks { counts: true, ..PLAIN }),
        ("SELECT COUNT_DISTINCT(Id), Count FROM Account", Asks { columns: 2, ..PLAIN }),
        ("SELECT Id FROM Account GROUP BY Id HAVING COUNT(Id) > 1", PLAIN),
        (
            "SELECT Id, (SELECT COUNT(), FIELDS(ALL) FROM Contacts) FROM Account",
            Asks { relationships: &["Contacts"], columns: 2, ..PLAIN },
        ),
    ]);
}

#[test]
fn field_sets_are_known() {
    check(&[
        ("SELECT FIELDS(ALL) FROM Account LIMIT 200", Asks { fields: Some(FieldSet::All), limit: Some(200), ..PLAIN }),
        ("SELECT fields( Standard ) FROM Account", Asks { fields: Some(FieldSet::Standard), ..PLAIN }),
        ("SELECT Id, FIELDS(CUSTOM) FROM Account", Asks { columns: 2, fields: Some(FieldSet::Custom), ..PLAIN }),
        (
            "SELECT FIELDS(CUSTOM), FIELDS(STANDARD) FROM Account",
            Asks { columns: 2, fields: Some(FieldSet::All), ..PLAIN },
        ),
        ("SELECT Fields, Other(ALL) FROM Account", Asks { columns: 2, ..PLAIN }),
    ]);
}

#[test]
fn objects_and_relationships_are_told_apart() {
    check(&[
        ("SELECT Id FROM ns__Obj__c AS o", Asks { objects: &["ns__Obj__c"], ..PLAIN }),
        ("SELECT a.Id FROM Account a, a.Contacts c", Asks { relationships: &["Contacts"], ..PLAIN }),
        ("SELECT Id FROM Account AS a, a.Contacts AS c, c.Owner.Role", {
            Asks { relationships: &["Contacts", "Owner.Role"], ..PLAIN }
        }),
        ("SELECT Id FROM Account.Contacts", Asks { relationships: &["Contacts"], ..PLAIN }),
        (
            "SELECT Name, (SELECT Contact.LastName FROM Account.Contacts), (SELECT Id FROM Cases), \
             (SELECT Id FROM cases) FROM Account",
            Asks { relationships: &["Contacts", "Cases"], columns: 4, ..PLAIN },
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'apple%') AND \
             (Id NOT IN (SELECT AccountId FROM account) OR NOT Name = 'b')",
            Asks { objects: &["Account", "Contact"], literals: &["apple%", "b"], filtered: true, ..PLAIN },
        ),
        // The main object is first, wherever it stands.
        (
            "SELECT Id, (SELECT Id FROM Contacts WHERE Id IN (SELECT ContactId FROM Case)) FROM Account",
            Asks { objects: &["Account", "Case"], relationships: &["Contacts"], columns: 2, ..PLAIN },
        ),
        (
            "SELECT (SELECT Id FROM Kids WHERE Id IN (SELECT A FROM X) AND Id IN (SELECT B FROM account)) FROM Account",
            Asks { objects: &["account", "X"], relationships: &["Kids"], ..PLAIN },
        ),
    ]);
}

#[test]
fn keywords_may_be_names() {
    check(&[
        ("SELECT Id FROM Order ORDER BY Id", Asks { objects: &["Order"], ..PLAIN }),
        ("SELECT Id FROM Group", Asks { objects: &["Group"], ..PLAIN }),
        ("SELECT Id FROM Group GROUP BY Id LIMIT 3", Asks { objects: &["Group"], limit: Some(3), ..PLAIN }),
        ("SELECT Limit__c, Limit, Order, Group.Name FROM Account ORDER BY Limit LIMIT 7", {
            Asks { columns: 4, limit: Some(7), ..PLAIN }
        }),
        ("SELECT COUNT(Id) offset, Max(Id) order FROM Account all", Asks { columns: 2, counts: true, ..PLAIN }),
        ("SELECT Id FROM Account WHERE End = 'x' AND Limit = 'y' OFFSET 2", {
            Asks { literals: &["x", "y"], filtered: true, offset: Some(2), ..PLAIN }
        }),
        ("SELECT Id FROM Order order ORDER BY order.Id", Asks { objects: &["Order"], ..PLAIN }),
    ]);
}

#[test]
fn limits_are_those_of_the_main_query() {
    let limited = |limit, offset| Asks { limit, offset, ..PLAIN };
    check(&[
        ("SELECT Id FROM Account LIMIT 10 OFFSET 20", limited(Some(10), Some(20))),
        ("SELECT Id FROM Account LIMIT 0", limited(Some(0), None)),
        ("SELECT Id FROM Account LIMIT :n OFFSET : m", limited(None, None)),
        ("SELECT Id FROM Account LIMIT 99999999999999999999 OFFSET -1", limited(None, None)),
        (
            "SELECT Id, (SELECT Id FROM Contacts LIMIT 5 OFFSET 6) FROM Account OFFSET 4",
            Asks { relationships: &["Contacts"], columns: 2, ..limited(None, Some(4)) },
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact LIMIT 5) AND Limit = 3",
            Asks { objects: &["Account", "Contact"], filtered: true, ..PLAIN },
        ),
    ]);
}

#[test]
fn filters_are_those_of_the_main_query_and_strings_of_all() {
    let literals = |literals| Asks { literals, filtered: true, ..PLAIN };
    check(&[
        (
            "SELECT Id, (SELECT Id FROM Contacts WHERE Name = 'x') FROM Account",
            Asks { relationships: &["Contacts"], columns: 2, literals: &["x"], ..PLAIN },
        ),
        ("SELECT Id FROM Account GROUP BY Id HAVING Name LIKE 'a%'", PLAIN),
        (
            "SELECT Id FROM Account WHERE A = 1 AND B = 2024-01-01 AND C > LAST_N_DAYS:30 AND D = TODAY AND E != null \
             AND F = TRUE AND G IN :ids AND H < USD5000",
            literals(&[]),
        ),
        (r"SELECT Id FROM Account WHERE Name IN ('O\'Brien', 'a\\', '\n\T', '', '\u00e9')", {
            literals(&["O'Brien", "a\\", "\n\t", "", "é"])
        }),
        (r"SELECT Id FROM Account WHERE Name LIKE '100\%\_%' OR Name = '\q\ud800\u12'", {
            literals(&[r"100\%\_%", r"\q\ud800\u12"])
        }),
        (r#"SELECT Id FROM Account WHERE Name = "it's""#, literals(&["it's"])),
        (
            "SELECT Id FROM Account WHERE S__c INCLUDES ('a;b', 'c') OR S__c EXCLUDES ('d')",
            literals(&["a;b", "c", "d"]),
        ),
        ("SELECT Id FROM Account WHERE DISTANCE(P__c, GEOLOCATION(37,-122), 'mi') < 20", literals(&["mi"])),
    ]);
}

#[test]
fn rare_clauses_are_sound() {
    check(&[
        ("SELECT Id FROM Account USING SCOPE mine WHERE Id = 'x' LIMIT 1", {
            Asks { literals: &["x"], filtered: true, limit: Some(1), ..PLAIN }
        }),
        ("SELECT Id FROM Account WITH SECURITY_ENFORCED ORDER BY Name DESC NULLS LAST, Id ASC LIMIT 2", {
            Asks { limit: Some(2), ..PLAIN }
        }),
        ("SELECT Id FROM Account WITH DATA CATEGORY Geography__c ABOVE usa__c AND P__c AT (a__c, b__c) LIMIT 2", {
            Asks { limit: Some(2), ..PLAIN }
        }),
        ("SELECT A, B FROM Account GROUP BY ROLLUP(A, B) HAVING CALENDAR_YEAR(C) > 2 ORDER BY GROUPING(A)", {
            Asks { columns: 2, ..PLAIN }
        }),
        ("SELECT Id FROM Account LIMIT 1 FOR VIEW", Asks { limit: Some(1), ..PLAIN }),
        ("SELECT Id FROM Account FOR REFERENCE UPDATE TRACKING", PLAIN),
        ("SELECT Id FROM Account WHERE Id != '1' ALL ROWS", Asks { literals: &["1"], filtered: true, ..PLAIN }),
        ("SELECT Id FROM Account FOR UPDATE", PLAIN),
        ("/* a */ SELECT Id -- b 'c\n, Name/**/FROM\u{a0}Account\u{feff}", Asks { columns: 2, ..PLAIN }),
    ]);
}

#[test]
fn searches_are_read() {
    let found = Asks { columns: 0, literals: &["Joe Smith"], ..PLAIN };
    check(&[
        ("FIND {Joe Smith}", Asks { objects: &[], ..found }),
        ("FIND {Joe Smith} IN ALL FIELDS RETURNING Account", found),
        ("find 'Joe Smith' in name fields returning Account(Id, Name), Contact", {
            Asks { objects: &["Account", "Contact"], columns: 2, ..found }
        }),
        (
            r"FIND {a\} or b} RETURNING Order(Id, toLabel(X) WHERE Name = 'x' ORDER BY Name LIMIT 3 OFFSET 1), Group(Id)
              WITH DIVISION = 'Global' WITH SNIPPET (target_length=120) LIMIT 10 UPDATE TRACKING",
            Asks {
                objects: &["Order", "Group"],
                columns: 3,
                literals: &[r"a\} or b", "x"],
                limit: Some(10),
                filtered: true,
                ..PLAIN
            },
        ),
        ("FIND :term RETURNING Account(COUNT() USING ListView = Recent)", {
            Asks { columns: 1, counts: true, literals: &[], ..found }
        }),
    ]);
}
