//! In which form an answer is printed.

/// The forms.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// For reading.
    Text,
    /// As Markdown.
    Markdown,
    /// Everything as JSON.
    Json,
    /// A line for each answer.
    Csv,
}

/// How to print.
#[derive(clap::Args)]
pub(super) struct Printed {
    /// How to print.
    #[arg(long, value_name = "FORM", default_value = "text")]
    print: Form,
    /// The same as --print json.
    #[arg(long, conflicts_with_all = ["print", "csv", "markdown"])]
    json: bool,
    /// The same as --print csv.
    #[arg(long, conflicts_with_all = ["print", "markdown"])]
    csv: bool,
    /// The same as --print markdown.
    #[arg(long, conflicts_with = "print")]
    markdown: bool,
}

impl Printed {
    /// The form that was asked for.
    pub(super) fn form(&self) -> Form {
        match (self.json, self.csv, self.markdown) {
            (true, ..) => Form::Json,
            (_, true, _) => Form::Csv,
            (.., true) => Form::Markdown,
            _ => self.print,
        }
    }
}
