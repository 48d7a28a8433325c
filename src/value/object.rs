//! Which objects are worth more than others to whoever takes data.

/// People, customers and what was written to and about them; who may do what. What ends in `History` keeps old values.
const SENSITIVE: &[&str] = &[
    "Account",
    "Case",
    "Contact",
    "ContentVersion",
    "Lead",
    "LoginHistory",
    "OauthToken",
    "Opportunity",
    "Organization",
    "User",
];

/// Whether an object is one of the few that stolen data mostly came from, or a history of old values.
pub fn is_sensitive(object: &str) -> bool {
    let stem = object.strip_suffix("__c").unwrap_or(object);
    let is_history = stem.len() >= 7 && stem.as_bytes()[stem.len() - 7..].eq_ignore_ascii_case(b"History");
    is_history || SENSITIVE.iter().any(|sensitive| sensitive.eq_ignore_ascii_case(object))
}

/// Whether it is none of them.
pub fn is_ordinary(object: &str) -> bool {
    !is_sensitive(object)
}

#[cfg(test)]
mod tests {
    use super::{is_ordinary, is_sensitive};

    #[test]
    fn objects_of_value() {
        for object in ["Account", "user", "CaseHistory", "CaseTeamMemberHistory__c", "LoginHistory"] {
            assert!(is_sensitive(object) && !is_ordinary(object), "{object}");
        }
        for object in ["Account__c", "Task", "History_of_art__c", "é", ""] {
            assert!(is_ordinary(object), "{object}");
        }
    }
}
