//! `tokentrail kit`: what to install in a SIEM, put into a folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use tokentrail::kit::{Kit, KitFile};

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The SIEM.
    #[arg(value_name = "SIEM", value_parser = siems())]
    siem: Kit,
    /// The folder to write into.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Replace files that are there and differ.
    #[arg(long)]
    replace: bool,
}

fn siems() -> impl clap::builder::TypedValueParser<Value = Kit> {
    let parser = PossibleValuesParser::new(Kit::ALL.map(Kit::name));
    parser.map(|name| Kit::ALL.into_iter().find(|kit| kit.name() == name).unwrap_or(Kit::Splunk))
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let out = &arguments.out;
    let files = arguments.siem.files().context("cannot pack the kit")?;
    let files = missing(files, out, arguments.replace)?;
    for file in &files {
        write(file, out)?;
    }
    let mut stdout = super::stdout();
    writeln!(stdout, "{}: {} files written. Next, as its README.md says in full:", out.display(), files.len())?;
    for (number, step) in (1..).zip(arguments.siem.steps()) {
        writeln!(stdout, "  {number}. {step}")?;
    }
    Ok(Ended::Well)
}

/// The files that are not there yet as they should be. Others of the same name are somebody's, unless told otherwise.
fn missing(files: Vec<KitFile>, out: &Path, replace: bool) -> anyhow::Result<Vec<KitFile>> {
    let is_there = |file: &KitFile| fs::read(out.join(&file.path)).is_ok_and(|bytes| bytes == file.bytes);
    let missing: Vec<KitFile> = files.into_iter().filter(|file| !is_there(file)).collect();
    let taken: Vec<&str> =
        missing.iter().map(|file| file.path.as_str()).filter(|path| out.join(path).exists()).collect();
    if !replace && !taken.is_empty() {
        let hint = "hint: give another --out, or --replace to overwrite them";
        bail!("{}: other files are there already: {}\n\n{hint}", out.display(), taken.join(", "));
    }
    Ok(missing)
}

/// Written aside, and put in place whole.
fn write(file: &KitFile, out: &Path) -> anyhow::Result<()> {
    let path = out.join(&file.path);
    let folder = path.parent().unwrap_or(out);
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let aside = folder.join(format!(".{}.part", path.file_name().unwrap_or_default().to_string_lossy()));
    let put = || fs::write(&aside, &file.bytes).and_then(|()| fs::rename(&aside, &path));
    put().with_context(|| format!("cannot write {}", path.display()))
}
