//! In which form an answer about apps is printed.

/// The forms.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// App by app, for reading.
    Text,
    /// As Markdown.
    Markdown,
    /// Everything as one JSON object.
    Json,
    /// A line for each answer.
    Csv,
}

/// The same, as options of their own.
#[derive(clap::Args)]
pub(super) struct Printed {
    /// Print everything as one JSON object.
    #[arg(long, conflicts_with_all = ["csv", "markdown"])]
    json: bool,
    /// Print lines of CSV.
    #[arg(long, conflicts_with = "markdown")]
    csv: bool,
    /// Print Markdown.
    #[arg(long)]
    markdown: bool,
}

impl Printed {
    pub(super) fn form(&self) -> Form {
        match (self.json, self.csv, self.markdown) {
            (true, ..) => Form::Json,
            (_, true, _) => Form::Csv,
            (.., true) => Form::Markdown,
            _ => Form::Text,
        }
    }
}
