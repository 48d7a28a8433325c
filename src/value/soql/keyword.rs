//! The words that may have a meaning of their own. Where one stands decides whether it has: `FROM Order ORDER BY`.

/// A keyword, or the class of those that are treated alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Select,
    Find,
    Returning,
    From,
    Using,
    Where,
    With,
    Group,
    Order,
    By,
    Having,
    Limit,
    Offset,
    For,
    Update,
    All,
    Rows,
    As,
    TypeOf,
    When,
    Then,
    Else,
    End,
    Not,
    /// Between two conditions.
    Join,
    /// An operator that is a word; its value follows.
    Compare,
    /// `GROUP BY ROLLUP(…)` and its like.
    Rollup,
    /// What `FOR` and `UPDATE` take.
    Usage,
    /// A value that stays a word in the shape.
    Constant,
    /// A date without an argument.
    Moment,
    /// A word that belongs to the clause it stands in.
    Plain,
}

/// No keyword is longer.
const LONGEST: usize = 19;

impl Keyword {
    /// The keyword that a word may be, in any case.
    pub(super) fn of(word: &str) -> Option<Self> {
        let mut capitals = [0; LONGEST];
        let capitals = capitals.get_mut(..word.len())?;
        capitals.copy_from_slice(word.as_bytes());
        capitals.make_ascii_uppercase();
        Some(match &*capitals {
            b"SELECT" => Self::Select,
            b"FIND" => Self::Find,
            b"RETURNING" => Self::Returning,
            b"FROM" => Self::From,
            b"USING" => Self::Using,
            b"WHERE" => Self::Where,
            b"WITH" => Self::With,
            b"GROUP" => Self::Group,
            b"ORDER" => Self::Order,
            b"BY" => Self::By,
            b"HAVING" => Self::Having,
            b"LIMIT" => Self::Limit,
            b"OFFSET" => Self::Offset,
            b"FOR" => Self::For,
            b"UPDATE" => Self::Update,
            b"ALL" => Self::All,
            b"ROWS" => Self::Rows,
            b"AS" => Self::As,
            b"TYPEOF" => Self::TypeOf,
            b"WHEN" => Self::When,
            b"THEN" => Self::Then,
            b"ELSE" => Self::Else,
            b"END" => Self::End,
            b"NOT" => Self::Not,
            b"AND" | b"OR" => Self::Join,
            b"LIKE" | b"IN" | b"INCLUDES" | b"EXCLUDES" => Self::Compare,
            b"ROLLUP" | b"CUBE" => Self::Rollup,
            b"VIEW" | b"REFERENCE" | b"TRACKING" | b"VIEWSTAT" => Self::Usage,
            b"TRUE" | b"FALSE" | b"NULL" => Self::Constant,
            b"ASC" | b"DESC" | b"NULLS" | b"FIRST" | b"LAST" | b"SCOPE" | b"DATA" | b"CATEGORY" | b"AT" | b"ABOVE"
            | b"BELOW" | b"ABOVE_OR_BELOW" | b"SECURITY_ENFORCED" | b"USER_MODE" | b"SYSTEM_MODE" | b"DIVISION"
            | b"HIGHLIGHT" | b"METADATA" | b"NETWORK" | b"SNIPPET" | b"SPELL_CORRECTION" => Self::Plain,
            other if is_moment(other) => Self::Moment,
            _ => return None,
        })
    }
}

/// Whether the value is a date without an argument: `TODAY`, `THIS_FISCAL_YEAR`. It is in capitals.
fn is_moment(value: &[u8]) -> bool {
    if matches!(value, b"TODAY" | b"YESTERDAY" | b"TOMORROW") {
        return true;
    }
    match value.split_at_checked(5) {
        Some((b"LAST_" | b"THIS_" | b"NEXT_", unit)) => {
            matches!(unit, b"WEEK" | b"MONTH" | b"QUARTER" | b"YEAR" | b"90_DAYS" | b"FISCAL_QUARTER" | b"FISCAL_YEAR")
        }
        _ => false,
    }
}
