//! What an Arrow export promises to become in memory, told before any of it is read: a few bytes may promise anything.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use arrow::ipc::{RecordBatch, root_as_footer, root_as_message};

use super::Form;
use crate::ingest::{Export, Limits};

/// Holds rows and unpacked bytes against the limits. What makes no sense is left to the reader to tell.
pub(super) fn check(export: &Export, form: Form, limits: &Limits) -> Result<(), String> {
    let file = File::open(&export.path).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let allowance = length.saturating_mul(limits.decompression_ratio).max(64 << 20);
    let mut walk = Walk { file: BufReader::new(file), length, left: limits.decompressed_bytes.min(allowance) };
    let most = walk.left;
    let within = if form == Form::ArrowFile { walk.blocks() } else { walk.messages() };
    if within == Some(false) {
        return Err(format!("it unpacks to more than {most} bytes or rows, as a decompression bomb would"));
    }
    Ok(())
}

struct Walk {
    file: BufReader<File>,
    length: u64,
    /// How much may still be promised.
    left: u64,
}

impl Walk {
    /// Whether the messages that a file's footer lists keep to the limits; nothing if it cannot be told.
    fn blocks(&mut self) -> Option<bool> {
        let end = self.bytes(self.length.checked_sub(10)?, 4)?;
        let size = u64::from(u32::from_le_bytes(end.try_into().ok()?));
        let footer = self.bytes(self.length.checked_sub(10 + size)?, size)?;
        let footer = root_as_footer(&footer).ok()?;
        let blocks = footer.dictionaries().into_iter().flatten().chain(footer.recordBatches().into_iter().flatten());
        for block in blocks {
            if !self.message(u64::try_from(block.offset()).ok()?)?.0 {
                return Some(false);
            }
        }
        Some(true)
    }

    /// The same of a stream's messages, one behind the other.
    fn messages(&mut self) -> Option<bool> {
        let mut at = 0;
        loop {
            let (within, behind) = self.message(at)?;
            if !within || behind <= at {
                return Some(within);
            }
            at = behind;
        }
    }

    /// Whether the message at a place keeps to the limits, and where the next one is.
    fn message(&mut self, at: u64) -> Option<(bool, u64)> {
        let prefix = self.bytes(at, 8)?;
        let word = |from: usize| Some(u32::from_le_bytes(prefix.get(from..from + 4)?.try_into().ok()?));
        // Old writers leave the first word out.
        let (size, start) = if word(0)? == u32::MAX { (word(4)?, at + 8) } else { (word(0)?, at + 4) };
        let metadata = self.bytes(start, u64::from(size))?;
        let message = root_as_message(&metadata).ok()?;
        let body = start + u64::from(size);
        let dictionary = message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data());
        let within = match message.header_as_record_batch().or(dictionary) {
            Some(batch) => self.batch(&batch, body)?,
            None => true,
        };
        Some((within, body.checked_add(u64::try_from(message.bodyLength()).ok()?)?))
    }

    fn batch(&mut self, batch: &RecordBatch<'_>, body: u64) -> Option<bool> {
        let mut promised = u64::try_from(batch.length()).unwrap_or(u64::MAX);
        for buffer in batch.buffers().into_iter().flatten().filter(|_| batch.compression().is_some()) {
            if buffer.length() > 8 {
                let size = self.bytes(body.checked_add(u64::try_from(buffer.offset()).ok()?)?, 8)?;
                // What is not worth compressing says -1, and is as long as it is.
                let size = u64::try_from(i64::from_le_bytes(size.try_into().ok()?)).unwrap_or_default();
                promised = promised.saturating_add(size);
            }
        }
        let left = self.left.checked_sub(promised);
        self.left = left.unwrap_or_default();
        Some(left.is_some())
    }

    /// Bytes of the file, as far as it has them.
    fn bytes(&mut self, at: u64, count: u64) -> Option<Vec<u8>> {
        if at.checked_add(count)? > self.length {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(count).ok()?];
        self.file.seek(SeekFrom::Start(at)).ok()?;
        self.file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}
