//! The shape and the fingerprint: what makes queries equal, and what does not.

use tokentrail::value::soql::{MAX_SHAPE, read};

use super::sound;

#[test]
fn shapes_are_normal() {
    for (text, shape) in [
        ("select  ID ,name from ACCOUNT", "SELECT id, name FROM account"),
        ("SELECT Id FROM Order ORDER BY Id desc nulls last", "SELECT id FROM order ORDER BY id DESC NULLS LAST"),
        ("SELECT COUNT (Id)cnt FROM Group GROUP BY A", "SELECT count(id) cnt FROM group GROUP BY a"),
        ("SELECT FIELDS(ALL) FROM A limit 200", "SELECT fields(all) FROM a LIMIT ?"),
        ("SELECT Id FROM A WHERE B in('x' , \"y\",:z)", "SELECT id FROM a WHERE b IN (?)"),
        ("SELECT Id FROM A WHERE B NOT IN (null,'x','y',TRUE)", "SELECT id FROM a WHERE b NOT IN (NULL, ?, TRUE)"),
        ("SELECT Id FROM A WHERE B IN (SELECT c FROM d)", "SELECT id FROM a WHERE b IN (SELECT c FROM d)"),
        ("SELECT Id FROM A WHERE(B=1 AND NOT(C<>-2.5))", "SELECT id FROM a WHERE (b = ? AND NOT (c <> ?))"),
        ("SELECT Id FROM A WHERE B > 2024-01-01", "SELECT id FROM a WHERE b > ?"),
        ("SELECT Id FROM A WHERE B >=2024-01-01T00:00:00.000+01:00", "SELECT id FROM a WHERE b >= ?"),
        ("SELECT Id FROM A WHERE B <= 2024-01-01T00:00:00Z AND C = 'x'", "SELECT id FROM a WHERE b <= ? AND c = ?"),
        ("SELECT Id FROM A WHERE B = LAST_N_DAYS:30", "SELECT id FROM a WHERE b = ?"),
        ("SELECT Id FROM A WHERE B = this_fiscal_year", "SELECT id FROM a WHERE b = ?"),
        ("SELECT Id FROM A WHERE B IN (TODAY, LAST_90_DAYS)", "SELECT id FROM a WHERE b IN (?)"),
        ("SELECT Today FROM A WHERE Last_Week = LAST_FUN", "SELECT today FROM a WHERE last_week = last_fun"),
        ("SELECT Id FROM A WHERE B > USD5000.5", "SELECT id FROM a WHERE b > ?"),
        ("SELECT USD5000 FROM A WHERE B > USD5000x", "SELECT usd5000 FROM a WHERE b > usd5000x"),
        ("SELECT Id FROM A WHERE B = null OR C = True", "SELECT id FROM a WHERE b = NULL OR c = TRUE"),
        (
            "SELECT TYPEOF What WHEN Account THEN Phone ELSE Name END FROM E",
            "SELECT TYPEOF what WHEN account THEN phone ELSE name END FROM e",
        ),
        (
            "SELECT Id FROM A AS b USING SCOPE Mine WHERE DISTANCE(P, GEOLOCATION(37,-122), 'mi') < 20",
            "SELECT id FROM a AS b USING SCOPE mine WHERE distance(p, geolocation(?), ?) < ?",
        ),
        ("SELECT a . b, c. d, e .f FROM A WHERE g . Limit = 1", "SELECT a.b, c.d, e.f FROM a WHERE g.limit = ?"),
        ("SELECT Id FROM A WHERE B IN ('x', 'y',)", "SELECT id FROM a WHERE b IN (?)"),
        ("SELECT Id FROM A for update", "SELECT id FROM a FOR UPDATE"),
        ("SELECT Id FROM A for view update viewstat all rows", "SELECT id FROM a FOR VIEW UPDATE VIEWSTAT ALL ROWS"),
        (
            "find {x} in name fields returning Account (Id where A='b'), Contact",
            "FIND {?} IN NAME FIELDS RETURNING account(id WHERE a = ?), contact",
        ),
    ] {
        assert_eq!(sound(text).shape, shape, "{text}");
    }
}

#[test]
fn fingerprints_never_change() {
    // FNV-1a, 64 bits, as published: of nothing it is the offset basis.
    assert_eq!(read("").fingerprint, 0xcbf2_9ce4_8422_2325);
    assert_eq!(read("A").fingerprint, 0xaf63_dc4c_8601_ec8c, "of \"a\"");
    assert_eq!(read("FooBar").fingerprint, 0x8594_4171_f739_67e8, "of \"foobar\"");
}

#[test]
fn layout_and_literals_do_not_count() {
    let base = "SELECT Id, Name FROM Account WHERE Name IN ('a', 'b') AND X > 5 LIMIT 10";
    for same in [
        "select id,name from account where name in ('c') and x > 2024-01-01 limit :n",
        "SELECT Id, /* ' */ Name\r\n\tFROM Account WHERE Name IN (:a,:b,:c,'d')AND X>TODAY LIMIT 7",
        "SELECT Id, Name FROM Account -- all of them\n WHERE Name IN ('a\\'', \"(SELECT\") AND X > USD5 LIMIT 1",
    ] {
        assert_eq!(read(same).fingerprint, read(base).fingerprint, "{same}");
    }
    for other in [
        "SELECT Id, Name FROM Contact WHERE Name IN ('a', 'b') AND X > 5 LIMIT 10",
        "SELECT Id, Nane FROM Account WHERE Name IN ('a', 'b') AND X > 5 LIMIT 10",
        "SELECT Id FROM Account WHERE Name IN ('a', 'b') AND X > 5 LIMIT 10",
        "SELECT Id, Name FROM Account WHERE Name NOT IN ('a', 'b') AND X > 5 LIMIT 10",
        "SELECT Id, Name FROM Account WHERE Name IN ('a', 'b') AND X >= 5 LIMIT 10",
        "SELECT Id, Name FROM Account WHERE Name IN ('a', 'b') OR X > 5 LIMIT 10",
        "SELECT Id, Name FROM Account WHERE Name IN ('a', 'b') AND X > null LIMIT 10",
        "SELECT Id, Name FROM Account WHERE Name IN ('a', 'b') AND X > 5",
        "SELECT Id, Name FROM Account WHERE Name IN ('a', 'b') AND X > 5 LIMIT 10 ALL ROWS",
    ] {
        assert_ne!(read(other).fingerprint, read(base).fingerprint, "{other}");
    }
}

#[test]
fn a_cut_list_is_as_long_as_any() {
    let of = |text: &str| read(text).fingerprint;
    let base = of("SELECT Id FROM A WHERE B IN ('a', 'b");
    assert_eq!(of("SELECT Id FROM A WHERE B IN ('a','b','c',"), base);
    assert_ne!(of("SELECT Id FROM A WHERE B IN ('a', 'b')"), base);
}

#[test]
fn shapes_are_cut_but_fingerprints_are_not() {
    let long = |last: &str| format!("SELECT {} {last} FROM A", "Name, ".repeat(MAX_SHAPE));
    let (one, other) = (read(&long("x")), read(&long("y")));
    assert_eq!(one.shape, other.shape);
    assert_eq!(one.shape.len(), MAX_SHAPE);
    assert_ne!(one.fingerprint, other.fingerprint);
    // The three bytes of the sign that stands for strays do not fit any more; nothing smaller may take their place.
    let strays = read(&format!("SELECT {}\u{0}, x FROM A", "a".repeat(MAX_SHAPE - 9)));
    assert_eq!(strays.shape.len(), MAX_SHAPE - 1);
    assert!(strays.shape.ends_with("a "));
}

#[test]
fn shapes_are_safe_to_print() {
    let query = read("SELECT Id\u{1b}[2J \u{202e}\0\u{7f}, Näme FROM A");
    assert_eq!(query.shape, "SELECT id \u{fffd} ? \u{fffd}, n \u{fffd} me FROM a");
}
