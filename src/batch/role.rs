//! What columns mean: the normal tables and the roles in them. Detectors and patterns speak of nothing else.

use crate::dictionary::Domain;

/// One of the normal forms that exports are brought into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// API calls.
    Calls,
    /// Logins and token refreshes, tried or done.
    Logins,
    /// OAuth tokens as they were at the time of the export.
    Tokens,
    /// JWT assertions that a signer made, from the signer's own log.
    Assertions,
    /// Pages of the user interface that people opened.
    Pages,
    /// What happens around a session: somebody logs in as somebody else, somebody logs out.
    Sessions,
    /// Changes of the organisation's setup.
    SetupChanges,
    /// What another product holds to be an anomaly: Shield's threat detection.
    Anomalies,
    /// Calls from Salesforce to the outside.
    Callouts,
    /// Where logins came from, as Salesforce places their addresses.
    Places,
    /// Connected apps as the organisation lists them.
    Apps,
    /// Users as the organisation lists them.
    Users,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 12] = [
        Self::Calls,
        Self::Logins,
        Self::Tokens,
        Self::Assertions,
        Self::Pages,
        Self::Sessions,
        Self::SetupChanges,
        Self::Anomalies,
        Self::Callouts,
        Self::Places,
        Self::Apps,
        Self::Users,
    ];

    /// Whether its rows say what there is, and not what happened: they need no time.
    pub fn is_inventory(self) -> bool {
        matches!(self, Self::Tokens | Self::Apps | Self::Users)
    }

    /// The word for it in messages and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Logins => "logins",
            Self::Tokens => "tokens",
            Self::Assertions => "assertions",
            Self::Pages => "pages",
            Self::Sessions => "sessions",
            Self::SetupChanges => "setup_changes",
            Self::Anomalies => "anomalies",
            Self::Callouts => "callouts",
            Self::Places => "places",
            Self::Apps => "apps",
            Self::Users => "users",
        }
    }
}

/// How a role's values are held and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A point in time, in microseconds.
    Time,
    /// A whole number.
    Number,
    /// A string, held as an id.
    Text,
    /// Read to tell rows apart or to sort them, and not held at all.
    Key,
}

macro_rules! roles {
    ($($role:ident $name:literal $words:literal $kind:ident $domain:ident $doc:literal,)*) => {
        /// What a column means, whatever an export calls it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Role { $(#[doc = $doc] $role,)* }

        impl Role {
            /// All roles, in the order of their columns.
            pub const ALL: &'static [Self] = &[$(Self::$role,)*];

            /// The role's name in schemas, settings and Arrow fields.
            pub fn name(self) -> &'static str {
                match self { $(Self::$role => $name,)* }
            }

            /// The name as words, for facts and sentences.
            pub fn name_in_words(self) -> &'static str {
                match self { $(Self::$role => $words,)* }
            }

            /// How its values are held.
            pub fn kind(self) -> Kind {
                match self { $(Self::$role => Kind::$kind,)* }
            }

            /// Which dictionary its strings are in.
            pub fn domain(self) -> Domain {
                match self { $(Self::$role => Domain::$domain,)* }
            }
        }
    };
}

// One list, so that the enum, the names and the kinds cannot disagree.
roles! {
    Time "time" "time" Time Text "When it happened; for tokens, when last used or else created.",
    EventId "event_id" "event id" Key Text "The event's own identifier.",
    EventType "event_type" "event type" Key Text "What a row says its event type is, where an export may hold several.",
    User "user" "user" Text User "Who acted: the user's id, else the username.",
    Username "username" "username" Text Text "The username, for joins by name.",
    App "app" "app" Text App "The connected app: its id, else its name.",
    SourceIp "source_ip" "address" Text Address "The address that the request came from.",
    Network "network" "network" Text Text "Derived: the /24 or /64 of `source_ip`.",
    Session "session" "session" Text Session "The session key.",
    LoginKey "login_key" "login key" Text Session "Ties all events from login to logout together.",
    ApiFamily "api_family" "API family" Text Text "REST, Bulk, SOAP Partner and so on.",
    Operation "operation" "operation" Text Text "`Query`, `QueryAll`, `QueryMore` and so on.",
    LoginType "login_type" "login type" Text Text "How somebody came in, for example Remote Access 2.0.",
    LoginSubtype "login_subtype" "login subtype" Text Text "Which OAuth flow, for example OAuth Refresh Token.",
    Use "use" "use" Text Text "Derived: what a row shows the app to use, for example `REST Query`.",
    Client "client" "client" Text Text "The client library: the user agent as given.",
    Status "status" "status" Text Text "How a login ended.",
    Rows "rows" "rows" Number Text "Rows returned.",
    Processed "processed" "rows processed" Number Text "Rows of the whole query, of which `rows` may be one page.",
    UseCount "use_count" "use count" Number Text "How often a token was used.",
    LastUsed "last_used" "last used" Time Text "When a token was last used.",
    Created "created" "created" Time Text "When a token was created.",
    Token "token" "token" Text Token "A token's reference: a hash, never the token.",
    Issuer "issuer" "issuer" Text Text "`iss` of an assertion: the app's consumer key.",
    Principal "principal" "principal" Text Text "`sub` of an assertion: the username it acts for.",
    Audience "audience" "audience" Text Text "`aud` of an assertion.",
    IssuedAt "issued_at" "issued at" Time Text "`iat` of an assertion.",
    ExpiresAt "expires_at" "expires at" Time Text "`exp` of an assertion.",
    Claims "claims" "claims" Text Token "Derived: issuer, subject and issue time of an assertion, its fingerprint without an id.",
    AssertionId "assertion_id" "assertion id" Text Token "`jti` of an assertion.",
    Outcome "outcome" "outcome" Text Text "What the token endpoint answered to an assertion.",
    Org "org" "organisation" Text Text "The organisation's id.",
    AppName "app_name" "app name" Text Text "The connected app's name, where `app` is its id.",
    RequestId "request_id" "request id" Text Session "The transaction: several events may share it.",
    LoginHistoryId "login_history_id" "login history id" Text Session "The login that the session began with.",
    Method "method" "HTTP method" Text Text "`GET`, `POST`, `DELETE` and so on.",
    Endpoint "endpoint" "endpoint" Text Text "The resource a call went to: its path without host, version, ids and query.",
    Objects "objects" "objects" Text Text "The objects that a call read or wrote: `Account, Contact`.",
    Query "query" "query" Text Query "The SOQL text.",
    Fingerprint "fingerprint" "query fingerprint" Text Text "Derived: the query's shape without its literals, hashed.",
    Columns "columns" "columns" Number Text "Derived: how many columns a query selects.",
    Bytes "bytes" "bytes" Number Text "Bytes of the response.",
    Job "job" "job" Text Session "The bulk job's id.",
    StatusCode "status_code" "status code" Number Text "The HTTP status.",
    Country "country" "country" Text Text "Where Salesforce places the address: ISO 3166 code or name.",
    City "city" "city" Text Text "Where Salesforce places the address.",
    Latitude "latitude" "latitude" Number Text "In millionths of a degree.",
    Longitude "longitude" "longitude" Number Text "In millionths of a degree.",
    Place "place" "place" Text Session "The id of a row of `places`.",
    Target "target" "target" Text User "The user on whose behalf somebody acts.",
    Action "action" "action" Text Text "The code of a setup change, or what happened to a session or a job.",
    Section "section" "section" Text Text "The part of the setup that was changed.",
    Change "change" "change" Text Query "The setup change in Salesforce's words.",
    Score "score" "score" Number Text "Another product's score, in millionths.",
    Reason "reason" "reason" Text Query "Another product's words for what it saw.",
    Provider "provider" "provider" Text Text "Derived: who runs the network of `source_ip`, from a table of the user's.",
    Origin "origin" "country of origin" Text Text "Derived: the country of the network of `source_ip`, from such a table.",
    ClientFamily "client_family" "client library" Text Text "Derived: the product of `client`, without its version.",
    Shape "shape" "query shape" Text Text "Derived: the query without its literals, safe to print; long ones are cut.",
    Probe "probe" "probes" Text Text "Derived: what a call finds out about the organisation, for example `count Account`.",
    Selection "selection" "selection" Text Text "Derived: how much a query takes: `FIELDS(ALL) of Account`, `few columns`.",
    Hunted "hunted" "words looked for" Text Text "Derived: which words for credentials a query looks for.",
    Resource "resource" "resource" Text Text "Derived: the first three parts of `endpoint`.",
    Log "log" "log" Text Text "Derived: the log that tells of it: several may tell of one call.",
    MenuItem "menu_item" "menu item" Text Text "The installed app that a token belongs to, as the app menu lists it.",
    Refusal "refusal" "refusal" Text Text "Why a call was refused, as far as its message says, or else its HTTP status.",
    NetworkClass "network_class" "network class" Text Text "Derived: the kind of `provider`: cloud, hosting, vpn.",
    Active "active" "active" Text Text "Whether a user is active: `true` or `false`.",
    Frozen "frozen" "frozen" Text Text "Whether a user is frozen.",
    Profile "profile" "profile" Text Text "A user's profile, by its name.",
    ModifiesAll "modifies_all" "may modify all data" Text Text "Whether a user's profile may modify all data.",
    Modified "modified" "last modified" Time Text "When what a listing says was changed last.",
}
