//! `plan rollout`: which controls are asked of which app, what has to happen first, and in which order.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::tokentrail;

/// What an app of the vendor's organisation says of itself.
struct App {
    name: &'static str,
    callback: &'static str,
    scopes: &'static [&'static str],
    has_certificate: bool,
    /// Whether the four controls are on; nothing if the file does not say.
    controls: Option<bool>,
}

/// By JWT bearer alone.
const LICENCES: App = App {
    name: "Licence Keeper",
    callback: "https://login.salesforce.com/services/oauth2/success",
    scopes: &["Api"],
    has_certificate: true,
    controls: Some(false),
};
/// By the code flow, from the vendor's own servers.
const ROSTERLY: App = App {
    name: "Rosterly",
    callback: "https://rosterly.example/oauth/done",
    scopes: &["Api", "RefreshToken"],
    has_certificate: false,
    controls: Some(false),
};
/// Two integrations share it, one by JWT bearer and one by refresh token.
const TIDEWATER: App = App {
    name: "Tidewater Connect",
    callback: "tidewater://done",
    scopes: &["Api", "RefreshToken"],
    has_certificate: true,
    controls: Some(true),
};

impl App {
    fn metadata(&self) -> String {
        let flag = |name: &str, value: bool| format!("<{name}>{value}</{name}>");
        let flags = ["isPkceRequired", "isEnforceRefreshTokenTTL", "isRefreshTokenRotationEnabled"];
        let flags: String = flags.iter().map(|name| self.controls.map_or(String::new(), |on| flag(name, on))).collect();
        let scopes = format!("<scopes>{}</scopes>", self.scopes.join("</scopes><scopes>"));
        let sample = fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("sample-data/configuration/force-app/main/default/connectedApps")
                .join("Ledger_Sync.connectedApp-meta.xml"),
        );
        let sample = sample.unwrap();
        let certificate = &sample[sample.find("<certificate>").unwrap()..sample.find("</certificate>").unwrap()];
        let certificate = if self.has_certificate { format!("{certificate}</certificate>") } else { String::new() };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
             <ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>{}</label><oauthConfig>
             <callbackUrl>{}</callbackUrl>{certificate}{flags}{scopes}</oauthConfig>
             <oauthPolicy><refreshTokenPolicy>infinite</refreshTokenPolicy></oauthPolicy></ConnectedApp>",
            self.name, self.callback
        )
    }
}

/// Logins and calls: (app, user, address, login type, subtype, client of a call or nothing).
const TRACES: &[(&str, &str, &str, &str, &str)] = &[
    ("Licence Keeper", "licences", "192.0.2.7", "Remote Access 2.0", ""),
    ("Rosterly", "planner", "198.51.100.10", "Remote Access 2.0", "OAuth Refresh Token"),
    ("Rosterly", "planner", "198.51.100.11", "Remote Access 2.0", "OAuth Refresh Token"),
    ("Tidewater Connect", "billing", "192.0.2.20", "Remote Access 2.0", ""),
    ("Tidewater Connect", "crm", "203.0.113.5", "Remote Access 2.0", "OAuth Refresh Token"),
];

/// A vendor's organisation in a folder.
fn organisation(apps: &[App]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let metadata = folder.path().join("connectedApps");
    fs::create_dir(&metadata).unwrap();
    let mut register = String::new();
    for app in apps {
        let file = format!("{}.connectedApp-meta.xml", app.name.replace(' ', "_"));
        fs::write(metadata.join(file), app.metadata()).unwrap();
        writeln!(register, "[[app]]\nname = {:?}\nowner = \"vendor@example.com\"\npartner = true", app.name).unwrap();
    }
    fs::write(folder.path().join("apps.toml"), register).unwrap();
    let mut logins = "Id,UserId,LoginTime,LoginType,LoginSubType,SourceIp,Application,Status\n".to_owned();
    for (number, (app, user, address, kind, subtype)) in TRACES.iter().enumerate() {
        let user = format!("005Tr000000{user:0>8}").chars().take(18).collect::<String>();
        let time = format!("2026-03-0{}T08:00:00.000Z", number + 1);
        writeln!(logins, "0YaTr00000000{number:05},{user},{time},{kind},{subtype},{address},{app},Success").unwrap();
    }
    fs::write(folder.path().join("LoginHistory.csv"), logins).unwrap();
    folder
}

fn plan(folder: &TempDir, form: &str) -> String {
    let told = tokentrail(&["plan", "rollout", folder.path().to_str().unwrap(), "--print", form]);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{}", told.out);
    told.out
}

fn apps(folder: &TempDir) -> Vec<Value> {
    let plan: Value = serde_json::from_str(&plan(folder, "json")).unwrap();
    plan["apps"].as_array().unwrap().clone()
}

fn states(app: &Value) -> Vec<(&str, &str)> {
    let steps = app["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["control"].as_str().unwrap(), step["state"].as_str().unwrap())).collect()
}

#[track_caller]
fn step<'a>(app: &'a Value, control: &str) -> &'a Value {
    app["steps"].as_array().unwrap().iter().find(|step| step["control"] == control).unwrap()
}

#[test]
fn what_logs_in_by_jwt_alone_is_ready_for_everything_and_exempt_from_the_list() {
    let folder = organisation(&[LICENCES]);
    let app = &apps(&folder)[0];
    assert_eq!(app["pattern"], "jwt-only");
    let expected = [("pkce", "ready"), ("idle-limit", "ready"), ("allow-list", "exempt"), ("rotation", "ready")];
    assert_eq!(states(app), expected, "rotation comes last");
    let evidence = step(app, "allow-list")["evidence"].as_str().unwrap();
    assert!(evidence.contains("never gives a refresh token"), "{evidence}");
}

#[test]
fn what_refreshes_waits_for_its_owner_and_gets_a_list_of_addresses() {
    let folder = organisation(&[ROSTERLY]);
    let app = &apps(&folder)[0];
    assert_eq!((&app["pattern"], &app["owner"]), (&Value::from("code"), &Value::from("vendor@example.com")));
    let expected = [("pkce", "waiting"), ("idle-limit", "ready"), ("allow-list", "unknown"), ("rotation", "waiting")];
    assert_eq!(states(app), expected);
    let list = step(app, "allow-list")["actions"].to_string();
    assert!(list.contains("List 198.51.100.10/31 (2 of at most 256 addresses)."), "{list}");
    let rotation = step(app, "rotation")["actions"].to_string();
    assert!(rotation.contains("198.51.100.0/24") && rotation.contains("2 refreshes, last on 2026-03-03"), "{rotation}");
    assert!(app["warnings"].to_string().contains("cannot be turned off"), "{app}");
}

#[test]
fn a_shared_app_says_who_shares_it() {
    let folder = organisation(&[App { controls: Some(false), ..TIDEWATER }]);
    let app = &apps(&folder)[0];
    assert_eq!(app["pattern"], "mixed");
    assert!(app["warnings"].to_string().contains("reaches all of them at once"), "{app}");
    assert_eq!(step(app, "allow-list")["state"], "exempt", "its callback is a custom scheme");
    let rotation = step(app, "rotation")["actions"].to_string();
    assert!(rotation.contains("203.0.113.0/24") && !rotation.contains("192.0.2"), "JWT bearer has nothing to rotate");
}

#[test]
fn what_is_on_is_done_and_what_nobody_says_is_unknown() {
    let done = organisation(&[TIDEWATER]);
    let on = [("pkce", "on"), ("idle-limit", "on"), ("allow-list", "exempt"), ("rotation", "on")];
    assert_eq!(states(&apps(&done)[0]), on);
    let unsaid = organisation(&[App { callback: "", controls: None, ..ROSTERLY }]);
    let metadata = unsaid.path().join("connectedApps/Rosterly.connectedApp-meta.xml");
    fs::remove_file(metadata).unwrap();
    let app = &apps(&unsaid)[0];
    assert!(states(app).iter().all(|(_, state)| *state == "unknown"), "{app}");
}

#[test]
fn apps_of_ones_own_are_planned_for_when_asked() {
    let folder = organisation(&[LICENCES, ROSTERLY]);
    let register = folder.path().join("apps.toml");
    let text = fs::read_to_string(&register).unwrap().replacen("partner = true", "partner = false", 1);
    fs::write(&register, text).unwrap();
    assert_eq!(apps(&folder).len(), 1);
    let text = plan(&folder, "text");
    assert!(text.contains("1 app of your own is left out"), "{text}");
    let path = folder.path().to_str().unwrap();
    let all = tokentrail(&["plan", "rollout", path, "--print", "csv", "--all"]);
    assert_eq!(all.out.lines().count(), 1 + 2 * 4, "{}", all.out);
}

#[test]
fn names_out_of_metadata_do_nothing() {
    let name = "[x](http://evil.example) <b> | =1+1 \u{1b}[2J";
    let folder = organisation(&[ROSTERLY]);
    let (metadata, register) =
        (folder.path().join("connectedApps/Rosterly.connectedApp-meta.xml"), folder.path().join("apps.toml"));
    let escaped = "[x](http://evil.example) &lt;b&gt; | =1+1 &#x85;";
    let text = fs::read_to_string(&metadata).unwrap().replace("<label>Rosterly", &format!("<label>{escaped}"));
    fs::write(&metadata, text).unwrap();
    fs::write(register, "").unwrap();
    let markdown = plan(&folder, "markdown");
    assert!(markdown.contains(r"\[x\]\(http\:/") && !markdown.contains("<b>"), "{name}: {markdown}");
    assert!(!plan(&folder, "text").contains('\u{85}'));
}
