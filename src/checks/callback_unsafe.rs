//! See the page.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::apps::allow_list::{Callback, CallbackKind, applicability};
use crate::check::{Case, Check, Judge, Verdict};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "callback-unsafe",
    version: 1,
    title: "App's callbacks let codes and tokens go astray",
    severity: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("callback_unsafe.md"),
    limits: &[],
    setup_path: "Setup › App Manager › the app › Edit › Callback URL: keep the exact https addresses that the app uses, an app for \
                 each environment.",
    when_fixed: "Clients that ask for a callback that is not in the list any more are refused.",
    judge: Judge::App(judge),
};

/// What can be wrong with callbacks, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Unencrypted,
    Unreadable,
    Wildcard,
    UserInfo,
    RawAddress,
    NearDuplicate,
    Environments,
}

/// Parts of host names that stand for an environment that is not production.
const ENVIRONMENTS: [&str; 13] = [
    "dev",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "stage",
    "staging",
    "sandbox",
    "sit",
    "preprod",
    "demo",
    "local",
];

fn judge(case: &Case<'_>) -> Verdict {
    let callbacks = applicability(&case.app.callbacks).callbacks;
    if callbacks.is_empty() {
        return Verdict::unknown("no file says its callbacks");
    }
    let mut faults: BTreeMap<Fault, Vec<&str>> = BTreeMap::new();
    for (index, callback) in callbacks.iter().enumerate() {
        let of_itself = faults_of(callback).into_iter();
        let near = callbacks[..index]
            .iter()
            .any(|other| other.url != callback.url && folded(&other.url) == folded(&callback.url));
        for fault in of_itself.chain(near.then_some(Fault::NearDuplicate)) {
            faults.entry(fault).or_default().push(&callback.url);
        }
    }
    let (mut production, mut other): (Vec<&Callback>, Vec<&Callback>) = (Vec::new(), Vec::new());
    for callback in &callbacks {
        match callback.kind {
            CallbackKind::Localhost => other.push(callback),
            CallbackKind::Elsewhere if is_of_environment(&callback.url) => other.push(callback),
            CallbackKind::Elsewhere => production.push(callback),
            _ => {}
        }
    }
    if !production.is_empty() && !other.is_empty() {
        faults.insert(Fault::Environments, other.iter().map(|callback| callback.url.as_str()).collect());
    }
    let Some(worst) = faults.keys().next() else {
        return Verdict::pass("its callbacks are exact and encrypted").with("callbacks", callbacks.len());
    };
    let verdict = Verdict::fail(worst.why()).at(worst.severity());
    faults
        .iter()
        .fold(verdict, |verdict, (fault, urls)| verdict.with(fault.name(), super::listed(urls.iter().copied())))
}

fn faults_of(callback: &Callback) -> Vec<Fault> {
    let url = callback.url.trim();
    let (scheme, rest) = url.split_once(':').unwrap_or_default();
    let mut faults = Vec::new();
    if callback.kind == CallbackKind::Unreadable {
        faults.push(Fault::Unreadable);
    } else if scheme.eq_ignore_ascii_case("http") && callback.kind != CallbackKind::Localhost {
        faults.push(Fault::Unencrypted);
    }
    if url.contains('*') {
        faults.push(Fault::Wildcard);
    }
    let authority = authority(rest);
    if authority.contains('@') {
        faults.push(Fault::UserInfo);
    }
    if callback.kind == CallbackKind::Elsewhere
        && CallbackKind::host_of(url).is_some_and(|host| host.parse::<IpAddr>().is_ok())
    {
        faults.push(Fault::RawAddress);
    }
    faults
}

/// What stands between `//` and the path.
fn authority(behind_scheme: &str) -> &str {
    let rest = behind_scheme.strip_prefix("//").unwrap_or_default();
    &rest[..rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len())]
}

/// A callback without what people take for no difference: case, and slashes at the end.
fn folded(url: &str) -> String {
    url.trim().trim_end_matches('/').to_lowercase()
}

fn is_of_environment(url: &str) -> bool {
    let host = CallbackKind::host_of(url).unwrap_or_default();
    host.split(['.', '-', '_'])
        .any(|part| ENVIRONMENTS.contains(&part.trim_end_matches(|letter: char| letter.is_ascii_digit())))
}

impl Fault {
    fn severity(self) -> Severity {
        match self {
            Self::Unencrypted => Severity::High,
            Self::Unreadable | Self::Wildcard | Self::UserInfo | Self::RawAddress => Severity::Medium,
            Self::NearDuplicate | Self::Environments => Severity::Low,
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Unencrypted => "a callback is not encrypted: whoever is on the way reads the code",
            Self::Unreadable => "a callback is no address of a web server or an app",
            Self::Wildcard => "a callback has a wildcard: nobody knows all places that it stands for",
            Self::UserInfo => "a callback has a user in its address, which hides where it leads",
            Self::RawAddress => "a callback leads to a bare address, which no certificate of a name protects",
            Self::NearDuplicate => "callbacks differ by case or a slash only: one of them is a mistake",
            Self::Environments => "production and other environments share the app",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unencrypted => "unencrypted",
            Self::Unreadable => "unreadable",
            Self::Wildcard => "wildcard",
            Self::UserInfo => "user in it",
            Self::RawAddress => "bare address",
            Self::NearDuplicate => "near duplicate",
            Self::Environments => "not production",
        }
    }
}
