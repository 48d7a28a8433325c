//! `tokentrail deliver`: sends what waits for its destinations, and tells how they stand.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;
use tokentrail::deliver::{self, Delivered, Destination, Destinations, Effort, Spool};
use tokentrail::emit;
use tokentrail::finding::Finding;
use tokentrail::words::visible;

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// The file of destinations.
    #[arg(long, value_name = "FILE", default_value = "deliver.toml", global = true)]
    to: PathBuf,
    /// Only these destinations.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', global = true)]
    only: Vec<String>,
    /// Say nothing but what was asked for.
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum What {
    /// Tell what was delivered, what waits and what was refused.
    Status {
        /// Print a JSON object for each destination.
        #[arg(long)]
        json: bool,
    },
    /// Try again what was refused, and send what waits.
    Retry,
    /// Print what was refused, and why: a JSON object for each record.
    Dead,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let destinations = Destinations::read(&arguments.to)?;
    let chosen = chosen(&destinations, &arguments.only)?;
    let mut out = super::stdout();
    let mut spools = Vec::new();
    for destination in chosen {
        let mut spool = destinations.spool(destination)?;
        match &arguments.what {
            Some(What::Status { json }) => status(destination, &spool, *json, &mut out)?,
            Some(What::Dead) => {
                for dead in spool.dead()? {
                    emit::json_line(&dead, &mut out)?;
                }
            }
            Some(What::Retry) => {
                spool.revive()?;
                spools.push((destination, spool));
            }
            None => spools.push((destination, spool)),
        }
    }
    send(spools, destinations.effort, arguments.quiet)
}

fn chosen<'d>(destinations: &'d Destinations, only: &[String]) -> anyhow::Result<Vec<&'d Destination>> {
    for name in only {
        if !destinations.all.iter().any(|destination| destination.name == *name) {
            let known: Vec<&str> = destinations.all.iter().map(|destination| destination.name.as_str()).collect();
            bail!("no destination is called {name:?}\n\nhint: there are {}", known.join(", "));
        }
    }
    Ok(destinations.all.iter().filter(|known| only.is_empty() || only.contains(&known.name)).collect())
}

fn status(destination: &Destination, spool: &Spool, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let standing = spool.standing()?;
    if json {
        let mut line = serde_json::to_value(standing)?;
        line["destination"] = destination.name.as_str().into();
        emit::json_line(&line, out)?;
    } else {
        let (delivered, waiting, dead) = (standing.delivered, standing.waiting, standing.dead);
        writeln!(
            out,
            "{}: {delivered} findings delivered, {waiting} records wait, {dead} were refused",
            destination.name
        )?;
    }
    Ok(())
}

/// What a scan has found, on its way.
pub(super) struct Outgoing {
    destinations: Destinations,
    spools: Vec<Spool>,
}

impl Outgoing {
    /// Opens the spools: nobody else may deliver from them now.
    pub(super) fn open(file: &Path) -> anyhow::Result<Self> {
        let destinations = Destinations::read(file)?;
        let spools = destinations.all.iter().map(|destination| destinations.spool(destination));
        let spools = spools.collect::<Result<_, _>>()?;
        Ok(Self { destinations, spools })
    }

    /// Puts findings into every spool: from here on they are not lost.
    pub(super) fn spool(&self, findings: &[Finding]) -> anyhow::Result<()> {
        for (destination, spool) in self.destinations.all.iter().zip(&self.spools) {
            destination.spool(findings, spool)?;
        }
        Ok(())
    }

    /// Sends all that waits.
    pub(super) fn send(self, quiet: bool) -> anyhow::Result<Ended> {
        send(self.destinations.all.iter().zip(self.spools).collect(), self.destinations.effort, quiet)
    }
}

/// Sends to all destinations at a time: a slow one holds up no other.
fn send(spools: Vec<(&Destination, Spool)>, effort: Effort, quiet: bool) -> anyhow::Result<Ended> {
    #[expect(clippy::disallowed_methods, reason = "secrets are the one thing that the environment says")]
    let environment = |name: &str| std::env::var(name).ok();
    let deliver = |(destination, mut spool): (&Destination, Spool)| {
        (destination.name.clone(), deliver::deliver(destination, &mut spool, effort, &environment))
    };
    let ended: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = spools.into_iter().map(|one| scope.spawn(|| deliver(one))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
    let (mut waiting, mut refused) = (0, 0);
    for (name, delivered) in ended {
        match delivered {
            Ok(delivered) => {
                waiting += delivered.waiting;
                refused += delivered.refused;
                if !quiet || delivered.waiting + delivered.refused > 0 {
                    told(&name, &delivered, &mut stderr)?;
                }
            }
            Err(error) => {
                waiting += 1;
                writeln!(
                    stderr,
                    "problem: {name}: {}",
                    error.to_string().lines().map(visible).collect::<Vec<_>>().join("\n")
                )?;
            }
        }
    }
    Ok(match (waiting, refused) {
        (0, 0) => Ended::Well,
        (0, _) => Ended::WithRefused,
        _ => Ended::WithUndelivered,
    })
}

fn told(name: &str, delivered: &Delivered, out: &mut dyn Write) -> io::Result<()> {
    let Delivered { taken, refused, waiting, remarks } = delivered;
    writeln!(out, "{name}: {taken} delivered, {refused} refused, {waiting} wait")?;
    for (remark, times) in remarks {
        let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        writeln!(out, "  {}{times}", visible(remark))?;
    }
    Ok(())
}
