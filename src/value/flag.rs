//! Yes and no, as exports spell them: `true`, `TRUE`, `1`.

/// Whether a cell says yes.
pub fn is_yes(text: &str) -> bool {
    text == "1" || text.eq_ignore_ascii_case("true")
}

/// Whether a cell says no. What says neither is not known.
pub fn is_no(text: &str) -> bool {
    text == "0" || text.eq_ignore_ascii_case("false")
}
