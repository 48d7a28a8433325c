//! `tokentrail checks`

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::check::Judge;
use tokentrail::checks::ALL;

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Print a Markdown table, as the README has it.
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut out = super::stdout();
    let asked_of = |judge: Judge| match judge {
        Judge::App(_) => "apps",
        Judge::Org(_) => "the organisation",
    };
    if arguments.markdown {
        writeln!(out, "| check | fails where | asked of |\n|---|---|---|")?;
        for check in ALL {
            writeln!(out, "| `{}` | {} | {} |", check.id, check.title, asked_of(check.judge))?;
        }
        return Ok(Ended::Well);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["CHECK", "FAILS WHERE", "ASKED OF"]);
    for check in ALL {
        table.add_row([check.id, check.title, asked_of(check.judge)]);
    }
    writeln!(out, "{table}")?;
    Ok(Ended::Well)
}
