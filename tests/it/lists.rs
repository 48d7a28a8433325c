//! Lists: their forms, what is found on them and for how long, and what is wrong with a file that is none.

use tokentrail::lists::{Class, Confidence, Kind, Lists};
use tokentrail::value::Time;

/// The lists of one file.
fn read(name: &str, text: &str) -> Result<Lists, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let told = |error: tokentrail::error::Error| error.to_string().replace(folder.path().to_str().unwrap(), "");
    Lists::default().with_file(&path, Class::Indicator).map_err(told)
}

fn names(lists: &Lists, kind: Kind, text: &str) -> Vec<String> {
    lists.find(kind, text).iter().map(|entry| entry.name.clone()).collect()
}

fn micros(text: &str) -> i64 {
    Time::parse(text.as_bytes(), None).unwrap().0
}

#[test]
fn a_line_is_an_address_or_a_network() {
    let text =
        "\u{feff}# exits of today\n\n192.0.2.7\n198.51.100.0/24 ; a range\n2001:db8::/32\n::ffff:203.0.113.9\r\n";
    let lists = read("exits.txt", text).unwrap();
    for address in
        ["192.0.2.7", "198.51.100.255", "2001:db8:ffff::1", "203.0.113.9", "::ffff:192.0.2.7", "[2001:db8::1]"]
    {
        assert_eq!(names(&lists, Kind::Address, address), ["exits"], "{address}");
    }
    for address in ["192.0.2.8", "198.51.101.0", "2001:db9::1", "Salesforce.com IP", "", "exits"] {
        assert_eq!(names(&lists, Kind::Address, address), [""; 0], "{address}");
    }
}

#[test]
fn an_address_is_found_in_all_networks_around_it() {
    let text = "name,value\nnarrow,192.0.2.7\nwide,192.0.0.0/8\nwider,0.0.0.0/0\nanother,2001:db8::/32\n";
    let lists = read("all.csv", text).unwrap();
    assert_eq!(names(&lists, Kind::Address, "192.0.2.7"), ["wider", "wide", "narrow"]);
    assert_eq!(names(&lists, Kind::Address, "10.0.0.1"), ["wider"]);
}

#[test]
fn a_table_says_more_about_each_value() {
    let text = "Value,Kind,Name,Confidence,Valid From,valid_until,Source,class\n\
                \"Fetcher/1.0, odd\",user-agent,Fetcher,weak,2025-08-01,2025-08-31,a vendor,\n\
                Ticket*,app-name,,,,,,\n\
                192.0.2.7,,,,,2025-08-31T12:00:00Z,,anonymiser\n";
    let lists = read("own.csv", text).unwrap();
    let [agent] = lists.find(Kind::UserAgent, " fetcher/1.0, ODD ")[..] else { panic!("one agent") };
    assert_eq!((agent.name.as_str(), agent.source.as_str(), agent.class), ("Fetcher", "a vendor", Class::Indicator));
    for (time, expected) in [
        ("2025-07-31T23:59:59Z", None),
        ("2025-08-01T00:00:00Z", Some(Confidence::Weak)),
        ("2025-08-31T23:59:59Z", Some(Confidence::Weak)),
        ("2025-09-01T00:00:00Z", None),
    ] {
        assert_eq!(agent.confidence_at(micros(time)), expected, "{time}");
    }
    assert_eq!(names(&lists, Kind::AppName, "TICKET dashboard"), ["own"]);
    assert_eq!(names(&lists, Kind::AppName, "My Ticket"), [""; 0]);
    assert_eq!(names(&lists, Kind::UserAgent, "Ticket"), [""; 0], "kinds are kept apart");
    let [exit] = lists.find(Kind::Address, "192.0.2.7")[..] else { panic!("one address") };
    assert_eq!((exit.class, exit.confidence), (Class::Anonymiser, Confidence::Strong));
    assert_eq!(exit.confidence_at(micros("2025-08-31T12:00:01Z")), None);
}

#[test]
fn a_list_may_be_written_as_the_program_s_own() {
    let text = "[[list]]\nname = \"L\"\nkind = \"address\"\nconfidence = \"strong\"\nfirst-seen = 2025-08-09\n\
                last-seen = 2025-08-17\nsource = \"s\"\nvalues = [\"192.0.2.7\"]\n";
    let lists = read("own.toml", text).unwrap();
    let [entry] = lists.find(Kind::Address, "192.0.2.7")[..] else { panic!("one address") };
    for (time, holds) in [
        ("2025-08-08T23:59:59Z", false),
        ("2025-08-09T00:00:00Z", true),
        ("2026-02-13T23:59:59Z", true),
        ("2026-02-14T00:00:00Z", false),
    ] {
        assert_eq!(entry.confidence_at(micros(time)).is_some(), holds, "{time}: 180 days after the last day");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    for (name, text, expected) in [
        ("a.txt", "192.0.2.7\n192.0.2.700\n", "/a.txt, line 2, value: no address: \"192.0.2.700\""),
        ("a.txt", "192.0.2.0/33\n", "/a.txt, line 1, value: no address: \"192.0.2.0/33\""),
        ("a.csv", "value,color\n192.0.2.7,red\n", "/a.csv: a list has no column \"color\""),
        ("a.csv", "value,kind\n192.0.2.7,adress\n", "/a.csv, line 2, kind: nothing is called \"adress\""),
        ("a.csv", "value,valid-from\n192.0.2.7,soon\n", "/a.csv, line 2, valid-from: no time: \"soon\""),
        ("a.csv", "value,kind\n,address\n", "/a.csv, line 2, value: there is no value"),
        ("a.csv", "value,kind\n*,user-agent\n", "/a.csv, line 2, value: this would be on every row: \"*\""),
        (
            "a.csv",
            "value,valid-from,valid-until\n192.0.2.7,2025-08-02,2025-08-01\n",
            "/a.csv, line 2, value: it ends before it begins",
        ),
        ("a.toml", "[[list]]\nname = \"L\"\n", "cannot read /a.toml: "),
    ] {
        let error = read(name, text).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    assert!(
        read("none.txt", "# nothing\n").unwrap().is_empty(Kind::Address, Class::Indicator),
        "an empty list is a list"
    );
}

#[test]
fn the_program_brings_a_list_along() {
    let lists = Lists::embedded().unwrap();
    assert_eq!(names(&lists, Kind::Address, "208.68.36.90"), ["UNC6395"]);
    assert_eq!(names(&lists, Kind::UserAgent, "TruffleHog/3.90"), ["UNC6395"]);
    assert_eq!(names(&lists, Kind::AppName, "my ticket portal"), ["UNC6040"]);
    for kind in [Kind::Address, Kind::UserAgent, Kind::AppName] {
        assert!(!lists.is_empty(kind, Class::Indicator));
        assert!(lists.is_empty(kind, Class::Anonymiser));
    }
}
