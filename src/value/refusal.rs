//! Why calls are refused: error messages brought to a few words, and what HTTP statuses say where there is no message.
//!
//! Messages name fields, objects and records, so that there may be as many as rows; only their kind is kept.

/// A query asks for more activities than may be read in one go. Source: the message in reports on the theft of June 2026.
pub const TOO_MANY_ACTIVITIES: &str = "too many activities";
const OTHER: &str = "other error";

/// What messages contain, in lower case, and what that means; the first that fits counts.
const MESSAGES: &[(&str, &str)] = &[
    ("distinct who/what", TOO_MANY_ACTIVITIES),
    ("invalid_field", "unknown field"),
    ("no such column", "unknown field"),
    ("invalid_type", "unknown object"),
    ("insufficient_access", "no access"),
    ("insufficient access", "no access"),
    ("malformed_query", "malformed query"),
];

/// HTTP statuses that refuse what was asked for. 401 only says that a session is over.
const STATUSES: &[(i64, &str)] = &[(400, "bad request"), (403, "forbidden"), (404, "not found")];

/// What is refused to somebody who tries out what there is.
const TRIED_OUT: &[&str] =
    &["unknown field", "unknown object", "no access", "malformed query", "bad request", "forbidden", "not found"];

/// The kind of an error message; a kind stands for itself.
pub fn of_message(message: &str) -> &'static str {
    let message = message.trim().to_lowercase();
    let kinds = MESSAGES.iter().chain(&[("", OTHER)]).map(|(_, kind)| *kind);
    let kind = kinds.chain(STATUSES.iter().map(|(_, kind)| *kind)).find(|kind| *kind == message);
    let means = || MESSAGES.iter().find(|(part, _)| message.contains(part)).map(|(_, kind)| *kind);
    kind.or_else(means).unwrap_or(OTHER)
}

/// What an HTTP status refuses; nothing if it does not.
pub fn of_status(status: i64) -> Option<&'static str> {
    STATUSES.iter().find(|(known, _)| *known == status).map(|(_, kind)| *kind)
}

/// Whether calls are refused like this to somebody who guesses names, or asks for what is not theirs.
pub fn is_tried_out(refusal: &str) -> bool {
    TRIED_OUT.contains(&refusal)
}

#[cfg(test)]
mod tests {
    use super::{MESSAGES, OTHER, STATUSES, TOO_MANY_ACTIVITIES, TRIED_OUT, of_message, of_status};

    #[test]
    fn messages_have_a_kind() {
        for (message, kind) in [
            ("common.exception.ApiException: exceeded 100000 distinct who/what's", TOO_MANY_ACTIVITIES),
            ("INVALID_FIELD: SELECT Passwort__c FROM Account", "unknown field"),
            ("INSUFFICIENT_ACCESS_OR_READONLY", "no access"),
            ("UNABLE_TO_LOCK_ROW", OTHER),
            ("-", OTHER),
        ] {
            assert_eq!(of_message(message), kind, "{message}");
        }
    }

    #[test]
    fn a_kind_stands_for_itself() {
        let kinds = MESSAGES.iter().map(|(_, kind)| kind).chain(STATUSES.iter().map(|(_, kind)| kind));
        for kind in kinds.chain(TRIED_OUT).chain([&OTHER]) {
            assert_eq!(of_message(kind), *kind);
        }
    }

    #[test]
    fn a_session_that_is_over_is_no_refusal() {
        assert_eq!(
            [200, 400, 401, 403, 404, 500].map(of_status),
            [None, Some("bad request"), None, Some("forbidden"), Some("not found"), None]
        );
    }
}
