//! What stands around the records of a JSON export: the envelopes of query results, one after another or in an array,
//! and what brokers and collectors wrap a single record in.

use super::{Cutter, objects, string_length};

/// What comes next, outside of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Ahead {
    /// Records from this byte on, inside of so many braces and brackets of an envelope.
    Records { at: usize, depth: usize },
    /// That shows only with more bytes.
    Unknown,
    /// No more records.
    Nothing,
}

/// An envelope has its list of records within so many bytes; what has none there is a record itself.
const ENVELOPE: usize = 4096;

/// Looks for the next records: the list in an envelope (`{… "records": [`, or the same in a `"result"`), or an object
/// that is no envelope. Arrays around those are passed over. `depth` says how many braces and brackets of an envelope
/// are open at the start, `ended` that no more bytes come.
///
/// What is found does not depend on how many of the bytes are there already.
pub(in crate::ingest) fn records_ahead(bytes: &[u8], depth: usize, ended: bool) -> Ahead {
    let mut walk = Walk { bytes, at: 0, depth, object: None, in_result: false };
    loop {
        match walk.step() {
            Step::On => {}
            Step::Found(ahead) => return ahead,
            Step::Short if walk.is_past_envelope() || (ended && walk.object.is_some()) => {
                return Ahead::Records { at: walk.object.unwrap_or_default(), depth: 0 };
            }
            Step::Short => return if ended { Ahead::Nothing } else { Ahead::Unknown },
        }
    }
}

struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    depth: usize,
    /// Where the outermost object that is being looked at begins, and whether the object in it is a `"result"`.
    object: Option<usize>,
    in_result: bool,
}

enum Step {
    On,
    Found(Ahead),
    /// The bytes that may be looked at end here.
    Short,
}

impl Walk<'_> {
    /// The bytes that may decide.
    fn window(&self) -> &[u8] {
        let end = self.object.map_or(self.bytes.len(), |object| self.bytes.len().min(object + ENVELOPE));
        &self.bytes[..end]
    }

    fn is_past_envelope(&self) -> bool {
        self.object.is_some_and(|object| self.bytes.len() >= object + ENVELOPE)
    }

    fn step(&mut self) -> Step {
        let Some(byte) = self.window().get(self.at).copied() else { return Step::Short };
        let outermost = self.depth == 0;
        match byte {
            b'"' if !outermost => return self.string(),
            b'{' => {
                if outermost {
                    (self.object, self.in_result) = (Some(self.at), false);
                }
                self.depth += 1;
            }
            b'[' if !outermost => self.depth += 1,
            b'}' | b']' if !outermost => {
                self.depth -= 1;
                if let (0, Some(at)) = (self.depth, self.object) {
                    return Step::Found(Ahead::Records { at, depth: 0 });
                }
            }
            b'[' | b']' | b',' => {}
            _ if outermost && !byte.is_ascii_whitespace() => {
                return Step::Found(Ahead::Records { at: self.at, depth: 0 });
            }
            _ => {}
        }
        self.at += 1;
        Step::On
    }

    /// A key or a text. The key `records` with a list behind it is what is looked for.
    fn string(&mut self) -> Step {
        let window = self.window();
        let Some(length) = string_length(&window[self.at..]) else { return Step::Short };
        let text = &window[self.at + 1..self.at + length];
        let behind = self.at + length + 1;
        let is_records = text == b"records" && (self.depth == 1 || (self.depth == 2 && self.in_result));
        let is_result = text == b"result" && self.depth == 1;
        if is_records || is_result {
            let mut next = (behind..).filter(|at| window.get(*at).is_none_or(|byte| !byte.is_ascii_whitespace()));
            let (colon, value) = (next.next().unwrap_or(behind), next.next().unwrap_or(behind));
            match (window.get(colon), window.get(value)) {
                (None, _) | (Some(b':'), None) => return Step::Short,
                (Some(b':'), Some(b'[')) if is_records => {
                    return Step::Found(Ahead::Records { at: value + 1, depth: self.depth });
                }
                (Some(b':'), Some(b'{')) if is_result => self.in_result = true,
                _ => {}
            }
        }
        self.at = behind;
        Step::On
    }
}

/// The first objects of a document, whatever envelopes they are in: where each starts and ends.
pub(in crate::ingest) fn first_objects(head: &[u8], ended: bool) -> Vec<(usize, usize)> {
    let (mut found, mut from, mut depth) = (Vec::new(), 0, 0);
    while let Ahead::Records { at, depth: inside } = records_ahead(&head[from..], depth, ended) {
        from += at;
        let mut cutter = Cutter::default();
        cutter.last_object_end(&head[from..]);
        let end = if cutter.done { from + cutter.array_end() } else { head.len() };
        found.extend(objects(&head[from..end], false).into_iter().map(|(start, end)| (from + start, from + end)));
        if !cutter.done || found.len() >= SAMPLE {
            break;
        }
        (from, depth) = (end + 1, inside);
    }
    found.truncate(SAMPLE);
    found
}

/// So many records tell which columns there are.
pub(in crate::ingest) const SAMPLE: usize = 100;

/// Where brokers and collectors put an event: `CometD` (`data.payload`), Pub/Sub (`payload`), Splunk (`event`),
/// its exports (`result`), Elasticsearch (`_source`).
pub(in crate::ingest) const WRAPPERS: [&str; 8] =
    ["", "data.payload.", "payload.", "event.payload.", "event.", "data.", "result.", "_source."];

/// The types that an Avro union names beside a value: `{"string": "…"}`.
const UNION: [&str; 8] = [".string", ".long", ".int", ".double", ".float", ".boolean", ".bytes", ".null"];

/// The paths inside of a wrapper.
pub(in crate::ingest) fn inside(paths: &[String], wrapper: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in paths.iter().filter_map(|path| path.strip_prefix(wrapper)).map(without_union) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A path without the type that an Avro union adds to it.
pub(super) fn without_union(path: &str) -> &str {
    UNION.into_iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path)
}
