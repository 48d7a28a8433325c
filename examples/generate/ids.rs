//! Identifiers in the shapes that Salesforce uses: 18-character record ids, UUIDs, session keys.
//!
//! The values are made up; only the shapes and the check suffix are real.

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// An id with a three-character key prefix (`005`, `0H4`, `0Ya`, …), the check suffix included.
pub(crate) fn record_id(prefix: &str, number: u64) -> [u8; 18] {
    let mut id = *b"___Tr0000000000___";
    id[..3].copy_from_slice(prefix.as_bytes());
    let mut rest = number;
    for place in (6..15).rev() {
        id[place] = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    for block in 0..3 {
        id[15 + block] = check_character(&id[block * 5..block * 5 + 5]);
    }
    id
}

/// The same as text.
pub(crate) fn record_id_text(prefix: &str, number: u64) -> String {
    String::from_utf8_lossy(&record_id(prefix, number)).into_owned()
}

/// A version 4 UUID of two numbers.
pub(crate) fn uuid(high: u64, low: u64) -> [u8; 36] {
    let high = (high & !0xF000) | 0x4000;
    let low = (low & !(0xC0 << 56)) | (0x80 << 56);
    let bits = (u128::from(high) << 64) | u128::from(low);
    let mut text = [b'-'; 36];
    let mut shift = 128;
    for (place, byte) in text.iter_mut().enumerate() {
        if !matches!(place, 8 | 13 | 18 | 23) {
            shift -= 4;
            *byte = b"0123456789abcdef"[(bits >> shift) as usize & 15];
        }
    }
    text
}

/// Sixteen characters as in `SessionKey`; they hold `+` and `/`.
pub(crate) fn session_key(number: u64) -> [u8; 16] {
    let bits = (u128::from(super::random::mix(number)) << 64) | u128::from(number);
    std::array::from_fn(|place| BASE64[(bits >> (122 - place * 6)) as usize & 63])
}

/// Sixteen letters and digits as in `LoginKey`.
pub(crate) fn login_key(number: u64) -> [u8; 16] {
    session_key(number ^ 0x4C6F_6769_6E4B_6579).map(|byte| match byte {
        b'+' => b'k',
        b'/' => b'q',
        other => other,
    })
}

/// One bit for each capital letter of a five-character block, as a letter or digit.
fn check_character(block: &[u8]) -> u8 {
    let capitals = block.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
    CHECK[capitals.map(|(place, _)| 1 << place).sum::<usize>()]
}
