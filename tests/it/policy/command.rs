//! `tokentrail policy` as people and scripts meet it.

use crate::cli::tokentrail;

/// What `--json` says.
#[track_caller]
fn eval(arguments: &[&str]) -> serde_json::Value {
    let all: Vec<&str> = ["policy", "eval", "--json"].iter().chain(arguments).copied().collect();
    let told = tokentrail(&all);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&told.out).unwrap()
}

#[test]
fn a_login_is_judged_and_explained() {
    let office =
        ["--profile-range", "198.51.100.0/24", "--flow", "web-server", "--phase", "refresh", "--continuous", "on"];
    let from = |address: &'static str, relaxation: &'static str| {
        let mut all = office.to_vec();
        all.extend(["--address", address, "--relaxation", relaxation]);
        eval(&all)
    };
    let told = from("203.0.113.7", "enforce");
    assert_eq!((told["verdict"].as_str(), told["rows"][0]["row"].as_u64()), (Some("deny"), Some(3)));
    let changes: Vec<&str> =
        told["changes"].as_array().unwrap().iter().map(|change| change["input"].as_str().unwrap()).collect();
    assert_eq!(changes, ["the app's IP relaxation", "whether the address is in the profile's login ranges"]);
    assert_eq!(from("198.51.100.9", "enforce")["verdict"], "allow");
    // One setting in the words of Setup, of connected apps, of external client apps and of documents.
    for word in [
        "Enforce IP restrictions, but relax for refresh tokens",
        "ENFORCE_RELAXREFRESH",
        "Enforce_RelaxRefresh",
        "enforce-relax-refresh",
    ] {
        let told = from("203.0.113.7", word);
        assert_eq!((told["verdict"].as_str(), told["restrictions"].as_str()), (Some("allow"), Some("apply")), "{word}");
    }
    let relaxed =
        ["--relaxation", "Bypass", "--flow", "OauthWebServer", "--continuous", "on", "--address", "203.0.113.7"];
    let all = ["policy", "eval", "--profile-range", "198.51.100.0/24"].into_iter().chain(relaxed);
    let text = tokentrail(&all.collect::<Vec<_>>()).out;
    assert!(text.contains("verdict") && text.contains("allow") && text.contains("row 9"), "{text}");
    assert!(text.contains("changing the password"), "{text}");
}

#[test]
fn what_is_left_out_is_not_known_and_named() {
    let told = eval(&["--relaxation", "enforce", "--address", "203.0.113.7"]);
    assert_eq!(told["verdict"], "unknown");
    assert_eq!(told["reason"], "not known: whether the address is in the profile's login ranges");
    assert_eq!(eval(&["--no-profile-ranges"])["verdict"], "allow", "nothing else matters");
    assert_eq!(eval(&[])["inputs"]["the flow"], "unknown");
    let jwt = eval(&[
        "--flow",
        "jwt",
        "--address",
        "203.0.113.7",
        "--profile-range",
        "198.51.100.1-198.51.100.9",
        "198.51.100.77",
    ]);
    assert_eq!((jwt["verdict"].as_str(), jwt["rows"][0]["row"].as_u64()), (Some("deny"), Some(1)));
    let device =
        ["--relaxation", "bypass_2factor", "--flow", "web-server", "--address", "203.0.113.7", "--no-app-ranges"];
    let with = |more: &[&'static str]| {
        let mut all = device.to_vec();
        all.extend(["--profile-range", "198.51.100.0/24"]);
        all.extend(more);
        eval(&all)["verdict"].clone()
    };
    assert_eq!((with(&[]), with(&["--identity-verified"])), ("unknown".into(), "allow".into()));
    assert_eq!(with(&["--identity-verified", "no"]), "deny");
}

#[test]
fn wrong_words_are_told_with_a_hint_and_shown_harmlessly() {
    let hostile = "\u{1b}[2Jx\u{202e}\nerror: no";
    for option in [
        "--relaxation",
        "--flow",
        "--phase",
        "--address",
        "--profile-range",
        "--app-range",
        "--identity-verified",
        "--continuous",
    ] {
        let told = tokentrail(&["policy", "eval", option, hostile]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{option}");
        assert!(told.err.starts_with("error: ") && told.err.contains("hint: "), "{option}: {}", told.err);
        assert!(!told.err.contains(['\u{1b}', '\u{202e}']) && told.err.lines().count() < 5, "{option}: {}", told.err);
    }
    for range in ["198.51.100.9-198.51.100.1", "198.51.100.1-2001:db8::1", "198.51.100.0/33", "-"] {
        let told = tokentrail(&["policy", "eval", &format!("--profile-range={range}")]);
        assert!(told.code == 2 && told.err.contains("no range of addresses"), "{range}: {}", told.err);
    }
    let both = tokentrail(&["policy", "eval", "--no-app-ranges", "--app-range", "192.0.2.1"]);
    assert_eq!(both.code, 2, "an app has ranges or none");
}

#[test]
fn the_table_fits_narrow_terminals_and_pages() {
    let text = tokentrail(&["policy", "table"]).out;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for row in &tokentrail::apps::policy::ROWS {
        let first_words: Vec<&str> = row.when.split(' ').take(3).collect();
        assert!(text.contains(&first_words.join(" ")), "{}", row.number);
    }
    let markdown = tokentrail(&["policy", "table", "--markdown"]).out;
    assert_eq!(markdown.lines().count(), 2 + tokentrail::apps::policy::ROWS.len());
    assert!(markdown.lines().all(|line| line.matches('|').count() == 6), "{markdown}");
}
