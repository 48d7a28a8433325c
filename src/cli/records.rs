//! Records in a folder: written aside, and put in place whole.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use anyhow::{Context, bail};
use tokentrail::emit;
use tokentrail::finding::Finding;
use tokentrail::value::Time;

/// The names of the formats, checked before anything is read.
pub(super) fn chosen(names: &[String]) -> anyhow::Result<Vec<String>> {
    let known: Vec<&str> = emit::all(Time::EARLIEST).iter().map(|emitter| emitter.name()).collect();
    for name in names {
        if !known.contains(&name.as_str()) {
            bail!("no format is called {name:?}\n\nhint: formats are {}", known.join(", "));
        }
    }
    Ok(names.to_vec())
}

/// Each format's files, written aside and put in place whole; parts of an earlier run go away.
pub(super) fn write(folder: &Path, formats: &[String], findings: &[Finding], as_of: Time) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let emitters = emit::all(as_of);
    for emitter in emitters.iter().filter(|emitter| formats.iter().any(|name| name == emitter.name())) {
        let mut written = Vec::new();
        let aside = |name: &str| folder.join(format!(".{name}.part"));
        emit::write_parts(emitter.as_ref(), findings, |name| {
            written.push(name.to_owned());
            Ok(BufWriter::new(File::create(aside(name))?))
        })
        .with_context(|| format!("cannot write {} records into {}", emitter.name(), folder.display()))?;
        remove_older_parts(folder, emitter.file_name())?;
        for name in written {
            let path = folder.join(&name);
            fs::rename(aside(&name), &path).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// One record a line, written aside and put in place whole.
pub(super) fn write_lines<T: serde::Serialize>(folder: &Path, name: &str, records: &[T]) -> anyhow::Result<()> {
    let (path, aside) = (folder.join(name), folder.join(format!(".{name}.part")));
    let write = || -> anyhow::Result<()> {
        let mut out = BufWriter::new(File::create(&aside)?);
        for record in records {
            emit::write_line(record, &mut out)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(fs::rename(&aside, &path)?)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn remove_older_parts(folder: &Path, file_name: &str) -> anyhow::Result<()> {
    let Some((stem, extension)) = file_name.rsplit_once('.') else { return Ok(()) };
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number =
            name.strip_prefix(&format!("{stem}-")).and_then(|rest| rest.strip_suffix(&format!(".{extension}")));
        if number.is_some_and(|number| number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit())) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
