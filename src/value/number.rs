//! Numbers with a fraction, held in millionths.

/// `58`, `58.0`, `-122.3938` or `1.5e2` in millionths; further digits are dropped. Nothing if it is no number, or too
/// large.
///
/// Decimals are read digit by digit: what a double cannot hold exactly stays exact.
pub fn millionths(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return by_float(text);
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    let fraction = fraction.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    let number = whole.checked_mul(1_000_000)?.checked_add(fraction)?;
    Some(if negative { -number } else { number })
}

/// Numbers with an exponent.
fn by_float(text: &str) -> Option<i64> {
    let number = text.parse::<f64>().ok()? * 1e6;
    let exact = number.is_finite() && number.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 survive the way through a double")]
    exact.then_some(number.round() as i64)
}
