//! The study of detection quality: what the example prints and what `tests/it/quality.rs` holds.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "invented data and small numbers"
)]

#[path = "../generate/calendar.rs"]
pub(crate) mod calendar;
#[path = "../generate/ids.rs"]
pub(crate) mod ids;
#[path = "../generate/random.rs"]
pub(crate) mod random;

pub(crate) mod benign;
pub(crate) mod campaigns;
pub(crate) mod evasion;
pub(crate) mod frozen;
pub(crate) mod measure;
pub(crate) mod profile;
pub(crate) mod report;
pub(crate) mod rivals;
pub(crate) mod row;
pub(crate) mod world;
