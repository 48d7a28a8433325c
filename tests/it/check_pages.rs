//! Every scenario of every check's page. `UPDATE=1` writes the answers into the page.

use std::fmt::Write;
use std::path::Path;

use tokentrail::audit::Audit;
use tokentrail::check::{Check, Judge, Outcome};
use tokentrail::checks;
use tokentrail::configuration::Configuration;
use tokentrail::settings::Values;
use tokentrail::value::Time;
use tokentrail::words::name_of;

use crate::page::{Scenario, headings, scenarios};
use crate::run::Run;

const SECTIONS: [&str; 6] = ["Why it matters", "Needs", "Blind spots", "False alarms", "What to do next", "Limits"];

#[test]
fn every_scenario_gives_the_answers_on_its_page() {
    let mut wrong = Vec::new();
    for check in checks::ALL {
        let path = page_path(check);
        let mut page = std::fs::read_to_string(&path).unwrap();
        for scenario in scenarios(&page).into_iter().rev() {
            let answers = answers(check, &scenario);
            if answers == scenario.findings {
                continue;
            }
            wrong.push(format!("{}: {}\nexpected:\n{}found:\n{answers}", check.id, scenario.name, scenario.findings));
            page.replace_range(scenario.place, &answers);
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, page).unwrap();
        }
    }
    assert!(std::env::var_os("UPDATE").is_some() || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_have_their_sections_in_order_and_name_every_limit() {
    for check in checks::ALL {
        let title = format!("# {} (`{}`)", check.title, check.id);
        assert_eq!(check.doc.lines().next(), Some(title.as_str()), "{}", check.id);
        assert_eq!(headings(check.doc), SECTIONS, "{}", check.id);
        for limit in check.limits {
            let row = format!("| `{}` | {}", limit.name, limit.value);
            assert!(check.doc.contains(&row), "{}: the page has no row starting with {row}", check.id);
        }
    }
}

#[test]
fn pages_show_what_passes_what_fails_and_what_is_not_known() {
    for check in checks::ALL {
        let shown: String = scenarios(check.doc).into_iter().map(|scenario| scenario.findings).collect();
        for outcome in [Outcome::Pass, Outcome::Fail, Outcome::Unknown] {
            let begins = |line: &str| line.starts_with(outcome.word());
            assert!(shown.lines().any(begins), "{}: no scenario says {}", check.id, outcome.word());
        }
    }
}

#[test]
fn the_list_is_the_folder_in_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut named: Vec<String> =
        pages.map(|path| path.file_stem().unwrap().to_string_lossy().replace('_', "-")).collect();
    named.sort();
    assert_eq!(checks::ALL.iter().map(|check| check.id).collect::<Vec<_>>(), named);
}

#[test]
fn no_check_goes_by_the_name_of_a_detector() {
    for check in checks::ALL {
        assert!(tokentrail::detectors::find(check.id).is_none(), "{}", check.id);
    }
}

/// Without any file and any export no app is judged; with nothing said, nothing passes.
#[test]
fn nothing_said_is_never_a_pass() {
    let kind = tokentrail::configuration::AppKind::ConnectedApp;
    let app = tokentrail::configuration::AppConfiguration::unsaid(kind, "Ledger Sync");
    let configuration = Configuration { apps: vec![app], ..Configuration::default() };
    let values = Values::default().with_checks(checks::ALL);
    let register = tokentrail::apps::Register::default();
    let (register, values) = (&register, &values);
    let matrix =
        Audit { configuration: &configuration, inventory: None, register, values, org: None, as_of: None }.run();
    for (id, verdict) in matrix.rows.iter().flat_map(|row| &row.verdicts) {
        assert!(!matches!(verdict.outcome, Outcome::Pass | Outcome::Fail), "{id}: {verdict:?}");
    }
    assert_eq!(matrix.rows.iter().map(|row| row.verdicts.len()).sum::<usize>(), checks::ALL.len());
}

fn answers(check: &'static Check, scenario: &Scenario) -> String {
    let option = |name: &str| scenario.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let as_of = option("as-of").map(|value| Time::parse(value.as_bytes(), None).unwrap());
    let run = Run { settings: scenario.settings.clone(), apps: scenario.apps.clone(), as_of, ..Run::default() };
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in scenario.exports.iter().chain(&scenario.metadata) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let configuration = match Configuration::read(&[folder.path().to_owned()]) {
        Ok(configuration) => configuration,
        Err(_) if scenario.metadata.is_empty() => Configuration::default(),
        Err(error) => panic!("{}: {}: {error}", check.id, scenario.name),
    };
    let inventory = (!scenario.exports.is_empty()).then(|| run.inventory(&[folder.path().to_owned()]));
    let mut values = Values::default().with_checks(checks::ALL);
    let file = toml::from_str(&scenario.settings).unwrap();
    values.apply(&file, Path::new("settings.toml"), &[], checks::ALL).unwrap();
    let audit = Audit {
        configuration: &configuration,
        inventory: inventory.as_ref(),
        register: &run.register(),
        values: &values,
        org: None,
        as_of: as_of.or(inventory.as_ref().map(|inventory| inventory.as_of)),
    };
    let mut lines = String::new();
    for row in audit.run().rows {
        if let (Judge::Org(_), Some(_)) | (Judge::App(_), None) = (check.judge, &row.app) {
            continue;
        }
        let verdict = &row.verdicts[check.id];
        let severity = if verdict.outcome == Outcome::Fail { audit.severity(check, verdict).word() } else { "" };
        let facts: Vec<String> = verdict.facts.iter().map(|fact| format!("{}={}", fact.name, fact.value)).collect();
        let about = name_of(row.app.as_ref(), "the organisation");
        let said = [verdict.outcome.word(), severity].join(" ");
        let _ = writeln!(lines, "{} {about}: {} [{}]", said.trim(), verdict.why, facts.join("; "));
    }
    lines
}

fn page_path(check: &Check) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks").join(check.id.replace('-', "_") + ".md")
}
