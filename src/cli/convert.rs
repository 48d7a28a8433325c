//! `tokentrail convert`: exports as tables in Parquet, for other tools and for later scans.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tokentrail::batch::Table;
use tokentrail::convert::{Tables, convert};

use super::input::Input;
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The folder to write into: a folder for each table, and quarantine.ndjson.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let input = &arguments.input;
    let mut prepared = input.prepare()?;
    let mut unread = prepared.unread();
    let asked = prepared.convert();
    let mut quarantine = QuarantineFile::new(Some(&arguments.out), false)?;
    let progress = prepared.progress(&asked.taken);
    let mut tables = convert(&asked, &mut quarantine);
    drop(progress);
    quarantine.finish()?;
    tables.problems.append(&mut unread);
    for table in Table::ALL {
        write(&tables, table, &arguments.out)?;
    }
    if !input.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        summary::counts(&tables.counts, &mut stderr)?;
        summary::problems(&tables.problems, &mut stderr)?;
        summary::tables(&tables, &arguments.out, &mut stderr)?;
    }
    let is_bad = tables.problems.len() > input.max_problems;
    // The program ends here: giving back every small text first would only cost time.
    std::mem::forget(tables);
    Ok(if is_bad { Ended::WithProblems } else { Ended::Well })
}

/// A table's file, written aside and put in place whole. That of an earlier run goes away if there are no rows now.
fn write(tables: &Tables, table: Table, out: &Path) -> anyhow::Result<()> {
    let folder = out.join(table.name());
    let path = folder.join(format!("{}.parquet", table.name()));
    let cannot = || format!("cannot write {}", path.display());
    if tables.rows(table) == 0 {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).with_context(cannot),
            _ => Ok(()),
        };
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let aside = folder.join(format!(".{}.parquet.part", table.name()));
    let mut file = BufWriter::new(File::create(&aside).with_context(cannot)?);
    tables.write(table, &mut file).with_context(cannot)?;
    file.flush().with_context(cannot)?;
    fs::rename(&aside, &path).with_context(cannot)
}
