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
