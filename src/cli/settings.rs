//! `tokentrail settings`

use std::io::Write;
use std::path::{Path, PathBuf};

use tokentrail::apps::scopes::{self, Risks};
use tokentrail::checks;
use tokentrail::detectors::ALL;
use tokentrail::settings::{File, Values};

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A settings file to merge over the defaults.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let (file, values) = effective(arguments.settings.as_deref())?;
    let mut out = super::stdout();
    for (name, value) in [("org", &file.org), ("zone", &file.zone)] {
        match value {
            Some(value) => writeln!(out, "{name} = {value:?}")?,
            None => writeln!(out, "# {name} is not set")?,
        }
    }
    let risks = Risks::new(&file.scopes)?;
    writeln!(out, "\n[scopes]")?;
    for scope in scopes::all().filter(|scope| scope.same_as.is_none()) {
        writeln!(out, "{} = {:?}", scope.name(), risks.of(scope).word())?;
    }
    for detector in ALL {
        writeln!(out, "\n[detectors.{}]", detector.id)?;
        let own = format!(
            "{} for people, {} for integrations, unless the limits say otherwise",
            detector.severity.word(),
            detector.integration.word()
        );
        match values.severity(detector.id) {
            Some(severity) => writeln!(out, "severity = {:?}", severity.word())?,
            None => writeln!(out, "# severity: {own}")?,
        }
        if values.is_off(detector.id) {
            writeln!(out, "off = true")?;
        }
        for limit in detector.limits {
            let Some(value) = values.value(detector.id, limit.name) else { continue };
            writeln!(
                out,
                "{} = {}  # {} {}; {}",
                limit.name,
                value.value,
                limit.unit.word(),
                value.from,
                limit.source
            )?;
        }
    }
    Ok(Ended::Well)
}

/// A settings file and the limits that it leads to.
pub(super) fn effective(path: Option<&Path>) -> anyhow::Result<(File, Values)> {
    let mut values = Values::defaults(ALL).with_checks(checks::ALL);
    let Some(path) = path else { return Ok((File::default(), values)) };
    let file = File::read(path)?;
    values.apply(&file, path, ALL, checks::ALL)?;
    Ok((file, values))
}
