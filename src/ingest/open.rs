//! A file as a stream of decompressed bytes, with a cap on what a small file may grow to.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::Limits;

/// How a file is compressed, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Opens an export. Bytes taken from the file (compressed, if it is) are counted on `taken` as they are read.
pub(super) fn open(
    path: &Path,
    limits: &Limits,
    taken: &Arc<AtomicU64>,
) -> io::Result<(Compression, Box<dyn Read + Send>)> {
    let mut file = File::open(path)?;
    let mut magic = [0; 4];
    let length = read_up_to(&mut file, &mut magic)?;
    let head = magic[..length].to_vec();
    let compression = match magic {
        [0x1f, 0x8b, ..] if length >= 2 => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
        _ => Compression::None,
    };
    let own = Arc::new(AtomicU64::new(0));
    let source = Metered { inner: io::Cursor::new(head).chain(file), own: Arc::clone(&own), all: Arc::clone(taken) };
    let reader: Box<dyn Read + Send> = match compression {
        Compression::None => Box::new(source),
        Compression::Gzip => {
            Box::new(capped(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, source)), own, limits))
        }
        Compression::Zstd => Box::new(capped(zstd::stream::read::Decoder::new(source)?, own, limits)),
    };
    Ok((compression, reader))
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
    Capped { inner, compressed, decompressed: 0, most: limits.decompressed_bytes, ratio: limits.decompression_ratio }
}

/// Ends with an error where a decoder gives more than a real export would: a decompression bomb.
struct Capped<R> {
    inner: R,
    compressed: Arc<AtomicU64>,
    decompressed: u64,
    most: u64,
    ratio: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
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
