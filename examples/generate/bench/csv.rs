//! A CSV file written row by row through one large buffer, with every field quoted or as few as possible.

use std::fs::File;
use std::io::Write;
use std::path::Path;

const FLUSH_AT: usize = 1 << 20;

/// An open file; `finish` must be called, or the last rows are lost.
pub(super) struct CsvFile {
    file: File,
    buffer: Vec<u8>,
    minimal_quoting: bool,
}

impl CsvFile {
    pub(super) fn create(path: &Path, minimal_quoting: bool) -> std::io::Result<CsvFile> {
        let buffer = Vec::with_capacity(FLUSH_AT + (1 << 16));
        Ok(CsvFile { file: File::create(path)?, buffer, minimal_quoting })
    }

    /// Writes the column names, given with spaces between them, quoted like the rows.
    pub(super) fn header(&mut self, names: &str) -> std::io::Result<()> {
        for name in names.split_whitespace() {
            self.plain(name.as_bytes());
        }
        self.end_row()
    }

    /// A field that holds no comma, quote or line break.
    pub(super) fn plain(&mut self, field: &[u8]) {
        if self.minimal_quoting {
            self.buffer.extend_from_slice(field);
        } else {
            self.buffer.push(b'"');
            self.buffer.extend_from_slice(field);
            self.buffer.push(b'"');
        }
        self.buffer.push(b',');
    }

    pub(super) fn number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.plain(&digits[start..]);
    }

    /// A field of any content.
    pub(super) fn text(&mut self, field: &[u8]) {
        let awkward = |byte: &u8| matches!(byte, b'"' | b',' | b'\n' | b'\r');
        if !field.iter().any(awkward) {
            return self.plain(field);
        }
        self.buffer.push(b'"');
        for part in field.split_inclusive(|byte| *byte == b'"') {
            self.buffer.extend_from_slice(part);
            if part.ends_with(b"\"") {
                self.buffer.push(b'"');
            }
        }
        self.buffer.extend_from_slice(b"\",");
    }

    /// Ends the row; the comma after its last field becomes the line end.
    pub(super) fn end_row(&mut self) -> std::io::Result<()> {
        if let Some(last) = self.buffer.last_mut() {
            *last = b'\n';
        }
        if self.buffer.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> std::io::Result<()> {
        self.flush()
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}
