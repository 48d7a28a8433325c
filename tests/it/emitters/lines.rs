//! CEF and LEEF read back by strict readers, written to the formats' descriptions and not to what we write.

use serde_json::{Map, Value, json};

use super::{by_name, findings, records};
use tokentrail::finding::{Finding, Named};

/// One line of CEF: header fields under their names in the format, pairs under their keys.
pub(super) fn cef(line: &str) -> Value {
    let header: Vec<&str> = line.splitn(8, '|').collect();
    let [version, vendor, product, device, class, name, severity, pairs] = header[..] else { panic!("{line}") };
    for (text, most) in [(vendor, 63), (product, 63), (device, 31), (class, 1023), (name, 512)] {
        assert!(!text.is_empty() && text.len() <= most && !text.contains('\\'), "{line}");
    }
    assert!(severity.parse::<u8>().unwrap() <= 10);
    let mut record = Map::new();
    record.insert("version".to_owned(), json!(version));
    record.insert("class".to_owned(), json!(class));
    record.insert("name".to_owned(), json!(name));
    record.insert("severity".to_owned(), json!(severity));
    // A pair's key is the word before an `=` that nothing escapes.
    let mut rest = pairs;
    while !rest.is_empty() {
        let (key, behind) = rest.split_once('=').unwrap();
        assert!(!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key:?} in {line}");
        let end = next_equals(behind).map_or(behind.len(), |equals| behind[..equals].rfind(' ').unwrap());
        let value = unescaped(&behind[..end]);
        assert!(record.insert(key.to_owned(), json!(value)).is_none(), "{key} twice");
        rest = behind.get(end + 1..).unwrap_or_default();
    }
    Value::Object(record)
}

fn next_equals(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, letter)| {
        let is_free = !escaped && letter == '=';
        escaped = !escaped && letter == '\\';
        is_free.then_some(at)
    })
}

fn unescaped(value: &str) -> String {
    let mut out = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(escaped @ ('\\' | '=')) => out.push(escaped),
                other => panic!("\\{other:?} in {value}"),
            },
            plain => out.push(plain),
        }
    }
    out
}

/// One line of LEEF 1.0.
pub(super) fn leef(line: &str) -> Value {
    let header: Vec<&str> = line.splitn(6, '|').collect();
    let ["LEEF:1.0", "tokentrail", "tokentrail", _, event, pairs] = header[..] else { panic!("{line}") };
    let mut record = Map::from_iter([("event".to_owned(), json!(event))]);
    for pair in pairs.split('\t') {
        let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("{pair:?} in {line}"));
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key:?} in {line}");
        assert!(record.insert(key.to_owned(), json!(value)).is_none(), "{key} twice");
    }
    Value::Object(record)
}

fn one(format: &str, finding: &Finding) -> Value {
    records(by_name(format).as_ref(), std::slice::from_ref(finding)).remove(0)
}

#[test]
fn addresses_go_where_their_version_belongs() {
    let of = |text: &str| {
        let mut finding = findings().swap_remove(0);
        finding.subject.address = Some(text.to_owned());
        (one("cef", &finding), one("leef", &finding))
    };
    let (cef, leef) = of("203.0.113.7");
    assert_eq!((&cef["src"], cef.get("c6a2"), cef.get("shost")), (&json!("203.0.113.7"), None, None));
    assert_eq!(leef["src"], "203.0.113.7");
    let (cef, leef) = of("2001:db8::7");
    assert_eq!((cef.get("src"), &cef["c6a2"], cef.get("shost")), (None, &json!("2001:db8::7"), None));
    assert_eq!(cef["c6a2Label"], "Source IPv6 Address");
    assert_eq!(leef["src"], "2001:db8::7");
    let (cef, leef) = of("Salesforce.com IP");
    assert_eq!((cef.get("src"), cef.get("c6a2"), &cef["shost"]), (None, None, &json!("Salesforce.com IP")));
    assert_eq!((leef.get("src"), &leef["source"]), (None, &json!("Salesforce.com IP")));
}

#[test]
fn a_value_is_kept_up_to_its_keys_limit_and_cut_and_marked_above_it() {
    let limits = [("cef", "msg", 1023), ("cef", "suser", 1023), ("cef", "deviceExternalId", 255)];
    let leef_limits = [("leef", "sentence", 1000), ("leef", "usrName", 255), ("leef", "accountName", 255)];
    for (format, key, most) in limits.into_iter().chain(leef_limits) {
        let with = |text: String| {
            let mut finding = Finding { sentence: text.clone(), ..findings().swap_remove(0) };
            finding.subject.user = Some(Named { id: None, name: Some(text.clone()) });
            finding.subject.org = Some(text);
            one(format, &finding)[key].as_str().unwrap().to_owned()
        };
        assert_eq!(with("x".repeat(most)), "x".repeat(most), "{format} {key}");
        let cut = with("é".repeat(most));
        assert!(cut.len() <= most && cut.len() >= most - 1, "{format} {key}: {}", cut.len());
        assert!(cut.ends_with("é…[truncated]"), "{format} {key}: {cut}");
    }
}
