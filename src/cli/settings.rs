//! `tokentrail settings`

use std::io::Write;
use std::path::{Path, PathBuf};

use tokentrail::apps::scopes::{self, Risks};
use tokentrail::checks;
use tokentrail::detector::Limit;
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
        let (of_people, of_integrations) = (detector.severity.word(), detector.integration.word());
        let own =
            format!("{of_people} for people, {of_integrations} for integrations, unless the limits say otherwise");
        print("detectors", detector.id, detector.limits, &own, &values, &mut out)?;
    }
    for check in checks::ALL {
        let own = format!("{}, unless the answer says otherwise", check.severity.word());
        print("checks", check.id, check.limits, &own, &values, &mut out)?;
    }
    Ok(Ended::Well)
}

/// What is in force of one detector or check.
fn print(
    kind: &str,
    id: &str,
    limits: &[Limit],
    own_severity: &str,
    values: &Values,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "\n[{kind}.{id}]")?;
    match values.severity(id) {
        Some(severity) => writeln!(out, "severity = {:?}", severity.word())?,
        None => writeln!(out, "# severity: {own_severity}")?,
    }
    if values.is_off(id) {
        writeln!(out, "off = true")?;
    }
    for limit in limits {
        let Some(value) = values.value(id, limit.name) else { continue };
        let unit = limit.unit.word();
        writeln!(out, "{} = {}  # {unit} {}; {}", limit.name, value.value, value.from, limit.source)?;
    }
    Ok(())
}

/// A settings file and the limits that it leads to.
pub(super) fn effective(path: Option<&Path>) -> anyhow::Result<(File, Values)> {
    let mut values = Values::defaults(ALL).with_checks(checks::ALL);
    let Some(path) = path else { return Ok((File::default(), values)) };
    let file = File::read(path)?;
    values.apply(&file, path, ALL, checks::ALL)?;
    Ok((file, values))
}
