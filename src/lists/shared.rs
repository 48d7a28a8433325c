//! Lists as people share them: STIX 2.1 bundles and MISP events. What logs of Salesforce can show is taken: addresses,
//! user agents, names of apps; domains, files and the like are left out and counted.

use std::path::Path;

use serde_json::Value;

use super::{Class, Confidence, Entry, Kind, network};
use crate::error::Error;
use crate::value::Time;
use crate::value::time::DAY;

/// What a shared file says: entries, and how many indicators have no place here.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) entries: Vec<Entry>,
    pub(super) left_out: u64,
}

/// Entries of a bundle or of events.
pub(super) fn read(text: &str, path: &Path, class: Class) -> Result<Shared, Error> {
    let wrong = |what: String| Error::Setting(format!("{}: {what}", path.display()));
    let json: Value = serde_json::from_str(text).map_err(|error| wrong(format!("no JSON: {error}")))?;
    let file = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let mut shared = Shared::default();
    if let Some(objects) = json["objects"].as_array() {
        for object in objects.iter().filter(|object| object["type"] == "indicator") {
            shared.take_indicator(object, class, &file);
        }
    } else {
        let events = events(&json);
        if events.is_empty() {
            let what =
                "neither a STIX bundle nor a MISP event\n\nhint: a bundle has \"objects\", an event has \"Event\"";
            return Err(wrong(what.to_owned()));
        }
        for event in events {
            shared.take_event(event, class, &file);
        }
    }
    Ok(shared)
}

impl Shared {
    /// A STIX indicator: comparisons that stand for themselves are strong, those that need others besides them weak.
    fn take_indicator(&mut self, object: &Value, class: Class, file: &str) {
        let is_stix = object["pattern_type"].as_str().is_none_or(|kind| kind == "stix");
        let pattern = object["pattern"].as_str().unwrap_or_default();
        if object["revoked"] == true || !is_stix {
            self.left_out += 1;
            return;
        }
        let needs_others = pattern.contains(" AND ") || pattern.contains("FOLLOWEDBY");
        let unsure = object["confidence"].as_u64().is_some_and(|confidence| confidence < 50);
        let time = |name: &str| object[name].as_str().and_then(|text| Time::parse(text.as_bytes(), None).ok());
        let mut any = false;
        for (property, value) in comparisons(pattern) {
            let Some(kind) = kind_of(&property) else { continue };
            any |= self.add(Entry {
                kind,
                value,
                class,
                name: object["name"].as_str().unwrap_or(file).to_owned(),
                confidence: if needs_others || unsure { Confidence::Weak } else { Confidence::Strong },
                valid_from: time("valid_from"),
                // STIX: from then on it is not valid any more.
                valid_until: time("valid_until").map(|until| Time(until.0 - 1)),
                source: object["id"].as_str().unwrap_or(file).to_owned(),
            });
        }
        self.left_out += u64::from(!any);
    }

    fn take_event(&mut self, event: &Value, class: Class, file: &str) {
        let objects =
            event["Object"].as_array().into_iter().flatten().filter_map(|object| object["Attribute"].as_array());
        for attribute in event["Attribute"].as_array().into_iter().chain(objects).flatten() {
            let kind = match attribute["type"].as_str() {
                Some("ip-src" | "ip-dst") => Some(Kind::Address),
                Some("user-agent") => Some(Kind::UserAgent),
                _ => None,
            };
            let text = |name: &str| attribute[name].as_str();
            let (Some(kind), Some(value), false) = (kind, text("value"), attribute["deleted"] == true) else {
                self.left_out += 1;
                continue;
            };
            let seen = |name: &str| text(name).and_then(|text| Time::parse(text.as_bytes(), None).ok());
            let added = self.add(Entry {
                kind,
                value: value.to_owned(),
                class,
                name: event["info"].as_str().unwrap_or(file).to_owned(),
                confidence: if attribute["to_ids"] == false { Confidence::Weak } else { Confidence::Strong },
                valid_from: seen("first_seen"),
                valid_until: seen("last_seen").map(|last| Time(last.0 + super::EXPIRES_AFTER + DAY - 1)),
                source: text("uuid").unwrap_or(file).to_owned(),
            });
            self.left_out += u64::from(!added);
        }
    }

    /// Takes an entry that can match anything; says whether it did.
    fn add(&mut self, entry: Entry) -> bool {
        let is_good = match entry.kind {
            Kind::Address => network(&entry.value).is_some(),
            _ => !entry.value.trim_end_matches('*').trim().is_empty(),
        };
        if is_good {
            self.entries.push(entry);
        }
        is_good
    }
}

/// One event, or those of an answer or a feed.
fn events(json: &Value) -> Vec<&Value> {
    let list = json.as_array().or_else(|| json["response"].as_array());
    let all = list.map_or_else(|| vec![json], |list| list.iter().collect());
    all.into_iter().map(|event| &event["Event"]).filter(|event| event.is_object()).collect()
}

fn kind_of(property: &str) -> Option<Kind> {
    match property {
        "ipv4-addr:value" | "ipv6-addr:value" | "network-traffic:src_ref.value" => Some(Kind::Address),
        "software:name" => Some(Kind::AppName),
        agent if agent.ends_with("request_header.'User-Agent'") => Some(Kind::UserAgent),
        _ => None,
    }
}

/// The comparisons of a pattern: what has to be equal to what, or in which set. Others, such as `!=` and `LIKE`, are none.
fn comparisons(pattern: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in pattern.match_indices(['=', 'I']) {
        let (before, after) = pattern.split_at(at);
        let rest = ["=", "ISSUBSET ", "IN "].iter().find_map(|operator| after.strip_prefix(operator));
        let Some(rest) = rest else { continue };
        // A value may contain anything: what stands within quotes is no comparison.
        let is_negated = before.ends_with(['!', '<', '>']) || before.trim_end().ends_with("NOT");
        if is_negated || quoted(before) {
            continue;
        }
        let property = before.trim_end().rsplit(['[', '(', ' ']).next().unwrap_or_default();
        found.extend(values(rest.trim_start()).into_iter().map(|value| (property.to_owned(), value)));
    }
    found
}

/// Whether a text ends within a value. Names of properties have quotes too, but in pairs.
fn quoted(text: &str) -> bool {
    let mut escaped = false;
    let mut open = false;
    for letter in text.chars() {
        match letter {
            '\\' if open => escaped = !escaped,
            '\'' if !escaped => open = !open,
            _ => escaped = false,
        }
    }
    open
}

/// One value, or those of a set.
fn values(text: &str) -> Vec<String> {
    let end = if text.starts_with('(') { text.find(')').unwrap_or(text.len()) } else { text.len() };
    let mut found = Vec::new();
    let mut rest = text[..end].trim_start_matches('(').trim_start();
    while let Some(inside) = rest.strip_prefix('\'') {
        let (mut value, mut escaped, mut closed) = (String::new(), false, None);
        for (at, letter) in inside.char_indices() {
            match letter {
                '\\' if !escaped => escaped = true,
                '\'' if !escaped => {
                    closed = Some(at + 1);
                    break;
                }
                letter => {
                    escaped = false;
                    value.push(letter);
                }
            }
        }
        let Some(closed) = closed else { break };
        found.push(value);
        rest = inside[closed..].trim_start().trim_start_matches(',').trim_start();
        if !text.starts_with('(') {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::comparisons;

    #[test]
    fn patterns_are_read_as_far_as_they_are_comparisons() {
        let read = |pattern: &str| {
            let found = comparisons(pattern).into_iter().map(|(property, value)| format!("{property}={value}"));
            found.collect::<Vec<_>>().join(" ; ")
        };
        assert_eq!(read("[ipv4-addr:value = '203.0.113.7']"), "ipv4-addr:value=203.0.113.7");
        assert_eq!(read("[ipv4-addr:value ISSUBSET '203.0.113.0/24']"), "ipv4-addr:value=203.0.113.0/24");
        assert_eq!(
            read("[ipv4-addr:value = '1.2.3.4' OR ipv6-addr:value = '2001:db8::1']"),
            "ipv4-addr:value=1.2.3.4 ; ipv6-addr:value=2001:db8::1"
        );
        assert_eq!(
            read("[ipv4-addr:value IN ('1.2.3.4', '1.2.3.5')]"),
            "ipv4-addr:value=1.2.3.4 ; ipv4-addr:value=1.2.3.5"
        );
        assert_eq!(
            read(
                r"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'it\'s [x:y = ''] /1.0']"
            ),
            "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'=it's [x:y = "
        );
        assert_eq!(read("[ipv4-addr:value != '1.2.3.4']"), "");
        assert_eq!(read("[software:name = 'a"), "");
    }
}
