//! Whether what looks like a secret is one: checksums, structure, randomness, and what stands for a secret and is none.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use flate2::Crc;
use serde::{Deserialize, Serialize};

/// What a match has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Check {
    Format,
    Place,
    Entropy,
    Dense,
    Crc32,
    Jwt,
    Basic,
    Password,
    WordPassword,
}

/// What speaks for a match being a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It stands for a secret and is none: a mask, a template, a key of a manual.
    Example,
    /// It has the form.
    Format,
    /// It has the form, and is as random as secrets are.
    Entropy,
    /// What is inside can be read.
    Structure,
    /// Its checksum is right.
    Checksum,
}

impl Confidence {
    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Format => "format",
            Self::Entropy => "entropy",
            Self::Structure => "structure",
            Self::Checksum => "checksum",
        }
    }
}

/// The least bits a character that a random text of so many characters has. Short texts have less than long ones.
fn least_entropy(length: usize) -> f64 {
    if length < 24 { 2.8 } else { 3.2 }
}

impl Check {
    /// What speaks for the secret, and where it ends; nothing if it is none. `behind` is the text behind it.
    pub(super) fn judge(self, secret: &[u8], behind: &[u8]) -> Option<(Confidence, usize)> {
        let secret = if matches!(self, Self::Password | Self::WordPassword) { trimmed(secret) } else { secret };
        let length = secret.len();
        if self.is_shown_by_an_example(secret) {
            return Some((Confidence::Example, length));
        }
        let confidence = match self {
            Self::Format | Self::Place => Some(Confidence::Format),
            Self::Entropy => is_random(secret).then_some(Confidence::Entropy),
            // Sixteen digits cannot have more than four bits.
            Self::Dense => (is_random(secret) && entropy(secret) > 4.1).then_some(Confidence::Entropy),
            Self::Crc32 if has_checksum(secret) => Some(Confidence::Checksum),
            Self::Crc32 => is_random(secret).then_some(Confidence::Format),
            Self::Jwt => is_jwt(secret).then_some(Confidence::Structure),
            Self::Basic => is_basic(secret).then_some(Confidence::Structure),
            Self::Password | Self::WordPassword => password(secret, behind, self == Self::WordPassword),
        };
        confidence.map(|confidence| (confidence, length))
    }
}

/// A password without the end of the sentence that it stands in.
fn trimmed(secret: &[u8]) -> &[u8] {
    let end = secret.iter().rposition(|byte| !b".,:)]}\\".contains(byte)).map_or(0, |at| at + 1);
    &secret[..end]
}

/// What masks, templates and manuals say in place of a secret.
const SAYS_SO: [&str; 20] = [
    "your-",
    "your_",
    "xxxx",
    "example",
    "placeholder",
    "redacted",
    "masked",
    "hidden",
    "removed",
    "insert",
    "changeme",
    "change_me",
    "dummy",
    "sample",
    "goes_here",
    "goes-here",
    "****",
    "....",
    "${",
    "{{",
];

/// How many of those an address is held against: that it is one of an example tells nothing, as hosts go.
const OF_PLACES: usize = 3;

impl Check {
    /// Whether it only stands for a secret.
    fn is_shown_by_an_example(self, secret: &[u8]) -> bool {
        let is_password = matches!(self, Self::Password | Self::WordPassword);
        let lower = secret.to_ascii_lowercase();
        let says = |words: &str| memchr::memmem::find(&lower, words.as_bytes()).is_some();
        let first = lower.iter().find(|byte| byte.is_ascii_alphanumeric());
        let is_one_letter = lower.iter().filter(|byte| byte.is_ascii_alphanumeric()).all(|byte| Some(byte) == first);
        // `111111` is a password that people have.
        let is_mask = is_one_letter && !(is_password && first.is_some_and(u8::is_ascii_digit));
        let brackets = (secret.first().copied().unwrap_or(0), secret.last().copied().unwrap_or(0));
        let is_template =
            matches!(brackets, (b'<', b'>') | (b'{' | b'$', b'}') | (b'[', b']') | (b'%', b'%') | (b'$', b')'));
        let words = if self == Self::Place { &SAYS_SO[..OF_PLACES] } else { &SAYS_SO[..] };
        is_mask || is_template || lower.starts_with(b"your") || words.iter().any(|words| says(words))
    }
}

fn classes(secret: &[u8]) -> (usize, bool, bool, bool, bool) {
    let has = |is: fn(&u8) -> bool| secret.iter().any(is);
    let (lower, upper) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
    let (digit, sign) = (has(u8::is_ascii_digit), secret.iter().any(|byte| !byte.is_ascii_alphanumeric()));
    (usize::from(lower) + usize::from(upper) + usize::from(digit) + usize::from(sign), lower, upper, digit, sign)
}

/// Whether text has digits, letters, and as many different characters as if somebody had thrown dice for it.
fn is_random(secret: &[u8]) -> bool {
    let (_, lower, upper, digit, _) = classes(secret);
    digit && (lower || upper) && entropy(secret) >= least_entropy(secret.len()) && !is_hash_or_path(secret)
}

/// Paths and words joined by signs are long and varied, too.
fn is_hash_or_path(secret: &[u8]) -> bool {
    let words = secret.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| word.len() > 1);
    let (mut plain, mut mixed) = (0, 0);
    for word in words {
        let is_word = word.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_digit);
        if is_word { plain += word.len() } else { mixed += word.len() }
    }
    plain > mixed * 2
}

/// Shannon's measure, in bits a character.
pub(super) fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)).max(1.0);
    let bits = |count: &u32| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

/// GitHub's checksum: the last six characters are the CRC-32 of those between them and the prefix, in base 62.
fn has_checksum(token: &[u8]) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((body, sum)) = token.get(4..).and_then(|rest| rest.split_last_chunk::<6>()) else { return false };
    let mut crc = Crc::new();
    crc.update(body);
    let mut rest = u64::from(crc.sum());
    let mut expected = [b'0'; 6];
    for place in expected.iter_mut().rev() {
        *place = DIGITS[usize::try_from(rest % 62).unwrap_or(0)];
        rest /= 62;
    }
    *sum == expected
}

fn is_jwt(token: &[u8]) -> bool {
    let header = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    let Ok(header) = BASE64_URL_SAFE_NO_PAD.decode(header) else { return false };
    serde_json::from_slice::<serde_json::Value>(&header).is_ok_and(|header| header.get("alg").is_some())
}

fn is_basic(secret: &[u8]) -> bool {
    let Ok(text) = BASE64_STANDARD.decode(secret) else { return false };
    let is_text = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
    is_text && text.iter().position(|byte| *byte == b':').is_some_and(|at| at > 0 && at + 3 < text.len())
}

/// Words that stand behind `password:` and are none.
const NO_PASSWORDS: [&str; 56] = [
    "access",
    "account",
    "again",
    "already",
    "attached",
    "before",
    "below",
    "blocked",
    "cannot",
    "change",
    "changed",
    "correct",
    "default",
    "disabled",
    "email",
    "enabled",
    "encrypted",
    "enter",
    "expired",
    "expires",
    "failed",
    "false",
    "field",
    "following",
    "forgot",
    "forgotten",
    "global",
    "incorrect",
    "invalid",
    "locked",
    "login",
    "missing",
    "needed",
    "never",
    "option",
    "optional",
    "pending",
    "please",
    "policy",
    "protected",
    "provided",
    "rejected",
    "request",
    "required",
    "requested",
    "reset",
    "secure",
    "secret",
    "sent",
    "separately",
    "should",
    "something",
    "unknown",
    "updated",
    "username",
    "wrong",
];

/// People's passwords: `strictly` where a sentence leads to it and any word may follow.
fn password(secret: &[u8], behind: &[u8], strictly: bool) -> Option<Confidence> {
    let (classes, .., digit, sign) = classes(secret);
    let is_address = memchr::memmem::find(secret, b"://").is_some() || is_mail(secret);
    if secret.len() < 6 || is_address || secret.iter().all(|byte| !byte.is_ascii_alphanumeric()) {
        return None;
    }
    let has_inner_sign = sign && secret.iter().any(|byte| b"!@#$%^*+=?~|".contains(byte));
    // `Required`, `sign-in` and `user/admin` are words; `Summer24` and `hunter-7` are not.
    if !digit && !has_inner_sign {
        let lower = secret.to_ascii_lowercase();
        let is_known = NO_PASSWORDS.iter().any(|word| word.as_bytes() == lower);
        let ends_line = matches!(behind.trim_ascii_start(), []) || matches!(behind.first(), Some(b'\n' | b'\r' | b'<'));
        let ends = !strictly && ends_line && !is_known && !sign;
        return ends.then_some(Confidence::Format);
    }
    if strictly && (classes < 2 || !digit) {
        return None;
    }
    Some(if classes >= 3 && secret.len() >= 8 { Confidence::Entropy } else { Confidence::Format })
}

fn is_mail(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b'@');
    let (Some(name), Some(host), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let ending = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_name = !name.is_empty() && name.iter().all(|byte| is_host(byte) || b"_+".contains(byte));
    is_name && host.contains(&b'.') && host.iter().all(is_host) && ending.iter().all(u8::is_ascii_alphabetic)
}
