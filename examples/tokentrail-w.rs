//! The benchmark's reference work W, as detector values on the public engine: the same findings that the peers in
//! `benches/rivals/` make, one NDJSON line each. Nothing here knows how the engine reads, counts or merges.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use serde_json::json;
use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Detector, Limit, Matching, Unit, Watch};
use tokentrail::engine::{Scan, Window, observe};
use tokentrail::finding::{Named, Severity, Subject};
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
        pattern: Pattern::Age { used: Role::LastUsed, created: Role::Created, never_used: false },
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
        resolve_apps: false,
        org: None,
        zone: None,
        idle_by_date: false,
        window: Window::Since(Time(1_756_080_000_000_000)),
        as_of: Some(Time(1_756_684_800_000_000)),
        threads: arguments.threads,
        limits: Limits::default(),
        taken: std::sync::Arc::default(),
    };
    let judged = observe(&scan, &mut Vec::new()).partial.judge(&scan)?;
    let mut out = BufWriter::new(File::create(arguments.out)?);
    for (detector, subject, found) in judged.matches(&scan) {
        if let Some(line) = line(detector, &subject, found) {
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    // The program ends here: giving back every small text first would only cost time.
    std::mem::forget(judged);
    Ok(())
}

fn line(detector: &str, subject: &Subject, found: &Match) -> Option<serde_json::Value> {
    let text = |name: &str| {
        found.seen.iter().chain(&found.judged_by).find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    };
    let number = |name: &str| text(name).and_then(|text| text.parse::<f64>().ok());
    let named =
        |named: &Option<Named>| named.as_ref().and_then(|named| named.id.clone().or_else(|| named.name.clone()));
    let (user, app) = (named(&subject.user), named(&subject.app));
    let first = Time(found.span.0).to_string();
    Some(match detector {
        "new_ip" => json!({"kind": detector, "user": user, "app": app, "ip": subject.address, "first": first,
            "events": found.count, "rows": number("rows")}),
        "spike" => json!({"kind": detector, "app": app, "day": text("day"), "rows": number("rows"),
            "median": number("median"), "mad": number("deviation")}),
        "session" => json!({"kind": detector, "session": subject.session, "networks": number("distinct"),
            "events": found.count}),
        "idle" => json!({"kind": detector, "user": user, "app": app, "created": text("created"),
            "last_used": text("last used")}),
        _ => json!({"kind": detector, "user": user, "ip": subject.address, "first": first,
            "tokens": number("tokens of the user")?, "apps": number("apps with tokens of the user")}),
    })
}
