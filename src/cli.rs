//! The command line: what can be said to the program, and what its exit code says back.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

mod apps;
mod audit;
mod case;
mod changes;
mod checks;
mod completions;
mod containment;
mod convert;
mod coverage;
mod deliver;
mod detectors;
mod diff;
mod events;
mod explain;
mod form;
mod history;
mod impact;
mod input;
mod investigate;
mod ioc;
mod kit;
mod man;
mod memory;
mod organisation;
mod pivot;
mod plan;
mod policy;
mod progress;
mod quarantine;
mod records;
mod report;
mod revocation;
mod scan;
mod schemas;
mod secrets;
mod settings;
mod standard_input;
mod summary;
mod timeline;

/// Finds who is abusing OAuth tokens and connected apps in exported Salesforce event logs.
///
/// Reads exports only, and connects to nothing unless it is told to deliver.
#[derive(Parser)]
#[command(name = "tokentrail", version, after_help = EXIT_CODES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colour. `NO_COLOR` is obeyed.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
}

#[derive(Subcommand)]
enum Command {
    /// Read exports and report what is wrong.
    Scan(Box<scan::Arguments>),
    /// Read exports and report what they cover: hours, gaps, and which detectors can run.
    Coverage(Box<coverage::Arguments>),
    /// Write exports as Parquet, one file for each table.
    Convert(Box<convert::Arguments>),
    /// List every app that exports, metadata or the register show, with what is at stake.
    Apps(Box<apps::Arguments>),
    /// Judge how apps are configured, against what they should be and what they do.
    Audit(Box<audit::Arguments>),
    /// Tell everything about one app, user, address, session or token.
    Investigate(Box<investigate::Arguments>),
    /// Tell what was taken: objects, rows and columns.
    Impact(Box<impact::Arguments>),
    /// Tell what was changed in the setup and who was granted access; by what somebody could stay is marked.
    Changes(Box<changes::Arguments>),
    /// List what to look for elsewhere, from the rows that findings rest on.
    Pivot(Box<pivot::Arguments>),
    /// Plan what to revoke, in which order, and tell what stops working.
    RevokePlan(Box<revocation::Arguments>),
    /// Look whether an app, user, address, session or token still does something after --since.
    VerifyContainment(Box<containment::Arguments>),
    /// Hold lists of indicators against everything.
    Ioc(ioc::Arguments),
    /// Tell everything that happened, in one order over all exports.
    Timeline(Box<timeline::Arguments>),
    /// Send what waits for Splunk, Sentinel and others, and tell how they stand.
    Deliver(deliver::Arguments),
    /// Look at what runs have learned, correct it, or join it.
    Memory(memory::Arguments),
    /// Write what makes findings fields, alerts and dashboards in a SIEM.
    Kit(kit::Arguments),
    /// Work out whether Salesforce lets a login through an app in, by its table of IP policies.
    Policy(policy::Arguments),
    /// Plan what is to be changed on apps.
    Plan(plan::Arguments),
    /// Compare two runs: what is new, gone and changed.
    Diff(diff::Arguments),
    /// Write a report for people: what happened, or with --weekly what to mend.
    Report(Box<report::Arguments>),
    /// Look for keys, tokens and passwords in exported text of records.
    Secrets(secrets::Arguments),
    /// Keep an investigation: inputs with hashes, settings, commands and results, to be repeated.
    Case(case::Arguments),
    /// List what is looked for.
    Detectors(detectors::Arguments),
    /// List what is asked of apps' configurations.
    Checks(checks::Arguments),
    /// Print the page of a detector or a check, with the limits in force.
    Explain(explain::Arguments),
    /// List the event types that can be read, or one's columns.
    Schemas(schemas::Arguments),
    /// Print the settings in force, and where each comes from.
    Settings(settings::Arguments),
    /// Print a completion script for a shell.
    Completions(completions::Arguments),
    /// Print the manual page.
    Man,
}

#[derive(Clone, Copy, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

const EXIT_CODES: &str = "Exit codes:
  0  ran
  1  findings at or above --fail-on or --fail-on-new; a hit; something still active or different
  2  wrong usage, or nothing could be run
  3  more input problems than --max-problems
  4  delivered, but some records were refused
  5  records wait in a spool";

/// What a command ended with.
enum Ended {
    Well,
    WithFindings,
    WithProblems,
    WithRefused,
    WithUndelivered,
    WithDifferences,
    /// As the command that was run in a case.
    With(u8),
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.color {
        When::Auto => {}
        When::Always => anstream::ColorChoice::Always.write_global(),
        When::Never => anstream::ColorChoice::Never.write_global(),
    }
    let result = match arguments.command {
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Apps(arguments) => apps::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Investigate(arguments) => investigate::run(&arguments),
        Command::Impact(arguments) => impact::run(&arguments),
        Command::Changes(arguments) => changes::run(&arguments),
        Command::Pivot(arguments) => pivot::run(&arguments),
        Command::RevokePlan(arguments) => revocation::run(&arguments),
        Command::VerifyContainment(arguments) => containment::run(&arguments),
        Command::Ioc(arguments) => ioc::run(&arguments),
        Command::Timeline(arguments) => timeline::run(&arguments),
        Command::Deliver(arguments) => deliver::run(&arguments),
        Command::Memory(arguments) => memory::run(&arguments),
        Command::Kit(arguments) => kit::run(&arguments),
        Command::Policy(arguments) => policy::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Case(arguments) => case::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Secrets(arguments) => secrets::run(&arguments),
        Command::Detectors(arguments) => detectors::run(&arguments),
        Command::Checks(arguments) => checks::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Schemas(arguments) => schemas::run(&arguments),
        Command::Settings(arguments) => settings::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man => man::run(),
    };
    match result {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings | Ended::WithDifferences) => ExitCode::from(1),
        Ok(Ended::With(code)) => ExitCode::from(code),
        Ok(Ended::WithProblems) => ExitCode::from(3),
        Ok(Ended::WithRefused) => ExitCode::from(4),
        Ok(Ended::WithUndelivered) => ExitCode::from(5),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let text = format!("error: {error:#}");
            let lines: Vec<String> = text.lines().map(tokentrail::words::visible).collect();
            let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
            ExitCode::from(2)
        }
    }
}

/// Standard output, without colour where it is not wanted.
fn stdout() -> anstream::AutoStream<io::StdoutLock<'static>> {
    anstream::AutoStream::auto(io::stdout().lock())
}

/// Who reads the output has seen enough: no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
