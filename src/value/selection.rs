//! How much of an object a query takes.

use super::soql::{FieldSet, Query};

/// A list of so many columns is written to copy, not to show.
pub const MANY_COLUMNS: u32 = 20;

/// What stands for all queries that name fewer columns.
pub const FEW: &str = "few columns";

/// `FIELDS(ALL) of Account`, `20 columns or more of Account`, or [`FEW`].
pub fn of_query(query: &Query) -> String {
    let Some(object) = query.objects.first() else { return FEW.to_owned() };
    match query.fields {
        Some(FieldSet::All) => format!("FIELDS(ALL) of {object}"),
        Some(FieldSet::Standard) => format!("FIELDS(STANDARD) of {object}"),
        Some(FieldSet::Custom) => format!("FIELDS(CUSTOM) of {object}"),
        None if query.columns >= MANY_COLUMNS => format!("{MANY_COLUMNS} columns or more of {object}"),
        None => FEW.to_owned(),
    }
}

/// Whether it is more than a few columns.
pub fn is_wide(selection: &str) -> bool {
    selection != FEW
}

#[cfg(test)]
mod tests {
    use super::{FEW, is_wide, of_query};
    use crate::value::soql;

    #[test]
    fn many_columns_begin_at_twenty() {
        let columns = |count: usize| (0..count).map(|number| format!("F{number}__c")).collect::<Vec<_>>().join(", ");
        let selection = |list: &str| of_query(&soql::read(&format!("SELECT {list} FROM Account")));
        assert_eq!(selection(&columns(19)), FEW);
        assert_eq!(selection(&columns(20)), "20 columns or more of Account");
        assert_eq!(selection("FIELDS(ALL)"), "FIELDS(ALL) of Account");
        assert_eq!(selection("FIELDS(STANDARD), Id"), "FIELDS(STANDARD) of Account");
        assert_eq!(selection("FIELDS(CUSTOM)"), "FIELDS(CUSTOM) of Account");
        assert_eq!(of_query(&soql::read("SELECT FIELDS(ALL)")), FEW);
        assert!(is_wide("FIELDS(ALL) of Account") && !is_wide(FEW));
    }
}
