//! Names whatever their spelling: of columns, and of the objects that event types are queried as.

/// What is left of a column's name when spelling is taken away: `std__` and `__c` off, lower case, only letters and
/// digits. A relationship path keeps its parts, for `User.Name` is not `Username`.
pub fn match_key(name: &str) -> String {
    let name = name.trim().trim_start_matches('\u{feff}');
    let name = name.strip_prefix("std__").unwrap_or(name);
    let name = name.strip_suffix("__c").unwrap_or(name);
    let kept = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '.';
    name.chars().filter(kept).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What a column may go by: its name; its name without one of Sentinel's type suffixes (`source_ip_s`), or without the
/// type that Avro puts around values that may be absent (`{"SourceIp": {"string": "…"}}`). The whole name goes first:
/// `Status` is not `Statu` with a suffix, and `is_s` may be a column.
pub(super) fn keys_of(name: &str) -> impl Iterator<Item = String> {
    const SUFFIXES: [&str; 11] =
        ["_s", "_t", "_d", "_b", "_g", ".string", ".long", ".int", ".double", ".float", ".boolean"];
    let bare = SUFFIXES.iter().find_map(|suffix| name.trim().strip_suffix(suffix));
    std::iter::once(match_key(name)).chain(bare.map(match_key))
}

/// What is left of an event type's name: as of a column's, and without what Data Cloud puts around it
/// (`std__SfdcLoginEventLogDmo__dlm`, `SfdcLoginEventLog_std__dlm`).
pub(super) fn object_key(name: &str) -> String {
    let name = name.trim();
    let Some(bare) = name.strip_suffix("__dlm") else { return match_key(name) };
    let bare = bare.strip_suffix("_std").or_else(|| bare.strip_suffix("Dmo")).unwrap_or(bare);
    let bare = bare.strip_prefix("std__").unwrap_or(bare);
    match_key(bare.strip_prefix("Sfdc").unwrap_or(bare))
}
