//! Where files lie: a project's tree, a Metadata API folder, a zip of either, one file; and in whatever order.

use std::path::PathBuf;

use proptest::prelude::{Just, Strategy, prop_assert_eq, proptest};
use sha2::{Digest, Sha256};
use tokentrail::configuration::Configuration;

use super::{Folder, metadata};
use crate::ingest::packed::{gzip, zipped};

fn app() -> String {
    metadata("ConnectedApp", "<label>Ledger</label><oauthConfig><isPkceRequired>true</isPkceRequired></oauthConfig>")
}

fn policies() -> String {
    let inside = "<externalClientApplication>Forms</externalClientApplication>\
                  <ipRelaxationPolicyType>Bypass</ipRelaxationPolicyType>";
    metadata("ExtlClntAppOauthConfigurablePolicies", inside)
}

/// What is read, without where it was read from.
fn read_of(configuration: &Configuration) -> Vec<String> {
    assert_eq!(configuration.problems, []);
    let apps = configuration.apps.iter();
    apps.map(|app| format!("{} {:?} {:?} {:?}", app.name, app.label, app.pkce_required, app.ip_relaxation)).collect()
}

#[test]
fn the_same_is_read_wherever_it_lies() {
    let tree = [
        ("force-app/main/default/connectedApps/Ledger_Sync.connectedApp-meta.xml", app()),
        ("force-app/main/default/extlClntAppOauthPolicies/Forms_oauthPlcy.ecaOauthPlcy-meta.xml", policies()),
        ("force-app/main/default/classes/A.cls", "class A {}".to_owned()),
    ];
    let unpackaged = [
        ("unpackaged/connectedApps/Ledger_Sync.connectedApp", app()),
        ("unpackaged/extlClntAppOauthPolicies/Forms_oauthPlcy.ecaOauthPlcy", policies()),
        ("unpackaged/package.xml", metadata("Package", "<version>65.0</version>")),
    ];
    let members: Vec<(&str, &[u8])> = unpackaged.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let expected = read_of(&Folder::of(&tree).read());
    assert_eq!(expected.len(), 2);
    assert_eq!(read_of(&Folder::of(&unpackaged).read()), expected);
    let zip = Folder::of(&[("retrieved.zip", zipped(&members))]);
    let read = zip.read();
    assert_eq!(read_of(&read), expected);
    let name = zip.path("retrieved.zip!unpackaged/connectedApps/Ledger_Sync.connectedApp");
    assert_eq!(read.apps[0].files, [name.to_str().unwrap()]);
    // By a name that says nothing, by its own name, compressed.
    let by_content = Folder::of(&[("x.bin", app())]).read();
    assert_eq!((by_content.apps[0].name.as_str(), by_content.apps[0].label.as_deref()), ("x", Some("Ledger")));
    let one = Folder::of(&[("Ledger_Sync.connectedApp-meta.xml", app()), ("other.connectedApp-meta.xml", app())]);
    let read = Configuration::read(&[one.path("Ledger_Sync.connectedApp-meta.xml")]).unwrap();
    assert_eq!(read_of(&read), expected[..1]);
    let packed = Folder::of(&[("Ledger_Sync.connectedApp-meta.xml.gz", gzip(app().as_bytes()))]).read();
    assert_eq!(packed.apps[0].label.as_deref(), Some("Ledger"));
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn each_file_has_its_sha256() {
    let folder = Folder::of(&[("a.connectedApp-meta.xml", app()), ("unread.xml", "<a/>".to_owned())]);
    let read = folder.read();
    let expected = sha256(app().as_bytes());
    let files: Vec<_> = read.files.into_iter().collect();
    assert_eq!(files, [(folder.path("a.connectedApp-meta.xml").to_str().unwrap().to_owned(), expected)]);
    // A member has its archive's, which is what lies on the disk.
    let zip = zipped(&[("a.connectedApp", app().as_bytes())]);
    let expected = sha256(&zip);
    assert_eq!(Folder::of(&[("a.zip", zip)]).read().files.into_values().collect::<Vec<_>>(), [expected]);
}

#[test]
fn of_two_descriptions_the_first_by_name_counts() {
    let other = metadata("ConnectedApp", "<label>Other</label>");
    let folder =
        Folder::of(&[("a/X.connectedApp", app()), ("b/x.connectedApp-meta.xml", other), ("c/X.connectedApp", app())]);
    let read = folder.read();
    assert_eq!(read.apps.len(), 1);
    assert_eq!(read.apps[0].label.as_deref(), Some("Ledger"));
    let problems = folder.problems();
    assert_eq!(problems.len(), 1, "a copy is no contradiction: {problems:?}");
    assert!(
        problems[0].starts_with("b/x.connectedApp-meta.xml: describes the connected app \"x\", as "),
        "{problems:?}"
    );
    let twice = Folder::of(&[("a/F.ecaOauthPlcy", policies()), ("b/F.ecaOauthPlcy", policies())]);
    assert!(twice.problems()[0].contains("describes ExtlClntAppOauthConfigurablePolicies of the app \"Forms\""));
}

fn everything() -> Vec<PathBuf> {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let folders = ["configuration", "configuration-correct", "quiet/setup"];
    let walk = folders.iter().flat_map(|folder| walkdir::WalkDir::new(sample.join(folder)));
    let files = walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let mut files: Vec<PathBuf> = files.map(walkdir::DirEntry::into_path).collect();
    // Exports that are named themselves would be told not to be configuration.
    files.retain(|path| {
        path.extension().is_some_and(|ending| ending == "xml") || path.ends_with("ConnectedApplication.csv")
    });
    files
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// Nothing depends on the order in which files are given.
    #[test]
    fn order_does_not_matter(files in Just(everything()).prop_shuffle()) {
        let expected = Configuration::read(&everything()).unwrap();
        prop_assert_eq!(expected.files.len(), everything().len());
        prop_assert_eq!(format!("{:?}", Configuration::read(&files).unwrap()), format!("{expected:?}"));
    }
}
