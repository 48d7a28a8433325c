//! Kits: what a user installs in a SIEM, so that findings are fields, alerts and dashboards there.
//!
//! A kit is a list of files. What names fields is made from the tables that the emitters have ([`Field`]); queries, and
//! everything else that is fixed, stand in `kits/` as they are written.

use std::fmt::Write as _;
use std::io;

use crate::emit::Field;

mod elastic;
mod sentinel;
mod splunk;

/// A SIEM that there is a kit for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kit {
    /// Splunk: an add-on.
    Splunk,
    /// Microsoft Sentinel: a template of Azure Resource Manager and queries.
    Sentinel,
    /// Elasticsearch and Kibana: templates for a data stream.
    Elastic,
}

/// One file of a kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitFile {
    /// Where it goes, below the kit's folder, with `/` between the parts.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Kit {
    /// All kits.
    pub const ALL: [Self; 3] = [Self::Splunk, Self::Sentinel, Self::Elastic];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Splunk => "splunk",
            Self::Sentinel => "sentinel",
            Self::Elastic => "elastic",
        }
    }

    /// Its files, the same bytes in every run.
    ///
    /// # Errors
    /// If the archive cannot be packed.
    pub fn files(self) -> io::Result<Vec<KitFile>> {
        match self {
            Self::Splunk => splunk::files(),
            Self::Sentinel => Ok(sentinel::files()),
            Self::Elastic => Ok(elastic::files()),
        }
    }

    /// What to do with the files, a step a line.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Splunk => splunk::STEPS,
            Self::Sentinel => sentinel::STEPS,
            Self::Elastic => elastic::STEPS,
        }
    }
}

/// A text with its places filled: `{version}` with the program's, others as given.
fn text_file(path: impl Into<String>, template: &str, places: &[(&str, &str)]) -> KitFile {
    let mut text = template.replace("{version}", env!("CARGO_PKG_VERSION"));
    for (place, value) in places {
        text = text.replace(place, value);
    }
    KitFile { path: path.into(), bytes: text.into_bytes() }
}

/// A value as JSON for people.
fn json_file(path: impl Into<String>, value: &serde_json::Value) -> KitFile {
    KitFile { path: path.into(), bytes: format!("{value:#}\n").into_bytes() }
}

/// Fields as a table in Markdown.
fn field_table(fields: &[Field]) -> String {
    let mut table = "| field | holds | from |\n|---|---|---|\n".to_owned();
    for field in fields {
        let _ = writeln!(table, "| `{}` | {} | {} |", field.name, field.kind.words(), field.from);
    }
    table.truncate(table.trim_end().len());
    table
}
