//! Text to time. The one common form is read digit by digit; the rare local forms go through the calendar library.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::OffsetName;

use super::{DAY, SECOND, Time};

/// A time zone of the IANA database, for texts that name none.
pub type Zone = chrono_tz::Tz;

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTime {
    /// None of the known forms.
    Malformed,
    /// A local time, and no zone was given to read it in.
    ZoneNeeded,
    /// A local time that the zone skipped or had twice, and the text does not say which.
    Ambiguous,
    /// Before 2000 or after 2099.
    OutOfRange,
}

/// The accepted forms: ISO 8601 with `Z` or an offset; `YYYY-MM-DD HH:MM:SS[.fff]` (UTC); `YYYYMMDDhhmmss[.fff]` (UTC);
/// seconds or milliseconds since 1970; `M/D/YYYY, h:mm:ss AM PDT` and `MM/dd/yyyy HH:mm:ss zzz` of Setup downloads.
pub(super) fn time(text: &[u8], zone: Option<Zone>) -> Result<Time, NoTime> {
    if let Some(common) = common(text) {
        return Ok(common);
    }
    let parsed = match text {
        [_, _, _, _, b'-', ..] => iso(text, zone),
        _ if text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') => digits(text),
        _ => local(text, zone),
    }?;
    if (Time::EARLIEST..Time::LATEST).contains(&parsed) { Ok(parsed) } else { Err(NoTime::OutOfRange) }
}

/// `2025-08-17T11:11:23.123Z`, between 2000 and 2099: what nearly every export holds. Nothing for any other text, right
/// or wrong.
fn common(text: &[u8]) -> Option<Time> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let (words, _) = text.as_chunks::<8>();
    let [date, hours, rest] = [0, 1, 2].map(|at: usize| u64::from_le_bytes(words[at]));
    // Where digits belong the pattern has zeros: what is left of a digit is its value, and of anything else too much.
    let [date, hours, rest] =
        [date ^ pattern(*b"2000-00-"), hours ^ pattern(*b"00T00:00"), rest ^ pattern(*b":00.000Z")];
    let too_much = |word: u64, digits: u64| {
        let (sevens, tops) = (digits / 0xff * 0x76, digits / 0xff * 0x80);
        (word & !digits) | ((((word & digits) + sevens) | word) & tops)
    };
    let wrong = too_much(date, 0x00ff_ff00_ffff_0000)
        | too_much(hours, 0xffff_00ff_ff00_ffff)
        | too_much(rest, 0x00ff_ffff_00ff_ff00);
    if wrong != 0 {
        return None;
    }
    let pair = |word: u64, at: u32| i64::from((word >> at & 15) as u8) * 10 + i64::from((word >> (at + 8) & 15) as u8);
    let year = 2000 + pair(date, 16);
    let (month, day) = (pair(date, 40), pair(hours, 0));
    let (hour, minute, second) = (pair(hours, 24), pair(hours, 48), pair(rest, 8));
    let millis = pair(rest, 32) * 10 + i64::from((rest >> 48 & 15) as u8);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_1970(year, month, day)?;
    Some(Time(days * DAY + ((hour * 60 + minute) * 60 + second) * SECOND + millis * 1000))
}

/// Eight bytes of a text that a time is compared with.
const fn pattern(text: [u8; 8]) -> u64 {
    u64::from_le_bytes(text)
}

fn iso(text: &[u8], zone: Option<Zone>) -> Result<Time, NoTime> {
    if text.len() < 19 || text[7] != b'-' || text[13] != b':' || text[16] != b':' {
        return Err(NoTime::Malformed);
    }
    let separator = text[10];
    let civil = civil_micros(
        number(&text[0..4])?,
        number(&text[5..7])?,
        number(&text[8..10])?,
        number(&text[11..13])?,
        number(&text[14..16])?,
        number(&text[17..19])?,
    )?;
    let (fraction, rest) = fraction_micros(&text[19..])?;
    let civil = civil + fraction;
    match (separator, rest) {
        (b'T' | b't' | b' ', b"Z" | b"z") | (b' ', b"" | b" UTC") => Ok(Time(civil)),
        (b'T' | b't' | b' ', [b'+' | b'-', ..]) => Ok(Time(civil - offset_micros(rest)?)),
        (b'T' | b't', b"") => in_zone(civil, zone, None),
        _ => Err(NoTime::Malformed),
    }
}

/// `20251001110003.509`, or seconds or milliseconds since 1970.
fn digits(text: &[u8]) -> Result<Time, NoTime> {
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        Some(at) => (&text[..at], fraction_micros(&text[at..])?.0),
        None => (text, 0),
    };
    match whole.len() {
        14 => Ok(Time(
            civil_micros(
                number(&whole[0..4])?,
                number(&whole[4..6])?,
                number(&whole[6..8])?,
                number(&whole[8..10])?,
                number(&whole[10..12])?,
                number(&whole[12..14])?,
            )? + fraction,
        )),
        9 | 10 => Ok(Time(number(whole)? * SECOND + fraction)),
        12 | 13 => Ok(Time(number(whole)? * 1000 + fraction / 1000)),
        _ => Err(NoTime::Malformed),
    }
}

/// Month first, as Setup downloads write it for US locales; the zone's abbreviation only tells winter from summer.
fn local(text: &[u8], zone: Option<Zone>) -> Result<Time, NoTime> {
    let text = std::str::from_utf8(text).map_err(|_| NoTime::Malformed)?;
    let spaced = text.replace(['\u{202f}', '\u{a0}', ','], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let [date, clock, rest @ ..] = words.as_slice() else { return Err(NoTime::Malformed) };
    let (half, abbreviation) = match rest {
        [] => (None, None),
        [half @ ("AM" | "PM" | "am" | "pm")] => (Some(*half), None),
        [half @ ("AM" | "PM" | "am" | "pm"), abbreviation] => (Some(*half), Some(*abbreviation)),
        [abbreviation] => (None, Some(*abbreviation)),
        _ => return Err(NoTime::Malformed),
    };
    let date: Vec<i64> = numbers(date, '/')?;
    let clock: Vec<i64> = numbers(clock, ':')?;
    let (&[month, day, year], &[hour, minute, ref seconds @ ..]) = (&date[..], &clock[..]) else {
        return Err(NoTime::Malformed);
    };
    let hour = match (half, hour) {
        (None, hour) => hour,
        (Some(_), hour) if !(1..=12).contains(&hour) => return Err(NoTime::Malformed),
        (Some("AM" | "am"), hour) => hour % 12,
        (Some(_), hour) => hour % 12 + 12,
    };
    let second = seconds.first().copied().unwrap_or(0);
    let civil = civil_micros(year, month, day, hour, minute, second)?;
    match abbreviation {
        Some("GMT" | "UTC" | "Z") => Ok(Time(civil)),
        Some(word) if word.starts_with("GMT") || word.starts_with("UTC") => Ok(Time(civil - hours_east(&word[3..])?)),
        _ => in_zone(civil, zone, abbreviation),
    }
}

/// A civil time in a zone. Where the zone had it twice, the zone's own abbreviation (`CEST`, `CET`) says which is meant.
fn in_zone(civil: i64, zone: Option<Zone>, abbreviation: Option<&str>) -> Result<Time, NoTime> {
    let zone = zone.ok_or(NoTime::ZoneNeeded)?;
    let naive = chrono::DateTime::from_timestamp_micros(civil).ok_or(NoTime::OutOfRange)?.naive_utc();
    let settled = match zone.from_local_datetime(&naive as &NaiveDateTime) {
        LocalResult::Single(one) => one,
        LocalResult::None => return Err(NoTime::Ambiguous),
        LocalResult::Ambiguous(earlier, later) => {
            let named = |time: &chrono::DateTime<Zone>| time.offset().abbreviation() == abbreviation;
            [earlier, later].into_iter().find(named).ok_or(NoTime::Ambiguous)?
        }
    };
    Ok(Time(settled.timestamp_micros()))
}

fn civil_micros(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Result<i64, NoTime> {
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return Err(NoTime::Malformed);
    }
    let days = days_since_1970(year, month, day).ok_or(NoTime::Malformed)?;
    Ok(days * DAY + ((hour * 60 + minute) * 60 + second) * SECOND)
}

/// The common years by arithmetic, checked: this runs once per row.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    const BEFORE_MONTH: [i64; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [i64; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1971..2100).contains(&year) {
        let date =
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        return Some(i64::from(date.to_epoch_days()));
    }
    if !(1..=12).contains(&month) {
        return None;
    }
    let leap = i64::from(year % 4 == 0);
    let index = usize::try_from(month).ok()?;
    let length = LENGTH[index] + if month == 2 { leap } else { 0 };
    if !(1..=length).contains(&day) {
        return None;
    }
    let leap_days_before = (year - 1969) / 4;
    let leap_day = if month > 2 { leap } else { 0 };
    Some((year - 1970) * 365 + leap_days_before + BEFORE_MONTH[index] + leap_day + day - 1)
}

/// `.509` to microseconds (further digits are dropped), and what follows it.
fn fraction_micros(text: &[u8]) -> Result<(i64, &[u8]), NoTime> {
    let [b'.', tail @ ..] = text else { return Ok((0, text)) };
    let length = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return Err(NoTime::Malformed);
    }
    let micros = (0..6).fold(0, |micros, at| micros * 10 + if at < length { i64::from(tail[at] - b'0') } else { 0 });
    Ok((micros, &tail[length..]))
}

/// `+2` or `-07:00`, as it stands behind `GMT`, to microseconds east of UTC.
fn hours_east(text: &str) -> Result<i64, NoTime> {
    match text.as_bytes() {
        [sign, hour] => offset_micros(&[*sign, b'0', *hour]),
        offset => offset_micros(offset),
    }
}

/// `+0000`, `-07:00` or `+02` to microseconds east of UTC.
fn offset_micros(text: &[u8]) -> Result<i64, NoTime> {
    let (sign @ (b'+' | b'-'), digits) = text.split_first().ok_or(NoTime::Malformed)? else {
        return Err(NoTime::Malformed);
    };
    let (hours, minutes) = match digits {
        [a, b, b':', c, d] | [a, b, c, d] => (number(&[*a, *b])?, number(&[*c, *d])?),
        [a, b] => (number(&[*a, *b])?, 0),
        _ => return Err(NoTime::Malformed),
    };
    if hours > 14 || minutes > 59 {
        return Err(NoTime::Malformed);
    }
    let micros = (hours * 60 + minutes) * 60 * SECOND;
    Ok(if *sign == b'-' { -micros } else { micros })
}

fn number(digits: &[u8]) -> Result<i64, NoTime> {
    digits.iter().try_fold(0, |value, byte| match byte {
        b'0'..=b'9' => Ok(value * 10 + i64::from(byte - b'0')),
        _ => Err(NoTime::Malformed),
    })
}

fn numbers(text: &str, separator: char) -> Result<Vec<i64>, NoTime> {
    text.split(separator)
        .map(|part| if (1..=4).contains(&part.len()) { number(part.as_bytes()) } else { Err(NoTime::Malformed) })
        .collect()
}
