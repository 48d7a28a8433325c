//! `case verify`: is everything what it was, and does everything come out again?

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokentrail::case::{Compared, Folder, Manifest, Noted, Run, TOOL, compare, noted, noted_below};
use tokentrail::emit;
use tokentrail::words::{markdown, visible};

use super::run::{in_folder, take_away_inputs};
use super::words::Words;
use crate::cli::Ended;
use crate::cli::form::{Form, Printed};
use crate::cli::summary::counted;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The case's folder.
    folder: PathBuf,
    /// Look for the inputs in this folder, by their hashes. May be given more than once.
    #[arg(long, value_name = "FOLDER")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    printed: Printed,
}

/// A part of a case, compared.
#[derive(Serialize)]
struct Part {
    /// `manifest`, `inputs`, `settings`, `results of 01-scan`, `01-scan again`.
    name: String,
    #[serde(flatten)]
    compared: Compared,
    /// What cannot be said in files.
    notes: Vec<String>,
}

impl Part {
    fn is_same(&self) -> bool {
        self.compared.different.is_empty() && self.notes.is_empty()
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let folder = Folder::at(&arguments.folder);
    let manifest = folder.manifest()?;
    let mut parts = vec![own(&manifest)];
    let places = manifest.locate(&arguments.inputs)?;
    let inputs = manifest.contents.inputs.iter().zip(&places);
    let found: Vec<Noted> = inputs.filter(|(_, place)| place.is_some()).map(|(input, _)| input.clone()).collect();
    parts.push(part("inputs", compare(&manifest.contents.inputs, &found)));
    let copies: Vec<&Noted> =
        manifest.contents.copies.iter().chain(manifest.runs.iter().flat_map(|run| &run.copies)).collect();
    parts.push(part("settings", on_disk(&folder, &copies)));
    let is_ready = parts.iter().all(Part::is_same);
    let places: Vec<PathBuf> = places.into_iter().flatten().collect();
    for run in &manifest.runs {
        let results = folder.path.join("results").join(&run.folder);
        let now = if results.is_dir() { noted_below(&results)? } else { Vec::new() };
        parts.push(part(&format!("results of {}", run.folder), compare(&run.results, &now)));
        let mut again =
            Part { name: format!("{} again", run.folder), compared: Compared::default(), notes: Vec::new() };
        if is_ready {
            let (exit_code, now) = run_again(run, &manifest, &folder.path, &places)?;
            again.compared = compare(&run.results, &now);
            if exit_code != run.exit_code {
                again.notes.push(format!("exit code {exit_code}, not {}", run.exit_code));
            }
        } else {
            again.notes.push("not run: it would not rest on what it rested on".to_owned());
        }
        parts.push(again);
    }
    print(&parts, &manifest, arguments.printed.form())?;
    Ok(if parts.iter().all(Part::is_same) { Ended::Well } else { Ended::WithDifferences })
}

fn part(name: &str, compared: Compared) -> Part {
    Part { name: name.to_owned(), compared, notes: Vec::new() }
}

/// Whether the manifest is what its hash says.
fn own(manifest: &Manifest) -> Part {
    let is_same = manifest.contents.sha256() == manifest.sha256;
    let notes = if is_same { Vec::new() } else { vec!["its contents are not those of its hash".to_owned()] };
    Part {
        name: "manifest".to_owned(),
        compared: Compared { same: usize::from(is_same), ..Compared::default() },
        notes,
    }
}

fn on_disk(folder: &Folder, files: &[&Noted]) -> Compared {
    let now: Vec<Noted> =
        files.iter().filter_map(|file| noted(file.path.clone(), &folder.path.join(&file.path)).ok()).collect();
    compare(&files.iter().map(|file| (*file).clone()).collect::<Vec<_>>(), &now)
}

/// Runs a command again, elsewhere; says its exit code and what it left.
fn run_again(run: &Run, manifest: &Manifest, case: &Path, places: &[PathBuf]) -> anyhow::Result<(i32, Vec<Noted>)> {
    let work = tempfile::tempdir()?;
    let words = Words::of_run(run)?;
    for copy in &run.copies {
        let to = work.path().join(&copy.path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(case.join(&copy.path), to)?;
    }
    let exit_code = in_folder(&words, manifest, case, places, work.path())?;
    take_away_inputs(work.path())?;
    let left = noted_below(work.path())?;
    Ok((exit_code, left.into_iter().filter(|file| !file.path.starts_with("settings/")).collect()))
}

fn print(parts: &[Part], manifest: &Manifest, form: Form) -> io::Result<()> {
    let mut out = crate::cli::stdout();
    let word = |part: &Part| if part.is_same() { "same" } else { "differs" };
    match form {
        Form::Json => return emit::json_line(&parts, &mut out),
        Form::Csv => {
            emit::csv_line(&["part", "file", "state"], &mut out)?;
            for part in parts {
                emit::csv_line(&[&part.name, "", word(part)], &mut out)?;
                for (file, difference) in &part.compared.different {
                    emit::csv_line(&[&part.name, file, difference.word()], &mut out)?;
                }
            }
            return Ok(());
        }
        Form::Markdown => writeln!(out, "| part | | files that are the same | what differs |\n|---|---|---:|---|")?,
        Form::Text => {}
    }
    for part in parts {
        let different =
            part.compared.different.iter().map(|(file, difference)| format!("{file} {}", difference.word()));
        let different: Vec<String> = different.chain(part.notes.iter().cloned()).collect();
        if form == Form::Markdown {
            let (name, different) = (markdown(&part.name), markdown(&different.join("; ")));
            writeln!(out, "| {name} | {} | {} | {different} |", word(part), part.compared.same)?;
            continue;
        }
        let files = counted(part.compared.same as u64, "file");
        writeln!(out, "{:8} {} ({files} the same)", word(part), visible(&part.name))?;
        for line in different {
            writeln!(out, "           {}", visible(&line))?;
        }
    }
    if form == Form::Text && manifest.contents.tool != TOOL {
        writeln!(out, "\nThe case was opened with {}, this is {TOOL}.", visible(&manifest.contents.tool))?;
    }
    Ok(())
}
