//! What an Arrow export promises to become in memory, told before any of it is read: a few bytes may promise anything.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use arrow::ipc::{Block, Message, root_as_footer, root_as_message};

use super::Form;
use crate::ingest::{Export, Limits};

/// Holds rows and unpacked bytes against the limits. Of a file whose structure makes no sense from some batch on, how
/// many stand before it: nobody can tell what the others would become. What makes no sense in a stream, the reader sees
/// as it is seen here.
pub(super) fn check(export: &Export, form: Form, limits: &Limits) -> Result<Option<usize>, String> {
    let file = File::open(&export.path).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let allowance = length.saturating_mul(limits.decompression_ratio).max(64 << 20);
    let most = limits.decompressed_bytes.min(allowance);
    let mut walk = Walk { file: BufReader::new(file), length, left: Some(most) };
    let told = if form == Form::ArrowFile {
        walk.blocks()?
    } else {
        walk.messages();
        None
    };
    if walk.left.is_none() {
        return Err(format!("it unpacks to more than {most} bytes or rows, as a decompression bomb would"));
    }
    Ok(told)
}

struct Walk {
    file: BufReader<File>,
    length: u64,
    /// How much may still be promised; nothing if it was too much.
    left: Option<u64>,
}

impl Walk {
    /// Counts what the batches promise that a file's footer lists; how many batches can be told, if not all.
    fn blocks(&mut self) -> Result<Option<usize>, &'static str> {
        const NONSENSE: &str = "its structure makes no sense";
        let footer = self.footer().ok_or(NONSENSE)?;
        let footer = root_as_footer(&footer).map_err(|_| NONSENSE)?;
        // All batches need these.
        for block in footer.dictionaries().into_iter().flatten() {
            self.block(block).ok_or(NONSENSE)?;
        }
        let batches = footer.recordBatches().into_iter().flatten();
        Ok(batches.map(|block| self.block(block)).position(|told| told.is_none()))
    }

    fn footer(&mut self) -> Option<Vec<u8>> {
        let end = self.bytes(self.length.checked_sub(10)?, 4)?;
        let size = u64::from(u32::from_le_bytes(end.try_into().ok()?));
        self.bytes(self.length.checked_sub(10 + size)?, size)
    }

    /// Counts what a block promises; nothing if it cannot be told. Where its body begins, its own header says, and the
    /// footer; the reader goes by the footer.
    fn block(&mut self, block: &Block) -> Option<()> {
        let [at, header] = [block.offset(), block.metaDataLength().into()].map(|number| u64::try_from(number).ok());
        let (at, header) = (at?, header?);
        let start = at + if self.word(at)? == u32::MAX { 8 } else { 4 };
        let body = at.checked_add(header)?;
        let metadata = self.bytes(start, body.checked_sub(start)?)?;
        self.message(&root_as_message(&metadata).ok()?, body);
        Some(())
    }

    /// Counts what a stream's messages promise, one behind the other, as far as they make sense.
    fn messages(&mut self) -> Option<()> {
        let mut at = 0;
        loop {
            // Old writers leave the first word out.
            let first = self.word(at)?;
            let (size, start) = if first == u32::MAX { (self.word(at + 4)?, at + 8) } else { (first, at + 4) };
            let metadata = self.bytes(start, u64::from(size))?;
            let message = root_as_message(&metadata).ok()?;
            let body = start + u64::from(size);
            self.message(&message, body);
            at = body.checked_add(u64::try_from(message.bodyLength()).ok()?)?;
        }
    }

    /// Counts what a message promises whose body begins here.
    fn message(&mut self, message: &Message<'_>, body: u64) {
        let dictionary = message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data());
        let Some(batch) = message.header_as_record_batch().or(dictionary) else { return };
        self.promised(u64::try_from(batch.length()).unwrap_or(u64::MAX));
        for buffer in batch.buffers().into_iter().flatten().filter(|_| batch.compression().is_some()) {
            // Where there is no size, there is nothing to be read either.
            if let Some(size) = self.size(body, buffer.offset()) {
                self.promised(size);
            }
        }
    }

    /// What a compressed buffer says that it unpacks to. What is not worth compressing says -1, and is as long as it is.
    fn size(&mut self, body: u64, offset: i64) -> Option<u64> {
        let size = self.bytes(body.checked_add(u64::try_from(offset).ok()?)?, 8)?;
        u64::try_from(i64::from_le_bytes(size.try_into().ok()?)).ok()
    }

    fn promised(&mut self, promised: u64) {
        self.left = self.left.and_then(|left| left.checked_sub(promised));
    }

    fn word(&mut self, at: u64) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(at, 4)?.try_into().ok()?))
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
