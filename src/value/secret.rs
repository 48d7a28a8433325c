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
    format!("tok_{}", hexadecimal(&hasher.finalize()[..12]))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}
