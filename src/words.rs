//! Sentences for people, from the templates of detectors: `{app}`, `{user}` and the names of facts stand for themselves.

use crate::finding::{Fact, Named, Subject};

/// Fills a template; `{events|event}` is a count with its noun, `1 event` or `7 events`. A name that nothing stands for is left as it is; a test sees to it that there is none.
pub fn fill(template: &str, subject: &Subject, facts: &[&[Fact]]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        match value(name, subject, facts) {
            Some(value) => text.push_str(&value),
            None => text.extend(["{", name, "}"]),
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// Foreign text that is fit to stand in a sentence: one line, nothing hidden, not too long.
pub fn plain(text: &str) -> String {
    const MOST: usize = 120;
    if text.len() <= MOST && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    visible(&out)
}

/// Foreign text with nothing in it that hides, moves a cursor or breaks a line.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) { out.extend(letter.escape_unicode()) } else { out.push(letter) }
    }
    out
}

/// Foreign text that is nothing but text in Markdown: no link, no tag, no item of a list, no other cell.
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let is_marked = match letter {
            // `www.` is a link wherever it stands, and a number with a point at the start begins a list.
            '.' => is_www(&text[..at]) || is_number_of_item(&text[..at], &text[at + 1..]),
            // What stands in sentences everywhere has no meaning within a line.
            ',' | ';' | '%' | '/' => false,
            _ => letter.is_ascii_punctuation(),
        };
        if is_marked {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn is_number_of_item(before: &str, behind: &str) -> bool {
    before.bytes().all(|byte| byte.is_ascii_digit()) && (behind.is_empty() || behind.starts_with(' '))
}

fn is_www(before: &str) -> bool {
    before.len().checked_sub(3).and_then(|start| before.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Whether a character is unseen, ends a line, or changes how the text around it is shown.
///
/// Exports are full of text that attackers choose. Written as they are, these would split a record for readers that
/// break lines at U+0085 or U+2028, move a terminal's cursor, or turn a name around (U+202E).
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// An app or user as a sentence names it.
pub fn name_of(named: Option<&Named>, nobody: &str) -> String {
    match named {
        Some(Named { name: Some(name), .. }) => plain(name),
        Some(Named { id: Some(id), .. }) => plain(id),
        _ => nobody.to_owned(),
    }
}

/// A noun for several: `event` to `events`, `query` to `queries`, `address` to `addresses`.
pub fn several(thing: &str) -> String {
    match thing.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if thing.ends_with('s') => format!("{thing}es"),
        _ => format!("{thing}s"),
    }
}

fn value(name: &str, subject: &Subject, facts: &[&[Fact]]) -> Option<String> {
    if let Some((name, thing)) = name.split_once('|') {
        let count = value(name, subject, facts)?;
        return Some(format!("{count} {}", if count == "1" { thing.to_owned() } else { several(thing) }));
    }
    let part = |part: &Option<String>| part.as_deref().map_or_else(|| "unknown".to_owned(), plain);
    if let Some(fact) = facts.iter().copied().flatten().find(|fact| fact.name == name) {
        return Some(plain(&fact.value.to_string()));
    }
    Some(match name {
        "app" => name_of(subject.app.as_ref(), "an app that the log does not name"),
        "user" => name_of(subject.user.as_ref(), "a user that the log does not name"),
        "address" => part(&subject.address),
        "session" => part(&subject.session),
        "token" => part(&subject.token),
        "assertion" => part(&subject.assertion),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn markdown_has_no_links_and_no_items() {
        for (text, expected) in [
            ("see www.evil.example", r"see www\.evil.example"),
            ("(WWW.evil.example", r"\(WWW\.evil.example"),
            ("1. revoke nothing", r"1\. revoke nothing"),
            ("10.0.0.1, 1.5 %", "10.0.0.1, 1.5 %"),
            ("ééww.example", "ééww.example"),
        ] {
            assert_eq!(markdown(text), expected);
        }
    }
}
