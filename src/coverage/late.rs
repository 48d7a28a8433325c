//! Late exports: those that bring rows for hours that other exports had covered already.
//!
//! Salesforce issues an hourly event log file again, with a higher sequence number, when events come in late. Whatever
//! its name, an export is late if each of its hours is covered by exports before it, and it has rows that they lack.
//! Before it are those with a smaller sequence number, in a listing or in their names, and of one number those with
//! smaller names.

use std::collections::BTreeSet;

use serde::Serialize;

use super::covered::ExportCovered;
use super::tally::Part;
use crate::ingest::Export;
use crate::value::Time;

/// An export that brings rows for hours that others had covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Late {
    /// Its path as it was given.
    pub export: String,
    /// Its sequence number, if a listing or its name says it.
    pub sequence: Option<u64>,
    /// The start of its first hour.
    pub from: Time,
    /// The end of its last hour.
    pub to: Time,
    /// Rows that no export of a smaller name has.
    pub adds: u64,
    /// Rows that were there already.
    pub repeats: u64,
}

/// The late ones of the exports of one event type and organisation, whose parts stand beside them.
pub(super) fn late(parts: &[(u32, Part)], covered: &[ExportCovered], exports: &[Export]) -> Vec<Late> {
    let mut order: Vec<(Option<u64>, &ExportCovered, &Part)> = parts
        .iter()
        .zip(covered)
        .map(|((export, part), covered)| (sequence(&exports[*export as usize]), covered, part))
        .collect();
    order.sort_by_key(|(sequence, covered, _)| (sequence.unwrap_or(0), &covered.export));
    let mut hours_before: BTreeSet<i64> = BTreeSet::new();
    let mut late = Vec::new();
    for (sequence, export, part) in order {
        let hours = part.usable.keys();
        if let (Some(first), Some(last)) = (hours.clone().next(), hours.clone().next_back())
            && export.used > 0
            && hours.clone().all(|hour| hours_before.contains(hour))
        {
            late.push(Late {
                export: export.export.clone(),
                sequence,
                from: Time::of_hours(*first),
                to: Time::of_hours(last + 1),
                adds: export.used,
                repeats: export.repeated,
            });
        }
        hours_before.extend(hours);
    }
    late.sort_by(|left, right| left.export.cmp(&right.export));
    late
}

/// As the listing says that holds it; else the number behind `Sequence` in its name:
/// `…_Hourly_2025-08-17T1100_Sequence2.csv` is 2.
fn sequence(export: &Export) -> Option<u64> {
    if let Some(listed) = export.member.as_ref().and_then(|member| member.sequence) {
        return Some(listed);
    }
    let name = export.name.rsplit(['/', '\\']).next()?.to_ascii_lowercase();
    let (_, behind) = name.rsplit_once("sequence")?;
    let digits: String =
        behind.trim_start_matches(['_', '-', '=', ' ']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
