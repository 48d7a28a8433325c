//! References to secrets: enough to tell two tokens apart, nothing to use one with.

use sha2::{Digest, Sha256};

/// A stable reference to a secret, `tok_` and 24 hexadecimal digits.
///
/// The secrets of an `OauthToken` export are long and random, so that a plain hash cannot be searched; the prefix in
/// the hash keeps the reference from being comparable with hashes of the same secret made elsewhere.
pub fn reference(secret: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"tokentrail token reference 1\0");
    hasher.update(secret);
    let mut reference = String::with_capacity(28);
    reference.push_str("tok_");
    push_hexadecimal(&mut reference, &hasher.finalize()[..12]);
    reference
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_hexadecimal(&mut text, bytes);
    text
}

fn push_hexadecimal(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
