//! How much of published campaigns is found in invented organisations, and how often somebody is called for nothing.
//!
//! `QUALITY.md` has the method and the figures. No clock and no entropy: the same arguments print the same tables.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a program of its own that prints")]

#[path = "study.rs"]
mod study;

use std::process::ExitCode;

use study::report::{Part, Study};

const USAGE: &str =
    "usage: quality [--seeds N] [--first SEED | --tuning] [--threads N] [--profiles small,medium,large,isv]
               [--parts campaigns,months,rivals,evasion] [--causes]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((study, causes)) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    print!("{}", study.run(causes));
    ExitCode::SUCCESS
}

fn parse(arguments: &[String]) -> Option<(Study, bool)> {
    let mut study = Study::default();
    let mut causes = false;
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
            _ => return None,
        }
    }
    Some((study, causes))
}

fn profile(name: &str) -> Option<&'static study::profile::Profile> {
    study::profile::PROFILES.iter().find(|profile| profile.name == name)
}
