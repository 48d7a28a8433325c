//! Secrets are planted everywhere that a secret can stand; none comes out anywhere.

use super::{HEADER, Scanned, call, scan};

/// Stands in every planted secret.
const MARK: &str = "PLANTED";

/// A secret as they look: a token, an authorisation code, an assertion.
fn secret(number: usize) -> String {
    format!("5Aep8614iLM.Dq661MD{number:02}_{MARK}x9Kz_2mQ0!.7Tq")
}

fn assertion(number: usize) -> String {
    format!("eyJhbGciOiJSUzI1NiJ9.{MARK}{number:02}.c2lnbmF0dXJl_{MARK}")
}

/// The mark is in nothing that the program wrote or said.
#[track_caller]
fn silent(scanned: &Scanned) {
    let texts = [("standard output", scanned.out.as_bytes()), ("standard error", scanned.err.as_bytes())];
    let files = scanned.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in texts.into_iter().chain(files) {
        let text = String::from_utf8_lossy(bytes);
        if let Some(at) = text.find(MARK) {
            let around: String = text[..at].chars().rev().take(120).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{name}: after {around:?}");
        }
    }
}

#[track_caller]
fn check(exports: &[(&str, &str)]) -> Scanned {
    let exports: Vec<(&str, &[u8])> = exports.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let scanned = scan(&exports, &[]);
    silent(&scanned);
    scanned
}

const TOKENS: &str = "AppName,UserId,CreatedDate,LastUsedDate,UseCount,AccessToken,DeleteToken,RequestToken\n";

/// A row of a token that has long been idle; `spoil` makes of the right cells others.
fn token(spoil: impl Fn(&mut Vec<String>)) -> String {
    let mut cells: Vec<String> =
        ["Drift", "005Tr0001aEqx0LIAR", "2025-01-01T00:00:00Z", "2025-05-01T00:00:00Z", "7"].map(str::to_owned).into();
    cells.extend((1..=3).map(secret));
    spoil(&mut cells);
    cells.join(",") + "\n"
}

#[test]
fn in_good_rows() {
    let scanned =
        check(&[("tokens.csv", &format!("{TOKENS}{}", token(|_| {}))), ("calls.csv", &format!("{HEADER}{}", call(1)))]);
    assert!(scanned.out.contains("token-idle"), "the token is found by its reference");
    assert!(String::from_utf8_lossy(&scanned.files["findings.ndjson"]).contains("\"tok_"));
}

#[test]
fn in_json() {
    let object = serde_json::json!({
        "AppName": "Drift", "UserId": "005Tr0001aEqx0LIAR", "CreatedDate": "soon", "LastUsedDate": "2025-05-01T00:00:00Z",
        "AccessToken": secret(1), "DeleteToken": secret(2), "RequestToken": secret(3),
    });
    let mut good = object.clone();
    good["CreatedDate"] = "2025-01-01T00:00:00Z".into();
    let cut = &object.to_string()[..200];
    let scanned = check(&[
        ("a.json", &format!("[{object},{good}]")),
        ("b.ndjson", &format!("{good}\n{cut}\n{object}\nnot JSON {}\n", secret(4))),
        ("c.json", &format!("{{\"records\":[{good},{cut}")),
        ("d.json", &serde_json::json!([[secret(5)], secret(6), good]).to_string()),
    ]);
    assert!(scanned.err.contains("quarantined: "), "{}", scanned.err);
}

#[test]
fn in_rows_that_cannot_be_used() {
    let spoilt = [
        token(|cells| cells[2] = "soon".to_owned()),
        token(|cells| cells[4] = "many".to_owned()),
        token(|cells| cells.push(secret(4))),
        token(|cells| cells.truncate(6)),
        token(|cells| cells[5] = format!("x\"{}", secret(5))),
        token(|cells| cells[6] = format!("\"{}\"y", secret(6))),
        token(|cells| cells[0] = "\"open".to_owned()),
    ];
    let scanned = check(&[("tokens.csv", &format!("{TOKENS}{}{}", token(|_| {}), spoilt.concat()))]);
    // The three with quotes read as one, because a line end between quotes ends no record.
    assert!(scanned.lines("quarantine.ndjson").len() >= 5, "{}", scanned.err);
}

/// A cell too many and one too few elsewhere: the row has the right length, and a secret stands under a date.
#[test]
fn in_rows_whose_cells_have_moved() {
    for column in [2, 3, 4] {
        let moved = token(|cells| {
            let secret = cells.remove(6);
            cells.insert(column, secret);
            cells.pop();
            cells.push(String::new());
        });
        let scanned = check(&[("tokens.csv", &format!("{TOKENS}{}{moved}", token(|_| {})))]);
        assert_eq!(scanned.lines("quarantine.ndjson").len(), 1, "{}", scanned.err);
    }
}

#[test]
fn in_a_file_that_breaks_off() {
    let text = format!("{TOKENS}{}{}", token(|_| {}), token(|_| {}).repeat(3));
    let gzip = |bytes: &[u8]| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let whole = gzip(text.as_bytes());
    silent(&scan(&[("tokens.csv.gz", &whole[..whole.len() - 40])], &[]));
}

#[test]
fn in_exports_of_no_known_type() {
    let rows = format!("{},{},{}\n", secret(1), secret(2), secret(3));
    let named = check(&[("a.csv", &format!("AccessToken,DeleteToken,RequestToken\n{rows}"))]);
    assert!(named.err.contains("no schema fits"), "{}", named.err);
    check(&[("b.csv", &format!("assertion,comment,id\n{},x,1\n", assertion(1)))]);
    check(&[("c.json", &format!("[{{\"AccessToken\":\"{}\"}}]", secret(1)))]);
    check(&[("d.json", &format!("[\"{}\"]", secret(1)))]);
    check(&[("e.txt", &secret(1))]);
}

/// The first row of a file without a header is taken for one. It must not be shown.
#[test]
fn in_a_file_without_a_header() {
    let scanned = check(&[("tokens.csv", &token(|_| {}).repeat(3))]);
    assert_eq!(scanned.code, 3);
    assert!(scanned.err.contains("no schema fits"), "{}", scanned.err);
}

/// Not every token has digits and signs in it; this one could be a column's name. What stands beside it cannot.
#[test]
fn in_a_file_without_a_header_where_they_look_like_words() {
    let row = token(|cells| cells[5..].iter_mut().for_each(|cell| *cell = format!("Xk{MARK}QrTzAbLmNoPq")));
    check(&[("tokens.csv", &row.repeat(3))]);
}

#[test]
fn in_assertions() {
    let header = "received,assertion,source_ip,outcome\n";
    let rows = [
        format!("2025-08-17T11:11:55Z,{},192.0.2.17,ok\n", assertion(1)),
        format!("soon,{},192.0.2.17,ok\n", assertion(2)),
        format!("2025-08-17T11:11:56Z,{},192.0.2.17\n", assertion(3)),
        format!("{},2025-08-17T11:11:57Z,192.0.2.17,ok\n", assertion(4)),
        format!(
            "2025-08-17T11:11:58Z,eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwic3ViIjoiYiIsImlhdCI6MTc1NTQyOTAwMH0.{MARK},192.0.2.17,ok\n"
        ),
        format!(
            "2025-08-17T11:11:59Z,eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwic3ViIjoiYiIsImlhdCI6MTc1NTQyOTAwMH0.{MARK},203.0.113.9,ok\n"
        ),
    ];
    let scanned = check(&[("jwt.csv", &format!("{header}{}", rows.concat()))]);
    assert_eq!(scanned.lines("quarantine.ndjson").len(), 4, "{}", scanned.err);
    assert!(scanned.out.contains("jwt-"), "good rows lead to findings: {}", scanned.out);
}

/// A column of that name does not belong there, but a secret is one wherever it stands.
#[test]
fn in_exports_of_another_type() {
    let header = HEADER.replace("UserAgent", "AccessToken");
    let rows = format!("{}bad,soon,x,y,z,1,{}\nragged,{}\n", call(1), secret(1), secret(2));
    check(&[("calls.csv", &format!("{header}{rows}"))]);
}
