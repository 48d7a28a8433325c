//! `case run`: a command in a folder of its own, where the case's inputs are called `inputs/…`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use tokentrail::case::{Folder, Manifest, Noted, Run, copy, free_name, noted_below};

use super::words::Words;
use crate::cli::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The case's folder.
    folder: PathBuf,
    /// Look for the inputs in this folder, by their hashes. May be given more than once.
    #[arg(long, value_name = "FOLDER")]
    inputs: Vec<PathBuf>,
    /// A command of this program that reads exports, and its own options; not its inputs.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    Folder::at(&arguments.folder).manifest()?;
    let folder = Folder::to_change(&arguments.folder)?;
    let mut manifest = folder.manifest()?;
    let mut words = Words::of(&arguments.command)?;
    let places = all_inputs(&manifest, &arguments.inputs)?;
    remove_left_over(&folder.path)?;
    let work = tempfile::Builder::new().prefix(LEFT_OVER).tempdir_in(&folder.path)?;
    let results = words.folder(manifest.runs.len() + 1);
    let copies = own_files(&mut words, &results, work.path())?;
    let exit_code = in_folder(&words, &manifest, &folder.path, &places, work.path())?;
    if exit_code == 2 {
        let told = fs::read_to_string(work.path().join(STANDARD_ERROR)).unwrap_or_default();
        bail!("{}\n\nhint: nothing was noted", told.trim_start_matches("error: ").trim_end());
    }
    take_away_inputs(work.path())?;
    // Its own files go into the case before its results, its results before the note of them: a run that is killed leaves
    // the case as it was, and what it has left behind is written over.
    put(&work.path().join("settings").join(&results), &folder.path.join("settings").join(&results))?;
    remove(&work.path().join("settings"))?;
    let left = noted_below(work.path())?;
    let target = folder.path.join("results").join(&results);
    put(work.path(), &target)?;
    let _ = work.keep();
    let command = words.all();
    manifest.runs.push(Run { folder: results, command, copies, exit_code, results: left });
    folder.write(&manifest)?;
    io::stderr().write_all(&fs::read(target.join(STANDARD_ERROR))?)?;
    super::super::stdout().write_all(&fs::read(target.join(STANDARD_OUTPUT))?)?;
    Ok(Ended::With(u8::try_from(exit_code).unwrap_or(1)))
}

/// What the command says, as files among its results.
const STANDARD_OUTPUT: &str = "stdout.txt";
const STANDARD_ERROR: &str = "stderr.txt";

/// What the folder is called in which a command runs.
const LEFT_OVER: &str = ".run-";

/// Runs that were killed leave theirs; nobody else is at work here now.
fn remove_left_over(case: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(case)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(LEFT_OVER) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Where each input is.
///
/// # Errors
/// If one is not there, or is not what it was.
fn all_inputs(manifest: &Manifest, folders: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let places = manifest.locate(folders)?;
    let missing = manifest.contents.inputs.iter().zip(&places).filter(|(_, place)| place.is_none());
    let missing: Vec<&str> = missing.map(|(input, _)| input.path.as_str()).collect();
    if let Some(first) = missing.first() {
        let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
        let hint = "hint: if it was moved, say where to: --inputs FOLDER; `case verify` tells more";
        bail!("an input is not there, or is not what it was: {first}{more}\n\n{hint}");
    }
    Ok(places.into_iter().flatten().collect())
}

/// Copies the files that the command's own options name, and puts the copies' names in their place.
fn own_files(words: &mut Words, results: &str, work: &Path) -> anyhow::Result<Vec<Noted>> {
    let (mut copies, mut taken) = (Vec::new(), BTreeSet::new());
    for (at, prefix, file) in words.files()? {
        if !file.exists() {
            bail!("no such file or folder: {}", file.display());
        }
        let name = free_name(&file, &taken);
        taken.insert(name.clone());
        let name = format!("settings/{results}/{name}");
        copies.extend(copy(&file, work, &name)?);
        words.options[at] = format!("{prefix}{name}");
    }
    Ok(copies)
}

/// Runs the command in a folder, in which its output and all that it writes stay; says its exit code.
pub(super) fn in_folder(
    words: &Words,
    manifest: &Manifest,
    case: &Path,
    places: &[PathBuf],
    work: &Path,
) -> anyhow::Result<i32> {
    for (input, place) in manifest.contents.inputs.iter().zip(places) {
        link(place, &work.join("inputs").join(&input.path))?;
    }
    for noted in &manifest.contents.copies {
        link(&case.join(&noted.path), &work.join(&noted.path))?;
    }
    let file = |name: &str| fs::File::create(work.join(name));
    let program = std::env::current_exe().context("cannot find this program")?;
    let status = Command::new(program)
        .args(words.arguments(manifest))
        .args(["--color", "never"])
        .current_dir(work)
        .stdin(Stdio::null())
        .stdout(file(STANDARD_OUTPUT)?)
        .stderr(file(STANDARD_ERROR)?)
        .status()?;
    status.code().context("the command was killed")
}

/// Leaves what the command has made.
pub(super) fn take_away_inputs(work: &Path) -> anyhow::Result<()> {
    remove(&work.join("inputs"))
}

/// A second name for a file: by a link, or else by a copy.
fn link(file: &Path, name: &Path) -> anyhow::Result<()> {
    if let Some(folder) = name.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = file.canonicalize()?;
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(&file, name);
    #[cfg(not(unix))]
    let linked = fs::hard_link(&file, name);
    if linked.is_err() {
        fs::copy(&file, name).with_context(|| format!("cannot write {}", name.display()))?;
    }
    Ok(())
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Puts a folder in place of what an earlier run has left there without noting it.
fn put(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    remove(to)?;
    fs::rename(from, to).with_context(|| format!("cannot write {}", to.display()))
}
