//! `tokentrail detectors`

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};
use tokentrail::detectors::ALL;

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Print a Markdown table, as the README has it.
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let mut out = super::stdout();
    if arguments.markdown {
        writeln!(out, "| detector | reports | needs |\n|---|---|---|")?;
        for detector in ALL {
            writeln!(out, "| `{}` | {} | {} |", detector.id, detector.title, needs(detector))?;
        }
        return Ok(Ended::Well);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["DETECTOR", "REPORTS", "NEEDS"]);
    for detector in ALL {
        table.add_row([detector.id, detector.title, &needs(detector)]);
    }
    writeln!(out, "{table}")?;
    Ok(Ended::Well)
}

fn needs(detector: &tokentrail::detector::Detector) -> String {
    detector.watch.tables.iter().map(|table| table.name()).collect::<Vec<_>>().join(", ")
}
