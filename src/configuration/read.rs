//! From paths to a [`Configuration`]: files by what is in them, apps from all files that tell of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::client_app::{self, Part};
use super::files::{File, Files, Kind, stem};
use super::listed::Listed;
use super::notes::Notes;
use super::{AppConfiguration, Configuration, OrgSettings, Stated, connected_app, organisation, rows, xml};
use crate::error::Error;
use crate::ingest::Problem;

impl Configuration {
    /// Reads what files, folders and zip archives say: metadata as `sf project retrieve start` or a Metadata API
    /// retrieval leaves it, and rows of `ConnectedApplication` and `SetupEntityAccess`. The order of paths and files
    /// does not matter. Files that hold something else are passed over; files that cannot be read, and words in them
    /// that are not known, are [`Configuration::problems`].
    ///
    /// # Errors
    /// If there is nothing of it under any path, and nothing wrong that would say why.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let found = Self::found(paths);
        if found.files.is_empty() && found.problems.is_empty() {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            return Err(Error::NoConfiguration(paths.join(", ")));
        }
        Ok(found)
    }

    /// The same, where exports without metadata will do.
    pub fn found(paths: &[PathBuf]) -> Self {
        let (mut files, problems) = Files::find(paths);
        let mut found = Found { problems, ..Found::default() };
        let mut problems = Vec::new();
        files.each(|file| found.take(file), &mut problems);
        found.problems.append(&mut problems);
        found.finish()
    }
}

/// What is read so far.
#[derive(Default)]
struct Found {
    configuration: Configuration,
    parts: Vec<Part>,
    listed: Listed,
    /// The files that profiles and settings are from, by what they say.
    said_by: BTreeMap<(&'static str, String), String>,
    problems: Vec<Problem>,
}

impl Found {
    fn take(&mut self, file: File) {
        let mut notes = Notes::new(&file.name);
        if let Kind::Rows(kind) = file.kind {
            self.rows(kind, &file, &mut notes);
        } else {
            match xml::parse(&file.bytes) {
                Ok(root) => self.metadata(&file, root, &mut notes),
                Err(xml::Refused { offset, what, hint }) => {
                    let hint = Some(hint.to_owned());
                    self.problems.push(Problem { export: file.name.clone(), offset, what, hint });
                }
            }
        }
        self.problems.append(&mut notes.problems);
        self.configuration.files.insert(file.name, file.sha256);
    }

    fn rows(&mut self, kind: rows::Kind, file: &File, notes: &mut Notes) {
        let rows = match std::str::from_utf8(&file.bytes) {
            Ok(text) => rows::read(text),
            Err(_) => Err("is not UTF-8".to_owned()),
        };
        match rows {
            Ok(rows) => self.listed.take(kind, rows, &file.name, notes),
            Err(why) => notes.note(why, "export it again; as it is, none of its rows is used"),
        }
    }

    fn metadata(&mut self, file: &File, root: xml::Element, notes: &mut Notes) {
        let name = stem(&file.name);
        match file.kind {
            Kind::ConnectedApp => {
                if self.is_first("connected app", &name, file, notes) {
                    let app = connected_app::read(&root, &name, notes);
                    self.configuration.apps.push(AppConfiguration { files: vec![file.name.clone()], ..app });
                }
            }
            Kind::ClientApp(kind) => self.parts.push(Part::new(kind, root, &name, &file.name)),
            Kind::Profile => {
                if self.is_first("profile", &name, file, notes) {
                    let profile = organisation::profile(&root, &file.name, notes);
                    self.configuration.profiles.insert(name, profile);
                }
            }
            Kind::Security => {
                if self.is_first("settings", "security", file, notes) {
                    let OrgSettings { continuous_enforcement, network_access, session_timeout, .. } =
                        organisation::security(&root, notes);
                    let org = &mut self.configuration.org;
                    (org.continuous_enforcement, org.network_access) = (continuous_enforcement, network_access);
                    org.session_timeout = session_timeout;
                }
            }
            Kind::Oauth => {
                if self.is_first("settings", "oauth", file, notes) {
                    let said = organisation::oauth(&root, notes);
                    self.configuration.org.blocks_username_password = said.blocks_username_password;
                    self.configuration.org.blocks_user_agent = said.blocks_user_agent;
                }
            }
            Kind::Rows(_) => {}
        }
    }

    /// Whether no earlier file says how this one is configured. Files come by name, so that the order of paths does not
    /// matter.
    fn is_first(&mut self, what: &'static str, name: &str, file: &File, notes: &mut Notes) -> bool {
        let Some(earlier) = self.said_by.get(&(what, name.to_lowercase())) else {
            self.said_by.insert((what, name.to_lowercase()), file.name.clone());
            return true;
        };
        // The same file in two places is no contradiction.
        if self.configuration.files.get(earlier) != Some(&file.sha256) || file.name.contains('!') {
            let what = format!("describes the {what} {name:?}, as {earlier} does: that one counts");
            notes.note(what, "give one version of each");
        }
        false
    }

    fn finish(self) -> Configuration {
        let Self { mut configuration, parts, mut listed, mut problems, .. } = self;
        let (client_apps, wrong) = client_app::join(parts);
        configuration.apps.extend(client_apps);
        problems.extend(wrong);
        configuration.assigned = listed.take_assigned();
        listed.join(&mut configuration.apps, &mut problems);
        configuration
            .apps
            .sort_by(|left, right| (left.kind, &left.name, &left.id).cmp(&(right.kind, &right.name, &right.id)));
        for app in &configuration.apps {
            let Stated::Known(assigned) = &app.assigned_to else { continue };
            for (name, profile) in &mut configuration.profiles {
                if assigned.iter().any(|one| one.eq_ignore_ascii_case(name)) {
                    profile.apps.push(app.name.clone());
                }
            }
        }
        problems.sort();
        problems.dedup();
        configuration.problems = problems;
        configuration
    }
}
