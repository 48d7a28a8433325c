//! How much of published campaigns is found in invented organisations, and how often somebody is called for nothing.
//!
//! `QUALITY.md` has the method and the figures. No clock and no entropy: the same arguments print the same tables.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a program of its own that prints")]

#[path = "export.rs"]
mod export;
#[path = "study.rs"]
mod study;

use std::path::Path;
use std::process::ExitCode;

use study::report::{Part, Study};

const USAGE: &str =
    "usage: quality [--seeds N] [--first SEED | --tuning] [--threads N] [--profiles small,medium,large,isv]
               [--parts campaigns,months,rivals,evasion] [--causes] [--page FILE]
       quality --exports FOLDER [--days N] [--first SEED] [--profiles …]";

/// The tables of a page stand between these.
const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- end of what was measured -->"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match answer(&asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quality: {error}");
            ExitCode::from(2)
        }
    }
}

fn answer(asked: &Asked) -> std::io::Result<()> {
    if let Some(folder) = &asked.exports {
        return export::export(&asked.study, asked.days, Path::new(folder));
    }
    let told = asked.study.run(asked.causes);
    print!("{told}");
    asked.page.as_ref().map_or(Ok(()), |page| put_into(page, &told))
}

/// Puts the tables into a page, in place of those that it has.
fn put_into(page: &str, tables: &str) -> std::io::Result<()> {
    let text = std::fs::read_to_string(page)?;
    let parts = text.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
    let (before, after) = parts.ok_or_else(|| std::io::Error::other(format!("{page} has no place for tables")))?;
    std::fs::write(page, [before, MARKS[0], tables, MARKS[1], after].concat())
}

/// What the command line says.
struct Asked {
    study: Study,
    causes: bool,
    page: Option<String>,
    /// Nothing is measured then; exports are written.
    exports: Option<String>,
    days: i64,
}

fn parse(arguments: &[String]) -> Option<Asked> {
    let mut study = Study::default();
    let (mut causes, mut page, mut exports, mut days) = (false, None, None, study::profile::CAMPAIGN.days);
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        match flag.as_str() {
            "--seeds" => study.seeds = rest.next()?.parse().ok()?,
            "--first" => study.first_seed = rest.next()?.parse().ok()?,
            "--tuning" => study.first_seed = study::profile::TUNING_SEED,
            "--threads" => study.threads = rest.next()?.parse().ok()?,
            "--profiles" => study.profiles = rest.next()?.split(',').map(profile).collect::<Option<_>>()?,
            "--parts" => study.parts = rest.next()?.split(',').map(Part::named).collect::<Option<_>>()?,
            "--causes" => causes = true,
            "--page" => page = Some(rest.next()?.clone()),
            "--exports" => exports = Some(rest.next()?.clone()),
            "--days" => days = rest.next()?.parse().ok().filter(|days| *days > 0)?,
            _ => return None,
        }
    }
    Some(Asked { study, causes, page, exports, days })
}

fn profile(name: &str) -> Option<&'static study::profile::Profile> {
    study::profile::PROFILES.iter().find(|profile| profile.name == name)
}
