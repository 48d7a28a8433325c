//! Findings that belong together, and findings that somebody expects.

use tokentrail::detectors;
use tokentrail::exceptions::{EXPIRED, Exceptions};
use tokentrail::finding::{Finding, Named, Score, Severity, Subject};
use tokentrail::incident::{Incident, incidents};
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

const START: i64 = 1_755_000_000_000_000;

/// A finding of a detector about an app and a user, so many days after the start.
fn finding(detector: &'static str, severity: Severity, day: i64, app: Option<&str>, user: Option<&str>) -> Finding {
    assert!(detectors::find(detector).is_some(), "{detector}");
    let named = |name: &str| Named { id: None, name: Some(name.to_owned()) };
    let key = format!("{detector} {severity:?} {day} {app:?} {user:?}");
    Finding {
        id: uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, key.as_bytes()),
        detector,
        detector_version: 1,
        title: "",
        severity,
        score: Score { total: 1, parts: Vec::new() },
        techniques: &["T1078.004"],
        subject: Subject { app: app.map(named), user: user.map(named), ..Subject::default() },
        first: Time(START + day * DAY),
        last: Time(START + day * DAY),
        count: 1,
        seen: Vec::new(),
        judged_by: Vec::new(),
        sentence: format!("{detector} on day {day}"),
        next_step: String::new(),
        evidence: Vec::new(),
        evidence_total: 0,
    }
}

fn with_address(mut finding: Finding, address: &str) -> Finding {
    finding.subject.address = Some(address.to_owned());
    finding
}

fn sizes(incidents: &[Incident]) -> Vec<usize> {
    incidents.iter().map(|incident| incident.findings.len()).collect()
}

#[test]
fn findings_about_one_app_and_user_within_a_week_belong_together() {
    let of = |day, user| finding("app-new-network", Severity::Medium, day, Some("Drift"), Some(user));
    assert_eq!(sizes(&incidents(&[of(0, "mia"), of(7, "mia")])), [2]);
    assert_eq!(sizes(&incidents(&[of(0, "mia"), of(8, "mia")])), [1, 1]);
    assert_eq!(sizes(&incidents(&[of(0, "mia"), of(1, "ben")])), [1, 1]);
    let at = |day, user| with_address(of(day, user), "208.68.36.90");
    assert_eq!(sizes(&incidents(&[at(0, "mia"), at(1, "ben")])), [2]);
    // The usual address of an office ties nobody to anybody; one that is news does.
    let office = |detector, user| {
        with_address(finding(detector, Severity::Medium, 1, Some("Loader"), Some(user)), "203.0.113.10")
    };
    assert_eq!(sizes(&incidents(&[office("query-harvest", "mia"), office("query-harvest", "ben")])), [1, 1]);
    assert_eq!(sizes(&incidents(&[office("query-harvest", "mia"), office("address-listed", "ben")])), [2]);
    // An app that is news ties its users, one that everybody uses does not.
    let of_app = |detector, user| finding(detector, Severity::Medium, 1, Some("Portal"), user);
    assert_eq!(
        sizes(&incidents(&[of_app("query-harvest", Some("mia")), of_app("query-harvest", Some("ben"))])),
        [1, 1]
    );
    let new = of_app("app-new-grant", None);
    assert_eq!(
        sizes(&incidents(&[new, of_app("query-harvest", Some("mia")), of_app("query-harvest", Some("ben"))])),
        [3]
    );
    // A long finding reaches as far as its last event.
    let long = Finding { last: Time(START + 5 * DAY), ..of(0, "mia") };
    assert_eq!(sizes(&incidents(&[long, of(1, "mia"), of(12, "mia")])), [3]);
}

#[test]
fn what_holds_now_ties_nothing_together() {
    let idle = finding("token-idle", Severity::Medium, 0, Some("Drift"), Some("mia"));
    assert!(incidents(&[idle]).is_empty());
}

#[test]
fn kinds_of_evidence_count_and_not_findings() {
    let network = |day| finding("app-new-network", Severity::Medium, day, Some("Drift"), Some("mia"));
    let mut many: Vec<Finding> = (0..6).map(network).collect();
    let [one] = incidents(&many).try_into().unwrap();
    assert_eq!((one.severity, one.score), (Severity::Medium, 30));
    // Another detector of the same kind adds to it, but not without end.
    let others = ["address-listed", "app-new-provider", "app-new-country", "app-alternating-networks"];
    many.extend(others.map(|detector| finding(detector, Severity::Medium, 6, Some("Drift"), Some("mia"))));
    let [one] = incidents(&many).try_into().unwrap();
    assert_eq!((one.severity, one.score), (Severity::High, 70));
    assert_eq!(one.parts.into_iter().collect::<Vec<_>>(), [("network", 70)]);
    // A second kind of some weight makes it critical.
    let used = finding("scope-first-use", Severity::Medium, 6, Some("Drift"), Some("mia"));
    let [two] = incidents(&[many.as_slice(), &[used]].concat()).try_into().unwrap();
    assert_eq!((two.severity, two.score), (Severity::Critical, 79));
    // A second kind of no weight does not.
    let used = finding("scope-first-use", Severity::Low, 6, Some("Drift"), Some("mia"));
    let [two] = incidents(&[many.as_slice(), &[used]].concat()).try_into().unwrap();
    assert_eq!(two.severity, Severity::High);
    // However many small things there are, they are at most one step worse than one of them.
    let others =
        ["app-new-network", "app-new-client", "scope-first-use", "query-harvest", "login-new-type", "jwt-replay"];
    let small = others.map(|detector| finding(detector, Severity::Low, 0, Some("Drift"), Some("mia")));
    let all = &incidents(&small)[0];
    assert_eq!((all.severity, all.score), (Severity::Medium, 46));
    // Nor does an incident say less than its gravest finding.
    let grave = finding("app-new-network", Severity::Critical, 0, Some("Drift"), Some("mia"));
    assert_eq!(incidents(&[grave])[0].severity, Severity::Critical);
}

#[test]
fn an_incident_keeps_its_id_as_findings_come() {
    let of = |day| finding("app-new-network", Severity::Medium, day, Some("Drift"), Some("mia"));
    let ids: Vec<uuid::Uuid> = (1..5).map(|days| incidents(&(0..days).map(of).collect::<Vec<_>>())[0].id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    let incident = &incidents(&(0..3).map(of).collect::<Vec<_>>())[0];
    assert_eq!((incident.first, incident.last), (Time(START), Time(START + 2 * DAY)));
    assert_eq!(incident.story[1], format!("{} app-new-network on day 1", Time(START + DAY)));
}

#[test]
fn the_gravest_incident_is_first() {
    let of = |severity, user| finding("app-new-network", severity, 0, Some("Drift"), Some(user));
    let all = incidents(&[of(Severity::Low, "a"), of(Severity::High, "b"), of(Severity::Medium, "c")]);
    let severities: Vec<Severity> = all.iter().map(|incident| incident.severity).collect();
    assert_eq!(severities, [Severity::High, Severity::Medium, Severity::Low]);
}

fn exceptions(text: &str) -> Result<Exceptions, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exceptions.toml");
    std::fs::write(&path, text).unwrap();
    Exceptions::read(&path).map_err(|error| error.to_string())
}

const MOVED: &str = r#"
[[exception]]
detector = "app-new-network"
app = "Drift"
address = "208.68.36.0/24"
reason = "the vendor moved"
owner = "ops@acme.example"
expires = "2025-08-20"
"#;

#[test]
fn an_expected_finding_is_counted_and_not_told() {
    let of =
        |app, address| with_address(finding("app-new-network", Severity::High, 0, Some(app), Some("mia")), address);
    let findings = vec![of("Drift", "208.68.36.90"), of("Drift", "208.68.37.90"), of("Klue", "208.68.36.90")];
    let moved = exceptions(MOVED).unwrap();
    let last_moment = Time::parse(b"2025-08-20T23:59:59.999Z", None).unwrap();
    let sifted = moved.sift(findings.clone(), last_moment);
    assert_eq!(sifted.findings, findings[1..]);
    assert_eq!(sifted.excepted, [(findings[0].clone(), "the vendor moved".to_owned())]);
    // Another detector's finding about the same is none of it.
    let other = with_address(finding("scope-first-use", Severity::Low, 0, Some("Drift"), None), "208.68.36.90");
    assert_eq!(moved.sift(vec![other.clone()], last_moment).findings, [other]);
}

#[test]
fn an_expired_exception_is_a_finding() {
    let of = |day| with_address(finding("app-new-network", Severity::High, day, Some("Drift"), None), "208.68.36.90");
    let now = Time::parse(b"2025-08-21T00:00:00Z", None).unwrap();
    let moved = exceptions(MOVED).unwrap();
    let sifted = moved.sift(vec![of(0), of(1)], now);
    assert!(sifted.excepted.is_empty());
    let [first, second, expired] = sifted.findings.try_into().unwrap();
    assert_eq!((first, second), (of(0), of(1)));
    assert_eq!((expired.detector, expired.count, expired.severity), (EXPIRED, 2, Severity::Low));
    assert!(expired.sentence.contains("expired after 2025-08-20"), "{}", expired.sentence);
    // Where it would not apply, nobody needs to be told.
    assert!(moved.sift(Vec::new(), now).findings.is_empty());
}

#[test]
fn a_wrong_exception_is_named() {
    let wrong = |from: &str, to: &str| exceptions(&MOVED.replace(from, to)).unwrap_err();
    assert!(wrong("app-new-network", "app-new-netwrk").contains("exception 1: no detector and no check is called"));
    assert!(wrong("2025-08-20", "2025-08-32").contains("is not a day"));
    assert!(wrong("208.68.36.0/24", "208.68.36.0/33").contains("neither an address nor a network"));
    assert!(wrong("app = \"Drift\"\naddress = \"208.68.36.0/24\"\n", "").contains("it fits everything"));
    assert!(wrong("owner = \"ops@acme.example\"\n", "").contains("owner"));
}
