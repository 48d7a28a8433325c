//! `tokentrail schemas`

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use tokentrail::schema::{Schema, Schemas};

use super::Ended;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// An event type, to see its columns.
    event_type: Option<String>,
    /// A folder of schemas to add, or to put in place of the embedded ones.
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let schemas = match &arguments.schemas {
        Some(folder) => Schemas::with_folder(folder)?,
        None => Schemas::embedded()?,
    };
    let mut out = super::stdout();
    match &arguments.event_type {
        None => {
            for schema in schemas.iter() {
                writeln!(out, "{:14} {} ({})", schema.event_type, schema.title, schema.table.name())?;
            }
        }
        Some(name) => {
            let Some(schema) = schemas.iter().find(|schema| schema.event_type.eq_ignore_ascii_case(name)) else {
                bail!("no event type is called {name:?}\n\nhint: list them with: tokentrail schemas");
            };
            describe(schema, &mut out)?;
        }
    }
    Ok(Ended::Well)
}

fn describe(schema: &Schema, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}: {}\nsource: {}\n", schema.event_type, schema.title, schema.source)?;
    let groups: Vec<String> = schema.known_by.iter().map(|group| group.join(" or ")).collect();
    writeln!(out, "recognised by: {}", groups.join(", and "))?;
    if !schema.unless.is_empty() {
        writeln!(out, "but not with:  {}", schema.unless.join(", "))?;
    }
    writeln!(out)?;
    for column in &schema.columns {
        let role = column.role.map_or("not read", |role| role.name());
        let marks = [(column.required, "required"), (column.secret, "secret"), (column.personal, "personal")];
        let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let also = if column.also.is_empty() { String::new() } else { format!("also {}", column.also.join(", ")) };
        let line = format!("  {:26} {:14} {:24} {also}", column.name, role, marks.join(" "));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
