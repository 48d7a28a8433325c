//! `tokentrail man`

use clap::CommandFactory;

use super::Ended;

pub(super) fn run() -> anyhow::Result<Ended> {
    let command = super::Arguments::command();
    let mut out = super::stdout();
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let name: &'static str = Box::leak(format!("tokentrail {}", subcommand.get_name()).into_boxed_str());
        clap_mangen::Man::new(subcommand.clone().name(name)).render(&mut out)?;
    }
    Ok(Ended::Well)
}
