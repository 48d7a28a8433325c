//! Codes and labels for the same thing, brought to one spelling. What is not in the tables stays as it is: unknown
//! values remain visible, nothing is guessed.
//!
//! Event log files hold codes where queries hold labels. Codes of one letter differ by case alone (`i` is Remote Access
//! 2.0, `I` another API) and are compared byte by byte; everything else meets without case, blanks and signs.

use crate::batch::Role;
use crate::schema::match_key;

mod api;
mod login;
mod status;

pub use login::{BROWSER, is_interactive};

/// The spelling of a text that is kept for a role; the text itself where the role has no codes or the text is not
/// among them; nothing for what stands for nothing.
pub fn spelled(role: Role, text: &str) -> Option<&str> {
    match role {
        Role::ApiFamily | Role::LoginSubtype | Role::LoginType | Role::Status => {
            Some(known(role, text).unwrap_or(text))
        }
        // Event log files write it where there was no method.
        Role::Operation if text == "9999" => None,
        Role::Operation => Some(find(api::OPERATIONS, text).unwrap_or(text)),
        _ => Some(text),
    }
}

/// Whether a text is a known code or label of a role; nothing for roles that have no table of codes.
pub fn is_known(role: Role, text: &str) -> Option<bool> {
    let has_codes = matches!(role, Role::ApiFamily | Role::LoginSubtype | Role::LoginType | Role::Status);
    has_codes.then(|| known(role, text).is_some())
}

/// Whether a login's status, in whatever spelling, says that it succeeded.
pub fn is_success(status: &str) -> bool {
    known(Role::Status, status) == Some(status::SUCCESS)
}

/// Whether a login's status says that the user name or the password was wrong, or was wrong too often.
pub fn is_wrong_credentials(status: &str) -> bool {
    known(Role::Status, status).is_some_and(|status| status::WRONG_CREDENTIALS.contains(&status))
}

/// Whether a login's status says that the user is inactive or frozen.
pub fn is_barred_user(status: &str) -> bool {
    known(Role::Status, status).is_some_and(|status| status::BARRED_USER.contains(&status))
}

/// Whether a login of this type needs no Salesforce password: single sign-on, certificates, OAuth and the like.
pub fn is_without_password(login_type: &str) -> bool {
    let login_type = known(Role::LoginType, login_type).unwrap_or(login_type);
    login::WITHOUT_PASSWORD.iter().any(|words| login_type.contains(words))
}

/// Whether an anomaly of this kind says that an account or a session was taken over. No document was found that gives a
/// range for the scores of these.
pub fn is_takeover(anomaly: &str) -> bool {
    matches!(anomaly, "CredentialStuffing" | "SessionHijacking")
}

/// Whether a profile is the one that Salesforce gives to administrators, by its English name.
pub fn is_administrator(profile: &str) -> bool {
    profile.eq_ignore_ascii_case("System Administrator")
}

fn known<'a>(role: Role, text: &str) -> Option<&'a str> {
    match role {
        Role::ApiFamily => letter(api::LETTERS, text).or_else(|| find(api::FAMILIES, text)),
        Role::LoginSubtype => find(login::SUBTYPES, text),
        Role::LoginType => letter(login::LETTERS, text).or_else(|| find(login::TYPES, text)),
        Role::Status => status::find(text),
        _ => None,
    }
}

/// The label of a code of one letter.
fn letter<'a>(table: &[(u8, &'a str)], text: &str) -> Option<&'a str> {
    let [code] = text.as_bytes() else { return None };
    table.iter().find(|(known, _)| known == code).map(|(_, label)| *label)
}

/// The label that a name, or the label itself in another spelling, stands for.
fn find<'a>(table: &[(&str, &'a str)], text: &str) -> Option<&'a str> {
    let key = match_key(text);
    let fits = |(name, label): &&(&str, &str)| match_key(name) == key || match_key(label) == key;
    table.iter().find(fits).map(|(_, label)| *label)
}
