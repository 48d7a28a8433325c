//! Rows of `ConnectedApplication` and `SetupEntityAccess`: ids for apps of metadata, apps of which nothing else is known,
//! and who is given access.

use tokentrail::configuration::{AppKind, PermittedUsers, SessionLevel, Stated};

use super::{Folder, metadata};

const LEDGER: &str = "0H4Tr0001PKOQQ8KQP";
const HEADER: &str = "Id,Name,OptionsAllowAdminApprovedUsersOnly,OptionsHasSessionLevelPolicy,\
                      OptionsRefreshTokenValidityMetric,RefreshTokenValidityPeriod,OptionsAppIssueJwtTokenEnabled";

fn ledger(approved: &str) -> String {
    metadata(
        "ConnectedApp",
        &format!("<label>Ledger Sync</label><oauthConfig><isAdminApproved>{approved}</isAdminApproved></oauthConfig>"),
    )
}

#[test]
fn a_row_gives_an_app_its_id() {
    let csv = format!("{HEADER}\n{LEDGER},ledger sync,true,false,false,,\n");
    let json = format!(
        "{{\"status\":0,\"result\":{{\"totalSize\":1,\"done\":true,\"records\":[{{\"attributes\":{{\"type\":\"ConnectedApplication\"}},\
         \"Id\":\"{}\",\"Name\":\"Ledger Sync\",\"OptionsAllowAdminApprovedUsersOnly\":true,\"RefreshTokenValidityPeriod\":null}}]}}}}",
        &LEDGER[..15]
    );
    let rest = json.replace("{\"status\":0,\"result\":", "").replace("}]}}", "}]}");
    let line =
        format!("{{\"Id\":\"{LEDGER}\",\"Name\":\"Ledger Sync\",\"OptionsAllowAdminApprovedUsersOnly\":\"true\"}}\n");
    for (name, rows) in [("apps.csv", &csv), ("apps.json", &json), ("rest.json", &rest), ("apps.ndjson", &line)] {
        let folder = Folder::of(&[("Ledger_Sync.connectedApp-meta.xml", &ledger("true")), (name, rows)]);
        assert_eq!(folder.problems(), [""; 0], "{name}");
        let read = folder.read();
        let [app] = &read.apps[..] else { panic!("{name}: {:?}", read.apps) };
        assert_eq!((app.kind, app.id.as_deref()), (AppKind::ConnectedApp, Some(LEDGER)), "{name}");
        assert_eq!(app.files.len(), 2, "{name}");
    }
}

#[test]
fn an_app_may_be_known_by_its_row_only() {
    let csv = format!(
        "{HEADER}\n{LEDGER},Ledger Sync,true,true,true,30,true\n0H4Tr0001PKZcHeKQL,Mailbridge,false,false,false,,\n"
    );
    let read = Folder::of(&[("apps.csv", csv)]).read();
    let [ledger, mail] = &read.apps[..] else { panic!("{:?}", read.apps) };
    assert_eq!((ledger.kind, ledger.name.as_str()), (AppKind::RowOnly, "Ledger Sync"));
    assert_eq!(ledger.permitted_users, Stated::Known(PermittedUsers::AdminApproved));
    assert_eq!(ledger.session_level, Stated::Known(Some(SessionLevel::HighAssurance)));
    assert_eq!(ledger.jwt_access_tokens, Stated::Known(true));
    assert_eq!(ledger.refresh_policy, Stated::Unknown("30 hours, days or months since the last use".to_owned()));
    assert_eq!(ledger.scopes, Stated::Unsaid, "no column says it");
    assert_eq!(mail.permitted_users, Stated::Known(PermittedUsers::SelfAuthorized));
    assert_eq!((&mail.session_level, &mail.refresh_policy), (&Stated::Unsaid, &Stated::Unsaid));
}

/// `AppMenuItem` calls apps by other ids.
#[test]
fn rows_of_other_objects_are_passed_over() {
    let item = "{\"attributes\": {\"type\": \"AppMenuItem\"}, \"Id\": \"0DSTr0001EPKDzhOQH\", \"Name\": \"A\", \"Type\": \"ConnectedApplication\"}";
    let app =
        format!("{{\"attributes\": {{\"type\": \"ConnectedApplication\"}}, \"Id\": \"{LEDGER}\", \"Name\": \"A\"}}");
    let folder = Folder::of(&[("items.json", format!("[{item}]")), ("both.json", format!("[{item}, {app}]"))]);
    let read = folder.read();
    assert_eq!((read.files.len(), read.apps.len()), (1, 1), "{read:?}");
    assert_eq!(read.apps[0].id.as_deref(), Some(LEDGER));
}

#[test]
fn metadata_counts_where_a_row_contradicts_it() {
    let csv = format!("{HEADER}\n{LEDGER},Ledger Sync,false,false,false,,\n");
    let folder = Folder::of(&[("Ledger_Sync.connectedApp-meta.xml", ledger("true")), ("apps.csv", csv)]);
    assert_eq!(folder.read().apps[0].permitted_users, Stated::Known(PermittedUsers::AdminApproved));
    let problems = folder.problems();
    assert!(problems[0].starts_with("apps.csv: says of the app \"Ledger Sync\" other permitted users"), "{problems:?}");
}

#[test]
fn a_name_that_two_apps_bear_is_told() {
    let csv = format!("{HEADER}\n{LEDGER},Ledger Sync,true,,,,\n0H4Tr0001PKZcHeKQL,Ledger Sync,true,,,,\n");
    let folder = Folder::of(&[("Ledger_Sync.connectedApp-meta.xml", ledger("true")), ("apps.csv", csv)]);
    let kinds: Vec<AppKind> = folder.read().apps.iter().map(|app| app.kind).collect();
    assert_eq!(kinds, [AppKind::ConnectedApp, AppKind::RowOnly]);
    assert!(folder.problems()[0].contains("goes by the name of another one"), "{:?}", folder.problems());
}

#[test]
fn access_is_given_by_profiles_and_permission_sets() {
    let apps = format!("{HEADER}\n{LEDGER},Ledger Sync,true,,,,\n");
    let access = format!(
        "Id,ParentId,Parent.Name,Parent.Profile.Name,SetupEntityId,SetupEntityType\n\
         0J0,0PS1,X00ex18,Sales,{LEDGER},ConnectedApplication\n0J1,0PS2,Ledger_User,,{LEDGER},ConnectedApplication\n\
         0J2,0PS2,Ledger_User,,01pTr0000012345,ApexClass\n"
    );
    let folder = Folder::of(&[
        ("Ledger_Sync.connectedApp-meta.xml", ledger("true")),
        ("Sales.profile", metadata("Profile", "")),
        ("apps.csv", apps),
        ("access.csv", access),
    ]);
    assert_eq!(folder.problems(), [""; 0]);
    let read = folder.read();
    let expected = vec!["Ledger_User".to_owned(), "Sales".to_owned()];
    assert_eq!(read.apps[0].assigned_to, Stated::Known(expected));
    assert_eq!(read.profiles["Sales"].apps, ["Ledger_Sync"]);
}

#[test]
fn rows_that_do_not_read_are_told() {
    let csv = format!("{HEADER}\nnobody,A,true,,,,\n{LEDGER},,true,,,,\n,B,true,,,,\n{LEDGER},Ledger Sync,true,,,,\n");
    let folder = Folder::of(&[("apps.csv", csv.as_bytes())]);
    let problems = folder.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(
        problems.iter().any(|problem| problem.starts_with("apps.csv: record 1: id is no id: \"nobody\"")),
        "{problems:?}"
    );
    assert_eq!(folder.read().apps.len(), 1);
    for (name, text, why) in [
        ("apps.csv", format!("{HEADER}\n{LEDGER},A\n").into_bytes(), "record 1: has another number of cells"),
        ("apps.json", b"{\"Name\": \"OptionsAllowAdminApprovedUsersOnly".to_vec(), "is not JSON"),
        ("apps.csv", [HEADER.as_bytes(), b"\n\xff\n"].concat(), "is not UTF-8"),
    ] {
        let problems = Folder::of(&[(name, text)]).problems();
        assert!(problems[0].contains(why), "{why}: {problems:?}");
    }
}
