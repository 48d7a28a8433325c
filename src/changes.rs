//! Changes of the setup and of who has access, in a window: those by which somebody could stay are marked.
//!
//! Which codes there are is nowhere listed in full. Those below are documented in Salesforce Help (Monitor Setup Changes)
//! or shown by public tools that read `SetupAuditTrail`; the download from Setup has sentences instead of codes, so both
//! are looked at. What nothing here knows is told as it is, unmarked.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::batch::{Role, Table};
use crate::finding::Named;
use crate::history::{Entry, History, Stamp};
use crate::value::time::SECOND;
use crate::value::{Time, setup_change};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// When.
    pub time: Time,
    /// Who changed it.
    pub user: Option<Named>,
    /// On whose behalf, or as whom.
    pub target: Option<String>,
    /// The app that it is about, if it is about one.
    pub app: Option<Named>,
    /// The part of the setup.
    pub section: Option<String>,
    /// The code; the download from Setup has none.
    pub code: Option<String>,
    /// What was changed, in Salesforce's words.
    pub sentence: String,
    /// How it could serve somebody to stay; nothing if it could not, as far as is known.
    pub persistence: Option<Persistence>,
    /// Where the row stands.
    pub export: String,
    /// See `export`.
    pub record: u64,
}

/// How somebody can stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Persistence {
    /// An app that was not there, or was blocked.
    NewApp,
    /// An app that lets more through than before.
    WeakerApp,
    /// Keys, callbacks or users with which an app gets its tokens.
    AppCredentials,
    /// A token was granted.
    TokenGranted,
    /// A user that was not there, or could not log in.
    NewUser,
    /// More power for a user.
    MorePower,
    /// A user's password, address or federation id.
    WayIn,
    /// Networks from which logins are let in, or sessions bound to them.
    Networks,
    /// Who is trusted to say who somebody is: certificates, single sign-on.
    Trust,
    /// Where the organisation itself connects to, with stored credentials.
    Outbound,
    /// Code or a package that runs in the organisation.
    Code,
    /// Somebody acted as somebody else.
    ActedAsAnother,
    /// A policy that watches or holds back was turned off.
    WatchTurnedOff,
}

/// Codes by how they begin, in lower case; the first that fits counts.
const CODES: &[(&str, Persistence)] = &[
    ("insertapplicationcertificate", Persistence::AppCredentials),
    ("changeapplicationcertificate", Persistence::AppCredentials),
    ("changeapplicationcallbackurl", Persistence::AppCredentials),
    ("changeapplicationclientcredentialenabled", Persistence::AppCredentials),
    ("addoauthclientcredentialuser", Persistence::AppCredentials),
    ("generateoauthstagedcredential", Persistence::AppCredentials),
    ("insertapplication", Persistence::NewApp),
    ("insertconnectedapplication", Persistence::NewApp),
    ("unblockconnectedapplication", Persistence::NewApp),
    ("createduser", Persistence::NewUser),
    ("createdcustomersuccessuser", Persistence::NewUser),
    ("activateduser", Persistence::NewUser),
    ("unfrozeuser", Persistence::NewUser),
    ("permsetassign", Persistence::MorePower),
    ("permsetgroupassign", Persistence::MorePower),
    ("permsetenableuserperm", Persistence::MorePower),
    ("permsetcreate", Persistence::MorePower),
    ("changedprofileforuser", Persistence::MorePower),
    ("profile_entity_permissions", Persistence::MorePower),
    ("changedpassword", Persistence::WayIn),
    ("resetpassword", Persistence::WayIn),
    ("changedemail", Persistence::WayIn),
    ("changedfederationid", Persistence::WayIn),
    ("manageipranges", Persistence::Networks),
    ("insertcertificate", Persistence::Trust),
    ("insertserviceprovider", Persistence::Trust),
    ("namedcredential", Persistence::Outbound),
    ("externalcredential", Persistence::Outbound),
    ("createdapexclass", Persistence::Code),
    ("createdapextrigger", Persistence::Code),
    ("nonsecurityreviewedmanagedpackageinstalled", Persistence::Code),
    ("installedpackagingapp", Persistence::Code),
    ("suorgadminlogin", Persistence::ActedAsAnother),
    ("loginasgrantedtopartnerbt", Persistence::ActedAsAnother),
    ("transactionsecuritypolicydisabled", Persistence::WatchTurnedOff),
];

/// What sentences say, in lower case, where there is no code: all words have to be there.
const SENTENCES: &[(&[&str], Persistence)] = &[
    (&["created connected app"], Persistence::NewApp),
    (&["installed connected app"], Persistence::NewApp),
    (&["callback url from"], Persistence::AppCredentials),
    (&["client credentials", "to true"], Persistence::AppCredentials),
    (&["assigned oauth client credentials user"], Persistence::AppCredentials),
    (&["created new user"], Persistence::NewUser),
    (&["changed profile for user"], Persistence::MorePower),
    (&["permission set", "assigned to user"], Persistence::MorePower),
    (&["changed password for user"], Persistence::WayIn),
    (&["changed email for user"], Persistence::WayIn),
    (&["ip range"], Persistence::Networks),
    (&["named credential"], Persistence::Outbound),
];

/// A log of changed permissions, and of who holds them: each row of it is one.
const GIVES_PERMISSIONS: &str = "PermissionSetEventStore";

impl Persistence {
    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NewApp => "new app",
            Self::WeakerApp => "app lets more through",
            Self::AppCredentials => "app's credentials",
            Self::TokenGranted => "token granted",
            Self::NewUser => "new or woken user",
            Self::MorePower => "more power for a user",
            Self::WayIn => "a user's way in",
            Self::Networks => "networks let in",
            Self::Trust => "trust in certificates or single sign-on",
            Self::Outbound => "connections to the outside",
            Self::Code => "code or package",
            Self::ActedAsAnother => "acted as another",
            Self::WatchTurnedOff => "watch turned off",
        }
    }

    fn of(code: Option<&str>, sentence: &str) -> Option<Self> {
        if setup_change::weakens(sentence) {
            return Some(Self::WeakerApp);
        }
        let code = code.map(str::to_ascii_lowercase).unwrap_or_default();
        let sentence = sentence.to_lowercase();
        // What sounds like it but takes something back.
        if ["unassign", "removed", "deleted", "uninstalled", "deactivated"].iter().any(|word| sentence.contains(word)) {
            return None;
        }
        let by_code = CODES.iter().find(|(start, _)| code.starts_with(start));
        let by_words = || SENTENCES.iter().find(|(words, _)| words.iter().all(|word| sentence.contains(word)));
        by_code.map(|(_, kind)| *kind).or_else(|| by_words().map(|(_, kind)| *kind))
    }
}

/// The changes of a history, in order: setup changes, logins as somebody else, and tokens by when they were granted.
pub fn changes(history: &History<'_>) -> Vec<Change> {
    let mut changes: Vec<Change> = history.entries().filter_map(|entry| Change::of(&entry)).collect();
    // The download from Setup tells of the same changes as a query does, without the code.
    let with_code: BTreeSet<(Time, Option<String>, String)> =
        changes.iter().filter(|change| change.code.is_some()).map(Change::key).collect();
    changes.retain(|change| change.code.is_some() || change.section.is_none() || !with_code.contains(&change.key()));
    changes
}

impl Change {
    /// What two logs say alike of one change. The download names users by their names only, and has whole seconds.
    fn key(&self) -> (Time, Option<String>, String) {
        let name = self.user.as_ref().and_then(|user| user.name.clone());
        (Time(self.time.0 - self.time.0.rem_euclid(SECOND)), name, self.sentence.clone())
    }

    fn of(entry: &Entry<'_>) -> Option<Self> {
        let code = entry.text(Role::Action);
        let sentence = if entry.log() == GIVES_PERMISSIONS {
            format!("permissions changed: {}", entry.message())
        } else {
            entry.message()
        };
        let persistence = match entry.table() {
            Table::SetupChanges if entry.log() == GIVES_PERMISSIONS => Some(Persistence::MorePower),
            Table::SetupChanges => Persistence::of(code, entry.text(Role::Change).unwrap_or_default()),
            Table::Sessions if code == Some("LoginAs") => Some(Persistence::ActedAsAnother),
            Table::Tokens if entry.stamp == Stamp::Granted => Some(Persistence::TokenGranted),
            _ => return None,
        };
        let (export, record) = entry.place();
        Some(Self {
            time: entry.time,
            user: entry.user(),
            target: entry.text(Role::Target).map(str::to_owned),
            app: entry.app(),
            section: entry.text(Role::Section).map(str::to_owned),
            code: code.filter(|_| entry.table() == Table::SetupChanges).map(str::to_owned),
            sentence,
            persistence,
            export: export.to_owned(),
            record,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Persistence;

    #[test]
    fn what_stays_is_told_by_code_or_by_sentence() {
        let of = Persistence::of;
        assert_eq!(of(Some("insertConnectedApplication"), "Installed Connected App A"), Some(Persistence::NewApp));
        assert_eq!(of(None, "Created Connected App Evil"), Some(Persistence::NewApp));
        assert_eq!(of(Some("PermSetAssign"), "Permission set P: assigned to user U"), Some(Persistence::MorePower));
        assert_eq!(of(Some("PermSetUnassign"), "Permission set P: unassigned from user U"), None);
        assert_eq!(of(None, "Uninstalled Connected App A"), Some(Persistence::WeakerApp));
        assert_eq!(
            of(
                None,
                "Changed connected app A IP relaxation setting from Enforce IP restrictions to Relax IP restrictions"
            ),
            Some(Persistence::WeakerApp)
        );
        assert_eq!(of(None, "Changed fiscal year start month from 7 to 4"), None);
    }
}
