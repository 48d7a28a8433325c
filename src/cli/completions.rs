//! `tokentrail completions`

use clap::CommandFactory;

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The shell.
    shell: clap_complete::Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "every command ends in one way")]
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "tokentrail", &mut super::stdout());
    Ok(Ended::Well)
}
