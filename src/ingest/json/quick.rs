//! The quick way through a JSON object: keys are expected where the last object had them, and values that nobody reads
//! are passed over.
//!
//! It says no more than the library parser would: where anything is out of the ordinary, the object is left to that one
//! (`None`). So strings must be without control characters, the whole object must be UTF-8, and what is nested must be
//! JSON and of no interest.

use serde::de::IgnoredAny;

use super::Keys;
use super::structure::is_plain_escape;
use crate::ingest::cells::Cells;

/// A key as it was met, with and without quotes, and the column of the cells that it means.
#[derive(Debug)]
pub(super) struct Expected {
    key: Vec<u8>,
    path: String,
    column: Option<usize>,
}

/// Columns are not deeper inside than so many bytes of a path.
const DEEPEST: usize = 200;

/// Reads the object at `start..end` of a block into the row of cells that has begun. Nothing if that is left to the
/// library parser; the row may have cells by then.
pub(super) fn read(block: &[u8], start: usize, end: usize, keys: &mut Keys<'_>, cells: &mut Cells) -> Option<()> {
    let object = &block[start..end];
    let is_control = |byte: &u8| u8::from(*byte < b' ' && *byte != b'\n' && *byte != b'\r');
    if object.iter().map(is_control).fold(0, |any, one| any | one) != 0 || std::str::from_utf8(object).is_err() {
        return None;
    }
    let mut walk = Walk { bytes: &block[..end], at: start };
    walk.object(None, keys, cells)?;
    // Nothing may follow the closing brace.
    walk.peek().is_none().then_some(())
}

struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Walk<'_> {
    /// The next byte that is no blank.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    #[inline]
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Passes an object and takes its cells; `path` is that of its key, if it is inside of another object.
    fn object(&mut self, path: Option<&str>, keys: &mut Keys<'_>, cells: &mut Cells) -> Option<()> {
        self.pass(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        for place in 0.. {
            self.peek()?;
            let (column, inner) = match path {
                None => (self.expected(place, keys)?.column, None),
                Some(path) if path.len() < DEEPEST => {
                    let path = format!("{path}.{}", self.plain_key()?);
                    (keys.column(&path), Some(path))
                }
                Some(_) => return None,
            };
            self.pass(b':')?;
            match self.peek()? {
                b'{' | b'[' if column.is_some() => return None,
                opening @ (b'{' | b'[') => {
                    let path = inner.unwrap_or_else(|| keys.expected[place].path.clone());
                    match (keys.leads_on(path.as_str()), opening) {
                        (true, b'{') => self.object(Some(&path), keys, cells)?,
                        (true, _) => return None,
                        (false, _) => self.pass_nested()?,
                    }
                }
                b'"' => self.text(column, cells)?,
                _ => self.bare_value(column, cells)?,
            }
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    /// A key without escapes.
    fn plain_key(&mut self) -> Option<&str> {
        let (from, to) = self.string()?;
        std::str::from_utf8(&self.bytes[from..to]).ok().filter(|key| !key.contains('\\'))
    }

    /// Passes a key; it is the one that is expected at its place then.
    fn expected<'k>(&mut self, place: usize, keys: &'k mut Keys<'_>) -> Option<&'k Expected> {
        let rest = &self.bytes[self.at..];
        if keys.expected.get(place).is_some_and(|expected| rest.starts_with(&expected.key)) {
            self.at += keys.expected[place].key.len();
            return keys.expected.get(place);
        }
        let path = self.plain_key()?.to_owned();
        let column = keys.column(&path);
        keys.expected.truncate(place);
        keys.expected.push(Expected { key: format!("\"{path}\"").into_bytes(), path, column });
        keys.expected.last()
    }

    /// Passes what is in braces or brackets and of no interest.
    fn pass_nested(&mut self) -> Option<()> {
        let nested = &self.bytes[self.at..];
        let length = super::first_object_end(nested)?;
        serde_json::from_slice::<IgnoredAny>(&nested[..length]).ok()?;
        self.at += length;
        Some(())
    }

    fn text(&mut self, column: Option<usize>, cells: &mut Cells) -> Option<()> {
        let (from, to) = self.string()?;
        column.map_or(Some(()), |column| self.take(column, from, to, cells))
    }

    /// A string's cell: as it stands, or unescaped.
    fn take(&self, column: usize, from: usize, to: usize, cells: &mut Cells) -> Option<()> {
        let text = &self.bytes[from..to];
        if memchr::memchr(b'\\', text).is_none() {
            cells.point(column, from, to);
        } else {
            let unescaped: String = serde_json::from_slice(&self.bytes[from - 1..=to]).ok()?;
            cells.copy(column, unescaped.as_bytes());
        }
        Some(())
    }

    /// Passes a string; where it starts and ends, without its quotes. Escapes of four digits are left to the library.
    #[inline]
    fn string(&mut self) -> Option<(usize, usize)> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)?;
            if self.bytes[at] == b'"' {
                break;
            }
            if !is_plain_escape(*self.bytes.get(at + 1)?) {
                return None;
            }
            at += 2;
        }
        // Line ends are blanks outside of strings, and nothing that may stand in one.
        if memchr::memchr2(b'\n', b'\r', &self.bytes[from..at]).is_some() {
            return None;
        }
        self.at = at + 1;
        Some((from, at))
    }

    /// `true`, `false`, `null` and plain numbers.
    fn bare_value(&mut self, column: Option<usize>, cells: &mut Cells) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\n' | b'\r'))?;
        let kept = kept(&rest[..length])?;
        if let Some(column) = column.filter(|_| kept > 0) {
            cells.point(column, self.at, self.at + kept);
        }
        self.at += length;
        Some(())
    }
}

/// How much of a value is kept that is no string: `true`, `false`, `null` (nothing) and plain numbers.
pub(super) fn kept(value: &[u8]) -> Option<usize> {
    match value {
        b"null" => Some(0),
        b"true" | b"false" => Some(value.len()),
        number => plain_number(number),
    }
}

/// How much of a number is kept, if the library parser would write it so: whole numbers of up to 18 digits, and decimals
/// of up to 15, without the zeros at their end.
fn plain_number(text: &[u8]) -> Option<usize> {
    if is_whole_number(text, 18) {
        return Some(text.len());
    }
    let point = memchr::memchr(b'.', text)?;
    let (whole, fraction) = (&text[..point], &text[point + 1..]);
    let is_decimal = is_whole_number(whole, 15) || whole == b"-0";
    if !is_decimal || text.len() > 16 || fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    Some(if digits == 0 { point } else { point + 1 + digits })
}

/// Digits, with a sign before them or none, that begin with zero only if that is all.
fn is_whole_number(text: &[u8], most: usize) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let is_short = (1..=most).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    is_short && (digits[0] != b'0' || text == b"0")
}
