//! The checks over the sample organisation: each app fails for what was made wrong with it, and the correct one not at all.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tokentrail::audit::Audit;
use tokentrail::check::Outcome;
use tokentrail::checks;
use tokentrail::configuration::Configuration;
use tokentrail::inventory::Inventory;
use tokentrail::settings::Values;
use tokentrail::words::name_of;

use crate::run::Run;

fn sample(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(folder)
}

/// All that fails, a line each; of the apps of the sample alone the organisation's answers first.
fn fails(configuration: &str, run: &Run, inventory: Option<&Inventory>) -> String {
    let configuration = Configuration::read(&[sample(configuration)]).unwrap();
    let values = Values::default().with_checks(checks::ALL);
    let register = run.register();
    let (register, values) = (&register, &values);
    let as_of = inventory.map(|inventory| inventory.as_of);
    let configuration = &configuration;
    let audit = Audit { configuration, expected: None, inventory, register, values, org: None, as_of };
    let mut lines = String::new();
    for row in audit.run().rows {
        for (id, verdict) in row.verdicts.iter().filter(|(_, verdict)| verdict.outcome == Outcome::Fail) {
            let severity = audit.severity(checks::find(id).unwrap(), verdict).word();
            let facts: Vec<String> = verdict.facts.iter().map(|fact| format!("{}={}", fact.name, fact.value)).collect();
            let about = name_of(row.app.as_ref(), "the organisation");
            let _ = writeln!(lines, "{about}: {severity} {id}: {} [{}]", verdict.why, facts.join("; "));
        }
    }
    lines
}

#[test]
fn each_app_of_the_sample_fails_for_what_is_wrong_with_it() {
    let run = Run { apps: std::fs::read_to_string(sample("apps.toml")).unwrap(), ..Run::default() };
    let inventory = run.inventory(&[sample("quiet"), sample("staged")]);
    let found = fails("configuration", &run, Some(&inventory));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/audit.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&golden).unwrap());
}

#[test]
fn the_correct_sample_fails_nowhere() {
    assert_eq!(fails("configuration-correct", &Run::default(), None), "");
}
