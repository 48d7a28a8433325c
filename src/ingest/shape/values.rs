//! One cell to one value.

use crate::apps::Register;
use crate::batch::{NO_ID, NO_NUMBER, Role};
use crate::dictionary::Dictionary;
use crate::ingest::problem::Reason;
use crate::schema::CellType;
use crate::value::time::NoTime;
use crate::value::{Address, Time, Zone, codes, endpoint, id, number, refusal};

/// Whether a role has spellings of its own for strings that other roles of its domain may hold as they are.
pub(super) fn is_respelled(role: Role) -> bool {
    use Role::{ApiFamily, Endpoint, LoginSubtype, LoginType, Objects, Operation, Refusal, Status};
    matches!(role, ApiFamily | Endpoint | LoginSubtype | LoginType | Objects | Operation | Refusal | Status)
}

pub(super) fn time(cell: &[u8], zone: Option<Zone>) -> Result<i64, Reason> {
    match Time::parse(cell, zone) {
        Ok(time) => Ok(time.0),
        Err(NoTime::Malformed) => Err(Reason::NotATime),
        Err(NoTime::ZoneNeeded) => Err(Reason::ZoneNeeded),
        Err(NoTime::Ambiguous) => Err(Reason::AmbiguousTime),
        Err(NoTime::OutOfRange) => Err(Reason::TimeOutOfRange),
    }
}

/// The id of a string that has not been met before, in the spelling that is kept.
pub(super) fn new_id(dictionary: &mut Dictionary, register: &Register, role: Role, cell: CellType, text: &str) -> u32 {
    match (cell, role) {
        (CellType::Address, _) => match Address::parse(text) {
            Ok(address) => dictionary.id(role.domain(), &address.to_string()),
            Err(_) => NO_ID,
        },
        (_, Role::EventId) => dictionary.id(role.domain(), text),
        (_, Role::App) => {
            let canonical = id::canonical(text.as_bytes());
            dictionary.id(role.domain(), register.key(canonical.as_deref().unwrap_or(text)))
        }
        (CellType::Id, _) => {
            let canonical = id::canonical(text.as_bytes());
            dictionary.id(role.domain(), canonical.as_deref().unwrap_or(text))
        }
        (_, Role::Endpoint) => dictionary.id(role.domain(), &endpoint::normal(text)),
        (_, Role::Objects) => match objects(text).as_str() {
            "" => NO_ID,
            names => dictionary.id(role.domain(), names),
        },
        (_, Role::Refusal) => dictionary.id(role.domain(), refusal::of_message(text)),
        _ => codes::spelled(role, text).map_or(NO_ID, |text| dictionary.id(role.domain(), text)),
    }
}

/// Names of objects as `ApiEvent` lists them: `Account, Contact`; each once, in the order given.
fn objects(text: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// A number with a fraction, in millionths.
pub(super) fn millionths(cell: &[u8]) -> Result<i64, Reason> {
    std::str::from_utf8(cell).ok().and_then(number::millionths).ok_or(Reason::NotANumber)
}

/// `58`, `58.0`, `-1` or `1.9103758e+07`; a fraction is dropped, because counts come as doubles.
pub(super) fn whole_number(cell: &[u8]) -> Result<i64, Reason> {
    let text = std::str::from_utf8(cell).map_err(|_| Reason::NotANumber)?;
    if let Ok(number) = text.parse() {
        return if number == NO_NUMBER { Err(Reason::NotANumber) } else { Ok(number) };
    }
    let number: f64 = text.parse().map_err(|_| Reason::NotANumber)?;
    let exact = number.is_finite() && number.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 survive the way through a double")]
    if exact { Ok(number as i64) } else { Err(Reason::NotANumber) }
}

pub(super) fn seconds_to_micros(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range saturates, and is refused")]
    let micros = micros as i64;
    (Time::EARLIEST.0..Time::LATEST.0).contains(&micros).then_some(micros)
}
