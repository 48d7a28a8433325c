//! Salesforce record ids: 15 case-sensitive characters, or 18 where three more make up for lost case.

/// The 18-character form of an id given as 15 or 18 characters, or nothing if the text is no id.
///
/// The suffix is one character for each block of five, from `A-Z0-5`: bit j is set where character j is upper case.
/// An 18-character id whose suffix does not fit had its case folded somewhere: it is not an id any more.
pub fn canonical(text: &[u8]) -> Option<String> {
    if !matches!(text.len(), 15 | 18) || !text.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let (stem, given) = text.split_at(15);
    let suffix = suffix(stem);
    if !given.is_empty() && !given.eq_ignore_ascii_case(&suffix) {
        return None;
    }
    let mut id = String::with_capacity(18);
    id.extend(stem.iter().chain(&suffix).map(|&byte| char::from(byte)));
    Some(id)
}

/// Whether the text has the shape of an id with this three-character key prefix (`005` user, `0H4` connected app).
pub fn has_prefix(text: &str, prefix: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.starts_with(prefix)
}

fn suffix(stem: &[u8]) -> [u8; 3] {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut out = [b'A'; 3];
    for (slot, block) in out.iter_mut().zip(stem.chunks(5)) {
        let bits =
            block.iter().enumerate().fold(0, |bits, (j, byte)| bits | (usize::from(byte.is_ascii_uppercase()) << j));
        *slot = ALPHABET[bits];
    }
    out
}
