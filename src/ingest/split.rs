//! A stream of bytes, cut into blocks of whole records.
//!
//! A CSV record ends at a newline with an even number of quotes before it. That says where records end whatever the
//! block size, without looking at cells; what is inside is the scanner's business. A quote that is never closed would
//! swallow the rest: past [`LONGEST_RECORD`], or at the end, its first line is given up and reading goes on behind it.

use std::io::{self, Read};

use super::json::{Ahead, Cutter, records_ahead};

/// No record of a real export comes near this; beyond it, a quote was left open.
pub(super) const LONGEST_RECORD: usize = 128 << 20;

/// How records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Newlines outside quotes.
    Csv,
    /// One JSON object a line.
    Lines,
    /// JSON objects one after another, in arrays and in the envelopes of query results.
    Objects,
    /// Rows of columns, which are no text at all.
    Columns,
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Whole records.
    Records,
    /// The first line of a record whose quote is never closed.
    OpenQuote,
    /// The start of a record that the export does not finish.
    CutOff,
    /// Rows in columns.
    Columns,
}

/// Cuts a stream into blocks.
pub(super) struct Splitter {
    reader: Box<dyn Read + Send>,
    framing: Framing,
    block_bytes: usize,
    /// Bytes read and not yet given out; starts at a record.
    pending: Pending,
    /// The offset of `pending` in the stream.
    offset: u64,
    ended: bool,
    /// What the reader died of; told once the bytes before are out.
    pub(super) failure: Option<io::Error>,
    cutter: Cutter,
    /// JSON: how many braces and brackets of envelopes are open around the records …
    envelope: usize,
    /// … which are still to be found.
    between: bool,
}

impl Splitter {
    /// `pending` are the bytes at `offset` that sniffing has already read.
    pub(super) fn new(
        reader: Box<dyn Read + Send>,
        framing: Framing,
        block_bytes: usize,
        pending: Vec<u8>,
        offset: u64,
    ) -> Self {
        let block_bytes = block_bytes.clamp(1, LONGEST_RECORD / 2);
        let (cutter, pending) = (Cutter::default(), Pending { filled: pending.len(), bytes: pending });
        let between = framing == Framing::Objects;
        Self {
            reader,
            framing,
            block_bytes,
            pending,
            offset,
            ended: false,
            failure: None,
            cutter,
            envelope: 0,
            between,
        }
    }

    /// The offset of the first byte that has not been given out.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next block goes into `block`; says what it holds and where it starts, or nothing at the end.
    pub(super) fn next(&mut self, block: &mut Vec<u8>) -> Option<(Content, u64)> {
        while !self.between || self.find_records() {
            let next = self.next_of_array(block);
            if next.is_some() || !self.cutter.done || self.failure.is_some() {
                return next;
            }
            self.pass(self.cutter.array_end() + 1);
            self.between = true;
        }
        None
    }

    /// Passes over what stands between records; says whether there are more.
    fn find_records(&mut self) -> bool {
        let mut target = self.block_bytes;
        loop {
            self.fill(target);
            match records_ahead(self.pending.known(), self.envelope, self.ended) {
                Ahead::Records { at, depth } => {
                    self.pass(at);
                    (self.envelope, self.between, self.cutter) = (depth, false, Cutter::default());
                    return true;
                }
                Ahead::Unknown if self.pending.len() <= LONGEST_RECORD => target = self.pending.len().max(1) * 2,
                Ahead::Unknown => {
                    self.failure = Some(io::Error::other("no records follow, and no end"));
                    return false;
                }
                Ahead::Nothing => return false,
            }
        }
    }

    fn next_of_array(&mut self, block: &mut Vec<u8>) -> Option<(Content, u64)> {
        let mut target = self.block_bytes;
        loop {
            self.fill(target);
            if let Some(end) = self.last_record_end() {
                return Some(self.take(end, Content::Records, block));
            }
            if self.ended || self.cutter.done || self.pending.len() > LONGEST_RECORD {
                return self.rest(block);
            }
            target = self.pending.len().max(1) * 2;
        }
    }

    /// The pending bytes have no record end among them, and there will be none.
    fn rest(&mut self, block: &mut Vec<u8>) -> Option<(Content, u64)> {
        let length = if self.cutter.done { self.cutter.array_end() } else { self.pending.len() };
        let meaningful = |byte: &u8| !byte.is_ascii_whitespace() && (self.framing != Framing::Objects || *byte != b',');
        if !self.pending.known()[..length].iter().any(meaningful) {
            if !self.cutter.done {
                self.pending.filled = 0;
            }
            return None;
        }
        let unclosed = self.framing == Framing::Csv && memchr::memchr_iter(b'"', self.pending.known()).count() % 2 == 1;
        match self.framing {
            // A last line without a newline is whole, unless the stream broke off.
            _ if self.failure.is_some() => Some(self.take(length, Content::CutOff, block)),
            Framing::Csv if unclosed => {
                let line = memchr::memchr(b'\n', self.pending.known()).map_or(length, |at| at + 1);
                Some(self.take(line, Content::OpenQuote, block))
            }
            Framing::Objects if self.cutter.done => Some(self.take(length, Content::Records, block)),
            Framing::Objects => Some(self.take(length, Content::CutOff, block)),
            _ => Some(self.take(length, Content::Records, block)),
        }
    }

    /// Leaves out the first bytes.
    fn pass(&mut self, bytes: usize) {
        let bytes = bytes.min(self.pending.len());
        self.pending.pass(bytes);
        self.offset += bytes as u64;
    }

    fn take(&mut self, end: usize, content: Content, block: &mut Vec<u8>) -> (Content, u64) {
        self.pending.give(end, block);
        self.cutter.taken(end);
        let offset = self.offset;
        self.offset += end as u64;
        (content, offset)
    }

    fn fill(&mut self, target: usize) {
        if self.ended || self.pending.len() >= target {
            return;
        }
        match self.pending.fill(target, self.reader.as_mut()) {
            Ok(()) => self.ended = self.pending.len() < target,
            Err(failure) => {
                self.ended = true;
                self.failure = Some(failure);
            }
        }
    }

    /// The end of the last whole record among the pending bytes.
    fn last_record_end(&mut self) -> Option<usize> {
        match self.framing {
            Framing::Csv => last_csv_record_end(self.pending.known()).filter(|end| *end > 0),
            Framing::Lines => memchr::memrchr(b'\n', self.pending.known()).map(|at| at + 1),
            Framing::Objects => self.cutter.last_object_end(self.pending.known()),
            Framing::Columns => None,
        }
    }
}

/// Room is made for at least so many bytes, if they are wanted.
const LEAST_ROOM: usize = 1 << 12;

/// A buffer whose bytes are written over and never zeroed again: only so many of them count.
struct Pending {
    bytes: Vec<u8>,
    filled: usize,
}

impl Pending {
    fn len(&self) -> usize {
        self.filled
    }

    fn known(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Reads until there are so many bytes, or no more. Room for them is made by and by: most small exports are at hand
    /// already.
    fn fill(&mut self, target: usize, reader: &mut dyn Read) -> io::Result<()> {
        while self.filled < target {
            let room = self.bytes.len();
            if room < target && (room == self.filled || room >= target / 2) {
                self.bytes.resize((2 * room).clamp(LEAST_ROOM.min(target), target), 0);
            }
            let end = target.min(self.bytes.len());
            match reader.read(&mut self.bytes[self.filled..end]) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn pass(&mut self, bytes: usize) {
        self.bytes.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
    }

    /// The first bytes go into `block`; what was its memory becomes ours.
    fn give(&mut self, end: usize, block: &mut Vec<u8>) {
        std::mem::swap(block, &mut self.bytes);
        let rest = &block[end..self.filled];
        if self.bytes.len() < rest.len() {
            self.bytes.resize(rest.len(), 0);
        }
        self.bytes[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
        block.truncate(end);
    }
}

/// The place behind the last newline that has an even number of quotes before it.
fn last_csv_record_end(bytes: &[u8]) -> Option<usize> {
    let mut quotes_before = memchr::memchr_iter(b'"', bytes).count();
    let mut end = bytes.len();
    while let Some(newline) = memchr::memrchr(b'\n', &bytes[..end]) {
        quotes_before -= memchr::memchr_iter(b'"', &bytes[newline..end]).count();
        if quotes_before.is_multiple_of(2) {
            return Some(newline + 1);
        }
        end = newline;
    }
    None
}
