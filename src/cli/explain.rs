//! `tokentrail explain`

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use tokentrail::detector::Limit;
use tokentrail::{checks, detectors};

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The id of a detector or a check, for example app-new-network.
    id: String,
    /// Settings that change limits.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// What detectors and checks have in common.
struct Explained {
    id: &'static str,
    doc: &'static str,
    limits: &'static [Limit],
    techniques: &'static [&'static str],
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let Some(Explained { id, doc, limits, techniques }) = find(&arguments.id) else {
        let all = detectors::ALL.iter().map(|detector| detector.id).chain(checks::ALL.iter().map(|check| check.id));
        let near: Vec<&str> = all.filter(|id| is_near(id, &arguments.id)).collect();
        let hint = if near.is_empty() {
            "list them with: tokentrail detectors, tokentrail checks".to_owned()
        } else {
            format!("did you mean: {}", near.join(", "))
        };
        bail!("no detector or check is called {:?}\n\nhint: {hint}", arguments.id);
    };
    let (_, values) = super::settings::effective(arguments.settings.as_deref())?;
    let mut out = super::stdout();
    let (explanation, _) = doc.split_once("\n## Scenario: ").unwrap_or((doc, ""));
    writeln!(out, "{}\n\n## In force\n", explanation.trim_end())?;
    for limit in limits {
        let Some(value) = values.value(id, limit.name) else { continue };
        writeln!(out, "- {} = {} {} ({}; {})", limit.name, value.value, limit.unit.word(), value.from, limit.source)?;
    }
    let techniques = if techniques.is_empty() { "none".to_owned() } else { techniques.join(", ") };
    writeln!(out, "\nATT&CK: {techniques}")?;
    Ok(Ended::Well)
}

fn find(id: &str) -> Option<Explained> {
    let detector = detectors::find(id).map(|detector| Explained {
        id: detector.id,
        doc: detector.doc,
        limits: detector.limits,
        techniques: detector.techniques,
    });
    detector.or_else(|| {
        let check = checks::find(id)?;
        Some(Explained { id: check.id, doc: check.doc, limits: check.limits, techniques: check.techniques })
    })
}

/// Whether an id has a word of what was asked for.
fn is_near(id: &str, asked: &str) -> bool {
    asked.split(['-', '_', ' ']).any(|word| word.len() > 2 && id.contains(&word.to_lowercase()))
}
