//! Where in a query the reader is: which query, which clause of it, and what belongs next.

use super::keyword::Keyword;

/// A query, or what stands between two parentheses.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) at: usize,
    pub(super) role: Role,
    /// The current clause, or the one that the parentheses stand in.
    pub(super) clause: Clause,
    /// Whether it has clauses of its own.
    pub(super) is_query: bool,
    /// What follows a comma.
    pub(super) item: Want,
    /// Whether it is the argument of `FIELDS`.
    pub(super) is_field_set: bool,
}

/// Which query a frame belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Main,
    /// A list after `RETURNING`.
    Returned,
    /// A sub-select in a select list.
    Related,
    /// A sub-select in a condition.
    Joined,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// Before the first word.
    Start,
    /// No query.
    Unknown,
    Find,
    Returning,
    Fields,
    TypeOf,
    From,
    Using,
    Where,
    With,
    Group,
    Having,
    Order,
    Limit,
    Offset,
    /// `FOR …`, `UPDATE …`, `ALL ROWS`.
    Tail,
}

/// What belongs next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Name,
    Value,
    /// Anything that may follow a name or a value.
    More,
}

impl Frame {
    /// The whole text.
    pub(super) const TEXT: Self =
        Self { at: 0, role: Role::Main, clause: Clause::Start, is_query: true, item: Want::Name, is_field_set: false };

    pub(super) fn is_main(self) -> bool {
        matches!(self.role, Role::Main | Role::Returned)
    }

    /// Whether its clause is a query's own one.
    pub(super) fn is_in(self, clause: Clause) -> bool {
        self.is_query && self.clause == clause
    }

    /// Whether what belongs next is an object's name.
    pub(super) fn wants_object(self, want: Want) -> bool {
        want == Want::Name && (self.is_in(Clause::From) || self.is_in(Clause::Returning))
    }

    /// Whether a query that ends here has named no object, or not all that it should.
    pub(super) fn lacks_object(self, want: Want) -> bool {
        let before_from = self.is_query && self.role != Role::Returned && self.clause.is_select_list();
        before_from || self.wants_object(want)
    }

    /// Whether a second word may follow a name here: an alias, or a word that the reader need not know.
    pub(super) fn takes_more_words(self) -> bool {
        match self.clause {
            Clause::Fields | Clause::From => self.is_query,
            Clause::Start | Clause::Unknown | Clause::Find | Clause::Using | Clause::With | Clause::Tail => true,
            _ => false,
        }
    }
}

impl Clause {
    /// The clause that a keyword begins.
    pub(super) fn begun_by(keyword: Keyword) -> Option<Self> {
        Some(match keyword {
            Keyword::From => Self::From,
            Keyword::Returning => Self::Returning,
            Keyword::Using => Self::Using,
            Keyword::Where => Self::Where,
            Keyword::With => Self::With,
            Keyword::Group => Self::Group,
            Keyword::Having => Self::Having,
            Keyword::Order => Self::Order,
            Keyword::Limit => Self::Limit,
            Keyword::Offset => Self::Offset,
            Keyword::For | Keyword::Update | Keyword::All => Self::Tail,
            _ => return None,
        })
    }

    /// What its keyword is followed by.
    pub(super) fn wants(self) -> Want {
        match self {
            Self::From | Self::Returning | Self::Where | Self::Having => Want::Name,
            Self::Limit | Self::Offset => Want::Value,
            _ => Want::More,
        }
    }

    pub(super) fn is_select_list(self) -> bool {
        matches!(self, Self::Fields | Self::TypeOf)
    }
}
