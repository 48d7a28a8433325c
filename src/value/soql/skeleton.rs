//! What queries of one program have in common: their text without strings and dates. Programs send one query with ever
//! new ids and times, and what is read from it is the same each time.

use super::token::is_name;

/// Writes a query's text without the contents of its strings and with zeros for the digits of its dates. Two texts with
/// one skeleton are [`read`](super::read) alike in all but their [`literals`](super::Query::literals), none of which has a
/// `%` in it.
///
/// Says `false` where the text has something that makes this hard to tell, and the text has to be read: a comment, a
/// search term, an escaped character, a string that is not closed or has a `%` in it.
pub fn skeleton(text: &[u8], into: &mut Vec<u8>) -> bool {
    into.clear();
    if !matches!(text.first(), Some(b'S' | b's')) {
        return false;
    }
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'\'' | b'"' => {
                let Some(length) = plain_string(&text[at..], byte) else { return false };
                into.extend([byte, byte]);
                at += length + 1;
            }
            b'/' | b'{' => return false,
            b'-' if text.get(at) == Some(&b'-') => return false,
            b'-' if text.get(at).is_some_and(u8::is_ascii_digit) && ends_with_year(into) => {
                let year = into.len() - 4;
                into[year..].fill(b'0');
                let length = rest_of_date(&text[at - 1..]);
                let zeroed = |byte: &u8| if byte.is_ascii_digit() { b'0' } else { *byte };
                into.extend(text[at - 1..at - 1 + length].iter().map(zeroed));
                at += length - 1;
            }
            _ => into.push(byte),
        }
    }
    true
}

/// How long a string is up to its closing quote.
fn plain_string(text: &[u8], quote: u8) -> Option<usize> {
    let end = text.iter().position(|byte| *byte == quote || matches!(byte, b'\\' | b'%'))?;
    (text[end] == quote).then_some(end)
}

/// Whether four digits stand at the end that no name or fraction goes on with.
fn ends_with_year(text: &[u8]) -> bool {
    let Some((before, year)) = text.split_last_chunk::<4>() else { return false };
    year.iter().all(u8::is_ascii_digit) && !before.last().is_some_and(|byte| is_name(*byte) || *byte == b'.')
}

/// How much of what follows a year belongs to the same token.
fn rest_of_date(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match (text.get(at), text.get(at + 1)) {
            (Some(b'-' | b'+' | b':'), Some(b'0'..=b'9')) => at += 2,
            (Some(byte), _) if is_name(*byte) || *byte == b'.' => at += 1,
            _ => return at,
        }
    }
}
