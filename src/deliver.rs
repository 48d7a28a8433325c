//! Delivery: records to where they are watched. At least once, resumable, and never silently lost.
//!
//! ```text
//! findings ──format──▶ spool/<destination>/*.tsv ──send──▶ receiver
//!                              │                              │ taken: delivered.tsv     refused: dead.ndjson
//!                              └──────── what is neither stays ────────────────────────────┘
//! ```
//! - A run writes each record into the spool of every destination before anything is sent. Each destination has its own
//!   spool, so that a slow or broken one neither blocks nor repeats another.
//! - A record leaves the spool when its receiver has definitely taken it, and is then noted with its finding's id and a
//!   digest of what it says. What has been noted is not spooled again: a run may be repeated. A note is given up when its
//!   finding was neither sent nor found again for long.
//! - A record that its receiver will never take is put aside with the answer, whole.
//! - Whenever the program dies, what was sent and not noted is sent again, with the same id.
//!
//! This is the one part of the library that connects to anything and looks at a clock.

mod clock;
mod courier;
mod datadog;
mod destination;
mod elastic;
mod file;
mod http;
mod plain;
mod receiver;
mod secret;
mod sentinel;
mod splunk;
mod spool;
mod syslog;
mod taken;

pub use courier::{Delivered, Effort, deliver};
pub use destination::{Destination, Destinations};
pub use secret::Environment;
pub use spool::{Dead, Spool, Standing};
pub use taken::Remember;
