//! Blocks of JSON as a scan reads them, records of one layout at once, held against the library parser record by record.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, proptest};
use proptest::{prop_assert_eq, prop_oneof};
use tokentrail::ingest::json_records;
use tokentrail::schema::Schemas;

/// Four times as many cases as elsewhere, so as many times `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let usual = super::any_bytes::config(1);
    ProptestConfig { cases: usual.cases.saturating_mul(4), ..usual }
}

/// Both readings of a block are the same, by lines and by braces; how many records were read by their layout.
fn held_together(block: &[u8]) -> [usize; 2] {
    static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::embedded().unwrap());
    let schema = SCHEMAS.called("ApiEvent").unwrap();
    [true, false].map(|a_line_each| {
        let (scanned, laid_out) = json_records(block, schema, a_line_each, true);
        let (by_library, _) = json_records(block, schema, a_line_each, false);
        assert_eq!(scanned, by_library, "{a_line_each} {:?}", String::from_utf8_lossy(block));
        laid_out
    })
}

/// What stands around a value: a writer's blanks, and a key. `{` and `}` open and close an object inside.
fn gaps() -> impl Strategy<Value = Vec<(String, bool)>> {
    let keys = vec![
        "EventDate",
        "UserId",
        "SourceIp",
        "RowsReturned",
        "User",
        "Username",
        "attributes",
        "ThisKeyHasMoreThanSixteenBytes",
        "AndThisOneHasEvenMoreThanThirtyTwoOfThem",
        "x\\n",
        "\u{e9}",
        "a\u{2028}",
        "",
    ];
    let key = (prop::sample::select(keys), prop::bool::weighted(0.1));
    let blanks = prop::sample::select(vec![("", ""), ("", ""), ("", " "), ("\n  ", " "), ("\r\n", ""), ("", "\t")]);
    (vec(key, 0..7), blanks).prop_map(|(keys, (before, behind))| {
        keys.into_iter().map(|(key, nested)| (format!("{before}\"{key}\":{behind}"), nested)).collect()
    })
}

/// A value, most often one that most exports hold.
fn value() -> impl Strategy<Value = String> {
    let odd = vec![
        "nul",
        "01",
        "-0",
        "1e5",
        "1.50",
        "0.0",
        "12345678901234567890",
        "[]",
        "[1,{\"a\":\"}\"}]",
        "{}",
        "{\"a\":1}",
        "\"\\u00e9\"",
        "\"\\q\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"a\" \"b\"",
        "\"a\"\"b\"",
        "\"a\"x",
        "\"a\"}",
        "\"a",
        "a\"",
        "\"\\",
        "\\\"a\"",
        "\"a\" ",
        " 1",
        "1 ",
        "\"\u{7f}\u{e9}\"",
        "",
    ];
    prop_oneof![
        8 => "[ -~]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        2 => (0..90_usize).prop_map(|length| format!("\"{}\"", "v".repeat(length))),
        2 => r#"[\\"/x]{0,9}"#.prop_map(|text| serde_json::to_string(&text).unwrap()),
        3 => prop::sample::select(vec!["null", "true", "7", "-12", "5.25", "\"\"", "\" N/A \"", "\"{}\""]).prop_map(str::to_owned),
        1 => prop::sample::select(odd).prop_map(str::to_owned),
    ]
}

/// Records of two layouts, one after another.
fn records() -> impl Strategy<Value = Vec<u8>> {
    let between = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", ",\n", "", "\n\n", " ,", "x\n", "\\\n", "\u{c}"]);
    let record = (prop::bool::weighted(0.2), vec(value(), 7), between);
    ([gaps(), gaps()], vec(record, 1..9)).prop_map(|(layouts, records)| {
        let written = records.into_iter().map(|(other, values, between)| {
            let fields = layouts[usize::from(other)].iter().zip(values).map(|((gap, nested), value)| {
                if *nested { format!("{gap}{{\"Username\":{value}}}") } else { format!("{gap}{value}") }
            });
            format!("{{{}}}{between}", fields.collect::<Vec<_>>().join(","))
        });
        written.collect::<String>().into_bytes()
    })
}

/// The same with some bytes that are others, or away, or too many, and cut at both ends.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"\"\\{}[],:\n\r \t\x0c\x1a0".to_vec()),
        1 => any::<u8>(),
    ];
    let change = (any::<prop::sample::Index>(), byte, 0..3_u8);
    let changes = prop_oneof![2 => Just(Vec::new()), 3 => vec(change, 1..4)];
    let cut = (prop::bool::weighted(0.3), any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (records(), changes, cut).prop_map(|(mut block, changes, (is_cut, from, to))| {
        for (place, byte, kind) in changes.into_iter().filter(|_| !block.is_empty()).collect::<Vec<_>>() {
            let place = place.index(block.len().max(1));
            match kind {
                0 if place < block.len() => block[place] = byte,
                1 if place < block.len() => drop(block.remove(place)),
                _ => block.insert(place, byte),
            }
        }
        if is_cut && !block.is_empty() {
            let (from, to) = (from.index(block.len()), to.index(block.len()));
            block = block[from.min(to)..from.max(to)].to_vec();
        }
        block
    })
}

proptest! {
    #![proptest_config(config())]

    /// Whatever the bytes are, a block is read as the library parser reads its records.
    #[test]
    fn a_block_is_read_as_its_records_one_by_one(block in hostile()) {
        held_together(&block);
    }

    /// Records of one layout, with values as writers write them, are read by it: all but the first.
    #[test]
    fn records_of_one_layout_are_read_by_it(
        values in vec(("[ -~\u{e9}]{0,40}", any::<i32>(), prop::option::of(r#"["\\/a]{0,9}"#)), 1..20),
        style in 0..5_u8,
    ) {
        let (colon, comma, end) = [(":", ",", "\n"), (": ", ", ", "\n"), (":", ",", "\r\n"), (": ", ",\n  ", "\n"), (":", ",", "  \n")][usize::from(style)];
        let mut block = String::new();
        for (text, number, other) in &values {
            let (text, other) = (serde_json::to_string(text).unwrap(), serde_json::to_string(other).unwrap());
            let record = format!(
                "{{\"attributes\"{colon}{{\"type\"{colon}\"ApiEvent\"}}{comma}\"UserId\"{colon}{text}{comma}\"AuthenticationServiceId\"\
                 {colon}null{comma}\"RowsReturned\"{colon}{number}{comma}\"Query\"{colon}{other}}}{end}"
            );
            block.push_str(&record);
        }
        let [by_lines, by_braces] = held_together(block.as_bytes());
        if cfg!(target_arch = "x86_64") && super::two_ways::has_avx2() {
            prop_assert_eq!(by_braces, values.len() - 1);
            prop_assert_eq!(by_lines, if style == 3 { 0 } else { values.len() - 1 });
        }
    }
}

/// What means something in JSON on both sides of every border between two chunks of 64 bytes.
#[test]
fn borders_between_chunks_change_nothing() {
    let patterns = [
        r#"\""#, r"\\", r#"\\\""#, r#"\\\\""#, r"\u0041", r"\q", "\"", "\"}", "\"\n", "\t", "\r", "\n", "\u{e9}",
        "\",\"", "\\",
    ];
    for pattern in patterns {
        for before in 0..140 {
            let (first, second) = ("a".repeat(before), "b".repeat(70));
            let record = |text: &str| format!("{{\"UserId\":\"{text}\",\"RowsReturned\":1}}\n");
            held_together(format!("{}{}{}", record("x"), record(&(first + pattern + &second)), record("y")).as_bytes());
        }
    }
}

/// Two keys that mean the same column, and more layouts than are learned.
#[test]
fn what_no_layout_is_learned_of_is_read_all_the_same() {
    let twice = "{\"SourceIp\":\"\",\"source_ip\":\"192.0.2.1\"}\n".repeat(3);
    assert_eq!(held_together(twice.as_bytes()), [0, 0]);
    let lists = "{\"UserId\":\"u\",\"list\":[]}\n".repeat(3);
    assert_eq!(held_together(lists.as_bytes()), [0, 0]);
    let many: Vec<String> = (0..20).map(|key| format!("{{\"key{key}\":\"{key}\",\"UserId\":\"u\"}}\n")).collect();
    held_together(many.concat().repeat(2).as_bytes());
}
