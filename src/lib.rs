//! tokentrail finds who is abusing OAuth tokens and connected apps in exported Salesforce event logs.
//!
//! ```text
//! exports ──ingest──▶ batches ──patterns──▶ matches ──▶ findings ──emit──▶ records
//! ```
//! [`scan`](engine::scan) runs the whole of it. Detectors are values ([`detectors::ALL`]), patterns are the shapes that
//! they look for, emitters write what was found;
//! [`convert`](convert::convert) writes exports as tables for others. Nothing in this library prints, reads the clock or the environment.

pub mod apps;
pub mod audit;
pub mod batch;
pub mod case;
pub mod changes;
pub mod check;
pub mod checks;
pub mod configuration;
pub mod containment;
pub mod context;
pub mod convert;
pub mod coverage;
pub mod deliver;
pub mod detector;
pub mod detectors;
pub mod dictionary;
pub mod diff;
pub mod emit;
pub mod engine;
pub mod error;
pub mod events;
mod evidence;
pub mod exceptions;
pub mod finding;
mod folded;
mod frame;
mod held;
pub mod history;
pub mod impact;
pub mod incident;
pub mod ingest;
pub mod inventory;
pub mod kit;
pub mod lists;
pub mod memory;
pub mod networks;
pub mod patterns;
pub mod pivot;
mod places;
pub mod profile;
pub mod report;
pub mod revocation;
pub mod rollout;
pub mod schema;
pub mod secrets;
pub mod settings;
mod subjects;
pub mod sweep;
pub mod timeline;
pub mod told;
pub mod value;
pub mod words;
