//! What a query takes, told from its shape: single blanks, keywords in capitals, names in lower case, no literals.

/// The columns and the reach of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected<'s> {
    /// The items of the main select list, in lower case; sub-selects are left out.
    pub columns: Vec<&'s str>,
    /// Whether a `WHERE`, `LIMIT` or `OFFSET` keeps it from all rows of its object.
    pub narrowed: bool,
    /// Whether the shape was cut before the object was named.
    pub cut: bool,
}

/// The object after the main `FROM`.
pub fn main_object(shape: &str) -> Option<&str> {
    let from = outside(shape, " FROM ")?;
    let rest = &shape[from + " FROM ".len()..];
    rest.split([' ', ',', '.', '(', ')']).next().filter(|object| !object.is_empty())
}

/// What a query of this shape takes.
pub fn selected(shape: &str) -> Selected<'_> {
    let Some(list) = shape.strip_prefix("SELECT ") else { return Selected::default() };
    let end = outside(list, " FROM ");
    let items = split_outside(&list[..end.unwrap_or(list.len())]);
    let columns = items.into_iter().map(str::trim).filter(|item| !item.is_empty() && !item.starts_with('('));
    let rest = end.map_or("", |end| &list[end..]);
    let narrowed = [" WHERE ", " LIMIT ", " OFFSET "].iter().any(|word| outside(rest, word).is_some());
    Selected { columns: columns.collect(), narrowed, cut: end.is_none() }
}

/// Where a word stands first outside all parentheses.
fn outside(text: &str, word: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && text[at..].starts_with(word) => return Some(at),
            _ => {}
        }
    }
    None
}

fn split_outside(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0_usize, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&list[start..]);
    items
}

#[cfg(test)]
mod tests {
    use super::{main_object, selected};
    use crate::value::soql;

    #[test]
    fn what_a_query_takes() {
        let shape = |text: &str| soql::read(text).shape;
        let taken = |text: &str| {
            let shape = shape(text);
            let selected = selected(&shape);
            (main_object(&shape).map(str::to_owned), selected.columns.join("|"), selected.narrowed)
        };
        let named = |object: &str| Some(object.to_owned());
        assert_eq!(taken("select Id , Name from Account"), (named("account"), "id|name".to_owned(), false));
        assert_eq!(
            taken("SELECT Id, (SELECT Id FROM Contacts WHERE X = 1), Owner.Name FROM Account LIMIT 10"),
            (named("account"), "id|owner.name".to_owned(), true)
        );
        assert_eq!(
            taken("SELECT FIELDS(ALL) FROM Case WHERE Id > '5' LIMIT 200"),
            (named("case"), "fields(all)".to_owned(), true)
        );
        assert_eq!(
            taken("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)"),
            (named("contact"), "id".to_owned(), true)
        );
        assert_eq!(taken("SELECT COUNT() FROM Lead"), (named("lead"), "count()".to_owned(), false));
        assert_eq!(taken("FIND {x} RETURNING Account(Id)"), (None, String::new(), false));
    }
}
