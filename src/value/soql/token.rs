//! Splits the text of a query into tokens, which borrow from it. Blanks and comments are left out.

use super::{Fault, Unread};

/// A piece of a query.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// As written, but without the quotes or braces around it.
    pub(super) text: &'a str,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a dotted path or a keyword.
    Word,
    /// A string.
    Text,
    /// A search term between braces.
    Term,
    /// A number, a date, a date with an argument, a bind variable, or a `?` that stands for one.
    Value,
    Open,
    Close,
    Comma,
    Dot,
    Operator,
    /// A character that has no meaning here.
    Stray,
}

/// The tokens of a text, in order.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// The first thing that is no token.
    pub(super) unread: Option<Unread>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, unread: None }
    }

    /// How long the text is, in bytes.
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    fn note(&mut self, what: Fault, at: usize) {
        self.unread.get_or_insert(Unread { what, at });
    }

    /// The byte so far after the current one; 0, which is no part of any token, after the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// What was passed since `from`.
    fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// Passes blanks, byte order marks and comments.
    fn skip_blanks(&mut self) {
        while let Some(first) = self.text[self.at..].chars().next() {
            match first {
                '/' if self.peek(1) == b'*' => self.skip_comment(),
                '-' if self.peek(1) == b'-' => {
                    self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |length| self.at + length);
                }
                '\u{feff}' => self.at += first.len_utf8(),
                blank if blank.is_whitespace() => self.at += blank.len_utf8(),
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        if let Some(length) = self.text[self.at + 2..].find("*/") {
            self.at += length + 4;
        } else {
            self.note(Fault::UnclosedComment, self.at);
            self.at = self.text.len();
        }
    }

    /// Passes a string or search term; if it is not closed, all the rest of the text is it.
    fn enclosed(&mut self, kind: Kind, closing: u8, fault: Fault) -> Token<'a> {
        let at = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at) {
            if byte == closing {
                let token = Token { kind, text: self.since(at + 1), at };
                self.at += 1;
                return token;
            }
            self.at += if byte == b'\\' { 2 } else { 1 };
        }
        // A backslash at the very end has nothing to escape.
        self.at = bytes.len();
        self.note(fault, at);
        Token { kind, text: self.since(at + 1), at }
    }

    /// Passes a name or a path; with an argument (`LAST_N_DAYS:30`) it is a value.
    fn word(&mut self) -> Kind {
        while is_name(self.peek(0)) || (self.peek(0) == b'.' && is_name(self.peek(1))) {
            self.at += 1;
        }
        if self.peek(0) != b':' || !self.peek(1).is_ascii_digit() {
            return Kind::Word;
        }
        self.at += 1;
        self.digits();
        Kind::Value
    }

    /// Passes a number, a date or a time, with its sign: `-1.5e-3`, `2024-01-01T00:00:00+01:00`.
    fn number(&mut self) -> Kind {
        self.at += 1;
        loop {
            match self.peek(0) {
                b'-' | b'+' | b':' if self.peek(1).is_ascii_digit() => self.at += 2,
                b'.' => self.at += 1,
                part if is_name(part) => self.at += 1,
                _ => return Kind::Value,
            }
        }
    }

    /// Passes a bind variable: `:ids`, `: account.Id`.
    fn bind(&mut self) -> Kind {
        self.at += 1;
        while self.peek(0).is_ascii_whitespace() {
            self.at += 1;
        }
        while is_name(self.peek(0)) || self.peek(0) == b'.' {
            self.at += 1;
        }
        Kind::Value
    }

    fn digits(&mut self) {
        while self.peek(0).is_ascii_digit() {
            self.at += 1;
        }
    }

    fn pass(&mut self, bytes: usize, kind: Kind) -> Kind {
        self.at += bytes;
        kind
    }

    fn stray(&mut self) -> Kind {
        self.note(Fault::UnexpectedCharacter, self.at);
        self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Kind::Stray
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let at = self.at;
        let first = *self.text.as_bytes().get(at)?;
        let kind = match (first, self.peek(1)) {
            (b'\'' | b'"', _) => return Some(self.enclosed(Kind::Text, first, Fault::UnclosedString)),
            (b'{', _) => return Some(self.enclosed(Kind::Term, b'}', Fault::UnclosedBrace)),
            (b'0'..=b'9', _) | (b'-' | b'+' | b'.', b'0'..=b'9') => self.number(),
            (b'-' | b'+', b'.') if self.peek(2).is_ascii_digit() => self.number(),
            (b':', _) => self.bind(),
            (b'?', _) => self.pass(1, Kind::Value),
            (b'(', _) => self.pass(1, Kind::Open),
            (b')', _) => self.pass(1, Kind::Close),
            (b',', _) => self.pass(1, Kind::Comma),
            (b'.', _) => self.pass(1, Kind::Dot),
            (b'<', b'=' | b'>') | (b'>' | b'!', b'=') => self.pass(2, Kind::Operator),
            (b'=' | b'<' | b'>', _) => self.pass(1, Kind::Operator),
            (letter, _) if is_name(letter) => self.word(),
            _ => self.stray(),
        };
        Some(Token { kind, text: self.since(at), at })
    }
}

/// Whether the byte may be in a name; Salesforce names are ASCII only.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
