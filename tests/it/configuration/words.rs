//! Every spelling of every vocabulary, and words that come near.

use std::fmt::Debug;

use tokentrail::configuration::{
    IpRelaxation, LifetimeUnit, PermittedUsers, PolicyAction, RefreshPolicy, SessionLevel, Stated,
};

/// Each word means the value, in any case and with other blanks around it.
fn means<T: Clone + Debug + PartialEq>(parse: fn(&str) -> Stated<T>, value: &T, words: &[&str]) {
    for word in words {
        for spelling in [(*word).to_owned(), word.to_uppercase(), word.to_lowercase(), format!(" {word}\n")] {
            assert_eq!(parse(&spelling), Stated::Known(value.clone()), "{spelling:?}");
        }
    }
}

/// No source knows the words, and they are kept as they are.
fn unknown<T: Debug + PartialEq>(parse: fn(&str) -> Stated<T>, words: &[&str]) {
    for word in words {
        assert_eq!(parse(word), Stated::Unknown((*word).to_owned()), "{word:?}");
    }
}

#[test]
fn ip_relaxation() {
    let parse = IpRelaxation::parse;
    means(parse, &IpRelaxation::Enforce, &["ENFORCE", "Enforce", "Enforce IP restrictions", "enforceIpRanges"]);
    means(
        parse,
        &IpRelaxation::EnforceRelaxRefresh,
        &["ENFORCE_RELAXREFRESH", "Enforce_RelaxRefresh", "Enforce IP restrictions, but relax for refresh tokens"],
    );
    means(
        parse,
        &IpRelaxation::RelaxActivatedDevices,
        &[
            "BYPASS_2FACTOR",
            "Bypass_2factor",
            "Relax IP restrictions for activated devices",
            "Relax IP restrictions with second factor",
            "relaxIpRangesWithSecondFactor",
        ],
    );
    means(parse, &IpRelaxation::Relax, &["BYPASS", "Bypass", "Relax", "Relax IP restrictions", "relaxIpRanges"]);
    unknown(
        parse,
        &["RELAXED", "ENFORCE_ACTIVATED_USERS", "ENFORCED", "BYPASS_3FACTOR", "BYPASS2", "0", "3", "", "none"],
    );
}

#[test]
fn permitted_users() {
    let parse = PermittedUsers::parse;
    means(
        parse,
        &PermittedUsers::SelfAuthorized,
        &["AllSelfAuthorized", "All users may self-authorize", "All users may self-authorise"],
    );
    means(
        parse,
        &PermittedUsers::AdminApproved,
        &[
            "AdminApprovedPreAuthorized",
            "Admin approved users are pre-authorized",
            "Admin-approved users are pre-authorised",
        ],
    );
    unknown(parse, &["AdminApproved", "SelfAuthorized", "All users", "true", "false", "NobodySelfAuthorized", ""]);
}

#[test]
fn refresh_policies() {
    let parse = RefreshPolicy::parse;
    means(
        parse,
        &RefreshPolicy::UntilRevoked,
        &["infinite", "Infinite", "Refresh token is valid until revoked", "valid until revoked"],
    );
    means(parse, &RefreshPolicy::None, &["zero", "Immediately expire refresh token"]);
    means(
        parse,
        &RefreshPolicy::Lifetime(3, LifetimeUnit::Hours),
        &["specific_lifetime:3:HOURS", "SpecificLifetime:3:Hours", "Expire refresh token after:3:Hour(s)"],
    );
    means(
        parse,
        &RefreshPolicy::Inactivity(30, LifetimeUnit::Days),
        &["specific_inactivity:30:DAYS", "Expire refresh token if not used for:30:Day(s)"],
    );
    means(parse, &RefreshPolicy::Inactivity(12, LifetimeUnit::Months), &["specific_inactivity:12:MONTHS"]);
    unknown(
        parse,
        &[
            "SPECIFIC_LIFETIME",
            "specific_lifetime:3",
            "specific_lifetime::HOURS",
            "specific_lifetime:0:HOURS",
            "specific_lifetime:-3:HOURS",
            "specific_lifetime:3:WEEKS",
            "specific_lifetime:3:HOURS:4",
            "specific_lifetime:99999999999:HOURS",
            "infinitely",
            "never",
            "",
        ],
    );
}

#[test]
fn refresh_policies_in_three_parts() {
    let parts = RefreshPolicy::of_parts;
    let (three, days) = (Some("3"), Some("Days"));
    let lifetime = RefreshPolicy::Lifetime(3, LifetimeUnit::Days);
    assert_eq!(parts("SpecificLifetime", three, days), Stated::Known(lifetime));
    let inactivity = RefreshPolicy::Inactivity(3, LifetimeUnit::Days);
    assert_eq!(parts("SpecificInactivity", three, days), Stated::Known(inactivity));
    // What is left of an earlier setting does not matter.
    assert_eq!(parts("Infinite", three, days), Stated::Known(RefreshPolicy::UntilRevoked));
    assert_eq!(parts("Zero", None, None), Stated::Known(RefreshPolicy::None));
    assert_eq!(parts("SpecificLifetime", three, None), Stated::Unknown("SpecificLifetime:3".to_owned()));
    assert_eq!(parts("SpecificLifetime", None, None), Stated::Unknown("SpecificLifetime".to_owned()));
    assert_eq!(parts("Specific", three, days), Stated::Unknown("Specific:3:Days".to_owned()));
}

#[test]
fn units() {
    let parse = LifetimeUnit::parse;
    for (unit, words, hours) in [
        (LifetimeUnit::Hours, ["HOURS", "Hour"], 1),
        (LifetimeUnit::Days, ["DAYS", "Day(s)"], 24),
        (LifetimeUnit::Months, ["MONTHS", "month"], 720),
    ] {
        means(parse, &unit, &words);
        assert_eq!(unit.hours(), hours);
    }
    unknown(parse, &["WEEKS", "MINUTES", "H", "d", ""]);
}

#[test]
fn sessions() {
    means(SessionLevel::parse, &SessionLevel::HighAssurance, &["HIGH_ASSURANCE", "High Assurance"]);
    means(SessionLevel::parse, &SessionLevel::Standard, &["STANDARD"]);
    means(SessionLevel::parse, &SessionLevel::Low, &["LOW"]);
    unknown(SessionLevel::parse, &["HIGH", "HIGHEST_ASSURANCE", "MEDIUM", ""]);
    means(PolicyAction::parse, &PolicyAction::Block, &["Block", "Blocked"]);
    means(
        PolicyAction::parse,
        &PolicyAction::RaiseSessionLevel,
        &["RaiseSessionLevel", "Switch to high assurance", "Raise session level to high assurance", "Switch"],
    );
    means(PolicyAction::parse, &PolicyAction::StepUp, &["StepUpMFA", "Step-up MFA"]);
    unknown(PolicyAction::parse, &["Allow", "Raise", "High Assurance", "MFA", ""]);
}
