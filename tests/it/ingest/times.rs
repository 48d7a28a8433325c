//! Every form of a time, and why others are none.

use tokentrail::value::time::NoTime;
use tokentrail::value::{Time, Zone};

#[track_caller]
fn check(text: &str, zone: Option<&str>, expected: Result<&str, NoTime>) {
    let zone: Option<Zone> = zone.map(|zone| zone.parse().unwrap());
    let time = Time::parse(text.as_bytes(), zone).map(|time| time.to_string());
    assert_eq!(time.as_deref(), expected.as_ref().map(|text| *text), "{text} in {zone:?}");
}

#[track_caller]
fn is(text: &str, expected: &str) {
    check(text, None, Ok(expected));
    // What names its own zone cares for no other.
    check(text, Some("Asia/Kathmandu"), Ok(expected));
}

#[track_caller]
fn is_in(zone: &str, text: &str, expected: &str) {
    check(text, Some(zone), Ok(expected));
    check(text, None, Err(NoTime::ZoneNeeded));
}

#[test]
fn iso_8601() {
    is("2025-08-17T11:11:55Z", "2025-08-17T11:11:55.000Z");
    is("2025-08-17T11:11:55.214Z", "2025-08-17T11:11:55.214Z");
    is("2025-08-17t11:11:55.2z", "2025-08-17T11:11:55.200Z");
    is("2025-08-17T11:11:55.123456789Z", "2025-08-17T11:11:55.123456Z");
    is("2025-08-17T11:11:55.214+0000", "2025-08-17T11:11:55.214Z");
    is("2025-08-17T11:11:55.214+00:00", "2025-08-17T11:11:55.214Z");
    is("2025-08-17T11:11:55+02:00", "2025-08-17T09:11:55.000Z");
    is("2025-08-17T11:11:55-0730", "2025-08-17T18:41:55.000Z");
    is("2025-08-17T23:59:59+14", "2025-08-17T09:59:59.000Z");
    is("2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z");
}

#[test]
fn with_a_blank_and_without_a_zone_it_is_utc() {
    is("2025-08-17 11:11:55", "2025-08-17T11:11:55.000Z");
    is("2025-08-17 11:11:55.569", "2025-08-17T11:11:55.569Z");
    is("2025-08-17 11:11:55 UTC", "2025-08-17T11:11:55.000Z");
    is("2025-08-17 11:11:55Z", "2025-08-17T11:11:55.000Z");
    is("2025-08-17 11:11:55+02:00", "2025-08-17T09:11:55.000Z");
}

#[test]
fn digits() {
    is("20251001110003.509", "2025-10-01T11:00:03.509Z");
    is("20251001110003", "2025-10-01T11:00:03.000Z");
    is("1755429115", "2025-08-17T11:11:55.000Z");
    is("1755429115.214", "2025-08-17T11:11:55.214Z");
    is("1755429115214", "2025-08-17T11:11:55.214Z");
    is("999999999", "2001-09-09T01:46:39.000Z");
    is("999999999999", "2001-09-09T01:46:39.999Z");
}

#[test]
fn setup_downloads() {
    let zone = "America/Los_Angeles";
    is_in(zone, "8/17/2025, 4:11:55 AM PDT", "2025-08-17T11:11:55.000Z");
    is_in(zone, "8/17/2025, 4:11:55\u{202f}AM PDT", "2025-08-17T11:11:55.000Z");
    is_in(zone, "8/17/2025, 4:11:55\u{a0}am PDT", "2025-08-17T11:11:55.000Z");
    is_in(zone, "08/17/2025 16:11:55 PDT", "2025-08-17T23:11:55.000Z");
    is_in(zone, "8/17/2025 4:11 PM", "2025-08-17T23:11:00.000Z");
    is_in(zone, "8/17/2025, 12:00:00 AM PDT", "2025-08-17T07:00:00.000Z");
    is_in(zone, "8/17/2025, 12:00:00 PM PDT", "2025-08-17T19:00:00.000Z");
    is_in(zone, "1/2/2025, 12:00:00 PM PST", "2025-01-02T20:00:00.000Z");
    is_in(zone, "2025-08-17T04:11:55", "2025-08-17T11:11:55.000Z");
    is("8/17/2025, 11:11:55 AM GMT", "2025-08-17T11:11:55.000Z");
    is("08/17/2025 11:11:55 UTC", "2025-08-17T11:11:55.000Z");
}

/// `EST` stands on July dates in real downloads: the zone decides, not the abbreviation.
#[test]
fn an_abbreviation_does_not_overrule_the_zone() {
    is_in("America/New_York", "7/9/2026, 7:05:31 AM EST", "2026-07-09T11:05:31.000Z");
    is_in("Europe/Berlin", "7/9/2026, 7:05:31 AM CST", "2026-07-09T05:05:31.000Z");
}

#[test]
fn the_hour_that_happens_twice() {
    is_in("America/New_York", "11/2/2025, 1:30:00 AM EDT", "2025-11-02T05:30:00.000Z");
    is_in("America/New_York", "11/2/2025, 1:30:00 AM EST", "2025-11-02T06:30:00.000Z");
    is_in("Australia/Sydney", "4/6/2025, 2:30:00 AM AEDT", "2025-04-05T15:30:00.000Z");
    is_in("Australia/Sydney", "4/6/2025, 2:30:00 AM AEST", "2025-04-05T16:30:00.000Z");
    check("11/2/2025, 1:30:00 AM", Some("America/New_York"), Err(NoTime::Ambiguous));
    check("2025-11-02T01:30:00", Some("America/New_York"), Err(NoTime::Ambiguous));
}

/// In Europe the summer abbreviations end in ST, and the winter ones do not.
#[test]
fn the_hour_that_happens_twice_in_europe() {
    is_in("Europe/Berlin", "10/26/2025, 2:30:00 AM CEST", "2025-10-26T00:30:00.000Z");
    is_in("Europe/Berlin", "10/26/2025, 2:30:00 AM CET", "2025-10-26T01:30:00.000Z");
    is_in("Europe/London", "10/26/2025, 1:30:00 AM BST", "2025-10-26T00:30:00.000Z");
    is("10/26/2025, 1:30:00 AM GMT", "2025-10-26T01:30:00.000Z");
}

#[test]
fn the_hour_that_never_happens() {
    check("3/9/2025, 2:30:00 AM", Some("America/New_York"), Err(NoTime::Ambiguous));
    check("3/9/2025, 2:30:00 AM EST", Some("America/New_York"), Err(NoTime::Ambiguous));
    check("2025-03-30T02:30:00", Some("Europe/Berlin"), Err(NoTime::Ambiguous));
}

/// `GMT+2` names an offset. Reading it as the time of another zone would shift every event of the export.
#[test]
fn an_offset_behind_gmt_is_not_ignored() {
    for text in ["8/17/2025, 1:11:55 PM GMT+2", "8/17/2025, 1:11:55 PM GMT+02:00", "8/17/2025, 1:11:55 PM GMT+0200"] {
        let zone: Zone = "America/New_York".parse().unwrap();
        let time = Time::parse(text.as_bytes(), Some(zone)).map(|time| time.to_string());
        let understood = time.as_deref() == Ok("2025-08-17T11:11:55.000Z");
        assert!(understood || time.is_err(), "{text}: {time:?}");
    }
}

#[test]
fn what_is_no_time() {
    let malformed = [
        "",
        " ",
        "soon",
        "2025",
        "2025-08-17",
        "2025-08-17T",
        "2025-08-17T11:11",
        "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2025-04-31T00:00:00Z",
        "2025-08-17T24:00:00Z",
        "2025-08-17T11:60:00Z",
        "2025-08-17T11:11:61Z",
        "2025-08-17T11:11:55.Z",
        "2025-08-17T11:11:55,5Z",
        "2025-08-17T11:11:55X",
        "2025-08-17T11:11:55ZZ",
        "2025-08-17T11:11:55+1",
        "2025-08-17T11:11:55+99:00",
        "2025-08-17x11:11:55Z",
        "202-08-17T11:11:55Z",
        "+025-08-17T11:11:55Z",
        "2025-08-17T11:11:5５Z",
        ".",
        "1.",
        "1.2.3",
        "12345",
        "20251301110003",
        "20250230110003.5",
        "17554291152143333",
        "13/17/2025, 1:00:00 PM PDT",
        "8/17/2025",
        "8/17/2025,",
        "8/17/2025 25:00:00",
        "8/17/2025, 13:00:00 PM",
        "8/17/2025, 0:30 AM",
        "8/17/2025, 1:00:00 PM PDT extra",
        "8-17-2025 1:00:00",
        "Sun Aug 17 11:11:55 2025",
    ];
    for text in malformed {
        check(text, None, Err(NoTime::Malformed));
        check(text, Some("America/New_York"), Err(NoTime::Malformed));
    }
    assert_eq!(Time::parse(b"8/17/2025, 4:11:55\xffAM PDT", None), Err(NoTime::Malformed));
}

#[test]
fn what_is_too_early_or_too_late() {
    check("2000-01-01T00:00:00Z", None, Ok("2000-01-01T00:00:00.000Z"));
    check("2099-12-31T23:59:59.999Z", None, Ok("2099-12-31T23:59:59.999Z"));
    for text in [
        "1999-12-31T23:59:59.999Z",
        "2100-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "00010101000000",
        "9999999999",
        "100000000",
    ] {
        check(text, None, Err(NoTime::OutOfRange));
    }
}

/// Every day of the century that rows may carry, against the calendar library.
#[test]
fn every_day_reads_as_it_is_written() {
    for day in Time::EARLIEST.day()..Time::LATEST.day() {
        let time = Time(Time::of_day(day).0 + i64::from(day % 86_400) * 1_000_000);
        assert_eq!(Time::parse(time.to_string().as_bytes(), None), Ok(time));
    }
}
