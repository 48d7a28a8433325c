//! Every scenario of every detector's page. `UPDATE=1` writes what is found into the page.

use std::path::Path;

use tokentrail::detector::Detector;
use tokentrail::detectors;
use tokentrail::value::Time;

use crate::page::{Scenario, headings, scenarios};
use crate::run::{Run, line};

const SECTIONS: [&str; 6] = ["Why it matters", "Needs", "Blind spots", "False alarms", "What to do next", "Limits"];

#[test]
fn every_scenario_gives_the_findings_on_its_page() {
    let mut wrong = Vec::new();
    for detector in detectors::ALL {
        let path = page_path(detector);
        let mut page = std::fs::read_to_string(&path).unwrap();
        for scenario in scenarios(&page).into_iter().rev() {
            let found = found(detector, &scenario);
            if found == scenario.findings {
                continue;
            }
            wrong.push(format!("{}: {}\nexpected:\n{}found:\n{found}", detector.id, scenario.name, scenario.findings));
            page.replace_range(scenario.place, &found);
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, page).unwrap();
        }
    }
    assert!(std::env::var_os("UPDATE").is_some() || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_have_their_sections_in_order_and_name_every_limit() {
    for detector in detectors::ALL {
        let title = format!("# {} (`{}`)", detector.title, detector.id);
        assert_eq!(detector.doc.lines().next(), Some(title.as_str()), "{}", detector.id);
        assert_eq!(headings(detector.doc), SECTIONS, "{}", detector.id);
        for limit in detector.limits {
            let row = format!("| `{}` | {}", limit.name, limit.value);
            assert!(detector.doc.contains(&row), "{}: the page has no row starting with {row}", detector.id);
        }
    }
}

#[test]
fn pages_show_both_outcomes_and_more_than_a_scenario_for_each_limit() {
    for detector in detectors::ALL {
        let scenarios = scenarios(detector.doc);
        let (silent, loud): (Vec<_>, Vec<_>) = scenarios.iter().partition(|scenario| scenario.findings.is_empty());
        assert!(!silent.is_empty() && !loud.is_empty(), "{}", detector.id);
    }
}

fn found(detector: &'static Detector, scenario: &Scenario) -> String {
    let option = |name: &str| scenario.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let time = |name: &str| option(name).map(|value| Time::parse(value.as_bytes(), None).unwrap());
    let run = Run {
        detectors: vec![detector],
        settings: scenario.settings.clone(),
        apps: scenario.apps.clone(),
        lists: scenario.lists.clone(),
        since: time("since"),
        as_of: time("as-of"),
        zone: option("zone").map(|zone| zone.parse().unwrap()),
        idle_by_date: option("idle") == Some("soql"),
        ..Run::default()
    };
    let files: Vec<(&str, &[u8])> =
        scenario.exports.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let ran = run.scan_texts(&files);
    assert_eq!(ran.outcome.problems, [], "{}: {}", detector.id, scenario.name);
    assert_eq!(ran.quarantined, [], "{}: {}", detector.id, scenario.name);
    ran.outcome.findings.iter().map(|finding| line(finding) + "\n").collect()
}

fn page_path(detector: &Detector) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detectors").join(detector.id.replace('-', "_") + ".md")
}
