//! Hostile text: which characters hide or disturb, and where a text may be cut.
//!
//! Knows no format; every format writes hidden characters in its own way.

/// Whether a character is unseen, ends a line, or changes how the text around it is shown.
///
/// Exports are full of text that attackers choose. Written as they are, these would split a record for readers that
/// break lines at U+0085 or U+2028, move a terminal's cursor, or turn a name around (U+202E).
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The longest beginning of a text that takes at most `most` bytes and ends between two characters.
pub(super) fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
