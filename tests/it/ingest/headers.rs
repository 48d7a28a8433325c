//! What columns are called: generations of event log files, and what exporters make of names.

use tokentrail::batch::Role;
use tokentrail::schema::{Schemas, match_key};

use super::Read;

/// Headers of `Login` files as found: 26 columns of 2022, 28 of 2023, 31 of 2024, 34 of 2025, 35 of 2026.
fn login_generations() -> Vec<String> {
    let start = "EVENT_TYPE,TIMESTAMP,REQUEST_ID,ORGANIZATION_ID,USER_ID,RUN_TIME,CPU_TIME,URI,SESSION_KEY,LOGIN_KEY,USER_TYPE,REQUEST_STATUS,DB_TOTAL_TIME";
    let end = "TIMESTAMP_DERIVED,USER_ID_DERIVED,CLIENT_IP,URI_ID_DERIVED,LOGIN_STATUS,SOURCE_IP";
    let kind = "BROWSER_TYPE,API_TYPE,API_VERSION,USER_NAME,TLS_PROTOCOL,CIPHER_SUITE";
    let reference = "AUTHENTICATION_METHOD_REFERENCE";
    let more = "USE_API_TOKEN,HTTP_REFERER,LOGIN_URL,COUNTRY_CODE";
    vec![
        format!("{start},{kind},{reference},{end}"),
        format!("{start},LOGIN_TYPE,{kind},{reference},LOGIN_SUB_TYPE,{end}"),
        format!(
            "{start},LOGIN_TYPE,{kind},LOGIN_URL,{reference},LOGIN_SUB_TYPE,AUTHENTICATION_SERVICE_ID,{end},FORWARDED_FOR_IP"
        ),
        format!(
            "{start},LOGIN_TYPE,{kind},{more},{reference},LOGIN_SUB_TYPE,AUTHENTICATION_SERVICE_ID,{end},FORWARDED_FOR_IP"
        ),
        format!(
            "{start},LOGIN_TYPE,{kind},{more},{reference},AUTHENTICATION_CONTEXT_CLASS_REFERENCE,LOGIN_SUB_TYPE,AUTHENTICATION_SERVICE_ID,{end},FORWARDED_FOR_IP"
        ),
    ]
}

/// A row below a header, with these cells and empty ones.
fn below(header: &str, cells: &[(&str, &str)]) -> String {
    let cell = |name: &str| cells.iter().find(|(known, _)| *known == name).map_or("", |(_, cell)| *cell);
    let row: Vec<String> = header.split(',').map(|name| format!("\"{}\"", cell(name))).collect();
    format!("{}\n{}\n", header.replace(',', "\",\"").replace("EVENT_TYPE", "\"EVENT_TYPE") + "\"", row.join(","))
}

#[test]
fn generations_of_login_files() {
    let lengths: Vec<usize> = login_generations().iter().map(|header| header.split(',').count()).collect();
    assert_eq!(lengths, [26, 28, 31, 34, 35]);
    for header in login_generations() {
        let text = below(
            &header,
            &[
                ("EVENT_TYPE", "Login"),
                ("TIMESTAMP", "20250817110003.509"),
                ("USER_ID", "0055j000000utlP"),
                ("USER_NAME", "mia@acme.example"),
                ("URI", "\"\"/services/oauth2/token\"\""),
                ("LOGIN_TYPE", "i"),
                ("LOGIN_SUB_TYPE", "oauthrefreshtoken"),
                ("BROWSER_TYPE", "Go-http-client/1.1"),
                ("API_VERSION", "9998.0"),
                ("CLIENT_IP", "Salesforce.com IP"),
                ("SOURCE_IP", "192.0.2.7"),
                ("LOGIN_STATUS", "LOGIN_NO_ERROR"),
            ],
        );
        let read = Read::of("csv", text).clean();
        assert!(read.counts["Login"].unknown_columns.is_empty());
        let row = &read.rows[0];
        let is = [Role::Time, Role::User, Role::SourceIp, Role::Status, Role::Client, Role::Endpoint]
            .map(|role| row.cell(role));
        let should = [
            "2025-08-17T11:00:03.509Z",
            "0055j000000utlPAAQ",
            "192.0.2.7",
            "Success",
            "Go-http-client/1.1",
            "/services/oauth2/token",
        ];
        assert_eq!(is, should);
        let dated = header.contains("LOGIN_TYPE");
        assert_eq!(row.cell(Role::LoginType), if dated { "Remote Access 2.0" } else { "" });
        assert_eq!(row.cell(Role::LoginSubtype), if dated { "OAuth Refresh Token" } else { "" });
    }
}

/// The documents spell the columns of bots otherwise than the files.
#[test]
fn generations_of_api_total_usage() {
    let of_2023 = "EVENT_TYPE,TIMESTAMP,REQUEST_ID,ORGANIZATION_ID,USER_ID,API_FAMILY,API_VERSION,API_RESOURCE,CLIENT_NAME,HTTP_METHOD,CLIENT_IP,COUNTS_AGAINST_API_LIMIT,CONNECTED_APP_ID,ENTITY_NAME,STATUS_CODE,TIMESTAMP_DERIVED";
    let of_2025 = of_2023.replace("STATUS_CODE", "STATUS_CODE,CONNECTED_APP_NAME,USER_NAME");
    let of_2026 = of_2025.replace("USER_NAME", "USER_NAME,API_CLIENT_CATEGORY,BOT_ID,BOT_SESSION_ID,PLANNER_ID");
    let documented = of_2025
        .replace("USER_NAME", "USER_NAME,API_CLIENT_CATEGORY,BOT_IDENTIFIER,BOT_SESSION_IDENTIFIER,PLANNER_IDENTIFIER");
    for header in [of_2023.to_owned(), of_2025, of_2026, documented] {
        let cells = [
            ("EVENT_TYPE", "ApiTotalUsage"),
            ("TIMESTAMP_DERIVED", "2025-08-17T11:00:03.509Z"),
            // The derived time goes first.
            ("TIMESTAMP", "20250817110003.000"),
            ("USER_ID", "0055j000000utlP"),
            ("API_FAMILY", "REST"),
            ("API_RESOURCE", "/v58.0/query"),
            ("HTTP_METHOD", "GET"),
            ("CONNECTED_APP_ID", "0H468000000kPN4"),
            ("CONNECTED_APP_NAME", "Northwind BI"),
            ("ENTITY_NAME", "Account;Contact;Account"),
            ("STATUS_CODE", "200"),
        ];
        let read = Read::of("csv", below(&header, &cells)).clean();
        assert!(read.counts["ApiTotalUsage"].unknown_columns.is_empty());
        let roles =
            [Role::Time, Role::App, Role::Endpoint, Role::Operation, Role::Use, Role::Objects, Role::StatusCode];
        let is = roles.map(|role| read.rows[0].cell(role));
        let id = tokentrail::value::id::canonical(b"0H468000000kPN4").unwrap();
        assert_eq!(is, ["2025-08-17T11:00:03.509Z", &id, "/query", "Query", "REST Query", "Account, Contact", "200"]);
    }
}

/// The queryable objects and Data Cloud hold the same events under other names.
#[test]
fn event_log_objects_are_the_same_by_spelling() {
    let object = r#"[{"attributes":{"type":"ApiTotalUsageEventLog"},"Timestamp":"2025-08-17T11:00:03.509+0000","UserIdentifier":"0055j000000utlP","ConnectedAppIdentifier":"0H4Tr0001PKSuDhKQL","ApiFamily":"REST","ApiResource":"/v58.0/query","ClientIp":"192.0.2.7","HttpMethod":"GET","IsApiLimitCounted":true,"RequestIdentifier":"4lGJ1R0ZSWVXwFl1cJIRH-","ObjectName":"Account","StatusCode":"200","InternalOrganizationId":"00D5j000000VI3n"}]"#;
    let cloud = "std__Timestamp__c,std__UserIdentifier__c,std__ConnectedAppIdentifier__c,std__ApiFamily__c,std__ApiResource__c,std__ClientIp__c,std__HttpMethod__c,std__IsApiLimitCounted__c,std__RequestIdentifier__c,std__ObjectName__c,std__StatusCode__c,std__InternalOrganizationId__c\n\
                 2025-08-17T11:00:03.509Z,0055j000000utlP,0H4Tr0001PKSuDhKQL,REST,/v58.0/query,192.0.2.7,GET,true,4lGJ1R0ZSWVXwFl1cJIRH-,Account,200,00D5j000000VI3n\n";
    let bare = cloud.replace("std__", "");
    let reads = [Read::of("json", object).clean(), Read::of("csv", cloud).clean(), Read::of("csv", bare).clean()];
    for read in &reads {
        assert!(read.counts["ApiTotalUsage"].unknown_columns.is_empty(), "{:?}", read.counts);
        assert_eq!(read.rows[0].cells, reads[0].rows[0].cells);
    }
    let row = &reads[0].rows[0];
    for role in
        [Role::Time, Role::User, Role::App, Role::SourceIp, Role::RequestId, Role::Objects, Role::Org, Role::Method]
    {
        assert!(!row.cell(role).is_empty(), "{}", role.name());
    }
    let schemas = Schemas::embedded().unwrap();
    let called = |name: &str| schemas.called(name).map(|schema| schema.event_type.clone()).unwrap_or_default();
    for (name, event_type) in [
        ("RestApiEventLog", "RestApi"),
        ("LoginEventLog", "Login"),
        ("LoginEventStream", "LoginEvent"),
        ("ApiEventStream", "ApiEvent"),
        ("RestApiEvent", "RestApi"),
        ("LightningUriEvent", "URI"),
        ("std__SfdcApiTotalUsageEventLogDmo__dlm", "ApiTotalUsage"),
        ("SfdcApiTotalUsageEventLog_std__dlm", "ApiTotalUsage"),
        ("BulkApiResultEventStore", "BulkApiResultEvent"),
        ("apitotalusage", "ApiTotalUsage"),
        ("AuraRequest", ""),
        ("", ""),
    ] {
        assert_eq!(called(name), event_type, "{name}");
    }
}

/// Sentinel ends names in the type of the value. A name that is known as it stands is left alone.
#[test]
fn sentinel_suffixes() {
    let schemas = Schemas::embedded().unwrap();
    let login = schemas.called("Login").unwrap();
    let name_of = |name: &str| login.column(name).map(|column| login.columns[column].name.as_str());
    assert_eq!(name_of("login_status_s"), Some("LOGIN_STATUS"));
    assert_eq!(name_of("timestamp_derived_t"), Some("TIMESTAMP_DERIVED"));
    assert_eq!(name_of("run_time_d"), Some("RUN_TIME"));
    assert_eq!(name_of("user_id_g"), Some("USER_ID"));
    assert_eq!(name_of("use_api_token_b"), Some("USE_API_TOKEN"));
    for other in ["login_status_x", "login_status_ss", "login_status_S", "_s", "s"] {
        assert_eq!(name_of(other), None, "{other}");
    }
    assert_eq!(match_key("event_type_s"), "eventtypes", "a suffix is no spelling");
    let token = "AppName,User_s,UserId,UseCount\nA,x,0055j000000utlP,1\n";
    assert_eq!(Read::of("csv", token).clean().counts["OauthToken"].unknown_columns.len(), 1);
}

#[test]
fn capitals_and_labels() {
    let capitals = "EVENTIDENTIFIER,EVENTDATE,CONNECTEDAPPID,APITYPE,OPERATION,ROWSRETURNED\ne,2025-08-17T11:00:00.000Z,0H4Tr0001PKSuDhKQL,REST,Query,5\n";
    let labels = "Event Identifier,Event Date,Connected App ID,API Type,Operation,Rows Returned\ne,2025-08-17T11:00:00.000Z,0H4Tr0001PKSuDhKQL,REST,Query,5\n";
    let (capitals, labels) = (Read::of("csv", capitals).clean(), Read::of("csv", labels).clean());
    assert_eq!(capitals.rows[0].cells, labels.rows[0].cells);
    assert_eq!(capitals.cells(Role::Use), ["REST Query"]);
}

/// Events of the Pub/Sub API come as Avro writes them: values that may be absent in an object of their type, times in
/// milliseconds.
#[test]
fn avro_unions() {
    let plain = r#"{"EventIdentifier":"e-1","EventDate":1755428400000,"UserId":"0055j000000utlP","Query":"SELECT Id FROM Case","RowsReturned":5.0,"SourceIp":"192.0.2.1"}"#;
    let union = r#"{"EventIdentifier":"e-1","EventDate":1755428400000,"UserId":{"string":"0055j000000utlP"},"Query":{"string":"SELECT Id FROM Case"},"RowsReturned":{"double":5.0},"SourceIp":{"string":"192.0.2.1"}}"#;
    let (plain, union) = (Read::of("ndjson", plain).clean(), Read::of("ndjson", union).clean());
    assert!(union.counts["ApiEvent"].unknown_columns.is_empty());
    assert_eq!(plain.rows[0].cells, union.rows[0].cells);
    assert_eq!(union.cells(Role::Time), ["2025-08-17T11:00:00.000Z"]);
}
