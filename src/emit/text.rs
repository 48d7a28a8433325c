//! Where a text may be cut, and texts for formats of lines. Knows no format.

use crate::{finding::Fact, value::Time, words};

/// What a text that was cut ends in.
pub(super) const CUT_MARK: &str = "…[truncated]";

/// The longest beginning of a text that takes at most `most` bytes and ends between two characters.
pub(crate) fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A text as a value of a line: nothing hidden, no `|`, and at most `most` bytes, the mark of a cut included.
pub(super) fn value(text: &str, most: usize) -> String {
    let mut value = words::visible(text).replace('|', "¦");
    if value.len() > most {
        value.truncate(head(&value, most.saturating_sub(CUT_MARK.len())).len());
        value.push_str(CUT_MARK);
    }
    value
}

/// A text as a field of a header: a value without backslashes, which readers of headers do not agree on.
pub(super) fn header(text: &str, most: usize) -> String {
    value(text, most).replace('\\', "/")
}

/// Facts on one line: `network: 192.0.2.0/24; events: 7`.
pub(super) fn facts(facts: &[Fact]) -> String {
    let texts: Vec<String> = facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value)).collect();
    texts.join("; ")
}

/// Milliseconds since 1970.
pub(super) fn millis(time: Time) -> String {
    time.0.div_euclid(1000).to_string()
}
