//! `tokentrail schemas`

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use tokentrail::batch::{Role, Table};
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
            let width = schemas.iter().map(|schema| schema.event_type.len()).max().unwrap_or(0);
            for table in Table::ALL {
                writeln!(out, "{}", table.name())?;
                for schema in schemas.iter().filter(|schema| schema.table == table) {
                    writeln!(out, "  {:width$}  {}", schema.event_type, schema.title)?;
                }
            }
        }
        Some(name) => {
            let Some(schema) = schemas.called(name) else {
                bail!("no event type is called {name:?}\n\nhint: list them with: tokentrail schemas");
            };
            describe(schema, &mut out)?;
        }
    }
    Ok(Ended::Well)
}

fn describe(schema: &Schema, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}: {}\nsource: {}\n", schema.event_type, schema.title, schema.source)?;
    if !schema.called.is_empty() {
        writeln!(out, "also called:   {}", schema.called.join(", "))?;
    }
    let groups: Vec<String> = schema.known_by.iter().map(|group| group.join(" or ")).collect();
    let by_name = "a row or record that says so".to_owned();
    let groups = std::iter::once(by_name).chain((!groups.is_empty()).then(|| groups.join(", and ")));
    writeln!(out, "recognised by: {}", groups.collect::<Vec<_>>().join("; or "))?;
    if !schema.unless.is_empty() {
        writeln!(out, "but not with:  {}", schema.unless.join(", "))?;
    }
    for (role, text) in &schema.implies {
        writeln!(out, "every row is:  {} {text}", role.name_in_words())?;
    }
    writeln!(out)?;
    for column in &schema.columns {
        let roles: Vec<&str> = [column.role, column.and_role].into_iter().flatten().map(Role::name).collect();
        let role = if roles.is_empty() { "not read".to_owned() } else { roles.join(", ") };
        let marks = [(column.required, "required"), (column.secret, "secret"), (column.personal, "personal")];
        let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let also = if column.also.is_empty() { String::new() } else { format!("also {}", column.also.join(", ")) };
        let line = format!("  {:26} {:26} {:18} {also}", column.name, role, marks.join(" "));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
