//! Makes invented data: the sample organisation in `sample-data/`, and large exports for benchmarks.
//!
//! Not a model of any real organisation. No clock and no entropy: the same arguments give the same bytes.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::format_push_string,
    clippy::match_same_arms,
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    clippy::similar_names,
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "invented data, small numbers, and a program of its own that prints"
)]

mod bench;
mod calendar;
mod ids;
mod random;
mod sample;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: generate sample [--out DIR]
       generate klue [--out DIR]
       generate bench --rows N --out DIR [--minimal-quoting]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(command) = Command::parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generate: {error}");
            ExitCode::from(2)
        }
    }
}

enum Command {
    Sample { out: String },
    Klue { out: String },
    Bench { rows: u64, out: String, minimal_quoting: bool },
}

impl Command {
    fn parse(arguments: &[String]) -> Option<Command> {
        let (name, mut rest) = arguments.split_first()?;
        let (mut out, mut rows, mut minimal_quoting) = (None, None, false);
        while let Some((flag, tail)) = rest.split_first() {
            rest = match (flag.as_str(), tail) {
                ("--out", [value, tail @ ..]) => {
                    out = Some(value.clone());
                    tail
                }
                ("--rows", [value, tail @ ..]) => {
                    rows = Some(value.replace('_', "").parse().ok()?);
                    tail
                }
                ("--minimal-quoting", tail) => {
                    minimal_quoting = true;
                    tail
                }
                _ => return None,
            };
        }
        match name.as_str() {
            "sample" => Some(Command::Sample { out: out.unwrap_or("sample-data".into()) }),
            "klue" => Some(Command::Klue { out: out.unwrap_or("sample-klue".into()) }),
            "bench" => Some(Command::Bench { rows: rows?, out: out?, minimal_quoting }),
            _ => None,
        }
    }

    fn run(self) -> std::io::Result<()> {
        match self {
            Command::Sample { out } => sample::write(Path::new(&out)),
            Command::Klue { out } => sample::klue::write(Path::new(&out)),
            Command::Bench { rows, out, minimal_quoting } => bench::write(Path::new(&out), rows, minimal_quoting),
        }
    }
}
