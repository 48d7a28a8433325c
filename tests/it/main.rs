//! All integration tests, in one binary: linking is what costs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "UPDATE=1 is read from the environment")]

mod apps;
mod audit;
mod check_pages;
mod cli;
mod configuration;
mod contract;
mod convert;
mod coverage;
mod detector_pages;
mod emitters;
mod events;
mod hostile_input;
mod incidents;
mod ingest;
mod inventory;
mod kit;
mod laws;
mod lists;
mod oracle;
mod page;
mod policy;
mod quality;
mod report;
mod run;
mod sample;
mod secrets;
mod soql;
mod statements;
#[path = "../../examples/quality/study.rs"]
#[expect(dead_code, reason = "the example prints tables, the tests hold a few of their numbers")]
mod study;
mod tidy;
