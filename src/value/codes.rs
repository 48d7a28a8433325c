//! Codes and labels for the same thing, brought to one spelling. What is not in the tables stays as it is: unknown
//! values remain visible, nothing is guessed.

/// The spelling that is kept, by what is left when blanks, dashes and case are taken away.
const API_FAMILIES: &[(&str, &str)] = &[
    ("bulk", "Bulk"),
    ("bulkapi", "Bulk"),
    ("rest", "REST"),
    ("restapi", "REST"),
    ("soapenterprise", "SOAP Enterprise"),
    ("soappartner", "SOAP Partner"),
];

/// `LoginSubType` of `LoginHistory`: API values `OauthXxx` and their labels.
const LOGIN_SUBTYPES: &[(&str, &str)] = &[
    ("internalsalesforceauthentication", "Internal Salesforce Authentication"),
    ("oauthclientcredential", "OAuth Client Credentials"),
    ("oauthclientcredentials", "OAuth Client Credentials"),
    ("oauthhybridrefreshtoken", "OAuth Refresh Token for Hybrid Apps"),
    ("oauthrefreshtokenforhybridapps", "OAuth Refresh Token for Hybrid Apps"),
    ("oauthhybridtokenexchange", "OAuth Token Exchange for Hybrid Apps"),
    ("oauthtokenexchangeforhybridapps", "OAuth Token Exchange for Hybrid Apps"),
    ("oauthhybriduseragent", "OAuth User-Agent for Hybrid Apps"),
    ("oauthuseragentforhybridapps", "OAuth User-Agent for Hybrid Apps"),
    ("oauthhybridwebserver", "OAuth Web Server for Hybrid Apps"),
    ("oauthwebserverforhybridapps", "OAuth Web Server for Hybrid Apps"),
    ("oauthotplogin", "OAuth OTP Login"),
    ("oauthpassword", "OAuth Username-Password"),
    ("oauthrefreshtoken", "OAuth Refresh Token"),
    ("oauthtokenexchange", "OAuth Token Exchange"),
    ("oauthuseragent", "OAuth User-Agent"),
    ("oauthuseragentidtoken", "OAuth User-Agent with ID Token"),
    ("oauthuseragentwithidtoken", "OAuth User-Agent with ID Token"),
    ("oauthusernamepassword", "OAuth Username-Password"),
    ("oauthwebserver", "OAuth Web Server"),
];

/// `LoginType` of `LoginHistory`, as far as OAuth is concerned.
const LOGIN_TYPES: &[(&str, &str)] = &[
    ("oauth", "Remote Access Client"),
    ("oauth2", "Remote Access 2.0"),
    ("remoteaccess20", "Remote Access 2.0"),
    ("remoteaccessclient", "Remote Access Client"),
];

/// The one spelling of an API family.
pub fn api_family(text: &str) -> &str {
    known(API_FAMILIES, text)
}

/// The one spelling of a login subtype.
pub fn login_subtype(text: &str) -> &str {
    known(LOGIN_SUBTYPES, text)
}

/// The one spelling of a login type.
pub fn login_type(text: &str) -> &str {
    known(LOGIN_TYPES, text)
}

fn known<'a>(table: &'a [(&str, &'a str)], text: &'a str) -> &'a str {
    let key = crate::schema::match_key(text);
    table.iter().find(|(known, _)| *known == key).map_or(text, |(_, label)| label)
}
