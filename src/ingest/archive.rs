//! Zip archives: every member that looks like an export is an export of its own. Nothing is ever unpacked to disk.
//!
//! What an archive says about its members is written by whoever made it: sizes are capped as they are read, and members
//! that share bytes, as in a zip bomb, are refused together.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::discover::{Export, is_archive_name, looks_like_export};
use super::listing;
use super::problem::Problem;

/// Where a member stands in the file that holds it: an archive, or a listing of event log files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in there.
    pub name: String,
    /// Its sequence number, if a listing says it.
    pub sequence: Option<u64>,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) packing: Packing,
}

/// How a member's bytes are packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Stored { crc32: u32 },
    Deflated { crc32: u32 },
    Listed(listing::Form),
}

/// More members than any export tool writes; each costs memory before it is read.
pub(super) const MOST_MEMBERS: usize = 100_000;

/// The exports in an archive, and what is wrong with the archive or its members.
pub(super) fn members(archive: &Export) -> (Vec<Export>, Vec<Problem>) {
    let (exports, mut problems) = members_like(archive, looks_like_export);
    if exports.is_empty() && problems.is_empty() {
        let hint = Some("members count by their endings: .csv, .json, .ndjson, plain, .gz or .zst".to_owned());
        let what = "is a zip archive without exports".to_owned();
        problems.push(Problem { export: archive.name.clone(), offset: None, what, hint });
    }
    (exports, problems)
}

/// The members of an archive whose names are wanted, and what is wrong with the archive or with those.
pub(crate) fn members_like(archive: &Export, wanted: fn(&Path) -> bool) -> (Vec<Export>, Vec<Problem>) {
    let problem = |member: Option<&str>, what: String, hint: &str| {
        let export = member.map_or_else(|| archive.name.clone(), |member| name(archive, member));
        Problem { export, offset: None, what, hint: Some(hint.to_owned()) }
    };
    let unpack = "unpack it and give the folder";
    let mut zip = match File::open(&archive.path).map_err(Into::into).and_then(ZipArchive::new) {
        Ok(zip) => zip,
        Err(error) => {
            let hint = "the file may be cut off: copy it again, or unpack it and give the folder";
            return (Vec::new(), vec![problem(None, format!("is a zip archive that cannot be read: {error}"), hint)]);
        }
    };
    if zip.len() > MOST_MEMBERS {
        let what = format!("is a zip archive of {} members, more than {MOST_MEMBERS}", zip.len());
        return (Vec::new(), vec![problem(None, what, unpack)]);
    }
    let (mut exports, mut problems) = (Vec::new(), Vec::new());
    for index in 0..zip.len() {
        match member(&mut zip, index, wanted) {
            Ok(Some(member)) => {
                let name = name(archive, &member.name);
                exports.push(Export { path: archive.path.clone(), name, size: member.length, member: Some(member) });
            }
            Ok(None) => {}
            Err((member, what)) => problems.push(problem(Some(&member), what, unpack)),
        }
    }
    if share_bytes(&exports) {
        let hint = "no program that packs exports makes such an archive: find out who made it";
        return (Vec::new(), vec![problem(None, "is a zip archive whose members share bytes".to_owned(), hint)]);
    }
    let hidden = listed(&archive.path, &zip).unwrap_or_default().saturating_sub(zip.len() as u64);
    if hidden > 0 {
        let what =
            format!("is a zip archive with {hidden} members that go by the name of another one: those are not read");
        problems.push(problem(None, what, unpack));
    }
    (exports, problems)
}

/// How many members the archive's end says there are; of those with one name, only the last can be found by it.
fn listed(path: &Path, zip: &ZipArchive<File>) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let comment = i64::try_from(zip.comment().len()).unwrap_or_default();
    file.seek(SeekFrom::End(-22 - comment))?;
    let mut end = [0; 22];
    file.read_exact(&mut end)?;
    // An archive of more than that says it elsewhere.
    let count = u16::from_le_bytes([end[10], end[11]]);
    Ok(if end.starts_with(b"PK\x05\x06") && count != u16::MAX { u64::from(count) } else { 0 })
}

fn name(archive: &Export, member: &str) -> String {
    format!("{}!{member}", archive.name)
}

/// A member that can be read; nothing if it is not wanted; its name and what is wrong with it otherwise.
fn member(
    zip: &mut ZipArchive<File>,
    index: usize,
    wanted: fn(&Path) -> bool,
) -> Result<Option<Member>, (String, String)> {
    let named = zip.name_for_index(index).unwrap_or_default().to_owned();
    let refuse = |what: String| Err((named.clone(), what));
    let entry = match zip.by_index_raw(index) {
        Ok(entry) => entry,
        Err(error) => return refuse(format!("cannot be read: {error}")),
    };
    let nested = is_archive_name(Path::new(&named));
    if !entry.is_file() || !(nested || wanted(Path::new(&named))) {
        return Ok(None);
    }
    if leads_out(&named) {
        return refuse("has a name that leads out of the archive".to_owned());
    }
    if nested {
        return refuse("is an archive inside an archive".to_owned());
    }
    if entry.encrypted() {
        return refuse("is encrypted".to_owned());
    }
    let crc32 = entry.crc32();
    let packing = match entry.compression() {
        CompressionMethod::Stored => Packing::Stored { crc32 },
        CompressionMethod::Deflated => Packing::Deflated { crc32 },
        other => return refuse(format!("is compressed by a method that is not read: {other}")),
    };
    let Some(start) = entry.data_start() else { return refuse("has no place in the archive".to_owned()) };
    let length = entry.compressed_size();
    Ok(Some(Member { name: named.clone(), sequence: None, start, length, packing }))
}

/// No member is written anywhere, but a name like this is a trap for whoever follows it up.
fn leads_out(name: &str) -> bool {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    name.contains(['\\', '\0']) || name.get(1..2) == Some(":") || !Path::new(name).components().all(is_plain)
}

fn share_bytes(exports: &[Export]) -> bool {
    let mut spans: Vec<(u64, u64)> = exports
        .iter()
        .filter_map(|export| export.member.as_ref())
        .filter(|member| member.length > 0)
        .map(|member| (member.start, member.start.saturating_add(member.length)))
        .collect();
    spans.sort_unstable();
    spans.windows(2).any(|pair| pair[1].0 < pair[0].1)
}

impl Member {
    /// The packed bytes of the member in its file.
    pub(super) fn packed(&self, mut file: File) -> io::Result<io::Take<File>> {
        file.seek(SeekFrom::Start(self.start))?;
        Ok(file.take(self.length))
    }

    /// The member's own bytes.
    pub(super) fn unpacked<R: Read + Send + 'static>(&self, mut packed: R) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.packing {
            Packing::Stored { crc32 } => Box::new(Checked::new(packed, *crc32)),
            Packing::Deflated { crc32 } => Box::new(Checked::new(DeflateDecoder::new(packed), *crc32)),
            Packing::Listed(form) => {
                let mut row = Vec::new();
                packed.read_to_end(&mut row)?;
                Box::new(io::Cursor::new(form.body(&row)?))
            }
        })
    }
}

/// Ends with an error, and stays there, if the bytes are not those that were packed.
struct Checked<R> {
    inner: R,
    crc: Crc,
    expected: u32,
}

impl<R> Checked<R> {
    fn new(inner: R, expected: u32) -> Self {
        Self { inner, crc: Crc::new(), expected }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.crc.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::other("its checksum is wrong: the archive is damaged"));
        }
        Ok(count)
    }
}
