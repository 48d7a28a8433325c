//! An investigation as a folder: which inputs, which settings, which commands, and what came of them, all with hashes, so
//! that another person gets the same bytes.
//!
//! ```text
//! case.json     the manifest
//! settings/     copies of settings, register, exceptions, lists
//! results/      01-scan/, 02-apps/ …: standard output, standard error and files of each command
//! ```
//! Commands run in a folder of their own, in which the inputs are called `inputs/…`: no result names a path of the machine.
//! What runs them is the command line; here is what is noted, and how it is held against what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::emit;
use crate::error::Error;
use crate::evidence::sha256;
use crate::held;
use crate::value::secret::hexadecimal;

mod compare;

pub use compare::{Compared, Difference, compare};

/// The manifest's form that this program writes.
pub const FORMAT: u32 = 1;

/// What the program calls itself in manifests.
pub const TOOL: &str = concat!("tokentrail ", env!("CARGO_PKG_VERSION"));

/// A file, by its name in the case, with `/` between folders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Noted {
    /// Its name.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A setting of the case that is a file or a folder, copied into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The option that it is given by, without dashes.
    pub option: String,
    /// Its name below the case's folder.
    pub path: String,
}

/// What a case rests on. It is hashed as a whole and never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The program and its version.
    pub tool: String,
    /// What was given: files and folders, by their names in the case.
    pub roots: Vec<String>,
    /// Every input file.
    pub inputs: Vec<Noted>,
    /// Options that name files.
    pub settings: Vec<Setting>,
    /// Those files.
    pub copies: Vec<Noted>,
    /// Options that say something themselves, such as `as-of`, and what they say.
    pub options: Vec<(String, String)>,
}

/// A command that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its results' folder below `results`.
    pub folder: String,
    /// The command and its own options, as they were given; files among those by the names of their copies.
    pub command: Vec<String>,
    /// Copies of files that the command alone was given.
    pub copies: Vec<Noted>,
    /// What it ended with.
    pub exit_code: i32,
    /// What it left, by the name below its folder.
    pub results: Vec<Noted>,
}

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// See [`FORMAT`].
    pub format: u32,
    /// When the case was opened, if somebody has said it; the program has no clock.
    pub opened: Option<String>,
    /// What it rests on.
    pub contents: Contents,
    /// The SHA-256 of `contents` as JSON.
    pub sha256: String,
    /// Where the inputs were when the case was opened, for each of `roots`.
    pub places: Vec<PathBuf>,
    /// What was done, in order.
    pub runs: Vec<Run>,
}

/// The case's folder.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    _lock: Option<File>,
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    |source| Error::Io { path: path.to_owned(), source }
}

impl Contents {
    /// The SHA-256 of all of it.
    pub fn sha256(&self) -> String {
        // Plain data always becomes JSON.
        hexadecimal(&Sha256::digest(serde_json::to_vec(self).unwrap_or_default()))
    }
}

impl Folder {
    /// A folder that has a case in it.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), _lock: None }
    }

    /// The same, to write into: one run at a time.
    ///
    /// # Errors
    /// If another run writes into it, or it cannot be written into.
    pub fn to_change(path: &Path) -> Result<Self, Error> {
        let lock = held::hold(path).map_err(failed(path))?;
        match lock {
            Some(lock) => Ok(Self { path: path.to_owned(), _lock: Some(lock) }),
            None => Err(Error::Setting(format!("another run is at work in {}\n\nhint: wait for it", path.display()))),
        }
    }

    /// The file that says what the case is.
    pub fn manifest_file(&self) -> PathBuf {
        self.path.join("case.json")
    }

    /// Reads the manifest.
    ///
    /// # Errors
    /// If there is none, or it is of a later version.
    pub fn manifest(&self) -> Result<Manifest, Error> {
        let path = self.manifest_file();
        if !path.is_file() {
            let hint = "hint: open a case with: tokentrail case open FOLDER PATHS";
            return Err(Error::Setting(format!("no case.json in {}\n\n{hint}", self.path.display())));
        }
        let text = fs::read_to_string(&path).map_err(failed(&path))?;
        let manifest: Manifest = serde_json::from_str(&text)
            .map_err(|error| Error::Setting(format!("{} is no manifest of a case: {error}", path.display())))?;
        if manifest.format != FORMAT {
            let what = format!("{} is of format {}, this program knows {FORMAT}", path.display(), manifest.format);
            return Err(Error::Setting(format!(
                "{what}\n\nhint: use the version that it names: {}",
                manifest.contents.tool
            )));
        }
        let all = manifest.contents.inputs.iter().chain(&manifest.contents.copies);
        let all = all.chain(manifest.runs.iter().flat_map(|run| run.copies.iter().chain(&run.results)));
        let names = all.map(|noted| &noted.path).chain(&manifest.contents.roots);
        let names = names.chain(manifest.contents.settings.iter().map(|setting| &setting.path));
        if let Some(name) = names.chain(manifest.runs.iter().map(|run| &run.folder)).find(|name| leads_out(name)) {
            return Err(Error::Setting(format!("{} names a file outside of the case: {name:?}", path.display())));
        }
        Ok(manifest)
    }

    /// Writes the manifest aside and puts it in place whole.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, manifest: &Manifest) -> Result<(), Error> {
        let (path, aside) = (self.manifest_file(), self.path.join(".case.json.part"));
        let write = || {
            let mut out = BufWriter::new(File::create(&aside)?);
            emit::json_line(manifest, &mut out)?;
            out.flush()?;
            out.get_ref().sync_all()?;
            fs::rename(&aside, &path)
        };
        write().map_err(failed(&path))
    }
}

/// A name from a manifest, which somebody may have changed, that is no place within a folder.
fn leads_out(name: &str) -> bool {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    name.is_empty() || name.contains('\\') || !Path::new(name).components().all(is_plain)
}

/// The files below a folder, or the file itself, by name; folders in `except` are left out.
///
/// # Errors
/// If a folder cannot be read.
pub fn files(root: &Path, except: Option<&Path>) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut found = BTreeMap::new();
    let is_kept = |path: &Path| except.is_none_or(|except| path.canonicalize().ok().as_deref() != Some(except));
    for entry in WalkDir::new(root).follow_links(true).into_iter().filter_entry(|entry| is_kept(entry.path())) {
        let entry = entry.map_err(|error| failed(root)(error.into()))?;
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            found.insert(parts.join("/"), entry.into_path());
        }
    }
    Ok(found)
}

/// A file with its size and hash.
///
/// # Errors
/// If it cannot be read.
pub fn noted(path: String, file: &Path) -> Result<Noted, Error> {
    let size = fs::metadata(file).map_err(failed(file))?.len();
    Ok(Noted { path, size, sha256: sha256(file).map_err(failed(file))? })
}

/// Files of a folder with sizes and hashes, in order of their names.
///
/// # Errors
/// If one cannot be read.
pub fn noted_below(root: &Path) -> Result<Vec<Noted>, Error> {
    files(root, None)?.into_iter().map(|(name, path)| noted(name, &path)).collect()
}

/// A name that is not taken yet: the file's own, or with a number before it.
pub fn free_name(path: &Path, taken: &BTreeSet<String>) -> String {
    let name = path.canonicalize().ok();
    let name = name.as_deref().unwrap_or(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{number}-{name}")));
    names.find(|name| !taken.contains(name)).unwrap_or(name)
}

/// The inputs at these places, by their names in the case.
///
/// # Errors
/// If one cannot be read, or there is nothing.
pub fn take_inputs(paths: &[PathBuf], case: &Path) -> Result<(Vec<String>, Vec<Noted>), Error> {
    let (mut roots, mut taken, mut inputs) = (Vec::new(), BTreeSet::new(), Vec::new());
    let case = case.canonicalize().ok();
    for path in paths {
        let root = free_name(path, &taken);
        taken.insert(root.clone());
        for (name, file) in files(path, case.as_deref())? {
            let name = if name.is_empty() { root.clone() } else { format!("{root}/{name}") };
            inputs.push(noted(name, &file)?);
        }
        roots.push(root);
    }
    if inputs.is_empty() {
        return Err(Error::Setting("no input files\n\nhint: give the exports and metadata of the case".to_owned()));
    }
    inputs.sort();
    Ok((roots, inputs))
}

/// Copies a file or folder; says what was copied, by its name below `case`.
///
/// # Errors
/// If it cannot be read or written.
pub fn copy(from: &Path, case: &Path, name: &str) -> Result<Vec<Noted>, Error> {
    let mut copied = Vec::new();
    for (below, file) in files(from, None)? {
        let name = if below.is_empty() { name.to_owned() } else { format!("{name}/{below}") };
        let to = case.join(&name);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::copy(&file, &to).map_err(failed(&to))?;
        copied.push(noted(name, &to)?);
    }
    Ok(copied)
}

impl Manifest {
    /// Where each input is now, in their order; nothing for one that is not where it was or not what it was. With
    /// folders to look in, inputs are found by their hashes, whatever they are called there.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn locate(&self, folders: &[PathBuf]) -> Result<Vec<Option<PathBuf>>, Error> {
        let inputs = &self.contents.inputs;
        if folders.is_empty() {
            let is_same = |input: &Noted, path: &Path| {
                noted(String::new(), path).is_ok_and(|now| (now.size, &now.sha256) == (input.size, &input.sha256))
            };
            return Ok(inputs.iter().map(|input| self.place(input).filter(|path| is_same(input, path))).collect());
        }
        let sizes: BTreeSet<u64> = inputs.iter().map(|input| input.size).collect();
        let mut by_hash = BTreeMap::new();
        for folder in folders {
            for file in files(folder, None)?.into_values() {
                if fs::metadata(&file).is_ok_and(|known| sizes.contains(&known.len())) {
                    by_hash.entry(sha256(&file).map_err(failed(&file))?).or_insert(file);
                }
            }
        }
        Ok(inputs.iter().map(|input| by_hash.get(&input.sha256).cloned()).collect())
    }

    /// Where an input was when the case was opened.
    fn place(&self, input: &Noted) -> Option<PathBuf> {
        let below = |root: &str| match input.path.strip_prefix(root) {
            Some("") => Some(PathBuf::new()),
            Some(rest) => rest.strip_prefix('/').map(PathBuf::from),
            None => None,
        };
        let mut roots = self.contents.roots.iter().zip(&self.places);
        roots.find_map(|(root, place)| {
            let below = below(root)?;
            Some(if below.as_os_str().is_empty() { place.clone() } else { place.join(below) })
        })
    }
}
