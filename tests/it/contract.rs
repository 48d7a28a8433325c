//! Promises that hold for all detectors and all schemas.

use std::collections::BTreeSet;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt32Type};
use tokentrail::batch::{Batch, Column, NO_ID, NO_NUMBER, Role, Table};
use tokentrail::detectors;
use tokentrail::dictionary::Dictionary;
use tokentrail::schema::Schemas;
use tokentrail::words;

#[test]
fn the_list_of_detectors_is_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detectors");
    let names = |ending: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        files.filter_map(|name| Some(name.strip_suffix(ending)?.replace('_', "-"))).collect()
    };
    let listed: BTreeSet<String> = detectors::ALL.iter().map(|detector| detector.id.to_owned()).collect();
    assert_eq!(listed, names(".rs"));
    assert_eq!(listed, names(".md"));
    let in_order: Vec<_> = detectors::ALL.iter().map(|detector| detector.id).collect();
    assert!(in_order.is_sorted(), "the list is in order of ids");
}

#[test]
fn ids_name_the_behaviour() {
    for detector in detectors::ALL {
        assert!(detector.id.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{}", detector.id);
        assert!(!detector.id.starts_with("suspicious-") && !detector.id.starts_with("no-"), "{}", detector.id);
        assert!(!detector.title.ends_with('.'), "{}", detector.id);
    }
}

#[test]
fn detectors_name_exactly_the_limits_of_their_pattern() {
    for detector in detectors::ALL {
        let own: BTreeSet<&str> = detector.limits.iter().map(|limit| limit.name).collect();
        let needed: BTreeSet<&str> = detector.watch.pattern.limits().iter().copied().collect();
        assert_eq!(own, needed, "{}", detector.id);
        assert!(detector.limits.iter().all(|limit| !limit.source.is_empty()), "{}", detector.id);
    }
}

#[test]
fn every_role_of_a_detector_is_in_a_schema_of_its_tables() {
    let derived = [
        Role::Network,
        Role::Use,
        Role::Claims,
        Role::Time,
        Role::Token,
        Role::Log,
        Role::Provider,
        Role::NetworkClass,
        Role::Origin,
        Role::ClientFamily,
        Role::Probe,
        Role::Selection,
        Role::Hunted,
        Role::Resource,
    ];
    let schemas = Schemas::embedded().unwrap();
    for detector in detectors::ALL {
        let watch = detector.watch;
        let roles = watch.subject.iter().copied().chain(watch.pattern.roles()).chain(watch.matching.roles());
        // The apps of setup changes are told by their sentences.
        let is_derived =
            |role: &Role| derived.contains(role) || *role == Role::App && watch.tables == [Table::SetupChanges];
        for role in roles.filter(|role| !is_derived(role)) {
            let mut tables = schemas.iter().filter(|schema| watch.tables.contains(&schema.table));
            let known = tables.any(|schema| {
                schema.implies.contains_key(&role)
                    || schema.columns.iter().any(|column| [column.role, column.and_role].contains(&Some(role)))
            });
            assert!(known, "{}: no schema of its tables has the role {}", detector.id, role.name());
        }
    }
}

#[test]
fn every_table_has_a_schema_and_every_schema_its_own_file() {
    let schemas = Schemas::embedded().unwrap();
    for table in Table::ALL {
        assert!(schemas.iter().any(|schema| schema.table == table), "{}", table.name());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let files: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let embedded: BTreeSet<String> = schemas.iter().map(|schema| format!("{}.toml", schema.event_type)).collect();
    assert_eq!(files, embedded);
}

#[test]
fn a_template_shows_what_has_no_value() {
    let subject = tokentrail::finding::Subject::default();
    assert_eq!(words::fill("{app} {nothing}", &subject, &[]), "an app that the log does not name {nothing}");
}

#[test]
fn a_batch_is_an_arrow_table() {
    let mut dictionary = Dictionary::default();
    let mut batch = Batch::new(Table::Calls, 0);
    (batch.records, batch.offsets, batch.identities) = (vec![7, 8], vec![70, 80], vec![1, 2]);
    *batch.column_mut(Role::Time) = Column::Numbers(vec![1_754_000_000_000_000, NO_NUMBER]);
    *batch.column_mut(Role::Rows) = Column::Numbers(vec![NO_NUMBER, 12]);
    let drift = dictionary.id(Role::App.domain(), "Drift");
    *batch.column_mut(Role::App) = Column::Ids(vec![drift, NO_ID]);
    let table = batch.to_arrow(&dictionary).unwrap();
    let column = |name: &str| table.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
    let times = column("time").as_primitive::<TimestampMicrosecondType>();
    assert_eq!((times.value(0), times.is_null(1), times.timezone()), (1_754_000_000_000_000, true, Some("UTC")));
    let rows = column("rows").as_primitive::<Int64Type>();
    assert_eq!((rows.is_null(0), rows.value(1)), (true, 12));
    let apps = column("app").as_dictionary::<UInt32Type>();
    assert_eq!(apps.values().as_string::<i32>().value(apps.key(0).unwrap()), "Drift");
    assert_eq!(apps.key(1), None);
    assert_eq!(column("record").as_primitive::<Int64Type>().values(), &[7, 8]);
    assert_eq!(table.num_columns(), 4, "a role that the batch has not is no column");
}
