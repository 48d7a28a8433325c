//! Families and operations of APIs.
//!
//! Source: Object Reference, `EventLogFile`, SOAP API Event Type (letters; `I`, `O` and `X` from its older editions) and
//! API Total Usage Event Type; Platform Events Developer Guide, `ApiEvent`.

/// `API_TYPE` of event log files.
pub(super) const LETTERS: &[(u8, &str)] = &[
    (b'D', "Apex Class"),
    (b'E', "SOAP Enterprise"),
    (b'I', "SOAP Cross Instance"),
    (b'M', "SOAP Metadata"),
    (b'O', "Old SOAP"),
    (b'P', "SOAP Partner"),
    (b'S', "SOAP Apex"),
    (b'T', "SOAP Tooling"),
    (b'X', "XmlRPC"),
    (b'f', "Feed"),
    (b'l', "Live Agent"),
    (b'p', "SOAP ClientSync"),
];

/// Names of families, and the one that is kept. A label stands for itself.
pub(super) const FAMILIES: &[(&str, &str)] = &[
    ("Apex Class", "Apex Class"),
    ("ApexREST", "ApexREST"),
    ("Bulk API", "Bulk"),
    ("DirectApexREST", "DirectApexREST"),
    ("DirectAura", "DirectAura"),
    ("Feed", "Feed"),
    ("Live Agent", "Live Agent"),
    ("Old SOAP", "Old SOAP"),
    ("REST API", "REST"),
    ("SOAP", "SOAP"),
    ("SOAP Apex", "SOAP Apex"),
    ("SOAP ClientSync", "SOAP ClientSync"),
    ("SOAP Cross Instance", "SOAP Cross Instance"),
    ("SOAP Enterprise", "SOAP Enterprise"),
    ("SOAP Metadata", "SOAP Metadata"),
    ("SOAP Partner", "SOAP Partner"),
    ("SOAP Tooling", "SOAP Tooling"),
    ("XmlRPC", "XmlRPC"),
];

/// Reads have names of their own in `ApiEvent`; the SOAP methods and Bulk operations behind them begin in lower case.
pub(super) const OPERATIONS: &[(&str, &str)] =
    &[("query", "Query"), ("queryAll", "QueryAll"), ("queryMore", "QueryMore")];
