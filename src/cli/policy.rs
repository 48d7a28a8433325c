//! `tokentrail policy`: Salesforce's table of IP relaxation and continuous enforcement, as a calculator and to read.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;

use anyhow::{Context, anyhow, bail};
use comfy_table::{ContentArrangement, Table, presets};
use ipnet::IpNet;
use serde::Serialize;
use tokentrail::apps::policy::{
    Change, Flow, Input, Inputs, Outcome, Phase, Place, ROWS, Reason, Restrictions, Row, Verdict, changes, decide,
    label, place,
};
use tokentrail::configuration::{IpRange, IpRelaxation, Stated};
use tokentrail::emit;
use tokentrail::words::visible;

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say whether a login is let in, by which row of the table, and what would change it. What is left out is not known.
    Eval(Box<Eval>),
    /// Print the table.
    Table {
        /// As a Markdown table.
        #[arg(long)]
        markdown: bool,
    },
}

#[derive(clap::Args)]
struct Eval {
    /// The app's IP relaxation, in the words of Setup or of metadata: enforce, `ENFORCE_RELAXREFRESH`, "Relax IP restrictions".
    #[arg(long, value_name = "WORD")]
    relaxation: Option<String>,
    /// The flow that gave the app its token: web-server, user-agent, jwt-bearer, saml-bearer, device, client-credentials,
    /// username-password, token-exchange, saml-sso.
    #[arg(long, value_name = "WORD")]
    flow: Option<String>,
    /// initial-login or refresh.
    #[arg(long, value_name = "WORD")]
    phase: Option<String>,
    /// Where the login comes from.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Login ranges of the user's profile: 198.51.100.0/24, 192.0.2.1-192.0.2.9 or one address.
    #[arg(long, value_name = "RANGE", num_args = 1.., conflicts_with = "no_profile_ranges")]
    profile_range: Vec<String>,
    /// The user's profile has no login ranges.
    #[arg(long)]
    no_profile_ranges: bool,
    /// Trusted ranges of the app for the web server flow.
    #[arg(long, value_name = "RANGE", num_args = 1.., conflicts_with = "no_app_ranges")]
    app_range: Vec<String>,
    /// The app has no trusted ranges.
    #[arg(long)]
    no_app_ranges: bool,
    /// Whether the user verified the identity when coming from a new browser or device.
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes")]
    identity_verified: Option<String>,
    /// Whether login ranges are enforced on every request: on or off.
    #[arg(long, value_name = "on|off")]
    continuous: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut out = super::stdout();
    match &arguments.command {
        Command::Eval(eval) => {
            let inputs = eval.inputs()?;
            let answer = Answer { inputs, outcome: decide(inputs), changes: changes(inputs) };
            if eval.json { emit::json_line(&answer.told(), &mut out)? } else { answer.print(&mut out)? }
        }
        Command::Table { markdown: true } => as_markdown(&mut out)?,
        Command::Table { markdown: false } => as_blocks(&mut out)?,
    }
    Ok(Ended::Well)
}

impl Eval {
    fn inputs(&self) -> anyhow::Result<Inputs> {
        let address = self.address.as_deref().map(|text| {
            let hint = "hint: one address, such as 203.0.113.7 or 2001:db8::1";
            text.trim().parse::<IpAddr>().map_err(|_| anyhow!("--address: no address: {text:?}\n\n{hint}"))
        });
        let address = address.transpose()?;
        let flow = self.flow.as_deref().map(|word| {
            let known = Flow::KNOWN.map(Flow::words).join(", ");
            Flow::parse(word).ok_or_else(|| anyhow!("--flow: no flow is called {word:?}\n\nhint: {known}, unknown"))
        });
        let phase = self.phase.as_deref().filter(|word| !is_unknown(word)).map(|word| {
            let hint = "hint: initial-login, refresh, unknown";
            Phase::parse(word).ok_or_else(|| anyhow!("--phase: no phase is called {word:?}\n\n{hint}"))
        });
        Ok(Inputs {
            relaxation: self.relaxation.as_deref().map(relaxation).transpose()?.flatten(),
            flow: flow.transpose()?.unwrap_or(Flow::Unknown),
            phase: phase.transpose()?,
            profile: place_among(address, &self.profile_range, self.no_profile_ranges).context("--profile-range")?,
            app: place_among(address, &self.app_range, self.no_app_ranges).context("--app-range")?,
            identity_verified: yes_or_no("--identity-verified", self.identity_verified.as_deref())?,
            continuous: yes_or_no("--continuous", self.continuous.as_deref())?,
        })
    }
}

fn is_unknown(word: &str) -> bool {
    word.trim().eq_ignore_ascii_case("unknown")
}

fn relaxation(word: &str) -> anyhow::Result<Option<IpRelaxation>> {
    if is_unknown(word) {
        return Ok(None);
    }
    match IpRelaxation::parse(word) {
        Stated::Known(relaxation) => Ok(Some(relaxation)),
        _ => bail!(
            "--relaxation: no setting is called {word:?}\n\nhint: enforce, enforce-relaxrefresh, bypass-2factor, bypass, \
             or a label of Setup"
        ),
    }
}

fn yes_or_no(option: &str, word: Option<&str>) -> anyhow::Result<Option<bool>> {
    let Some(word) = word else { return Ok(None) };
    match word.trim().to_ascii_lowercase().as_str() {
        "on" | "yes" | "true" => Ok(Some(true)),
        "off" | "no" | "false" => Ok(Some(false)),
        "unknown" => Ok(None),
        _ => bail!("{option}: neither yes nor no: {word:?}\n\nhint: on, off, yes, no, unknown"),
    }
}

/// Where an address is, by ranges of the command line; without any, that is not known.
fn place_among(address: Option<IpAddr>, texts: &[String], none: bool) -> anyhow::Result<Place> {
    if none {
        return Ok(Place::NoRanges);
    }
    let ranges = texts.iter().map(|text| range(text)).collect::<anyhow::Result<Vec<IpRange>>>()?;
    Ok(if ranges.is_empty() { Place::Unknown } else { place(address, &ranges) })
}

fn range(text: &str) -> anyhow::Result<IpRange> {
    let wrong = || {
        let hint = "hint: 198.51.100.0/24, 192.0.2.1-192.0.2.9 or one address";
        anyhow!("no range of addresses: {text:?}\n\n{hint}")
    };
    if let Ok(network) = text.trim().parse::<IpNet>() {
        return Ok(IpRange { start: network.network(), end: network.broadcast() });
    }
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    let address = |part: &str| part.trim().parse::<IpAddr>().map(|address| address.to_canonical()).map_err(|_| wrong());
    let range = IpRange { start: address(start)?, end: address(end)? };
    let fits = range.start.is_ipv4() == range.end.is_ipv4() && range.start <= range.end;
    if fits { Ok(range) } else { Err(wrong()) }
}

struct Answer {
    inputs: Inputs,
    outcome: Outcome,
    changes: Vec<Change>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told {
    verdict: &'static str,
    /// Why there is no verdict.
    reason: Option<String>,
    rows: Vec<ToldRow>,
    restrictions: &'static str,
    /// What was given, in words.
    inputs: BTreeMap<&'static str, &'static str>,
    /// What another value of one input would lead to.
    changes: Vec<ToldChange>,
}

#[derive(Serialize)]
struct ToldRow {
    row: usize,
    relaxation: &'static str,
    when: &'static str,
    result: &'static str,
    source: &'static str,
}

#[derive(Serialize)]
struct ToldChange {
    input: &'static str,
    to: Vec<&'static str>,
    verdict: &'static str,
}

impl Answer {
    fn reason(&self) -> Option<&Reason> {
        match &self.outcome.verdict {
            Verdict::Unknown(reason) => Some(reason),
            Verdict::Allow | Verdict::Deny => None,
        }
    }

    /// Each input and its value in words.
    fn given(&self) -> Vec<(&'static str, &'static str)> {
        let inputs = self.inputs;
        let told = |value: Option<bool>| value.map_or("unknown", |value| if value { "yes" } else { "no" });
        let values = Input::ALL.map(|input| match input {
            Input::Relaxation => inputs.relaxation.map_or("unknown", label),
            Input::Flow => inputs.flow.words(),
            Input::Phase => inputs.phase.map_or("unknown", Phase::words),
            Input::ProfileRanges => inputs.profile.words(),
            Input::AppRanges => inputs.app.words(),
            Input::IdentityVerified => told(inputs.identity_verified),
            Input::Continuous => told(inputs.continuous),
        });
        Input::ALL.map(Input::words).into_iter().zip(values).collect()
    }

    fn told(&self) -> Told {
        let row = |row: &&'static Row| ToldRow {
            row: row.number,
            relaxation: row.relaxation,
            when: row.when,
            result: row.result,
            source: row.source,
        };
        let change = |change: &Change| ToldChange {
            input: change.input.words(),
            to: change.to.clone(),
            verdict: change.verdict.word(),
        };
        Told {
            verdict: self.outcome.verdict.word(),
            reason: self.reason().map(ToString::to_string),
            rows: self.outcome.rows.iter().map(row).collect(),
            restrictions: match self.outcome.restrictions {
                Restrictions::No => "none",
                Restrictions::Apply => "apply",
                Restrictions::Unknown => "unknown",
            },
            inputs: self.given().into_iter().collect(),
            changes: self.changes.iter().map(change).collect(),
        }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = two_columns();
        table.add_row(["verdict", self.outcome.verdict.word()]);
        if let Some(reason) = self.reason() {
            table.add_row(["because", &reason.to_string()]);
        }
        for row in &self.outcome.rows {
            let text = format!("row {}: {}; {}: {}", row.number, row.relaxation, row.when, row.result);
            table.add_row(["why", &text]);
            table.add_row(["source", row.source]);
        }
        if self.outcome.verdict != Verdict::Deny {
            table.add_row(["restrictions", self.outcome.restrictions.words()]);
        }
        for change in &self.changes {
            let text = format!("{}: {} -> {}", change.input.words(), change.to.join(" or "), change.verdict.word());
            table.add_row(["would change it", &text]);
        }
        for (input, value) in self.given() {
            table.add_row(["given", &format!("{input}: {value}")]);
        }
        writeln!(out, "{}", lines(&table))
    }
}

fn as_markdown(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| row | IP relaxation | when | result | with continuous IP enforcement |\n|---|---|---|---|---|")?;
    for row in &ROWS {
        writeln!(out, "| {} | {} | {} | {} | {} |", row.number, row.relaxation, row.when, row.result, row.continuous)?;
    }
    Ok(())
}

/// A block for each row: five columns do not fit a narrow terminal.
fn as_blocks(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Rows 2, 10 and 1 are looked at in this order; of the others, one fits.")?;
    for row in &ROWS {
        let mut table = two_columns();
        table.add_row(["row", &row.number.to_string()]);
        table.add_row(["relaxation", row.relaxation]);
        table.add_row(["when", row.when]);
        table.add_row(["result", row.result]);
        table.add_row(["continuous enforcement adds", row.continuous]);
        table.add_row(["source", row.source]);
        writeln!(out, "\n{}", lines(&table))?;
    }
    Ok(())
}

fn two_columns() -> Table {
    const NARROW: u16 = 80;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(NARROW);
    }
    table
}

/// A table without the blanks that fill its lines.
fn lines(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| visible(line.trim_end())).collect();
    lines.join("\n")
}
