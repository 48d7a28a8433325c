//! String literals as values: escapes resolved, length limited.

use super::MAX_TEXT;

/// The first [`MAX_TEXT`] bytes of a text, cut between characters.
pub(super) fn cut(text: &str) -> &str {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

/// The value of a string that was written between quotes or braces, cut like [`cut`] does.
///
/// `\%` and `\_` stay as they are: without the backslash they would read as wildcards of `LIKE`. So do unknown escapes.
pub(super) fn unescape(written: &str) -> String {
    let mut value = String::new();
    let mut rest = written;
    while let Some((character, length)) = next(rest) {
        if value.len() + character.len_utf8() > MAX_TEXT {
            break;
        }
        value.push(character);
        rest = &rest[length..];
    }
    value
}

/// The first character that `rest` stands for, and how many bytes it is written in.
fn next(rest: &str) -> Option<(char, usize)> {
    let mut characters = rest.chars();
    let first = characters.next()?;
    if first != '\\' {
        return Some((first, first.len_utf8()));
    }
    let escaped = match characters.next() {
        Some(quoted @ ('\'' | '"' | '\\')) => quoted,
        Some('n' | 'N') => '\n',
        Some('r' | 'R') => '\r',
        Some('t' | 'T') => '\t',
        Some('b' | 'B') => '\u{8}',
        Some('f' | 'F') => '\u{c}',
        Some('u') => return Some(unicode(rest).map_or((first, 1), |character| (character, 6))),
        _ => return Some((first, 1)),
    };
    Some((escaped, 2))
}

/// The character of an escape like `\u00e9`; nothing if it is none, such as half of a surrogate pair.
fn unicode(rest: &str) -> Option<char> {
    let digits = rest.get(2..6).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}
