//! Writes the shape of a query and hashes it on the way, so that neither tokens nor the whole text are kept.

use super::MAX_SHAPE;

/// A shape that is being written.
pub(super) struct Shape {
    text: String,
    hash: u64,
    full: bool,
    last: Last,
    list: List,
}

/// What was written last, as far as the next piece's blank depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing, an opening parenthesis or a dot: no blank follows.
    Tight,
    /// A name: it is a function's if a parenthesis follows.
    Name,
    Stray,
    Other,
}

/// Where in a list of literals the shape is. Only the first literal of a list is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Outside,
    /// After a literal.
    Literal,
    /// After the comma that follows a literal: not written yet, and never if another literal follows.
    Comma,
}

impl Shape {
    pub(super) fn new(expected: usize) -> Self {
        let text = String::with_capacity(expected.min(MAX_SHAPE));
        Self { text, hash: 0xcbf2_9ce4_8422_2325, full: false, last: Last::Tight, list: List::Outside }
    }

    /// The shape, perhaps cut, and the FNV-1a hash of all of it.
    pub(super) fn finish(self) -> (String, u64) {
        (self.text, self.hash)
    }

    pub(super) fn keyword(&mut self, word: &str) {
        self.begin(true);
        word.chars().for_each(|letter| self.put(letter.to_ascii_uppercase()));
    }

    pub(super) fn name(&mut self, word: &str) {
        self.begin(true);
        word.chars().for_each(|letter| self.put(letter.to_ascii_lowercase()));
        self.last = Last::Name;
    }

    pub(super) fn operator(&mut self, sign: &str) {
        self.keyword(sign);
    }

    pub(super) fn literal(&mut self) {
        if self.list != List::Comma {
            self.begin(true);
            self.put('?');
        }
        self.list = List::Literal;
    }

    pub(super) fn term(&mut self) {
        self.begin(true);
        "{?}".chars().for_each(|sign| self.put(sign));
    }

    pub(super) fn comma(&mut self) {
        if self.list == List::Literal {
            self.list = List::Comma;
        } else {
            self.begin(false);
            self.put(',');
        }
    }

    pub(super) fn open(&mut self) {
        self.begin(self.last != Last::Name);
        self.put('(');
        self.last = Last::Tight;
    }

    pub(super) fn close(&mut self) {
        // A comma that nothing follows says nothing.
        self.list = List::Outside;
        self.begin(false);
        self.put(')');
    }

    /// A dot that stood apart from a name; after a keyword it must, or the keyword would become part of a name.
    pub(super) fn dot(&mut self) {
        self.begin(self.last != Last::Name);
        self.put('.');
        self.last = Last::Tight;
    }

    /// Stands for any number of characters that have no meaning and are best not repeated.
    pub(super) fn stray(&mut self) {
        if self.last != Last::Stray {
            self.begin(true);
            self.put(char::REPLACEMENT_CHARACTER);
            self.last = Last::Stray;
        }
    }

    /// Writes what belongs before the next piece.
    fn begin(&mut self, spaced: bool) {
        if self.list == List::Comma {
            self.put(',');
        }
        if spaced && self.last != Last::Tight {
            self.put(' ');
        }
        self.list = List::Outside;
        self.last = Last::Other;
    }

    fn put(&mut self, character: char) {
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.full |= self.text.len() + character.len_utf8() > MAX_SHAPE;
        if !self.full {
            self.text.push(character);
        }
    }
}
