//! Queries name fields that there are. KQL is read by Microsoft's own language service in `tests/receivers/kits.py`; for
//! the other languages there is no reader to be had, so their words are compared here.

use std::collections::BTreeSet;

use tokentrail::emit::{Sentinel, Splunk};
use tokentrail::kit::Kit;

use super::{files, json, text};

/// What a search in SPL says beside fields: commands, functions, and what Splunk itself knows of each event.
const SPL: &str = "\
    sort table stats search rename where eval fields dedup spath mvexpand timechart iplocation fillnull fieldformat count max min \
    values dc AS BY IN AND OR round now strftime tonumber isnotnull if null span 1d limit useother true path output input \
    value index sourcetype _time _index_earliest _index_latest m Country";

/// What a query in ES|QL says beside fields.
const ESQL: &str = "\
    FROM SORT DESC ASC KEEP LIMIT STATS COUNT MAX MIN VALUES BY WHERE IS NOT NULL DATE_TRUNC day logs finding";

/// The words of a query outside of quoted texts; a word may have dots and braces in it.
fn words(query: &str) -> Vec<String> {
    let outside: Vec<&str> = query.split('"').step_by(2).collect();
    let is_part = |letter: char| letter.is_alphanumeric() || "_.@{}".contains(letter);
    let words = outside.join(" ").replace('\'', " ");
    let words = words.split(|letter: char| !is_part(letter)).map(|word| word.trim_matches('.'));
    words
        .filter(|word| !word.is_empty() && !word.starts_with(|letter: char| letter.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

/// Words that are neither known nor made by the query itself.
fn unknown(query: &str, language: &str, is_field: impl Fn(&str) -> bool) -> Vec<String> {
    let words = words(query);
    let made: BTreeSet<&str> = made(query, &words);
    let known: BTreeSet<&str> = language.split_whitespace().collect();
    let is_unknown =
        |word: &&String| !known.contains(word.as_str()) && !made.contains(word.as_str()) && !is_field(word);
    words.iter().filter(is_unknown).cloned().collect()
}

/// Names that a query gives: `AS name`, `name =`, `output=name`.
fn made<'a>(query: &str, words: &'a [String]) -> BTreeSet<&'a str> {
    let is_given = |word: &str| {
        let spaced = [format!("AS {word}"), format!("{word} = "), format!("output={word}")];
        let assigned = [format!("eval {word}="), format!(", {word}="), format!("fieldformat {word}=")];
        spaced.iter().chain(&assigned).any(|given| query.contains(given.as_str()))
    };
    words.iter().map(String::as_str).filter(|word| is_given(word)).collect()
}

fn is_splunk_field(word: &str) -> bool {
    let first = word.split(['.', '{']).next().unwrap_or_default();
    let is_of_evidence = ["time", "export", "record", "offset", "event_id", "sha256"].contains(&word);
    Splunk::FIELDS.iter().any(|field| field.name == first) || is_of_evidence
}

/// All searches of the add-on: saved ones, macros, and those of the dashboard.
fn searches() -> Vec<String> {
    let mut searches = Vec::new();
    for file in ["savedsearches.conf", "macros.conf"] {
        let text = text(Kit::Splunk, &format!("TA-tokentrail/default/{file}"));
        let lines =
            text.lines().filter_map(|line| line.strip_prefix("search = ").or(line.strip_prefix("definition = ")));
        searches.extend(lines.map(str::to_owned));
    }
    let dashboard = text(Kit::Splunk, "TA-tokentrail/default/data/ui/views/tokentrail.xml");
    let queries = dashboard.split("<query>").skip(1).map(|rest| rest.split_once("</query>").unwrap().0);
    searches.extend(queries.map(str::to_owned));
    searches
}

/// Without macros' names and the dashboard's inputs.
fn plain(search: &str) -> String {
    let outside: Vec<&str> = search.split('`').step_by(2).collect();
    outside.join(" ").replace("$app|s$", "\"app\"").replace("$severity$", "\"high\"")
}

#[test]
fn searches_name_fields_that_events_have() {
    let searches = searches();
    assert!(searches.len() >= 15, "{}", searches.len());
    for search in searches {
        let unknown = unknown(&plain(&search), SPL, is_splunk_field);
        assert!(unknown.is_empty(), "{unknown:?} in {search}");
    }
    let wrong = unknown("stats max(risk_points) AS score BY app | sort 0 - score", SPL, is_splunk_field);
    assert_eq!(wrong, ["risk_points"], "a field that no event has is noticed");
}

#[test]
fn macros_that_are_named_are_there() {
    let macros = text(Kit::Splunk, "TA-tokentrail/default/macros.conf");
    let names: BTreeSet<&str> = macros.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
    assert!(names.contains("tokentrail_trail(1)"));
    for search in searches() {
        for name in search.split('`').skip(1).step_by(2) {
            assert!(names.contains(name), "{name} in {search}");
        }
    }
}

#[test]
fn searches_that_act_are_off_until_somebody_enables_them() {
    let text = text(Kit::Splunk, "TA-tokentrail/default/savedsearches.conf");
    let scheduled: Vec<&str> = text.split("\n[").filter(|stanza| stanza.contains("cron_schedule")).collect();
    assert_eq!(scheduled.len(), 2);
    for stanza in scheduled {
        assert!(stanza.contains("\ndisabled = 1\n") && stanza.contains("| dedup id"), "{stanza}");
    }
    for rule in super::resources("Microsoft.OperationalInsights/workspaces/providers/alertRules") {
        assert_eq!(rule["properties"]["enabled"], "[parameters('enableRules')]");
    }
    assert_eq!(json(Kit::Sentinel, "azuredeploy.json")["parameters"]["enableRules"]["defaultValue"], false);
}

/// A column of the type dynamic holds anything, so the language service takes any name in it.
#[test]
fn kql_names_additional_fields_that_there_are() {
    let mut named = 0;
    for (path, bytes) in files(Kit::Sentinel) {
        let text = String::from_utf8(bytes).unwrap();
        for rest in text.split("AdditionalFields.").skip(1) {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let is_there = Sentinel::ADDITIONAL.iter().any(|field| field.name == &rest[..end]);
            assert!(is_there, "{path}: AdditionalFields.{}", &rest[..end]);
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
}

#[test]
fn esql_names_fields_that_are_mapped() {
    let mappings = json(Kit::Elastic, "component-template.json")["template"]["mappings"]["properties"].take();
    let is_mapped = |name: &str| {
        let place = name.replace('.', "/properties/");
        mappings.pointer(&format!("/{place}/type")).is_some()
    };
    assert!(is_mapped("threat.technique.id") && !is_mapped("threat.technique.colour"));
    let readme = text(Kit::Elastic, "README.md");
    let queries: Vec<&str> = readme.split("```esql\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert!(queries.len() >= 5);
    for query in queries {
        let query = query.replace("FROM logs-tokentrail.finding-*", "");
        let unknown = unknown(&query, ESQL, |word| is_mapped(word) || word.starts_with("tokentrail."));
        assert!(unknown.is_empty(), "{unknown:?} in {query}");
    }
}

#[test]
fn the_data_stream_is_the_templates() {
    let template = json(Kit::Elastic, "index-template.json");
    assert_eq!(template["index_patterns"][0], "logs-tokentrail.finding-*");
    assert!(template["data_stream"].is_object());
    assert!(!template.to_string().contains("lifecycle.name"), "no policy of the cluster");
    let readme = text(Kit::Elastic, "README.md");
    let component = template["composed_of"][0].as_str().unwrap();
    assert!(readme.contains(&format!("/_component_template/{component}\"")), "{component}");
}
