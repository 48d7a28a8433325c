//! Which files say how apps are configured. What is in a file decides: the root element of XML, the columns of rows.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::client_app;
use super::rows;
use super::xml;
use crate::evidence;
use crate::ingest::{Export, Limits, Problem, files_like, is_archive, members_like, open};

/// The first bytes of a file, by which it is recognised.
const HEAD: u64 = 64 << 10;
/// More than any metadata file, or any organisation's apps as rows.
const MOST_BYTES: u64 = 64 << 20;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ConnectedApp,
    ClientApp(client_app::Kind),
    Profile,
    Security,
    Oauth,
    Rows(rows::Kind),
}

/// A file that is read.
pub(super) struct File {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    /// Of the file on the disk: of the archive, for its members.
    pub(super) sha256: String,
}

/// The files under some paths, by name; each is read when it is asked for.
pub(super) struct Files {
    found: Vec<Export>,
    paths: Vec<PathBuf>,
    hashes: BTreeMap<PathBuf, String>,
}

impl Files {
    /// Finds them, with what is wrong with paths and archives.
    pub(super) fn find(paths: &[PathBuf]) -> (Self, Vec<Problem>) {
        let (found, mut problems) = files_like(paths, |path| !is_beside(path));
        let mut files = Vec::new();
        for file in found {
            if is_archive(&file.path) {
                let (members, wrong) = members_like(&file, is_metadata_name);
                files.extend(members);
                problems.extend(wrong);
            } else {
                files.push(file);
            }
        }
        files.sort_by(|left, right| left.name.cmp(&right.name));
        (Self { found: files, paths: paths.to_vec(), hashes: BTreeMap::new() }, problems)
    }

    /// Reads all files that hold something, one after another; others are passed over, unless somebody named them.
    pub(super) fn each(&mut self, mut take: impl FnMut(File), problems: &mut Vec<Problem>) {
        for file in std::mem::take(&mut self.found) {
            match self.read(&file) {
                Ok(Some(file)) => take(file),
                Ok(None) => {}
                Err((what, hint)) => {
                    problems.push(Problem { export: file.name, offset: None, what, hint: Some(hint.to_owned()) });
                }
            }
        }
    }

    fn read(&mut self, file: &Export) -> Result<Option<File>, (String, &'static str)> {
        let is_named = file.member.is_none() && self.paths.contains(&file.path);
        let is_expected = is_named || is_metadata_name(Path::new(&file.name));
        let unreadable = |error: io::Error| (format!("cannot be read: {error}"), "copy or retrieve it again");
        let opened = open(file, &Limits::default(), &Arc::new(AtomicU64::new(0)));
        let mut bytes = Vec::new();
        let head = opened.and_then(|opened| {
            let mut reader = opened.reader;
            (&mut reader).take(HEAD).read_to_end(&mut bytes)?;
            Ok(reader)
        });
        let reader = match head {
            Ok(reader) => reader,
            Err(error) if is_expected => return Err(unreadable(error)),
            Err(_) => return Ok(None),
        };
        let Some(kind) = kind_of(&bytes) else {
            let is_spoilt = is_of_a_kind(&file.name) && xml::root_name(&String::from_utf8_lossy(&bytes)).is_none();
            return if is_named || is_spoilt { Err(strange(&bytes)) } else { Ok(None) };
        };
        let left = MOST_BYTES + 1 - bytes.len() as u64;
        reader.take(left).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err((
                format!("has more than {MOST_BYTES} bytes"),
                "no metadata is as large: find out what made it",
            ));
        }
        let sha256 = self.sha256(&file.path).map_err(unreadable)?;
        Ok(Some(File { name: file.name.clone(), kind, bytes, sha256 }))
    }

    fn sha256(&mut self, path: &Path) -> io::Result<String> {
        if let Some(hash) = self.hashes.get(path) {
            return Ok(hash.clone());
        }
        let hash = evidence::sha256(path)?;
        self.hashes.insert(path.to_owned(), hash.clone());
        Ok(hash)
    }
}

/// The name of a file without folders, archive and endings: what metadata of this file is called. Characters that may
/// not stand in file names are written as `%20`.
pub(super) fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    let stem = name.strip_suffix("-meta.xml").or_else(|| name.strip_suffix(".xml")).unwrap_or(name);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    decoded(stem)
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let escaped = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn kind_of(head: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(head);
    let bare = if xml::is_utf16(head) { text.replace(['\0', '\u{fffd}'], "") } else { text.into_owned() };
    let bare = bare.trim_start_matches('\u{feff}').trim_start();
    if !bare.starts_with('<') {
        return rows::kind_of(bare).map(Kind::Rows);
    }
    let root = xml::root_name(bare)?;
    match root.as_str() {
        "connectedapp" => Some(Kind::ConnectedApp),
        "profile" => Some(Kind::Profile),
        "securitysettings" => Some(Kind::Security),
        "oauthoidcsettings" => Some(Kind::Oauth),
        _ => client_app::Kind::of_root(&root).map(Kind::ClientApp),
    }
}

/// What to say of a file that somebody named, and that holds nothing.
fn strange(head: &[u8]) -> (String, &'static str) {
    let root = xml::root_name(&String::from_utf8_lossy(head));
    let what = match root {
        Some(root) => format!("is metadata of another kind: {root:?}"),
        None => "is neither metadata nor rows of ConnectedApplication".to_owned(),
    };
    (
        what,
        "give ConnectedApp, ExternalClientApplication and its settings, Profile, SecuritySettings or OauthOidcSettings",
    )
}

/// Names of what is read, for members of archives: those are looked into only if their name says so.
fn is_metadata_name(path: &Path) -> bool {
    const ENDINGS: [&str; 16] = [
        "xml",
        "connectedapp",
        "eca",
        "ecaglbloauth",
        "ecaoauth",
        "ecaoauthplcy",
        "ecaplcy",
        "ecaoauthsecurity",
        "profile",
        "settings",
        "csv",
        "json",
        "ndjson",
        "jsonl",
        "gz",
        "zst",
    ];
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    !is_beside(path) && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Whether a file's name says that it is metadata of a kind that is read.
fn is_of_a_kind(name: &str) -> bool {
    const ENDINGS: [&str; 8] = [
        ".connectedapp",
        ".eca",
        ".ecaglbloauth",
        ".ecaoauth",
        ".ecaoauthplcy",
        ".ecaplcy",
        ".ecaoauthsecurity",
        ".profile",
    ];
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix("-meta.xml").unwrap_or(&name);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// What macOS packs beside each file.
fn is_beside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("._"))
}
