//! See the page.

use crate::apps::Principal;
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::value::Time;
use crate::value::time::DAY;

pub(super) static CHECK: Check = Check {
    id: "credential-age",
    version: 1,
    title: "App's credentials are old, about to expire, or a password",
    severity: Severity::Medium,
    techniques: &["T1552", "T1098.001"],
    doc: include_str!("credential_age.md"),
    limits: &[
        Limit { name: "certificate-days", value: 30, unit: Unit::Days, source: "project default: time to replace it" },
        Limit {
            name: "secret-days",
            value: 180,
            unit: Unit::Days,
            source: "as far as the setup audit trail reaches back",
        },
        Limit { name: "days", value: 90, unit: Unit::Days, source: "what runs once in a quarter is seen" },
    ],
    setup_path: "Setup › App Manager › the app › Edit: upload the new certificate; Manage Consumer Details: stage a new secret, \
                 then apply it.",
    when_fixed: "Clients that still sign with the old key, or send the old secret, fail from that moment on: give them the new \
                 ones first.",
    judge: Judge::App(judge),
};

/// What sentences of setup changes say before the name of the app whose secret is new.
const NEW_SECRET: [&str; 2] = ["Generated temporary credentials for connected app ", "Created Connected App "];

/// What one of the credentials says: how bad it is, nothing if it is well; and why.
enum Told {
    Wrong(Severity, &'static str),
    Well(&'static str),
    Untold(&'static str),
}

fn judge(case: &Case<'_>) -> Verdict {
    let mut facts: Vec<(&'static str, i64)> = Vec::new();
    let mut told = vec![certificate(case, &mut facts)];
    // Without a code flow or another one that sends it, the secret is used for nothing.
    if case.is_jwt_only() != Some(true) {
        told.push(secret(case, &mut facts));
    }
    let passwords = password_logins(case);
    if passwords > 0 {
        facts.push(("password logins of integrations", passwords));
        told.push(Told::Wrong(Severity::Low, "integrations log in through it with a password"));
    }
    let worst =
        told.iter().filter_map(|told| if let Told::Wrong(severity, _) = told { Some(*severity) } else { None }).max();
    let of = |wanted: fn(&Told) -> Option<&'static str>| told.iter().filter_map(wanted).collect::<Vec<_>>().join("; ");
    let untold = of(|told| if let Told::Untold(why) = told { Some(why) } else { None });
    let verdict = match worst {
        Some(severity) => {
            Verdict::fail(of(|told| if let Told::Wrong(_, why) = told { Some(why) } else { None })).at(severity)
        }
        None if !untold.is_empty() => Verdict::unknown(untold),
        None => Verdict::pass(of(|told| if let Told::Well(why) = told { Some(why) } else { None })),
    };
    facts.into_iter().fold(verdict, |verdict, (name, value)| verdict.with(name, value))
}

fn certificate(case: &Case<'_>, facts: &mut Vec<(&'static str, i64)>) -> Told {
    let certificate = match &case.app.certificate {
        Stated::Known(Some(certificate)) => certificate,
        Stated::Known(None) => return Told::Well("it has no certificate"),
        _ => return Told::Untold("no file says whether it has a certificate"),
    };
    let Some(end) = certificate.not_after else {
        return Told::Untold("until when its certificate is valid cannot be read");
    };
    let Some(now) = case.org.as_of else {
        return Told::Untold("without a \"now\" nobody knows whether its certificate has expired");
    };
    // Whole days that are left; an end that has passed is below zero, however near it is.
    let days = (end.0 - now.0).div_euclid(DAY);
    facts.push(("days until the certificate expires", days));
    match days {
        ..0 => Told::Wrong(Severity::High, "its certificate has expired"),
        days if days < case.limit("certificate-days") => Told::Wrong(Severity::Medium, "its certificate expires soon"),
        _ => Told::Well("its certificate is valid"),
    }
}

fn secret(case: &Case<'_>, facts: &mut Vec<(&'static str, i64)>) -> Told {
    let changes = case.org.inventory.map_or(&[][..], |inventory| &inventory.changes);
    let (Some(now), Some(oldest)) = (case.org.as_of, changes.first()) else {
        return Told::Untold("no export says how old its secret is");
    };
    let renewed = changes.iter().rev().find(|change| change.change.as_deref().is_some_and(|words| renews(words, case)));
    let days = |since: Time| (now.0 - since.0) / DAY;
    let age = days(renewed.unwrap_or(oldest).time);
    facts
        .push((if renewed.is_some() { "days since a new secret" } else { "days without a new secret, at least" }, age));
    match (age >= case.limit("secret-days"), renewed) {
        (true, _) => Told::Wrong(Severity::Low, "its secret is old"),
        (false, Some(_)) => Told::Well("its secret is new"),
        (false, None) => Told::Untold("setup changes do not reach back far enough to say how old its secret is"),
    }
}

/// Whether a sentence says that the app got a new secret.
fn renews(words: &str, case: &Case<'_>) -> bool {
    let name = NEW_SECRET.iter().find_map(|begins| words.trim().strip_prefix(begins));
    name.is_some_and(|name| super::is_called(name.trim(), case.app))
}

/// Logins with a password by users that are integrations.
fn password_logins(case: &Case<'_>) -> i64 {
    let is_integration = |user: &str| case.principal(user) == Some(Principal::Integration);
    let by_password = case.recent(case.limit("days")).filter(|trace| {
        trace.used.as_deref() == Some("login: OAuth Username-Password")
            && trace.user.as_deref().is_some_and(is_integration)
    });
    by_password.map(|trace| i64::try_from(trace.events).unwrap_or(i64::MAX)).fold(0, i64::saturating_add)
}
