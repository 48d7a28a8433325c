//! Queries that look for passwords and keys in the text of records. The text that they look for may be a secret itself:
//! only the word that it contains is kept.

use super::soql::Query;

/// Words and what they are called, compared without regard to case.
const WORDS: &[(&str, &str)] = &[
    ("api_key", "api key"),
    ("api-key", "api key"),
    ("api key", "api key"),
    ("apikey", "api key"),
    ("passwd", "password"),
    ("password", "password"),
    ("private key", "private key"),
    ("secret", "secret"),
    ("snowflake", "snowflake"),
    ("token", "token"),
];

/// What the ids of access keys begin with. Case counts, and so does the place: `ASIA` is a continent too.
const KEY_IDS: &[&str] = &["AKIA", "ASIA"];

/// The words for credentials that a query looks for, sorted, each once: `password, secret`. Only searches and patterns
/// of `LIKE` look for something within a text; what a field is equal to is a name or a state.
pub fn of_query(query: &Query) -> Option<String> {
    let is_search = query.shape.starts_with("FIND");
    let patterns = query.literals.iter().filter(|literal| is_search || literal.contains('%'));
    let mut found: Vec<&str> = patterns.flat_map(|literal| words_in(literal)).collect();
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then(|| found.join(", "))
}

fn words_in(literal: &str) -> Vec<&'static str> {
    let folded = literal.to_lowercase();
    let words = WORDS.iter().filter(|(word, _)| folded.contains(word)).map(|(_, name)| *name);
    words.chain(KEY_IDS.iter().copied().filter(|start| begins_key_id(literal, start))).collect()
}

/// Whether it stands at the start of a word, and before a wildcard or more of a key.
fn begins_key_id(literal: &str, start: &str) -> bool {
    literal.match_indices(start).any(|(at, _)| {
        let (before, behind) = (literal[..at].chars().next_back(), literal[at + start.len()..].chars().next());
        let begins = before.is_none_or(|letter| !letter.is_alphanumeric());
        begins && behind.is_some_and(|letter| matches!(letter, '%' | '*' | '?' | '_' | 'A'..='Z' | '0'..='9'))
    })
}

#[cfg(test)]
mod tests {
    use super::of_query;
    use crate::value::soql;

    #[test]
    fn what_is_looked_for() {
        let hunted = [
            ("SELECT Id FROM Case WHERE Description LIKE '%AKIA%'", Some("AKIA")),
            (
                "SELECT Id FROM Case WHERE Subject LIKE '%Password%' OR Subject LIKE '%secret%'",
                Some("password, secret"),
            ),
            ("SELECT Id FROM Case WHERE Description LIKE '%-----BEGIN RSA PRIVATE KEY%'", Some("private key")),
            ("SELECT Id FROM Case WHERE Description LIKE '%api_key%' OR Description LIKE '%APIKEY%'", Some("api key")),
            ("FIND {passwd} IN ALL FIELDS RETURNING Case(Id)", Some("password")),
            ("FIND {ASIA*} IN ALL FIELDS RETURNING Case(Id)", Some("ASIA")),
            ("SELECT Id FROM Account WHERE Region__c LIKE '%EMEA-ASIA Pacific%'", None),
            ("SELECT Id FROM Account WHERE Name LIKE '%GRASIA%'", None),
            ("SELECT Password__c, Token__c FROM Case WHERE Secret__c = 'open'", None),
            ("SELECT Id FROM Case WHERE Type = 'Password reset'", None),
            ("SELECT Id FROM Case", None),
        ];
        for (text, expected) in hunted {
            assert_eq!(of_query(&soql::read(text)).as_deref(), expected, "{text}");
        }
    }
}
