//! The resource that a request went to, without what differs from call to call: host, version, ids, query string.

use std::borrow::Cow;

use super::id;

/// A path as it is compared: `https://host/services/data/v58.0/sobjects/Account/001…?x=1` is `/sobjects/Account/{id}`.
/// What is no path, such as the name of a SOAP method, stays as it is.
pub fn normal(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let path = match text.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        }
        _ => text,
    };
    let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
    if !path.contains('/') {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len());
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let resource = match segments.as_slice() {
        ["services", "data", rest @ ..] => rest,
        all => all,
    };
    // Only one version stands in a path, and it stands near the front.
    let version = resource.iter().take(4).position(|segment| is_version(segment));
    let others = resource.iter().enumerate().filter(|(place, _)| Some(*place) != version);
    for (_, segment) in others {
        normal.push('/');
        normal.push_str(if is_record_id(segment) { "{id}" } else { segment });
    }
    if normal.is_empty() {
        normal.push('/');
    }
    Cow::Owned(normal)
}

/// What a request to a normal path does: `Query`, `QueryAll`, `QueryMore` as `ApiEvent` calls it, else the first parts of
/// the path; the method itself for SOAP. Nothing for the root.
pub fn operation(endpoint: &str) -> Option<Cow<'_, str>> {
    let Some(path) = endpoint.strip_prefix('/') else {
        return (!endpoint.is_empty()).then_some(Cow::Borrowed(endpoint));
    };
    let segments: Vec<&str> = path.strip_prefix("services/").unwrap_or(path).split('/').collect();
    Some(match segments.as_slice() {
        [] | [""] => return None,
        ["query" | "queryAll", _, ..] => Cow::Borrowed("QueryMore"),
        ["query"] => Cow::Borrowed("Query"),
        ["queryAll"] => Cow::Borrowed("QueryAll"),
        ["sobjects", .., "describe"] => Cow::Borrowed("sobjects/describe"),
        [first @ ("analytics" | "async" | "composite" | "jobs" | "tooling" | "oauth2"), second, ..] => {
            Cow::Owned(format!("{first}/{second}"))
        }
        [first, ..] => Cow::Borrowed(first),
    })
}

/// The first three parts of a normal path: what is behind them differs from record to record.
pub fn resource(endpoint: &str) -> Option<Cow<'_, str>> {
    let end = endpoint.match_indices('/').nth(3).map_or(endpoint.len(), |(at, _)| at);
    (!endpoint.is_empty()).then(|| Cow::Borrowed(&endpoint[..end]))
}

/// `v58.0`, and `58.0` as the first Bulk API and SOAP have it.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    let Some((whole, fraction)) = number.split_once('.') else { return false };
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole) && are_digits(fraction)
}

/// A record's id, or the locator of a query's further rows (`01g…-2000`). Names of 15 letters are none: ids have digits.
fn is_record_id(segment: &str) -> bool {
    let stem = segment
        .split_once('-')
        .map_or(segment, |(stem, rows)| if rows.bytes().all(|byte| byte.is_ascii_digit()) { stem } else { segment });
    // In a path even an id whose last three characters do not fit stands for one record.
    let is_id = |text: &[u8]| id::canonical(text).is_some();
    let alphanumeric = stem.len() == 18 && stem.bytes().all(|byte| byte.is_ascii_alphanumeric());
    stem.bytes().filter(u8::is_ascii_digit).count() >= 3
        && (is_id(stem.as_bytes()) || alphanumeric && is_id(&stem.as_bytes()[..15]))
}
