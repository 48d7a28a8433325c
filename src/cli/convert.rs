//! `tokentrail convert`: exports as tables in Parquet, for other tools and for later scans.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokentrail::batch::Table;
use tokentrail::convert::{Convert, Tables, convert};
use tokentrail::ingest::Limits;
use tokentrail::schema::Schemas;

use super::input::Input;
use super::progress::Progress;
use super::quarantine::QuarantineFile;
use super::{Ended, scan, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Exports, as for scan.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The folder to write into: a folder for each table, and quarantine.ndjson.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The register of your apps, the same as for scan; apps.toml in a given folder is found by itself.
    #[arg(long, value_name = "FILE")]
    apps: Option<PathBuf>,
    /// A folder of schemas to add, or to put in place of the embedded ones.
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,
    /// The time zone of local times in exports, for example `America/New_York`.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Exit with 3 if more exports than this could not be used.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    max_problems: usize,
    /// Workers. [default: one for each processor]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Say nothing but what was asked for.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let limits = Limits::default();
    let zone = scan::zone(arguments.zone.as_ref())?;
    let schemas = match &arguments.schemas {
        Some(folder) => Schemas::with_folder(folder)?,
        None => Schemas::embedded()?,
    };
    let mut input = Input::of(&arguments.paths, &limits)?;
    let register = scan::register(arguments.apps.as_ref(), &arguments.paths)?;
    let asked = Convert {
        exports: &input.exports,
        schemas: &schemas,
        register: &register,
        zone,
        threads: arguments.threads.unwrap_or_else(scan::processors).max(1),
        limits,
        taken: Arc::default(),
    };
    let mut quarantine = QuarantineFile::new(Some(&arguments.out), false)?;
    let total = input.exports.iter().map(|export| export.size).sum();
    let progress = Progress::follow(Arc::clone(&asked.taken), total, arguments.quiet);
    let mut tables = convert(&asked, &mut quarantine);
    drop(progress);
    quarantine.finish()?;
    tables.problems.append(&mut input.problems);
    for table in Table::ALL {
        write(&tables, table, &arguments.out)?;
    }
    if !arguments.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        summary::counts(&tables.counts, &mut stderr)?;
        summary::problems(&tables.problems, &mut stderr)?;
        summary::tables(&tables, &arguments.out, &mut stderr)?;
    }
    let is_bad = tables.problems.len() > arguments.max_problems;
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
