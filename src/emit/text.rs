//! Where a text may be cut. Knows no format.

/// The longest beginning of a text that takes at most `most` bytes and ends between two characters.
pub(super) fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
