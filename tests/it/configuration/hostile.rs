//! Files that are broken or made to harm: each is a problem with its name, and the rest is read.

use tokentrail::configuration::{IpRelaxation, RefreshPolicy, Stated};

use super::{Folder, metadata};
use crate::ingest::packed::{gzip, zipped};

/// The problem of a file that is not read, beside one that is.
fn refused(name: &str, bytes: &[u8]) -> String {
    let good = metadata("ConnectedApp", "<label>Good</label>");
    let folder = Folder::of(&[("good.connectedApp-meta.xml", good.as_bytes()), (name, bytes)]);
    assert_eq!(folder.read().apps.len(), 1, "the good one is read");
    let problems = folder.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(name) && problems[0].contains("\n  hint: "), "{problems:?}");
    problems[0].clone()
}

#[test]
fn document_types_are_refused() {
    let lol = "<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;&lol;\"><!ENTITY lol3 \"&lol2;&lol2;&lol2;\">";
    for text in [
        format!("<?xml version=\"1.0\"?><!DOCTYPE lolz [{lol}]><ConnectedApp><label>&lol3;</label></ConnectedApp>"),
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><ConnectedApp/>".to_owned(),
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ConnectedApp><label>&x;</label></ConnectedApp>"
            .to_owned(),
        "<!doctype a><ConnectedApp/>".to_owned(),
    ] {
        let problem = refused("bad.xml", text.as_bytes());
        assert!(problem.contains("has a document type"), "{problem}");
    }
    let undeclared = refused("bad.xml", b"<ConnectedApp><label>&lol;</label></ConnectedApp>");
    assert!(undeclared.contains("uses an entity that XML does not know"), "{undeclared}");
}

#[test]
fn depth_size_and_number_have_limits() {
    let deep = format!("<ConnectedApp>{}{}</ConnectedApp>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert!(refused("deep.xml", deep.as_bytes()).contains("more than 32 deep"));
    let many = format!("<ConnectedApp>{}</ConnectedApp>", "<a/>".repeat(1_000_001));
    assert!(refused("many.xml", many.as_bytes()).contains("more than 1000000 elements"));
    let long = format!("<ConnectedApp><label>{}</label></ConnectedApp>", "x".repeat(100 << 20));
    for (name, bytes) in [("long.xml", long.as_bytes()), ("long.xml.gz", &gzip(long.as_bytes()))] {
        assert!(refused(name, bytes).contains("has more than 67108864 bytes"), "{name}");
    }
    let bomb = zipped(&[("long.connectedApp", long.as_bytes())]);
    let folder = Folder::of(&[("bomb.zip", bomb)]);
    let problems = folder.problems();
    assert!(
        problems[0].starts_with("bomb.zip!long.connectedApp: ") && problems[0].contains("more than 67108864 bytes"),
        "{problems:?}"
    );
}

#[test]
fn other_encodings_are_refused_and_a_mark_is_not() {
    let text = metadata("ConnectedApp", "<label>L</label>");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16.iter().copied()).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for bytes in [utf16, with_mark, big] {
        assert!(refused("wide.xml", &bytes).contains("is UTF-16"));
    }
    let broken = refused("broken.xml", b"<ConnectedApp><label>caf\xe9</label></ConnectedApp>");
    assert!(broken.contains("byte 24: is not UTF-8"), "{broken}");
    let folder = Folder::of(&[("marked.xml", format!("\u{feff}{text}"))]);
    assert_eq!(folder.problems(), [""; 0]);
    assert_eq!(folder.read().apps[0].label.as_deref(), Some("L"));
}

#[test]
fn what_is_no_xml_is_told() {
    for text in [
        "<ConnectedApp><label>L</label>",
        "<ConnectedApp><label>L</ConnectedApp>",
        "<ConnectedApp></ConnectedApp></a>",
        "<ConnectedApp/><ConnectedApp/>",
        "<ConnectedApp><label>a & b</label></ConnectedApp>",
        "<ConnectedApp><label",
    ] {
        refused("cut.xml", text.as_bytes());
    }
    for empty in ["", "<", "no XML at all", "<!-- only a comment -->"] {
        assert!(refused("Bad.connectedApp-meta.xml", empty.as_bytes()).contains("is neither metadata nor rows"));
    }
}

#[test]
fn files_of_other_kinds_are_passed_over() {
    let folder = Folder::of(&[
        ("page.html", "<!DOCTYPE html><html><body>hello</html>"),
        ("package.xml", "<Package><version>65.0</version></Package>"),
        ("broken.xml", "<a><b></a>"),
        ("image.svg", "<svg"),
        ("note.txt", "ConnectedApp"),
        ("data.json", "{\"a\": 1}"),
        ("good.xml", "<Profile/>"),
    ]);
    assert_eq!(folder.problems(), [""; 0]);
    assert_eq!(folder.read().files.len(), 1);
}

#[test]
fn a_file_of_another_kind_that_is_named_is_told() {
    use tokentrail::configuration::Configuration;
    let folder = Folder::of(&[("package.xml", "<Package/>"), ("note.txt", "hello")]);
    let read =
        Configuration::read(&[folder.path("package.xml"), folder.path("note.txt"), folder.path("gone")]).unwrap();
    let told = super::told(&read, &folder.path(""));
    assert!(told.iter().any(|problem| problem.contains("is metadata of another kind: \"package\"")), "{told:?}");
    assert!(told.iter().any(|problem| problem.contains("is neither metadata nor rows")), "{told:?}");
    assert!(told.iter().any(|problem| problem.contains("no such file or folder")), "{told:?}");
    let empty = Folder::of(&[("note.txt", "hello")]);
    let error = Configuration::read(&[empty.path("")]).unwrap_err().to_string();
    assert!(error.starts_with("no configuration under ") && error.contains("hint: "), "{error}");
}

/// Nobody sees a consumer secret: not in what is read, not in what is wrong with a file, wherever it stands.
#[test]
fn secrets_are_nowhere() {
    let secret = "FAKESECRET0123456789";
    let element = format!("<consumerSecret>{secret}</consumerSecret>");
    let files = [
        (
            "a.xml",
            metadata(
                "ConnectedApp",
                &format!(
                    "{element}<oauthConfig>{element}<x:ConsumerSecret>{secret}<b>{secret}</b></x:ConsumerSecret><isPkceRequired>perhaps</isPkceRequired></oauthConfig>"
                ),
            ),
        ),
        (
            "b.xml",
            metadata(
                "ExtlClntAppGlobalOauthSettings",
                &format!("<externalClientApplication>B</externalClientApplication>{element}"),
            ),
        ),
        ("c.xml", format!("<ConnectedApp><oauthConfig><consumerSecret>{secret}")),
        (
            "d.xml",
            format!(
                "<ConnectedApp><oauthConfig><consumerSecret>x<{secret}</consumerSecret></oauthConfig></ConnectedApp>"
            ),
        ),
        (
            "e.xml",
            format!(
                "<ConnectedApp><oauthConfig><consumerSecret>&{secret};</consumerSecret></oauthConfig></ConnectedApp>"
            ),
        ),
        ("f.xml", format!("<ConnectedApp><!-- {secret} --><label>L</{secret}></ConnectedApp>")),
    ];
    let folder = Folder::of(&files);
    let read = folder.read();
    assert!(read.apps.len() >= 2 && read.problems.len() >= 3, "{read:?}");
    let shown = format!("{read:?} {:?}", folder.problems());
    assert!(!shown.contains("FAKESECRET"), "{shown}");
}

#[test]
fn words_that_no_source_knows_stay_and_are_told() {
    let oauth =
        "<isPkceRequired>maybe</isPkceRequired><isClientCredentialFlowEnabled>true</isClientCredentialFlowEnabled>";
    let policy = "<ipRelaxation>RELAXED</ipRelaxation><isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>\
                  <refreshTokenPolicy>SPECIFIC_LIFETIME</refreshTokenPolicy>";
    let session =
        "<sessionLevel>HIGH</sessionLevel><policyAction>Allow</policyAction><sessionTimeout>2h</sessionTimeout>";
    let text = metadata(
        "ConnectedApp",
        &format!(
            "<oauthConfig>{oauth}</oauthConfig><oauthPolicy>{policy}</oauthPolicy><sessionPolicy>{session}</sessionPolicy>"
        ),
    );
    let folder = Folder::of(&[("a.connectedApp-meta.xml", text)]);
    let app = &folder.read().apps[0];
    let unknown = |text: &str| text.to_owned();
    assert_eq!(app.ip_relaxation, Stated::<IpRelaxation>::Unknown(unknown("RELAXED")));
    assert_eq!(app.refresh_policy, Stated::<RefreshPolicy>::Unknown(unknown("SPECIFIC_LIFETIME")));
    assert_eq!(app.pkce_required, Stated::Unknown(unknown("maybe")));
    assert_eq!(app.rotation, Stated::Unsaid, "the flag in the wrong place counts for nothing");
    assert_eq!(app.client_credentials, Stated::Known(false));
    let problems = folder.problems();
    for expected in [
        "ipRelaxation of oauthPolicy is \"RELAXED\", which no source knows\n  hint: connected apps say ENFORCE",
        "refreshTokenPolicy of oauthPolicy is \"SPECIFIC_LIFETIME\", which no source knows\n  hint: it is infinite, zero",
        "isRefreshTokenRotationEnabled of oauthPolicy stands where Salesforce does not read it\n  hint: it is read as oauthConfig/",
        "isClientCredentialFlowEnabled of oauthConfig stands where Salesforce does not read it",
        "isPkceRequired of oauthConfig is \"maybe\"",
        "sessionLevel of sessionPolicy is \"HIGH\"",
        "policyAction of sessionPolicy is \"Allow\"",
        "sessionTimeout of sessionPolicy is \"2h\"",
    ] {
        let start = format!("a.connectedApp-meta.xml: {expected}");
        assert!(problems.iter().any(|problem| problem.starts_with(&start)), "{expected}: {problems:#?}");
    }
    assert_eq!(problems.len(), 8, "{problems:#?}");
}

#[test]
fn broken_ranges_and_certificates_are_told() {
    let range = |start: &str, end: &str| format!("<ipRanges><start>{start}</start><end>{end}</end></ipRanges>");
    let inside = format!(
        "{}{}{}<oauthConfig><certificate>bm8gY2VydGlmaWNhdGU=</certificate></oauthConfig>",
        range("192.0.2.9", "192.0.2.1"),
        range("192.0.2.1", "192.0.2.2"),
        range("", "192.0.2.2")
    );
    let folder = Folder::of(&[("a.xml", metadata("ConnectedApp", &inside))]);
    let read = folder.read();
    assert_eq!(read.apps[0].trusted_ranges.known().unwrap().len(), 1);
    let Stated::Known(Some(certificate)) = &read.apps[0].certificate else { panic!("it is there") };
    assert_eq!((certificate.not_before, certificate.not_after), (None, None));
    let problems = folder.problems().join("\n");
    assert!(problems.contains("ends before it starts: \"192.0.2.9-192.0.2.1\""), "{problems}");
    assert!(problems.contains("has an end that is no address"), "{problems}");
    assert!(problems.contains("is no X.509 certificate"), "{problems}");
    // Where no range can be read, nobody may think that there are none.
    let only = Folder::of(&[("a.xml", metadata("ConnectedApp", &format!("{}<oauthConfig/>", range("a", "b"))))]);
    assert_eq!(only.read().apps[0].trusted_ranges, Stated::Unknown("a-b".to_owned()));
}
