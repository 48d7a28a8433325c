//! One row of an export before it has a form: values by field name.

/// A value by its Salesforce type. Null is an empty text.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    /// A whole number in a field of type double; most exports write it as `12.0`.
    Double(i64),
    /// Milliseconds since 1970, UTC.
    Time(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

/// A row and the time that it is ordered by.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub time: i64,
    cells: Vec<(&'static str, Value)>,
}

impl Row {
    pub(super) fn new(time: i64) -> Row {
        Row { time, cells: Vec::new() }
    }

    /// The row at another time.
    pub(super) fn at(self, time: i64) -> Row {
        Row { time, ..self }
    }

    /// The row with one more field.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Row {
        self.cells.push((name, value.into()));
        self
    }

    /// The row with another value in a field.
    pub(super) fn replacing(mut self, name: &'static str, value: impl Into<Value>) -> Row {
        self.cells.retain(|(known, _)| *known != name);
        self.with(name, value)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.cells.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text of a field, empty if it has none.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }
}
