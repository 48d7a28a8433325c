//! Profiles, and settings of the whole organisation.
//!
//! Source of elements: Metadata API Developer Guide, `Profile`, `SecuritySettings`, `OauthOidcSettings`. Permission sets
//! are not read: they have no login ranges, and no source says that they name connected apps.

use super::notes::Notes;
use super::xml::Element;
use super::{OrgSettings, Profile, Stated};

/// Permissions over all data, or over the organisation itself, by their names in metadata.
const POWERS: [&str; 8] = [
    "AssignPermissionSets",
    "AuthorApex",
    "CustomizeApplication",
    "ManageProfilesPermissionsets",
    "ManageUsers",
    "ModifyAllData",
    "ModifyMetadata",
    "ViewAllData",
];

/// What a profile says.
pub(super) fn profile(root: &Element, file: &str, notes: &mut Notes) -> Profile {
    let ranges = notes.ranges(root, "loginIpRanges", ["startAddress", "endAddress"]);
    let has = |power: &&str| {
        root.all("userPermissions").any(|permission| {
            permission.text_of("name").is_some_and(|name| name.eq_ignore_ascii_case(power))
                && permission.text_of("enabled").is_some_and(crate::value::flag::is_yes)
        })
    };
    let powers = POWERS.iter().filter(|power| has(power)).map(|power| (*power).to_owned()).collect();
    Profile {
        login_ranges: ranges.known().cloned().unwrap_or_default(),
        apps: Vec::new(),
        powers,
        file: file.to_owned(),
    }
}

/// What `SecuritySettings` say.
pub(super) fn security(root: &Element, notes: &mut Notes) -> OrgSettings {
    let mut org = OrgSettings::default();
    if let Some(network) = root.child("networkAccess") {
        org.network_access = notes.ranges(network, "ipRanges", ["start", "end"]);
    }
    if let Some(session) = root.child("sessionSettings") {
        org.continuous_enforcement = notes.flag(session, "enforceIpRangesEveryRequest", Stated::Unsaid);
        let hint = "it is one of FifteenMinutes, ThirtyMinutes, SixtyMinutes, NinetyMinutes, TwoHours, FourHours, \
                    EightHours, TwelveHours and TwentyFourHours";
        org.session_timeout = notes.word(session, "sessionTimeout", Stated::Unsaid, session_timeout, hint);
    }
    org
}

/// What `OauthOidcSettings` say: neither flow is blocked by default.
pub(super) fn oauth(root: &Element, notes: &mut Notes) -> OrgSettings {
    OrgSettings {
        blocks_username_password: notes.flag(root, "blockOAuthUnPwFlow", Stated::Known(false)),
        blocks_user_agent: notes.flag(root, "blockOAuthUsrAgtFlow", Stated::Known(false)),
        ..OrgSettings::default()
    }
}

fn session_timeout(word: &str) -> Stated<Option<u32>> {
    let minutes = match word.to_ascii_lowercase().as_str() {
        "fifteenminutes" => 15,
        "thirtyminutes" => 30,
        "sixtyminutes" => 60,
        "ninetyminutes" => 90,
        "twohours" => 120,
        "fourhours" => 240,
        "eighthours" => 480,
        "twelvehours" => 720,
        "twentyfourhours" => 1440,
        _ => return Stated::Unknown(word.to_owned()),
    };
    Stated::Known(Some(minutes))
}
