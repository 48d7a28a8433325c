//! Apps as the organisation lists them, and who is given access to them; brought together with what metadata says.
//!
//! A row bears the label that metadata has, never its name; ids are in rows only. Where a row contradicts metadata, that
//! is told: the files may be older, or not what was deployed.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::Notes;
use super::rows::{Kind, Row};
use super::{AppConfiguration, AppKind, PermittedUsers, SessionLevel, Stated};
use crate::ingest::Problem;
use crate::value::{flag, id};

/// Rows, read.
#[derive(Default)]
pub(super) struct Listed {
    /// Apps by id.
    apps: BTreeMap<String, App>,
    /// Names of profiles and permission sets, by the app's id.
    access: BTreeMap<String, BTreeSet<String>>,
    /// Ids of users, by each name and the id of the permission set that they have.
    assigned: BTreeMap<String, BTreeSet<String>>,
}

#[derive(PartialEq)]
struct App {
    name: String,
    admin_approved: Stated<bool>,
    jwt_access_tokens: Stated<bool>,
    token_exchange: Stated<bool>,
    high_assurance: Stated<bool>,
    /// Without its unit, which rows do not have.
    refresh_period: Option<String>,
    file: String,
}

impl Listed {
    /// Takes the rows of a file.
    pub(super) fn take(&mut self, kind: Kind, rows: Vec<Row>, file: &str, notes: &mut Notes) {
        let object = match kind {
            Kind::Apps => "ConnectedApplication",
            Kind::Access => "SetupEntityAccess",
            Kind::Assignments => "PermissionSetAssignment",
        };
        for (index, row) in rows.into_iter().enumerate() {
            if cell(&row, "attributes.type").is_some_and(|says| !says.eq_ignore_ascii_case(object)) {
                continue;
            }
            let said = match kind {
                Kind::Apps => self.app(&row, file),
                Kind::Access => self.access(&row),
                Kind::Assignments => self.assignment(&row),
            };
            if let Err(what) = said {
                notes.note(format!("record {}: {what}", index + 1), "query it again; the row is not used");
            }
        }
    }

    fn app(&mut self, row: &Row, file: &str) -> Result<(), String> {
        let id = id_in(row, "id")?;
        let name = cell(row, "name").ok_or("Name is missing")?.to_owned();
        let app = App {
            name,
            admin_approved: yes_or_no(row, "optionsallowadminapprovedusersonly"),
            jwt_access_tokens: yes_or_no(row, "optionsappissuejwttokenenabled"),
            token_exchange: yes_or_no(row, "optionstokenexchangemanagebitenabled"),
            high_assurance: yes_or_no(row, "optionshassessionlevelpolicy"),
            refresh_period: refresh_period(row),
            file: file.to_owned(),
        };
        let first = self.apps.entry(id.clone()).or_insert(app);
        let again = cell(row, "name").unwrap_or_default();
        if first.name != again {
            return Err(format!("the app {id} is called {again:?} here, and {:?} in {}", first.name, first.file));
        }
        Ok(())
    }

    /// Access to something else than an app says nothing here.
    fn access(&mut self, row: &Row) -> Result<(), String> {
        let is_app = cell(row, "setupentitytype").is_none_or(|kind| kind.eq_ignore_ascii_case("ConnectedApplication"));
        let id = id_in(row, "setupentityid")?;
        if !is_app || !id::has_prefix(&id, "0H4") {
            return Ok(());
        }
        // A permission set that belongs to a profile has a made-up name; the profile's is what people know.
        let names = ["parent.profile.name", "parent.name", "parent.label", "parentid"];
        let Some(name) = names.iter().find_map(|column| cell(row, column)) else {
            return Err("Parent.Name is missing".to_owned());
        };
        self.access.entry(id).or_default().insert(name.to_owned());
        Ok(())
    }

    fn assignment(&mut self, row: &Row) -> Result<(), String> {
        let user = id_in(row, "assigneeid")?;
        let set = id_in(row, "permissionsetid")?;
        let names = ["permissionset.name", "permissionset.label"].into_iter().filter_map(|column| cell(row, column));
        for name in names.map(str::to_owned).chain([set]) {
            self.assigned.entry(name).or_default().insert(user.clone());
        }
        Ok(())
    }

    /// Who has which permission set.
    pub(super) fn take_assigned(&mut self) -> BTreeMap<String, BTreeSet<String>> {
        std::mem::take(&mut self.assigned)
    }

    /// Brings rows together with the apps of metadata; apps that only rows tell of are added.
    pub(super) fn join(self, apps: &mut Vec<AppConfiguration>, problems: &mut Vec<Problem>) {
        let described = apps.len();
        let mut taken = BTreeSet::new();
        for (id, row) in self.apps {
            let fits = fitting(&apps[..described], &id, &row.name);
            let index = match fits[..] {
                [index] if taken.insert(index) => index,
                _ => {
                    if !fits.is_empty() {
                        let what = format!("the app {:?} ({id}) goes by the name of another one", row.name);
                        problems.push(problem(
                            &row.file,
                            what,
                            "metadata is brought to one of them only: look at both",
                        ));
                    }
                    apps.push(AppConfiguration::unsaid(AppKind::RowOnly, &row.name));
                    apps.len() - 1
                }
            };
            tell(&mut apps[index], &id, row, problems);
        }
        for app in apps {
            let Some(names) = app.id.as_ref().and_then(|id| self.access.get(id)) else { continue };
            let mut assigned = names.clone();
            assigned.extend(app.assigned_to.known().cloned().unwrap_or_default());
            app.assigned_to = Stated::Known(assigned.into_iter().collect());
        }
    }
}

/// The apps of metadata that a row may be about: by id, else by label, else by name.
fn fitting(apps: &[AppConfiguration], id: &str, name: &str) -> Vec<usize> {
    let all = |fits: &dyn Fn(&AppConfiguration) -> bool| {
        let found = apps.iter().enumerate().filter(|(_, app)| fits(app)).map(|(index, _)| index);
        found.collect::<Vec<_>>()
    };
    let same = |other: &str| other.to_lowercase() == name.to_lowercase();
    let by_id = all(&|app| app.id.as_deref() == Some(id));
    if !by_id.is_empty() {
        return by_id;
    }
    let by_label = all(&|app| app.label.as_deref().is_some_and(same));
    if by_label.is_empty() { all(&|app| same(&app.name)) } else { by_label }
}

fn tell(app: &mut AppConfiguration, id: &str, row: App, problems: &mut Vec<Problem>) {
    let users = row
        .admin_approved
        .map(|approved| if approved { PermittedUsers::AdminApproved } else { PermittedUsers::SelfAuthorized });
    let contradicts =
        matches!((&app.permitted_users, &users), (Stated::Known(file), Stated::Known(row)) if file != row);
    if contradicts {
        let what = format!("says of the app {:?} other permitted users than its metadata does", row.name);
        problems.push(problem(
            &row.file,
            what,
            "metadata counts; one of them is not how the app is set up now: retrieve both again",
        ));
    }
    if matches!(app.permitted_users, Stated::Unsaid) {
        app.permitted_users = users;
    }
    if matches!(app.jwt_access_tokens, Stated::Unsaid) {
        app.jwt_access_tokens = row.jwt_access_tokens;
    }
    if matches!(app.token_exchange, Stated::Unsaid) {
        app.token_exchange = row.token_exchange;
    }
    if matches!(app.session_level, Stated::Unsaid) && row.high_assurance.is(&true) {
        app.session_level = Stated::Known(Some(SessionLevel::HighAssurance));
    }
    if let (Stated::Unsaid, Some(period)) = (&app.refresh_policy, row.refresh_period) {
        app.refresh_policy = Stated::Unknown(period);
    }
    app.id = Some(id.to_owned());
    app.files.push(row.file);
    app.files.sort();
}

/// A period of refresh tokens and from when on it counts. It may be hours, days or months: the unit is in no column.
fn refresh_period(row: &Row) -> Option<String> {
    let period = cell(row, "refreshtokenvalidityperiod").filter(|period| *period != "0")?;
    let since = match yes_or_no(row, "optionsrefreshtokenvaliditymetric") {
        Stated::Known(true) => "since the last use",
        Stated::Known(false) => "since it was issued",
        _ => "since a time that is not said",
    };
    Some(format!("{period} hours, days or months {since}"))
}

fn id_in(row: &Row, column: &str) -> Result<String, String> {
    let text = cell(row, column).ok_or_else(|| format!("{column} is missing"))?;
    id::canonical(text.as_bytes())
        .ok_or_else(|| format!("{column} is no id: {:?}", text.chars().take(40).collect::<String>()))
}

fn cell<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column).map(String::as_str).filter(|cell| !cell.is_empty())
}

fn yes_or_no(row: &Row, column: &str) -> Stated<bool> {
    match cell(row, column) {
        Some(text) if flag::is_yes(text) => Stated::Known(true),
        Some(text) if flag::is_no(text) => Stated::Known(false),
        Some(text) => Stated::Unknown(text.to_owned()),
        None => Stated::Unsaid,
    }
}

fn problem(file: &str, what: String, hint: &str) -> Problem {
    Problem { export: file.to_owned(), offset: None, what, hint: Some(hint.to_owned()) }
}
