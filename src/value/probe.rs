//! Calls that find out what there is to take: counting, describing, listing. None of them is wrong by itself.

use super::soql::Query;

/// What a query finds out about the organisation: `count Account`, `organization`, `list users`, `list objects`.
///
/// A query with columns besides its `COUNT` is a report. Users are listed by who orders them by their last login, or
/// takes the first few of them all; to look one up by name is no list.
pub fn of_query(query: &Query) -> Option<String> {
    let object = query.objects.first()?;
    let is = |name: &str| object.eq_ignore_ascii_case(name);
    if query.counts && query.columns == 1 {
        return Some(format!("count {object}"));
    }
    let takes_the_first = query.limit.is_some() && !query.filtered;
    if is("User") && (takes_the_first || query.shape.contains("ORDER BY lastlogindate")) {
        return Some("list users".to_owned());
    }
    let known = [("Organization", "organization"), ("EntityDefinition", "list objects")];
    known.iter().find(|(name, _)| is(name)).map(|(_, probe)| (*probe).to_owned())
}

/// What a request to a normal path finds out: `list objects`, `describe Case`, `limits`.
pub fn of_endpoint(endpoint: &str) -> Option<String> {
    let segments: Vec<&str> = endpoint.strip_prefix('/')?.split('/').collect();
    Some(match segments.as_slice() {
        ["sobjects"] => "list objects".to_owned(),
        ["sobjects", object, "describe", ..] => format!("describe {object}"),
        ["limits"] => "limits".to_owned(),
        ["limits", "recordCount"] => "count records".to_owned(),
        _ => return None,
    })
}

/// Whether a normal path, or the first three parts of one, leads to what there is instead of to records.
pub fn is_metadata(resource: &str) -> bool {
    of_endpoint(resource).is_some()
}

#[cfg(test)]
mod tests {
    use super::{of_endpoint, of_query};
    use crate::value::{endpoint, soql};

    #[test]
    fn queries_that_find_out() {
        let probes = [
            ("SELECT COUNT() FROM Account", Some("count Account")),
            ("select count(Id) from Case where IsClosed = false", Some("count Case")),
            ("SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName", None),
            ("SELECT Id, Name FROM Organization LIMIT 1", Some("organization")),
            (
                "SELECT Id, Name FROM User WHERE IsActive = true ORDER BY LastLoginDate DESC NULLS LAST LIMIT 20",
                Some("list users"),
            ),
            ("SELECT Id FROM User LIMIT 20", Some("list users")),
            ("SELECT Id FROM User WHERE Username = 'mia@acme.example' LIMIT 1", None),
            ("SELECT Id FROM User", None),
            ("SELECT QualifiedApiName FROM EntityDefinition", Some("list objects")),
            ("SELECT Id FROM Account LIMIT 20", None),
            ("SELECT COUNT()", None),
        ];
        for (text, expected) in probes {
            assert_eq!(of_query(&soql::read(text)).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn endpoints_that_find_out() {
        let probes = [
            ("/services/data/v58.0/sobjects/", Some("list objects")),
            ("https://acme.example/services/data/v58.0/sobjects/Case/describe/", Some("describe Case")),
            ("/v58.0/sobjects/Case/describe/layouts", Some("describe Case")),
            ("/services/data/v58.0/limits/", Some("limits")),
            ("/services/data/v58.0/limits/recordCount?sObjects=Case", Some("count records")),
            ("/services/data/v58.0/sobjects/Case", None),
            ("/services/data/v58.0/query", None),
            ("describeSObjects", None),
            ("/", None),
        ];
        for (text, expected) in probes {
            assert_eq!(of_endpoint(&endpoint::normal(text)).as_deref(), expected, "{text}");
        }
    }
}
