//! `tokentrail completions`

use std::io::Write;

use clap::CommandFactory;

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The shell.
    shell: clap_complete::Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut command = super::Arguments::command();
    // Written to memory first: the generator takes a reader that has gone away for a defect.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "tokentrail", &mut script);
    super::stdout().write_all(&script)?;
    Ok(Ended::Well)
}
