//! How connected apps and external client apps are configured, in one vocabulary: what metadata says, and what it leaves
//! open. Read from files, never from an organisation.
//!
//! ```text
//! metadata XML, rows of ConnectedApplication, profiles, settings   ──read──▶   Configuration   ──▶   checks, policy
//! ```
//! Nothing is guessed: a word that no source knows stays [`Stated::Unknown`], and what no file at hand says stays
//! [`Stated::Unsaid`]. Where a file leaves out an element whose default is documented, the default is what it says.

mod certificate;
mod client_app;
mod connected_app;
mod files;
mod listed;
mod notes;
mod organisation;
mod range;
mod read;
mod rows;
mod settings;
mod vocabulary;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

pub use range::addresses_in;
pub use vocabulary::{IpRelaxation, LifetimeUnit, PermittedUsers, PolicyAction, RefreshPolicy, SessionLevel, Stated};

use crate::ingest::Problem;
use crate::value::Time;

/// All that files say of an organisation's apps, and of what apps depend on.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The apps, by kind and name.
    pub apps: Vec<AppConfiguration>,
    /// Profiles, by name: where their users may log in from. Permission sets have no ranges.
    pub profiles: BTreeMap<String, Profile>,
    /// Ids of users who have a permission set, by its name, its label and its id; of others nothing is said.
    pub assigned: BTreeMap<String, BTreeSet<String>>,
    /// Settings of the whole organisation.
    pub org: OrgSettings,
    /// SHA-256 of each file that was read, by its name as it was given.
    pub files: BTreeMap<String, String>,
    /// Files that could not be used, and words in them that are not known.
    pub problems: Vec<Problem>,
}

/// Which family of metadata an app is described by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppKind {
    /// `ConnectedApp`.
    ConnectedApp,
    /// `ExternalClientApplication` and its five kinds of settings.
    ExternalClientApp,
    /// Only a row of `ConnectedApplication`: an app that was installed, or metadata that was not retrieved.
    RowOnly,
}

/// How one app is configured.
#[derive(Clone, Debug)]
pub struct AppConfiguration {
    /// Where it is described.
    pub kind: AppKind,
    /// Its name in metadata; the row's name for [`AppKind::RowOnly`].
    pub name: String,
    /// What people and exports call it.
    pub label: Option<String>,
    /// Its id (`0H4…`, or `888…`), 18 characters.
    pub id: Option<String>,
    /// The OAuth client id. Not a secret; consumer secrets are never read.
    pub consumer_key: Option<String>,
    /// Whether it is distributed to other organisations (`Packaged`, `Managed`).
    pub is_distributed: Stated<bool>,
    /// Where codes and tokens are sent, in the order of the file.
    pub callbacks: Vec<String>,
    /// OAuth scopes by their parameter names, each once, in order; unknown ones as they are written.
    pub scopes: Stated<Vec<String>>,
    /// Names of custom scopes.
    pub custom_scopes: Vec<String>,
    /// Who may use it.
    pub permitted_users: Stated<PermittedUsers>,
    /// Profiles and permission sets that may use it, where administrators decide; unsaid if no file would name them.
    pub assigned_to: Stated<Vec<String>>,
    /// Whether its users may come from anywhere.
    pub ip_relaxation: Stated<IpRelaxation>,
    /// Addresses that the web server flow is trusted from: `ipRanges`, `trustedIpRanges`.
    pub trusted_ranges: Stated<Vec<IpRange>>,
    /// Addresses that refresh tokens may be used from: `tokenIpRanges`.
    pub token_ranges: Stated<Vec<IpRange>>,
    /// How long refresh tokens live.
    pub refresh_policy: Stated<RefreshPolicy>,
    /// Whether idle refresh tokens end after 30 days whatever the policy says (`isEnforceRefreshTokenTTL`).
    pub idle_limit: Stated<bool>,
    /// Whether each refresh token can be used once only.
    pub rotation: Stated<bool>,
    /// Whether the code flow needs a proof key.
    pub pkce_required: Stated<bool>,
    /// Whether the code flow works without a client secret: a public client.
    pub secret_optional: Stated<bool>,
    /// Whether a refresh needs the client secret.
    pub secret_for_refresh: Stated<bool>,
    /// The client credentials flow.
    pub client_credentials: Stated<bool>,
    /// As whom the client credentials flow runs: a username.
    pub client_credentials_user: Option<String>,
    /// The authorization code and credentials flow.
    pub code_credentials: Stated<bool>,
    /// The device flow.
    pub device_flow: Stated<bool>,
    /// The token exchange flow.
    pub token_exchange: Stated<bool>,
    /// Whether access tokens are JWTs, which end when they say and not when a session does.
    pub jwt_access_tokens: Stated<bool>,
    /// Whether a certificate is there to sign JWT assertions with: without one there is no JWT bearer flow.
    pub certificate: Stated<Option<Certificate>>,
    /// Whether it logs in by SAML.
    pub saml: bool,
    /// The session level that it asks for.
    pub session_level: Stated<Option<SessionLevel>>,
    /// What happens to sessions below it.
    pub policy_action: Stated<Option<PolicyAction>>,
    /// Session timeout in minutes; none: the organisation's.
    pub session_timeout: Stated<Option<u32>>,
    /// The files that say so, by name, with each its SHA-256 in [`Configuration::files`].
    pub files: Vec<String>,
}

/// A range of addresses, both ends in it. Start and end are of one family, and in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IpRange {
    /// The first address.
    pub start: IpAddr,
    /// The last address.
    pub end: IpAddr,
}

/// What is read of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// From when on it is valid; nothing if that could not be read.
    pub not_before: Option<Time>,
    /// Until when it is valid; nothing if that could not be read.
    pub not_after: Option<Time>,
}

/// What is read of a profile.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Where its users may log in from; none: anywhere.
    pub login_ranges: Vec<IpRange>,
    /// Connected apps that it may use, by name.
    pub apps: Vec<String>,
    /// Whether it may do anything with all data, or change the organisation (`ModifyAllData`, `ViewAllData`, …).
    pub powers: Vec<String>,
    /// The file that says so.
    pub file: String,
}

/// What is read of an organisation's settings.
#[derive(Clone, Debug)]
pub struct OrgSettings {
    /// Whether login ranges are enforced on every request (continuous enforcement).
    pub continuous_enforcement: Stated<bool>,
    /// Addresses from which no identity verification is asked for: network access. No restriction by itself.
    pub network_access: Stated<Vec<IpRange>>,
    /// Session timeout in minutes.
    pub session_timeout: Stated<Option<u32>>,
    /// Whether the username-password flow is blocked.
    pub blocks_username_password: Stated<bool>,
    /// Whether the user-agent flow is blocked.
    pub blocks_user_agent: Stated<bool>,
}

/// Whether a file says who has access to apps, and nothing that a scan reads: rows of `SetupEntityAccess` or
/// `PermissionSetAssignment`.
pub fn says_who_has_access(path: &Path) -> bool {
    rows::are_of_access(path)
}

impl Default for OrgSettings {
    fn default() -> Self {
        Self {
            continuous_enforcement: Stated::Unsaid,
            network_access: Stated::Unsaid,
            session_timeout: Stated::Unsaid,
            blocks_username_password: Stated::Unsaid,
            blocks_user_agent: Stated::Unsaid,
        }
    }
}

impl AppConfiguration {
    /// An app of which nothing is said yet.
    pub fn unsaid(kind: AppKind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            label: None,
            id: None,
            consumer_key: None,
            is_distributed: Stated::Unsaid,
            callbacks: Vec::new(),
            scopes: Stated::Unsaid,
            custom_scopes: Vec::new(),
            permitted_users: Stated::Unsaid,
            assigned_to: Stated::Unsaid,
            ip_relaxation: Stated::Unsaid,
            trusted_ranges: Stated::Unsaid,
            token_ranges: Stated::Unsaid,
            refresh_policy: Stated::Unsaid,
            idle_limit: Stated::Unsaid,
            rotation: Stated::Unsaid,
            pkce_required: Stated::Unsaid,
            secret_optional: Stated::Unsaid,
            secret_for_refresh: Stated::Unsaid,
            client_credentials: Stated::Unsaid,
            client_credentials_user: None,
            code_credentials: Stated::Unsaid,
            device_flow: Stated::Unsaid,
            token_exchange: Stated::Unsaid,
            jwt_access_tokens: Stated::Unsaid,
            certificate: Stated::Unsaid,
            saml: false,
            session_level: Stated::Unsaid,
            policy_action: Stated::Unsaid,
            session_timeout: Stated::Unsaid,
            files: Vec::new(),
        }
    }

    /// What people call it.
    pub fn shown_name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}
