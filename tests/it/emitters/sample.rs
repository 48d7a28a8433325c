//! The findings that the golden files are made of: hand-made, invented, every field in every state.

use tokentrail::{
    finding::{Evidence, Fact, Finding, Named, Score, ScorePart, Severity, Subject},
    value::Time,
};

/// A full finding, one of each kind of subject, each severity, an empty one, and a hostile one.
pub(crate) fn findings() -> Vec<Finding> {
    vec![app_new_network(), token_idle(), assertion_skew(), hidden_session(), listed_address(), bare(), hostile()]
}

fn app_new_network() -> Finding {
    Finding {
        severity: Severity::High,
        score: Score {
            total: 72,
            parts: vec![part("new network", 45), part("integration user", 37), part("no rows read", -10)],
        },
        techniques: &["T1550.001", "T1078.004"],
        subject: Subject {
            org: Some("00D5e000000TestEAG".to_owned()),
            app: Some(named(Some("0H45e000000AppXCAW"), Some("Example Sync"))),
            user: Some(named(Some("0055e000001UserAAA"), Some("integration@org.example"))),
            session: Some("sess-7Jq1".to_owned()),
            token: Some("tok-5f1c0d9a".to_owned()),
            address: Some("203.0.113.7".to_owned()),
            assertion: None,
        },
        first: Time(1_763_799_000_000_000),
        last: Time(1_763_800_000_123_000),
        count: 412,
        seen: vec![fact("network", "203.0.113.0/24"), fact("client", "example-client/2.1 (X11; Linux)")],
        judged_by: vec![fact("baseline events", "5120"), fact("baseline networks", "2")],
        sentence: "Example Sync was used as integration@org.example from 203.0.113.0/24, a network that it \
                   never used in 30 days."
            .to_owned(),
        next_step: "Ask the owner of Example Sync whether the network is theirs; else revoke its tokens.".to_owned(),
        evidence: vec![
            evidence(1_763_799_000_000_000, 17, Some("e1f0a2b4-0001")),
            evidence(1_763_800_000_123_000, 902, None),
        ],
        evidence_total: 412,
        ..finding(1, "app-new-network", "App used from a new network")
    }
}

fn token_idle() -> Finding {
    Finding {
        severity: Severity::Low,
        score: Score { total: 20, parts: vec![part("idle for 240 days", 20)] },
        techniques: &["T1550.001"],
        subject: Subject { app: Some(named(None, Some("Old Importer"))), ..Subject::default() },
        sentence: "A token of Old Importer was not used for 240 days.".to_owned(),
        next_step: "Revoke it if nobody needs it.".to_owned(),
        ..finding(2, "token-idle", "Token not used for long")
    }
}

fn assertion_skew() -> Finding {
    Finding {
        severity: Severity::Medium,
        subject: Subject { assertion: Some("jti:4be0643f".to_owned()), ..Subject::default() },
        first: Time(1_763_800_000_000_001),
        last: Time(1_763_800_000_000_001),
        judged_by: vec![fact("skew", "-512"), fact("skew", "3600")],
        ..finding(3, "jwt-clock-skew", "JWT assertion with a wrong clock")
    }
}

fn hidden_session() -> Finding {
    Finding {
        severity: Severity::Info,
        subject: Subject {
            session: Some("sess-9Zk4".to_owned()),
            user: Some(named(Some("0055e000001UserBBB"), None)),
            ..Subject::default()
        },
        ..finding(4, "session-spread", "Session used from several places")
    }
}

fn listed_address() -> Finding {
    Finding {
        severity: Severity::Critical,
        score: Score { total: 100, parts: vec![part("listed address", 100)] },
        subject: Subject { address: Some("2001:db8::7".to_owned()), ..Subject::default() },
        ..finding(5, "address-listed", "Listed address")
    }
}

/// As little as a finding can hold.
fn bare() -> Finding {
    finding(6, "coverage-gap", "Nothing known of the subject")
}

/// Names as attackers choose them.
fn hostile() -> Finding {
    Finding {
        subject: Subject {
            app: Some(named(None, Some("=HYPERLINK(\"https://evil.example\",\"x\")\\\r\n\u{0}\u{2028}{\"id\":1},"))),
            user: Some(named(None, Some("\u{202e}nimda\u{202c} \u{1f480}@org.example"))),
            address: Some("Salesforce.com IP".to_owned()),
            ..Subject::default()
        },
        seen: vec![fact("client", "\t=1+1 | baseline events: 0;@x")],
        sentence: " -2+3 \u{85}\u{1b}[2Jcleared\u{7f}".to_owned(),
        ..finding(7, "app-look-alike", "App with another's name")
    }
}

/// A finding with nothing in it but what must be.
fn finding(number: u128, detector: &'static str, title: &'static str) -> Finding {
    Finding {
        id: uuid::Uuid::from_u128(0x7b0f_3f62_0000_5000_8000_0000_0000_0000 + number),
        detector,
        detector_version: 1,
        title,
        severity: Severity::Info,
        score: Score { total: 1, parts: vec![] },
        techniques: &[],
        subject: Subject::default(),
        first: Time(1_763_800_000_000_000),
        last: Time(1_763_800_000_000_000),
        count: 1,
        seen: vec![],
        judged_by: vec![],
        sentence: "Something happened.".to_owned(),
        next_step: String::new(),
        evidence: vec![],
        evidence_total: 0,
    }
}

fn named(id: Option<&str>, name: Option<&str>) -> Named {
    Named { id: id.map(str::to_owned), name: name.map(str::to_owned) }
}

fn fact(name: &'static str, value: &str) -> Fact {
    Fact { name, value: value.into() }
}

fn part(reason: &str, points: i16) -> ScorePart {
    ScorePart { reason: reason.to_owned(), points }
}

fn evidence(time: i64, record: u64, event_id: Option<&str>) -> Evidence {
    Evidence {
        time: Time(time),
        export: "exports/2025-11-22_ApiTotalUsage.csv".to_owned(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        record,
        offset: record * 211,
        event_id: event_id.map(str::to_owned),
    }
}
