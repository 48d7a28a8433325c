//! `tokentrail revoke-plan`: what to revoke, in which order, and what stops working.

use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use ipnet::IpNet;
use tokentrail::emit;
use tokentrail::finding::Severity;
use tokentrail::inventory::Inventory;
use tokentrail::revocation::{Plan, Scope, Step, Stops, plan, script};
use tokentrail::told::Told;
use tokentrail::words::{markdown, name_of, plain};

use super::form::{Form, Printed};
use super::input::Input;
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// An app whose access is to end: its id or name. May be given more than once.
    #[arg(long, value_name = "NAME")]
    app: Vec<String>,
    /// Only the access of this user: an id or a username.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// An address or network of the thief: what it used is planned for, and what stops is counted without it. May be given
    /// more than once.
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<String>,
    /// Findings of a scan with --out: apps and addresses of those that are high or critical are in the plan.
    #[arg(long, value_name = "PATH")]
    findings: Option<PathBuf>,
    /// Write a shell script that revokes the plan's tokens. It holds no secret: it is given them when it runs.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    #[command(flatten)]
    printed: Printed,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let told = arguments.findings.as_deref().map(Told::read).transpose()?.unwrap_or_default();
    let mut scope = Scope {
        apps: arguments.app.iter().map(|app| app.trim().to_lowercase()).collect(),
        user: arguments.user.clone(),
        addresses: arguments.ip.iter().map(|text| network(text)).collect::<Result<_, _>>()?,
    };
    scope.extend(&told, Severity::High);
    if scope.is_empty() {
        bail!("nobody says what is to be revoked\n\nhint: name it with --app, --user or --ip, or give --findings");
    }
    let mut prepared = arguments.input.prepare()?;
    let mut problems = prepared.unread();
    let inventory = {
        let scan = prepared.scan(&[]);
        let _progress = prepared.progress(&scan.taken);
        Inventory::take(&scan, &mut QuarantineFile::new(None, false)?)
    };
    let planned = plan(&inventory, &prepared.register, &told, &scope);
    if let Some(path) = &arguments.script {
        fs::write(path, script(&planned)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let mut out = super::stdout();
    match arguments.printed.form() {
        Form::Text => text(&planned, &mut out)?,
        Form::Markdown => document(&planned, &mut out)?,
        Form::Json => emit::json_line(&planned, &mut out)?,
        Form::Csv => csv(&planned, &mut out)?,
    }
    problems.extend(inventory.problems);
    problems.sort();
    if !arguments.input.quiet {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        summary::ambiguous_apps(&inventory.ambiguous, &mut stderr)?;
        summary::problems(&problems, &mut stderr)?;
    }
    Ok(if problems.len() > arguments.input.max_problems { Ended::WithProblems } else { Ended::Well })
}

fn network(text: &str) -> anyhow::Result<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.with_context(|| format!("no address and no network: {text:?}\n\nhint: write 192.0.2.7 or 192.0.2.0/24"))
}

fn stops(stops: &Stops) -> String {
    if stops.last.is_none() {
        return "nothing that the exports show".to_owned();
    }
    let uses = stops.uses.iter().map(|text| plain(text)).collect::<Vec<_>>().join(", ");
    let from = summary::counted(stops.addresses.len() as u64, "address");
    format!("{} events a day ({uses}) from {from}", stops.events_a_day)
}

fn title(step: &Step) -> String {
    let whose = step.user.as_ref().map(|user| format!(" of {}", name_of(Some(user), "–"))).unwrap_or_default();
    let token = step.token.as_deref().map(|token| format!(" {}", plain(token))).unwrap_or_default();
    format!("{}{token}{whose}: {}", step.action.words(), name_of(Some(&step.app), "–"))
}

fn text(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.steps.is_empty() {
        return writeln!(out, "The exports show nothing to revoke for what was named.");
    }
    writeln!(out, "Keep the exports and their SHA-256 first (tokentrail case open). Then, in this order:\n")?;
    for step in &plan.steps {
        writeln!(out, "{}. {}", step.number, title(step))?;
        writeln!(out, "   why:   {}", plain(&step.because))?;
        writeln!(out, "   where: {}", step.setup)?;
        if let Some(rest) = &step.rest {
            writeln!(out, "   REST:  {}", tokentrail::words::visible(rest))?;
        }
        let owner = step.owner.as_deref().map(|owner| format!("; ask {}", plain(owner))).unwrap_or_default();
        writeln!(out, "   stops: {}{owner}", stops(&step.stops))?;
    }
    for note in &plan.notes {
        writeln!(out, "\nnote: {}", plain(note))?;
    }
    writeln!(out, "\nAfterwards export again, and run: tokentrail verify-containment --since TIME --app NAME PATHS")
}

fn document(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# What to revoke, in this order\n")?;
    for step in &plan.steps {
        writeln!(out, "{}. [ ] **{}**", step.number, markdown(&title(step)))?;
        writeln!(out, "   - why: {}", markdown(&plain(&step.because)))?;
        writeln!(out, "   - where: {}", step.setup)?;
        if let Some(rest) = &step.rest {
            writeln!(out, "   - REST: {}", markdown(rest))?;
        }
        writeln!(out, "   - stops: {}", markdown(&stops(&step.stops)))?;
        if let Some(owner) = &step.owner {
            writeln!(out, "   - ask: {}", markdown(&plain(owner)))?;
        }
    }
    plan.notes.iter().try_for_each(|note| writeln!(out, "\n> {}", markdown(note)))
}

fn csv(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "number",
        "action",
        "app_id",
        "app_name",
        "user_id",
        "username",
        "token",
        "why",
        "setup",
        "rest",
        "events_a_day",
        "stops",
        "last",
        "owner",
    ];
    emit::csv_line(&header, out)?;
    for step in &plan.steps {
        let user = step.user.clone().unwrap_or_default();
        let cells = [
            step.number.to_string(),
            step.action.words().to_owned(),
            step.app.id.clone().unwrap_or_default(),
            step.app.name.clone().unwrap_or_default(),
            user.id.unwrap_or_default(),
            user.name.unwrap_or_default(),
            step.token.clone().unwrap_or_default(),
            step.because.clone(),
            step.setup.clone(),
            step.rest.clone().unwrap_or_default(),
            step.stops.events_a_day.to_string(),
            step.stops.uses.join("; "),
            step.stops.last.map(|last| last.to_string()).unwrap_or_default(),
            step.owner.clone().unwrap_or_default(),
        ];
        emit::csv_line(&cells.each_ref().map(String::as_str), out)?;
    }
    Ok(())
}
