//! A file as a stream of decompressed bytes, with a cap on what a small file may grow to.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::{Export, Limits};

/// An export as a stream.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    /// The stream is the file, byte for byte.
    pub(super) is_plain: bool,
}

/// Opens an export. Bytes taken from the file (compressed, if it is) are counted on `taken` as they are read.
pub(crate) fn open(export: &Export, limits: &Limits, taken: &Arc<AtomicU64>) -> io::Result<Opened> {
    let file = File::open(&export.path)?;
    let own = Arc::new(AtomicU64::new(0));
    let all = Arc::clone(taken);
    let Some(member) = &export.member else {
        let source = Metered { inner: file, own: Arc::clone(&own), all };
        return decompressed(Box::new(source), &own, limits);
    };
    let packed = Metered { inner: member.packed(file)?, own: Arc::clone(&own), all };
    let unpacked = Box::new(capped(member.unpacked(packed)?, Arc::clone(&own), limits));
    Ok(Opened { is_plain: false, ..decompressed(unpacked, &own, limits)? })
}

/// Takes gzip or zstd off a stream, if its first bytes say that it has it on.
fn decompressed(mut source: Box<dyn Read + Send>, own: &Arc<AtomicU64>, limits: &Limits) -> io::Result<Opened> {
    let mut magic = [0; 4];
    let length = read_up_to(&mut source, &mut magic)?;
    let source = io::Cursor::new(magic[..length].to_vec()).chain(source);
    let own = Arc::clone(own);
    let reader: Box<dyn Read + Send> = match magic {
        [0x1f, 0x8b, ..] if length >= 2 => {
            Box::new(capped(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, source)), own, limits))
        }
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(capped(zstd::stream::read::Decoder::new(source)?, own, limits)),
        _ => return Ok(Opened { reader: Box::new(source), is_plain: true }),
    };
    Ok(Opened { reader, is_plain: false })
}

/// Whether these are the first bytes of something compressed.
pub(super) fn is_packed(head: &[u8]) -> bool {
    matches!(head, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..])
}

fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Counts what is read.
struct Metered<R> {
    inner: R,
    own: Arc<AtomicU64>,
    all: Arc<AtomicU64>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.own.fetch_add(count as u64, Ordering::Relaxed);
        self.all.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn capped<R>(inner: R, compressed: Arc<AtomicU64>, limits: &Limits) -> Capped<R> {
    let (most, ratio) = (limits.decompressed_bytes, limits.decompression_ratio);
    Capped { inner, compressed, decompressed: 0, most, ratio, broken: None, step: Vec::new(), left: 0..0 }
}

/// Ends with an error where a decoder gives more than a real export would: a decompression bomb. An error stays: a
/// decoder that is asked again may say that all is well, and what is wrong with the export would be lost.
///
/// What a decoder unpacks in the call in which it breaks off is lost. So it is asked for steps of one size, whoever reads:
/// a damaged export breaks off at the same place again when evidence is read, and in blocks of any size.
struct Capped<R> {
    inner: R,
    compressed: Arc<AtomicU64>,
    decompressed: u64,
    most: u64,
    ratio: u64,
    broken: Option<String>,
    /// A step that was larger than what was asked for, and what of it is left.
    step: Vec<u8>,
    left: Range<usize>,
}

/// So many bytes a decoder is asked for.
const STEP: usize = 1 << 16;

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            if let Some(step) = buffer.first_chunk_mut::<STEP>() {
                return self.read_step(step);
            }
            let mut step = std::mem::take(&mut self.step);
            step.resize(STEP, 0);
            let read = self.read_step(&mut step);
            self.step = step;
            self.left = 0..read?;
        }
        let count = buffer.len().min(self.left.len());
        buffer[..count].copy_from_slice(&self.step[self.left.start..][..count]);
        self.left.start += count;
        Ok(count)
    }
}

impl<R: Read> Capped<R> {
    fn read_step(&mut self, step: &mut [u8]) -> io::Result<usize> {
        if let Some(broken) = &self.broken {
            return Err(io::Error::other(broken.clone()));
        }
        let read = self.read_on(step);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.broken = Some(error.to_string());
        }
        read
    }

    fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.decompressed += count as u64;
        let allowance = 64 << 20;
        let by_ratio = self.compressed.load(Ordering::Relaxed).saturating_mul(self.ratio).max(allowance);
        if self.decompressed > self.most.min(by_ratio) {
            return Err(io::Error::other(format!(
                "decompresses to more than {} bytes, as a decompression bomb would",
                self.most.min(by_ratio)
            )));
        }
        Ok(count)
    }
}
