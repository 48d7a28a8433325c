//! The table of kinds: each has its examples, and they are what they say.

use std::collections::BTreeSet;

use tokentrail::secrets::Rules;

/// Examples are written with `·` in them, so that nobody takes them for leaks.
fn text(example: &str) -> String {
    example.replace('·', "")
}

#[test]
fn every_kind_finds_its_examples_and_no_counterexample() {
    let rules = Rules::embedded().unwrap();
    let mut wrong = Vec::new();
    for rule in &rules.all {
        assert!(!rule.positive.is_empty() && !rule.negative.is_empty(), "{} has examples", rule.id);
        for example in &rule.positive {
            let kinds = rules.kinds(text(example).as_bytes());
            if !kinds.contains(&rule.id.as_str()) {
                wrong.push(format!("{} is not found in {example:?}, but {kinds:?}", rule.id));
            }
        }
        for example in &rule.negative {
            if rules.kinds(text(example).as_bytes()).contains(&rule.id.as_str()) {
                wrong.push(format!("{} is found in {example:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_says_what_it_is_and_what_to_do() {
    let rules = Rules::embedded().unwrap();
    let ids: BTreeSet<&str> = rules.all.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), rules.all.len(), "each id once");
    for rule in &rules.all {
        for text in [&rule.title, &rule.rotate, &rule.source] {
            assert!(text.len() >= 3 && !text.ends_with('.') && !text.contains('|'), "{}: {text:?}", rule.id);
        }
        assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit()));
    }
}

/// What stands for a secret, in manuals and masks.
#[test]
fn what_only_stands_for_a_secret_is_none() {
    let rules = Rules::embedded().unwrap();
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "password: ********",
        "password: xxxxxxxx",
        "Password: <your-password>",
        "api_key = ${API_KEY_FROM_VAULT}",
        "api key: your-api-key-goes-here-1234",
        "token: {{ACCESS_TOKEN_OF_THE_APP_1}}",
        "postgres://user:<password>@db.example.com/x",
        "https://user:password-placeholder@host.example/x",
        "client_secret=REDACTED-REDACTED-42",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx1",
    ] {
        assert_eq!(rules.kinds(text.as_bytes()), [""; 0], "{text}");
    }
}

/// People write about passwords without telling any.
#[test]
fn talk_about_passwords_is_no_password() {
    let rules = Rules::embedded().unwrap();
    for text in [
        "Hi, I forgot my password. Please reset the password for mia@example.com.",
        "Password reset: https://alderfinch.example/reset",
        "The password is case-sensitive and has to be changed every 90 days.",
        "password policy: at least 12 characters",
        "Password: will be sent separately by mail",
        "The password for the portal was changed on 2025-08-14 by the user.",
        "my password is mia.smith@example.com's birthday",
        "Passwords: please see the attached document",
        "Error: password=null for user 42",
        "the token is not valid any more, and the secret of the app has been lost",
        "https://alderfinch.example/knowledge/how-to-reset-the-password-of-a-user-in-2025",
    ] {
        assert_eq!(rules.kinds(text.as_bytes()), [""; 0], "{text}");
    }
}

/// The same bytes, in whatever encoding the rest of the text is.
#[test]
fn other_encodings_hide_nothing() {
    let rules = Rules::embedded().unwrap();
    let text = [&b"Gr\xfc\xdfe, password:\xc2\xa0"[..], b"Hunter", b"-7-green, bis sp\xe4ter"].concat();
    assert_eq!(rules.kinds(&text), ["password-assigned"]);
}
