//! The benchmark's reference work W, as detector values on the public engine: the same findings that the peers in
//! `benches/rivals/` make, one NDJSON line each. Nothing here knows how the engine reads, counts or merges.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use clap::Parser;
use rayon::iter::ParallelIterator;
use serde::Serialize;
use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use tokentrail::engine::{Scan, Window, observe};
use tokentrail::finding::{FactValue, Named, Severity, Subject};
use tokentrail::ingest::{Limits, discover};
use tokentrail::patterns::{Match, Pattern};
use tokentrail::schema::Schemas;
use tokentrail::settings::Values;
use tokentrail::value::Time;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    api: PathBuf,
    #[arg(long)]
    login: PathBuf,
    #[arg(long)]
    oauth: PathBuf,
    #[arg(long)]
    out: PathBuf,
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

const fn count(name: &'static str, value: i64) -> Limit {
    Limit { name, value, unit: Unit::Count, source: "the definition of W" }
}

/// Every first use in the window counts, whatever came before.
const ANY_HISTORY: &[Limit] = &[
    count("baseline-days", 0),
    count("baseline-events", 0),
    count("common-subjects", 0),
    count("common-days", 0),
    count("steady-values", 0),
];

const fn detector(id: &'static str, watch: Watch, limits: &'static [Limit]) -> Detector {
    Detector {
        id,
        version: 1,
        title: id,
        family: Family::Network,
        severity: Severity::Info,
        integration: Severity::Info,
        techniques: &[],
        doc: "",
        watch,
        limits,
        sentence: "",
        next_step: "",
    }
}

static NEW_IP: Detector = detector(
    "new_ip",
    Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::User, Role::App],
        pattern: Pattern::FirstSeen { of: Role::SourceIp, within: None, sum: Some(Role::Rows) },
    },
    ANY_HISTORY,
);
static SPIKE: Detector = detector(
    "spike",
    Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App],
        pattern: Pattern::Deviation { sum: Role::Rows },
    },
    &[count("baseline-days", 5), count("deviations", 6), count("at-least", 0)],
);
static SESSION: Detector = detector(
    "session",
    Watch {
        tables: &[Table::Calls],
        matching: Matching::Known(Role::Session),
        subject: &[Role::Session],
        pattern: Pattern::Spread { of: Role::Network },
    },
    &[count("at-least", 2), count("any-time", 1)],
);
static IDLE: Detector = detector(
    "idle",
    Watch {
        tables: &[Table::Tokens],
        matching: Matching::All,
        subject: &[Role::Token],
        pattern: Pattern::Age { used: Role::LastUsed, created: Role::Created, of: tokentrail::patterns::Ageing::Idle },
    },
    &[count("more-than", 30), count("up-to", 0)],
);
static LOGIN: Detector = detector(
    "login",
    Watch {
        tables: &[Table::Logins],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::FirstSeen { of: Role::SourceIp, within: None, sum: None },
    },
    ANY_HISTORY,
);

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (exports, _) = discover(&[arguments.api, arguments.login, arguments.oauth]);
    let detectors = [&NEW_IP, &SPIKE, &SESSION, &IDLE, &LOGIN];
    let scan = Scan {
        exports: &exports,
        schemas: &Schemas::embedded()?,
        detectors: &detectors,
        values: &Values::defaults(&detectors),
        register: &Register::default(),
        lists: std::sync::Arc::default(),
        networks: std::sync::Arc::default(),
        resolve_apps: false,
        org: None,
        zone: None,
        idle_by_date: false,
        window: Window::Since(Time(1_756_080_000_000_000)),
        as_of: Some(Time(1_756_684_800_000_000)),
        threads: arguments.threads,
        limits: Limits::default(),
        memory: None,
        taken: std::sync::Arc::default(),
    };
    let judged = observe(&scan, &mut Vec::new()).partial.judge(&scan)?;
    let lines = judged.matches(&scan).try_fold(Vec::new, |mut lines, (detector, subject, found)| {
        if let Some(line) = line(detector, &subject, found) {
            serde_json::to_writer(&mut lines, &line)?;
            lines.push(b'\n');
        }
        Ok::<_, serde_json::Error>(lines)
    });
    let lines: Vec<Vec<u8>> = lines.collect::<serde_json::Result<_>>()?;
    let mut out = File::create(arguments.out)?;
    lines.iter().try_for_each(|lines| out.write_all(lines))?;
    // The program ends here: giving back every small text first would only cost time.
    std::mem::forget(judged);
    Ok(())
}

/// A finding of W. Absent parts are left out; the peers' scripts write the same.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    NewIp { user: &'a str, app: &'a str, ip: &'a str, first: Time, events: u64, rows: i64 },
    Spike { app: &'a str, day: String, rows: i64, median: f64, mad: f64 },
    Session { session: &'a str, networks: i64, events: u64 },
    Idle { user: &'a str, app: &'a str, created: &'a FactValue, last_used: &'a FactValue },
    Login { user: &'a str, ip: &'a str, first: Time, tokens: i64, apps: i64 },
}

fn line<'a>(detector: &str, subject: &'a Subject, found: &'a Match) -> Option<Line<'a>> {
    let fact = |name: &str| {
        let fact = found.seen.iter().chain(&found.judged_by).find(|fact| fact.name == name)?;
        Some(&fact.value)
    };
    let number = |name: &str| match fact(name)? {
        FactValue::Number(number) => Some(*number),
        _ => None,
    };
    let named =
        |named: &'a Option<Named>| named.as_ref().and_then(|named| named.id.as_deref().or(named.name.as_deref()));
    let (user, app) = (named(&subject.user), named(&subject.app));
    let (ip, first) = (subject.address.as_deref(), Time(found.span.0));
    Some(match detector {
        "new_ip" => Line::NewIp { user: user?, app: app?, ip: ip?, first, events: found.count, rows: number("rows")? },
        "spike" => Line::Spike {
            app: app?,
            day: fact("day")?.to_string(),
            rows: number("rows")?,
            median: fact("median")?.to_string().parse().ok()?,
            mad: fact("deviation")?.to_string().parse().ok()?,
        },
        "session" => {
            Line::Session { session: subject.session.as_deref()?, networks: number("distinct")?, events: found.count }
        }
        "idle" => Line::Idle { user: user?, app: app?, created: fact("created")?, last_used: fact("last used")? },
        _ => Line::Login {
            user: user?,
            ip: ip?,
            first,
            tokens: number("tokens of the user")?,
            apps: number("apps with tokens of the user")?,
        },
    })
}
