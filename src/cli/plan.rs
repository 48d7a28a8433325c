//! `tokentrail plan rollout`: how to turn on the four OAuth controls that are asked of partners' apps.

use std::io::{self, Write};

use anstyle::AnsiColor;
use clap::Subcommand;
use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::emit;
use tokentrail::finding::Named;
use tokentrail::rollout::{AppPlan, Control, Rollout, State, Step};
use tokentrail::words::{markdown, name_of, plain, visible};

use super::Ended;
use super::form::Form;
use super::input::Input;
use super::organisation::Organisation;
use super::summary::bold;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Plan how to turn on PKCE, the idle limit, the allow-list and rotation, app by app, in that order.
    Rollout(Box<Wanted>),
}

#[derive(clap::Args)]
struct Wanted {
    #[command(flatten)]
    input: Input,
    /// How to print the plan.
    #[arg(long, value_name = "FORM", default_value = "text")]
    print: Form,
    /// Plan for every app, not only for those that are partners' or may be.
    #[arg(long)]
    all: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let What::Rollout(wanted) = &arguments.what;
    let organisation = Organisation::read(&wanted.input, None, false)?;
    let mut rollout = organisation.audit(None).rollout();
    let found = rollout.apps.len();
    rollout.apps.retain(|plan| wanted.all || plan.is_partner != Some(false));
    let left_out = found - rollout.apps.len();
    let mut out = super::stdout();
    match wanted.print {
        Form::Text => text(&rollout, left_out, &mut out)?,
        Form::Markdown => document(&rollout, &mut out)?,
        Form::Json => emit::json_line(&rollout, &mut out)?,
        Form::Csv => csv(&rollout, &mut out)?,
    }
    organisation.problems()
}

fn asked(plan: &AppPlan) -> &'static str {
    match plan.is_partner {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

fn text(rollout: &Rollout, left_out: usize, out: &mut dyn Write) -> io::Result<()> {
    if rollout.apps.is_empty() {
        writeln!(out, "No app was found that the four controls are asked of.")?;
    } else {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        let controls = Control::ORDER.map(|control| control.words().to_uppercase());
        table.set_header(["APP", "ASKED OF IT", "PATTERN"].map(str::to_owned).into_iter().chain(controls));
        for plan in &rollout.apps {
            let states = plan.steps.iter().map(|step| step.state.word().to_owned());
            let first = [name_of(Some(&plan.app), "–"), asked(plan).to_owned(), plan.pattern.words().to_owned()];
            table.add_row(first.into_iter().chain(states));
        }
        writeln!(out, "{table}")?;
    }
    for plan in &rollout.apps {
        of_app(plan, out)?;
    }
    if left_out > 0 {
        let apps = if left_out == 1 { "app of your own is" } else { "apps of your own are" };
        writeln!(out, "\n{left_out} {apps} left out: --all plans for them, too.")?;
    }
    Ok(())
}

fn of_app(plan: &AppPlan, out: &mut dyn Write) -> io::Result<()> {
    let name = bold(AnsiColor::White);
    let owner = plan.owner.as_deref().map(|owner| format!(", owner {}", plain(owner))).unwrap_or_default();
    writeln!(out, "\n{name}{}{name:#}: {}{owner}", name_of(Some(&plan.app), "–"), plan.pattern.words())?;
    writeln!(out, "  {}.", plan.because)?;
    for warning in &plan.warnings {
        writeln!(out, "  note: {warning}")?;
    }
    for (number, step) in (1..).zip(&plan.steps) {
        let Step { control, state, evidence, actions } = step;
        let style = style(*state);
        writeln!(out, "  {number}. {}: {style}{}{style:#}. {}", control.words(), state.word(), visible(evidence))?;
        for action in actions {
            writeln!(out, "       {}", visible(action))?;
        }
    }
    Ok(())
}

fn style(state: State) -> anstyle::Style {
    match state {
        State::On | State::Exempt => bold(AnsiColor::Green),
        State::Ready => bold(AnsiColor::Cyan),
        State::Waiting => bold(AnsiColor::Yellow),
        State::Unknown => bold(AnsiColor::Red),
    }
}

fn document(rollout: &Rollout, out: &mut dyn Write) -> io::Result<()> {
    let shown = |app: &Named| markdown(&name_of(Some(app), "–"));
    let controls = Control::ORDER.map(Control::words);
    writeln!(out, "# The four OAuth controls\n\n| app | asked of it | pattern | {} |", controls.join(" | "))?;
    writeln!(out, "|---|---|---|{}", "---|".repeat(controls.len()))?;
    for plan in &rollout.apps {
        let states: Vec<&str> = plan.steps.iter().map(|step| step.state.word()).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            shown(&plan.app),
            asked(plan),
            plan.pattern.words(),
            states.join(" | ")
        )?;
    }
    for plan in &rollout.apps {
        writeln!(out, "\n## {}\n\n{}: {}.", shown(&plan.app), plan.pattern.words(), plan.because)?;
        for warning in &plan.warnings {
            writeln!(out, "\n> {warning}")?;
        }
        writeln!(out)?;
        for (number, step) in (1..).zip(&plan.steps) {
            let evidence = markdown(&step.evidence);
            writeln!(out, "{number}. **{}: {}.** {evidence}", step.control.words(), step.state.word())?;
            for action in &step.actions {
                writeln!(out, "   - [ ] {}", markdown(action))?;
            }
        }
    }
    Ok(())
}

fn csv(rollout: &Rollout, out: &mut dyn Write) -> io::Result<()> {
    let header =
        ["app_id", "app_name", "owner", "asked", "pattern", "order", "control", "state", "evidence", "actions"];
    emit::csv_line(&header, out)?;
    for plan in &rollout.apps {
        for (number, step) in (1..).zip(&plan.steps) {
            let cells = [
                plan.app.id.as_deref().unwrap_or_default(),
                plan.app.name.as_deref().unwrap_or_default(),
                plan.owner.as_deref().unwrap_or_default(),
                asked(plan),
                plan.pattern.words(),
                &number.to_string(),
                step.control.words(),
                step.state.word(),
                &step.evidence,
                &step.actions.join(" "),
            ];
            emit::csv_line(&cells, out)?;
        }
    }
    Ok(())
}
