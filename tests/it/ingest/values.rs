//! Cells as values: ids, addresses, numbers, and what stands for nothing.

use tokentrail::batch::Role;

use super::{Read, Reader};

/// What cells of a column become.
fn become_(column: &str, role: Role, cells: &[&str]) -> Vec<String> {
    let line = |(number, cell): (usize, &&str)| {
        format!("e-{number},2025-08-17T11:11:55Z,1,\"{}\"\n", cell.replace('"', "\"\""))
    };
    let lines: Vec<String> = cells.iter().enumerate().map(line).collect();
    let header = format!("EventIdentifier,EventDate,RowsReturned,{column}\n");
    let read = Read::of("csv", header + &lines.concat()).clean();
    read.cells(role).into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn check(column: &str, role: Role, cell: &str, expected: &str) {
    assert_eq!(become_(column, role, &[cell]), [expected], "{cell:?}");
    // Met before, it is the same.
    assert_eq!(become_(column, role, &[cell, "x", cell])[2], expected, "{cell:?}");
}

#[test]
fn ids_of_15_and_18_characters_meet() {
    for (short, long) in [("0055j000000utlP", "0055j000000utlPAAQ"), ("0YaHn0000EUyGdH", "0YaHn0000EUyGdHKQV")] {
        check("UserId", Role::User, short, long);
        check("UserId", Role::User, long, long);
        check("UserId", Role::User, &format!(" \"{short}\" "), long);
        check("ConnectedAppId", Role::App, short, long);
    }
}

/// A case-folded id cannot be told from others: it stays what it is, and meets nobody.
#[test]
fn case_folded_ids_meet_nobody() {
    let folded = ["0055J000000UTLPAAQ", "0055j000000utlpaaq", "0055J000000UTLP"];
    for id in folded {
        assert_ne!(become_("UserId", Role::User, &[id]), ["0055j000000utlPAAQ"], "{id}");
    }
    let other = become_("UserId", Role::User, &["0055j000000utlp"]);
    assert_ne!(other, ["0055j000000utlPAAQ"], "another 15 characters are another user");
}

#[test]
fn what_is_no_id_stays_as_it_is() {
    for text in ["mia@acme.example", "005", "0055j000000utl!", "0055j000000utlPAAQX", "Ünicode"] {
        check("UserId", Role::User, text, text);
    }
}

#[test]
fn addresses() {
    let cases = [
        ("192.0.2.17", "192.0.2.17", "192.0.2.0/24"),
        (" 192.0.2.17 ", "192.0.2.17", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002:0000:0000:0000:0006", "2001:db8:1:2::6", "2001:db8:1:2::/64"),
        ("[2001:db8::1]", "2001:db8::1", "2001:db8::/64"),
        ("::ffff:192.0.2.17", "192.0.2.17", "192.0.2.0/24"),
        ("::FFFF:C000:0211", "192.0.2.17", "192.0.2.0/24"),
        ("192.0.2.17, 10.0.0.1", "192.0.2.17", "192.0.2.0/24"),
        ("192.0.2.17,10.0.0.1,10.0.0.2", "192.0.2.17", "192.0.2.0/24"),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0/24"),
        ("255.255.255.255", "255.255.255.255", "255.255.255.0/24"),
    ];
    for (cell, address, network) in cases {
        check("SourceIp", Role::SourceIp, cell, address);
        check("SourceIp", Role::Network, cell, network);
    }
}

/// The row is used, without an address.
#[test]
fn what_stands_for_an_address_is_none() {
    for cell in [
        "Salesforce.com IP",
        "salesforce.com ip",
        "IP_ADDRESS_REMOVED",
        "Unknown",
        "N/A",
        "",
        "w.x.y.z",
        "192.0.2.256",
        "192.0.2.017",
        "1.2.3",
    ] {
        check("SourceIp", Role::SourceIp, cell, "");
        check("SourceIp", Role::Network, cell, "");
    }
}

#[test]
fn placeholders_are_nothing() {
    for cell in ["", " ", "N/A", "null", "NULL", "\"\"", "\"N/A\""] {
        check("UserAgent", Role::Client, cell, "");
        check("Application", Role::App, cell, "");
    }
    check("UserAgent", Role::Client, "Unknown", "Unknown");
}

#[test]
fn numbers() {
    let cases = [
        ("58", "58"),
        ("58.0", "58"),
        ("58.9", "58"),
        ("-1", "-1"),
        ("1.9103758e+07", "19103758"),
        ("0", "0"),
        ("+7", "7"),
        ("007", "7"),
    ];
    for (cell, expected) in cases {
        let text = format!("EventIdentifier,EventDate,RowsReturned\n1,2025-08-17T11:11:55Z,{cell}\n");
        assert_eq!(Read::of("csv", text).clean().cells(Role::Rows), [expected], "{cell}");
    }
}

/// Codes and labels of the same thing have one spelling; what is not known stays visible.
#[test]
fn codes_and_labels_are_one() {
    let uses = |family: &str| become_("ApiType", Role::ApiFamily, &[family]);
    assert_eq!(uses("Bulk API"), uses("bulk"));
    assert_eq!(uses("REST API"), uses("REST"));
    assert_eq!(uses("Something New"), ["Something New"]);
    let login = |subtype: &str| {
        let text =
            format!("LoginTime,UserId,Status,LoginSubType\n2025-08-17T11:11:55Z,0055j000000utlP,Success,{subtype}\n");
        Read::of("csv", text).clean().cells(Role::LoginSubtype)[0].to_owned()
    };
    assert_eq!(login("OauthRefreshToken"), login("OAuth Refresh Token"));
    assert_eq!(login("OauthClientCredential"), login("OAuth Client Credentials"), "both spellings are in use");
}

/// Of several columns that can tell a thing, the best one that says something counts.
#[test]
fn an_app_by_id_or_by_name() {
    let text = "EventIdentifier,EventDate,RowsReturned,Application,ConnectedAppId\n\
                1,2025-08-17T11:11:55Z,1,Drift,0H4Tr0001PKSuDh\n2,2025-08-17T11:11:56Z,1,Drift,\n3,2025-08-17T11:11:57Z,1,,\n";
    assert_eq!(Read::of("csv", text).clean().cells(Role::App), ["0H4Tr0001PKSuDhKQL", "Drift", ""]);
}

/// Two tokens are told apart without being told.
#[test]
fn tokens_are_references() {
    let text = "AppName,UserId,LastUsedDate,DeleteToken,AccessToken\n\
                A,0055j000000utlP,2025-08-01T00:00:00Z,FAKE-1,FAKE-A\nA,0055j000000utlP,2025-08-02T00:00:00Z,FAKE-2,FAKE-B\n\
                A,0055j000000utlP,2025-08-03T00:00:00Z,FAKE-1,FAKE-C\nA,0055j000000utlP,2025-08-04T00:00:00Z,,FAKE-D\n";
    let read = Read::of("csv", text).clean();
    let tokens = read.cells(Role::Token);
    assert!(tokens.iter().all(|token| token.starts_with("tok_") && token.len() == 28), "{tokens:?}");
    assert!(tokens[0] == tokens[2] && tokens[0] != tokens[1] && tokens[3] != tokens[0]);
    let all = format!("{:?}", read.rows);
    assert!(!all.contains("FAKE"), "{all}");
}

/// A raw assertion gives the same claims as columns do, and is gone.
#[test]
fn assertions_raw_and_as_claims() {
    // {"iss":"key","sub":"mia@acme.example","aud":"https://login.salesforce.com","iat":1755429110,"exp":1755429290,"jti":"j-1"}
    let raw = "received,assertion\n2025-08-17T11:11:55Z,eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrZXkiLCJzdWIiOiJtaWFAYWNtZS5leGFtcGxlIiwiYXVkIjoiaHR0cHM6Ly9sb2dpbi5zYWxlc2ZvcmNlLmNvbSIsImlhdCI6MTc1NTQyOTExMCwiZXhwIjoxNzU1NDI5MjkwLCJqdGkiOiJqLTEifQ.c2lnbmF0dXJl\n";
    let claims = "received,iss,sub,aud,iat,exp,jti\n2025-08-17T11:11:55Z,key,mia@acme.example,https://login.salesforce.com,1755429110,1755429290,j-1\n";
    let (raw, claims) = (Read::of("csv", raw).clean(), Read::of("csv", claims).clean());
    assert_eq!(raw.rows[0].cells, claims.rows[0].cells);
    let both =
        Reader::default().texts(&[("a.csv", b"received,iss,sub,iat\n2025-08-17T11:11:55Z,key,mia,1755429110\n")]);
    assert_eq!(both.cells(Role::IssuedAt), ["2025-08-17T11:11:50.000Z"]);
}
