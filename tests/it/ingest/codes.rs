//! Codes and labels are one thing, and paths are compared without what differs from call to call.

use tokentrail::batch::Role;
use tokentrail::value::{codes, endpoint, number};

use super::Read;

#[track_caller]
fn all_are(role: Role, label: &str, spellings: &[&str]) {
    for spelling in spellings.iter().chain([&label]) {
        assert_eq!(codes::spelled(role, spelling), Some(label), "{spelling}");
        assert_eq!(codes::is_known(role, spelling), Some(true), "{spelling}");
    }
}

/// `i` and `I`, `l` and `I`, `P` and `p` are different codes.
#[test]
fn codes_of_one_letter_are_compared_by_their_bytes() {
    all_are(Role::LoginType, "Remote Access 2.0", &["i", "Oauth2", "OAUTH2", "remote access 2.0"]);
    all_are(Role::LoginType, "Other Apex API", &["I", "OtherApi", "other apex api"]);
    all_are(Role::LoginType, "Networks Portal API Only", &["l", "NetworksPortalApiOnly"]);
    all_are(Role::LoginType, "Remote Access Client", &["6", "Oauth"]);
    all_are(Role::LoginType, "Application", &["A", "application"]);
    all_are(Role::LoginType, "SelfService", &["E", "SelfService"]);
    all_are(Role::LoginType, "Certificate-based login", &["s", "Certificate"]);
    for unknown in ["L", "a", "S", "0", "SYNC", "Oauth3"] {
        assert_eq!(codes::spelled(Role::LoginType, unknown), Some(unknown), "it stays visible");
        assert_eq!(codes::is_known(Role::LoginType, unknown), Some(false));
    }
    all_are(Role::ApiFamily, "SOAP Partner", &["P", "Soap Partner"]);
    all_are(Role::ApiFamily, "SOAP ClientSync", &["p"]);
    all_are(Role::ApiFamily, "SOAP Apex", &["S"]);
    all_are(Role::ApiFamily, "Live Agent", &["l"]);
    all_are(Role::ApiFamily, "SOAP Enterprise", &["E", "Soap Enterprise"]);
    all_are(Role::ApiFamily, "REST", &["REST API", "rest"]);
    all_are(Role::ApiFamily, "Bulk", &["Bulk API", "BULK"]);
    all_are(Role::ApiFamily, "ApexREST", &["ApexRest"]);
    assert_eq!(codes::is_known(Role::ApiFamily, "s"), Some(false));
}

#[test]
fn login_subtypes() {
    all_are(Role::LoginSubtype, "OAuth Username-Password", &["oauthpassword", "OauthUsernamePassword"]);
    all_are(Role::LoginSubtype, "OAuth Refresh Token", &["oauthrefreshtoken", "OauthRefreshToken"]);
    all_are(Role::LoginSubtype, "OAuth Client Credentials", &["oauthclientcredential", "oauthclientcredentials"]);
    all_are(Role::LoginSubtype, "OAuth User-Agent with ID Token", &["OauthUserAgentIdToken"]);
    all_are(Role::LoginSubtype, "OAuth Refresh Token for Hybrid Apps", &["oauthhybridrefreshtoken"]);
    all_are(Role::LoginSubtype, "UI Username-Password", &["UsernamePasswordUiLogin"]);
    assert_eq!(
        codes::spelled(Role::LoginSubtype, "OauthJwtBearer"),
        Some("OauthJwtBearer"),
        "nobody has seen that one"
    );
}

#[test]
fn login_statuses() {
    all_are(Role::Status, "Success", &["LOGIN_NO_ERROR", " success ", "SUCCESS"]);
    all_are(
        Role::Status,
        "Missing Consumer Key Parameter",
        &["LOGIN_OAUTH_NO_CONSUMER", "Failed: Missing Consumer Key Parameter"],
    );
    all_are(
        Role::Status,
        "Failed: Invalid Token",
        &["LOGIN_OAUTH_INVALID_TOKEN", "invalid token", "failed: INVALID TOKEN"],
    );
    all_are(Role::Status, "Restricted IP", &["LOGIN_ERROR_RESTRICTED_DOMAIN", "Failed: Restricted IP"]);
    all_are(Role::Status, "User is inactive", &["LOGIN_ERROR_USER_INACTIVE"]);
    all_are(Role::Status, "Failed: Not approved for access", &["not approved for access"]);
    all_are(Role::Status, "LOGIN_SAML_MISMATCH_CERT", &["login_saml_mismatch_cert"]);
    assert_eq!(codes::spelled(Role::Status, "Failed: of late"), Some("Failed: of late"));
    assert_eq!(codes::is_known(Role::Status, "LOGIN_ERROR_NEW"), Some(false));
    assert!(codes::is_success("LOGIN_NO_ERROR") && codes::is_success("success"));
    for other in ["", "LOGIN_ERROR_NEW", "Failed: Success story", "LOGIN_TWOFACTOR_REQ"] {
        assert!(!codes::is_success(other), "{other}");
    }
    assert_eq!(codes::is_known(Role::Client, "Chrome"), None, "no table, no verdict");
}

/// The code of one file and the label of another are the same login to a detector.
#[test]
fn files_and_queries_meet() {
    let file = "EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,SOURCE_IP,LOGIN_TYPE,LOGIN_SUB_TYPE,LOGIN_STATUS\nLogin,2025-08-17T11:00:00Z,0055j000000utlP,192.0.2.1,i,oauthrefreshtoken,LOGIN_NO_ERROR\n";
    let query = "LoginTime,UserId,SourceIp,LoginType,LoginSubType,Status\n2025-08-17T11:00:00Z,0055j000000utlP,192.0.2.1,Remote Access 2.0,OAuth Refresh Token,Success\n";
    let (file, query) = (Read::of("csv", file).clean(), Read::of("csv", query).clean());
    for role in [Role::LoginType, Role::LoginSubtype, Role::Status, Role::Use, Role::User, Role::Network] {
        assert_eq!(file.cells(role), query.cells(role), "{}", role.name());
    }
}

#[test]
fn endpoints() {
    let cases = [
        ("/services/data/v58.0/query?q=SELECT+Id+FROM+Account", "/query", "Query"),
        ("https://acme.my.salesforce.com/services/data/v62.0/queryAll/", "/queryAll", "QueryAll"),
        ("/v58.0/query/01gxx0000001234AAA-2000", "/query/{id}", "QueryMore"),
        ("/services/data/v62.0/query/01gTr0000000k3d-500", "/query/{id}", "QueryMore"),
        ("/services/data/v62.0/sobjects/Account/0055j000000utlPAAQ", "/sobjects/Account/{id}", "sobjects"),
        (
            "/services/data/v62.0/sobjects/CaseTeamMemberHistory__c/describe",
            "/sobjects/CaseTeamMemberHistory__c/describe",
            "sobjects/describe",
        ),
        ("/services/data/v62.0/sobjects", "/sobjects", "sobjects"),
        ("/services/data/v62.0/limits", "/limits", "limits"),
        ("/services/data/v62.0/jobs/query/0055j000000utlP/results", "/jobs/query/{id}/results", "jobs/query"),
        ("/services/data/v62.0/tooling/query", "/tooling/query", "tooling/query"),
        ("/services/async/62.0/job/0055j000000utlP/batch", "/services/async/job/{id}/batch", "async/job"),
        ("/services/apexrest/ledger/invoices#top", "/services/apexrest/ledger/invoices", "apexrest"),
        ("/services/oauth2/token", "/services/oauth2/token", "oauth2/token"),
        ("/services/data", "/", ""),
        ("describeSObjects", "describeSObjects", "describeSObjects"),
        ("", "", ""),
    ];
    for (given, normal, operation) in cases {
        assert_eq!(endpoint::normal(given), normal, "{given}");
        assert_eq!(endpoint::operation(normal).unwrap_or_default(), operation, "{given}");
        assert_eq!(endpoint::normal(normal), normal, "what is normal stays");
    }
    for name in ["describelayouts", "OpportunityLine", "AccountTeamMember2"] {
        assert_eq!(endpoint::normal(&format!("/sobjects/{name}")), format!("/sobjects/{name}"), "a name is no id");
    }
}

/// Where no column says what a call did, its path does; where one does, it counts.
#[test]
fn operations() {
    let header = "EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,METHOD,MEDIA_TYPE,URI\n";
    let row = |path: &str| format!("RestApi,2025-08-17T11:00:00Z,0055j000000utlP,GET,application/json,{path}\n");
    let text = header.to_owned() + &row("/services/data/v62.0/query") + &row("/services/data/v62.0/limits") + &row("");
    let read = Read::of("csv", text).clean();
    assert_eq!(read.cells(Role::Operation), ["Query", "limits", ""]);
    assert_eq!(read.cells(Role::Use), ["REST Query", "REST limits", "REST"]);
    assert_eq!(read.cells(Role::ApiFamily), ["REST"; 3]);
    let soap = "EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,API_TYPE,METHOD_NAME\nAPI,2025-08-17T11:00:00Z,0055j000000utlP,P,queryAll\nAPI,2025-08-17T11:00:00Z,0055j000000utlP,p,9999\n";
    let read = Read::of("csv", soap).clean();
    assert_eq!(read.cells(Role::Use), ["SOAP Partner QueryAll", "SOAP ClientSync"]);
}

#[test]
fn fractions_are_exact() {
    let cases = [
        ("45.523064", Some(45_523_064)),
        ("-122.676483", Some(-122_676_483)),
        ("0.1", Some(100_000)),
        ("9007199254740.993", Some(9_007_199_254_740_993_000)),
        ("12", Some(12_000_000)),
        ("+.5", Some(500_000)),
        ("1.23456789", Some(1_234_567)),
        ("1.5e2", Some(150_000_000)),
        ("-3E-6", Some(-3)),
        ("", None),
        (".", None),
        ("-", None),
        ("1.2.3", None),
        ("12a", None),
        ("NaN", None),
        ("inf", None),
        ("99999999999999999999", None),
    ];
    for (text, millionths) in cases {
        assert_eq!(number::millionths(text), millionths, "{text}");
    }
}
