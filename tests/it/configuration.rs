//! How apps are configured: every field of every family, wherever the files lie, and in whatever order they come.

mod families;
mod hostile;
mod places;
mod ranges;
mod rows;
mod sample;
mod words;

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokentrail::configuration::{AppConfiguration, Configuration};

/// Files in a folder of their own.
struct Folder(TempDir);

impl Folder {
    fn of<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.0.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self) -> Configuration {
        Configuration::read(&[self.0.path().to_owned()]).unwrap()
    }

    /// The problems, without the folder's name.
    fn problems(&self) -> Vec<String> {
        told(&self.read(), self.0.path())
    }
}

fn told(configuration: &Configuration, folder: &Path) -> Vec<String> {
    let folder = format!("{}/", folder.display());
    configuration.problems.iter().map(|problem| problem.to_string().replace(&folder, "")).collect()
}

/// Metadata of a root element.
fn metadata(root: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inside}</{root}>\n"
    )
}

/// The one app of a connected app's file.
fn connected_app(inside: &str) -> AppConfiguration {
    let folder = Folder::of(&[("Ledger_Sync.connectedApp-meta.xml", metadata("ConnectedApp", inside))]);
    let configuration = folder.read();
    assert_eq!(configuration.problems, [], "{inside}");
    let [app] = &configuration.apps[..] else { panic!("one app: {:?}", configuration.apps) };
    app.clone()
}
