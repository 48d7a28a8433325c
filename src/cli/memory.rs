//! `tokentrail memory`: what runs with `--state` have learned.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::memory::{Memory, Store};
use tokentrail::value::Time;
use tokentrail::words::visible;

use super::Ended;
use super::input::time;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say what is remembered, since when, and from which exports.
    Show {
        /// The folder that was given as --state.
        state: PathBuf,
    },
    /// Unlearn a span of time for good: what an intruder did in it must not become normal.
    Exclude {
        /// The folder that was given as --state.
        state: PathBuf,
        /// Start of the span: a time or a date.
        #[arg(long, value_name = "TIME")]
        from: String,
        /// End of the span, itself not in it: a time or a date.
        #[arg(long, value_name = "TIME")]
        to: String,
        /// Why, for those who come later.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Forget what was last seen before a time, or everything about an app, user or address.
    Forget {
        /// The folder that was given as --state.
        state: PathBuf,
        /// A time or a date.
        #[arg(long, value_name = "TIME", required_unless_present = "subject")]
        before: Option<String>,
        /// An app's id or name, a user's id or name, or an address, as records show it.
        #[arg(long, value_name = "TEXT")]
        subject: Option<String>,
    },
    /// Join the memories of several folders, for example of several machines.
    Merge {
        /// The folders.
        #[arg(required = true, num_args = 2..)]
        states: Vec<PathBuf>,
        /// Where the joined memory goes.
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
    },
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    match &arguments.command {
        Command::Show { state } => {
            let store = existing(state)?;
            show(&store.load()?, store.generations()?.last().copied().unwrap_or(0))?;
        }
        Command::Exclude { state, from, to, reason } => {
            let (from, to) = (time(from, "--from", None)?, time(to, "--to", None)?);
            if from >= to {
                bail!("--from is not before --to: {from} and {to}");
            }
            let store = existing(state)?;
            store.save(&store.load()?.excluding(from, to, reason))?;
        }
        Command::Forget { state, before, subject } => {
            let before = before.as_deref().map(|text| time(text, "--before", None)).transpose()?;
            let store = existing(state)?;
            let memory = store.load()?;
            let memory = subject.iter().fold(memory, |memory, subject| memory.forgetting(subject));
            store.save(&before.iter().fold(memory, |memory, time| memory.forgetting_before(*time)))?;
        }
        Command::Merge { states, into } => merge(states, into)?,
    }
    Ok(Ended::Well)
}

fn existing(folder: &std::path::Path) -> anyhow::Result<Store> {
    if !folder.is_dir() {
        bail!("there is no memory in {}\n\nhint: scan with --state makes one", folder.display());
    }
    Ok(Store::open(folder)?)
}

fn merge(states: &[PathBuf], into: &std::path::Path) -> anyhow::Result<()> {
    let mut joined = Memory::default();
    for state in states {
        let memory = existing(state)?.load()?;
        if let (Some(own), Some(other)) = (&joined.about.org, &memory.about.org)
            && own != other
        {
            bail!("{} is of the organisation {other}, not of {own}", state.display());
        }
        joined = joined.join(&memory);
    }
    let store = Store::open(into)?;
    if !store.generations()?.is_empty() {
        bail!("there is a memory in {} already\n\nhint: name a new folder", into.display());
    }
    store.save(&joined)?;
    Ok(())
}

fn show(memory: &Memory, generation: u64) -> anyhow::Result<()> {
    let mut out = super::stdout();
    let about = &memory.about;
    let org = about.org.as_deref().map_or(String::new(), |org| format!(" of {}", visible(org)));
    let newest = about.newest.map_or_else(|| "nothing yet".to_owned(), |time: Time| format!("up to {time}"));
    writeln!(out, "generation {generation}{org}, {newest}, from {} exports", about.exports.len())?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["detector", "subjects", "values", "active days", "daily sums"]);
    for (detector, sizes) in memory.sizes() {
        let mut row = vec![detector.to_owned()];
        row.extend(sizes.map(|size| size.to_string()));
        table.add_row(row);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    for ((from, to), reason) in &about.excluded {
        writeln!(out, "not learned from: {from} to {to}: {}", visible(reason))?;
    }
    if about.let_go > 0 {
        writeln!(out, "{} things were let go, because there were too many", about.let_go)?;
    }
    Ok(())
}
