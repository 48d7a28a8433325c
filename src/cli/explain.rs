//! `tokentrail explain`

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use tokentrail::detectors::{ALL, find};

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The detector's id, for example app-new-network.
    detector: String,
    /// Settings that change limits.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let Some(detector) = find(&arguments.detector) else {
        let near = ALL.iter().map(|detector| detector.id).filter(|id| is_near(id, &arguments.detector));
        let near: Vec<&str> = near.collect();
        let hint = if near.is_empty() {
            "list them with: tokentrail detectors".to_owned()
        } else {
            format!("did you mean: {}", near.join(", "))
        };
        bail!("no detector is called {:?}\n\nhint: {hint}", arguments.detector);
    };
    let (_, values) = super::settings::effective(arguments.settings.as_deref())?;
    let mut out = super::stdout();
    let (explanation, _) = detector.doc.split_once("\n## Scenario: ").unwrap_or((detector.doc, ""));
    writeln!(out, "{}\n\n## In force\n", explanation.trim_end())?;
    for limit in detector.limits {
        let Some(value) = values.value(detector.id, limit.name) else { continue };
        writeln!(out, "- {} = {} {} ({}; {})", limit.name, value.value, limit.unit.word(), value.from, limit.source)?;
    }
    writeln!(
        out,
        "\nATT&CK: {}",
        if detector.techniques.is_empty() { "none".to_owned() } else { detector.techniques.join(", ") }
    )?;
    Ok(Ended::Well)
}

/// Whether an id has a word of what was asked for.
fn is_near(id: &str, asked: &str) -> bool {
    asked.split(['-', '_', ' ']).any(|word| word.len() > 2 && id.contains(&word.to_lowercase()))
}
