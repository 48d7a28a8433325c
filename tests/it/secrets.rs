//! Secrets in exported text: the table of kinds, and what a search tells of them.

mod table;
