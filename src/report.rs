//! Reports for people: what happened, for who has to say so; and what to mend this week, for who administers apps.

pub mod document;
