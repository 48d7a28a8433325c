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

/// Foreign text that is fit to stand in a sentence: one line, nothing invisible, not too long.
pub fn plain(text: &str) -> String {
    const MOST: usize = 120;
    let mut out = String::with_capacity(text.len().min(MOST));
    for letter in text.chars().take(MOST) {
        if is_visible(letter) { out.push(letter) } else { out.extend(letter.escape_unicode()) }
    }
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

fn is_visible(letter: char) -> bool {
    let reorders =
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !letter.is_control() && !reorders
}

/// An app or user as a sentence names it.
pub fn name_of(named: Option<&Named>, nobody: &str) -> String {
    match named {
        Some(Named { name: Some(name), .. }) => plain(name),
        Some(Named { id: Some(id), .. }) => plain(id),
        _ => nobody.to_owned(),
    }
}

fn value(name: &str, subject: &Subject, facts: &[&[Fact]]) -> Option<String> {
    if let Some((name, thing)) = name.split_once('|') {
        let count = value(name, subject, facts)?;
        let plural = if count == "1" { "" } else { "s" };
        return Some(format!("{count} {thing}{plural}"));
    }
    let part = |part: &Option<String>| part.as_deref().map_or_else(|| "unknown".to_owned(), plain);
    if let Some(fact) = facts.iter().copied().flatten().find(|fact| fact.name == name) {
        return Some(plain(&fact.value));
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
