//! The one error of the library: what stops a run. What merely spoils a row or a file is a
//! [`Problem`](crate::ingest::Problem).

use std::path::PathBuf;

/// Why the program cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read or written.
    #[error("cannot open {}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A TOML file (schema, settings, app register) does not read.
    #[error("cannot read {}: {source}", path.display())]
    Toml {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A setting that no detector has, or a value that it cannot take.
    #[error("{0}")]
    Setting(String),
    /// None of the given paths holds anything.
    #[error(
        "no exports under {0}\n\nhint: give files or folders with .csv, .json, .ndjson, .parquet or .arrow exports, plain or as .gz, .zst or .zip"
    )]
    NothingToRead(String),
    /// None of the given paths holds anything that says how apps are configured.
    #[error(
        "no configuration under {0}\n\nhint: give a folder or zip of an `sf project retrieve start`, or rows of ConnectedApplication"
    )]
    NoConfiguration(String),
    /// A converted table cannot be written.
    #[error("{0}")]
    Table(String),
    /// A memory cannot be read or written.
    #[error("{0}")]
    Memory(String),
    /// Records cannot be delivered, or a destination is not described as it should be.
    #[error("{0}")]
    Delivery(String),
    /// The frames of a relational step did not fit: a defect in this program.
    #[error("internal: {0}")]
    Frame(String),
}
