//! How somebody came in: login types and subtypes.
//!
//! Source: Object Reference, `LoginHistory` (API values and labels) and `EventLogFile`, Login Event Type (letters).

/// What a login through the browser names as its application.
pub const BROWSER: &str = "Browser";

/// Whether a login's application is one that people sit at: the browser, or `Salesforce for iOS` and its like.
pub fn is_interactive(app: &str) -> bool {
    app == BROWSER || app.starts_with("Salesforce for ")
}

/// `LOGIN_TYPE` of event log files.
pub(super) const LETTERS: &[(u8, &str)] = &[
    (b'3', "Customer Service Portal"),
    (b'5', "SAML Idp Initiated SSO"),
    (b'6', "Remote Access Client"),
    (b'7', "AppExchange"),
    (b'8', "SAML Sfdc Initiated SSO"),
    (b'9', "Partner Portal"),
    (b'A', "Application"),
    (b'E', "SelfService"),
    (b'I', "Other Apex API"),
    (b'R', "Partner Product"),
    (b'b', "SAML Customer Service Portal SSO"),
    (b'c', "SAML Partner Portal SSO"),
    (b'h', "SAML Site SSO"),
    (b'i', "Remote Access 2.0"),
    (b'j', "Third Party SSO"),
    (b'k', "Chatter Communities External User"),
    (b'l', "Networks Portal API Only"),
    (b'm', "SAML Chatter Communities External User SSO"),
    (b'n', "Chatter Communities External User Third Party SSO"),
    (b'q', "Partner Portal Third-Party SSO"),
    (b'r', "Employee Login to Community"),
    (b's', "Certificate-based login"),
    (b'w', "Passwordless Login"),
    (b'x', "Cross Tenant Login (internal)"),
    (b'z', "Lightning Login"),
];

/// What the labels of login types say where Salesforce asks for no password of its own.
pub(super) const WITHOUT_PASSWORD: &[&str] = &[
    "Certificate-based",
    "Cross Tenant",
    "Lightning Login",
    "Passwordless",
    "Remote Access",
    "SAML",
    "Third Party SSO",
    "Third-Party SSO",
];

/// `LoginType`: API values and labels.
pub(super) const TYPES: &[(&str, &str)] = &[
    ("AppExchange", "AppExchange"),
    ("Application", "Application"),
    ("Certificate", "Certificate-based login"),
    ("ChatterCommunityPortalUnPwd", "Chatter Communities External User"),
    ("ChatterCommunityThirdPartySso", "Chatter Communities External User Third Party SSO"),
    ("CrossTenantLogin", "Cross Tenant Login (internal)"),
    ("EmployeeLoginToCommunity", "Employee Login to Community"),
    ("HelpAndTraining", "Help And Training"),
    ("IeOfflineClient", "Offline Client"),
    ("LightningLogin", "Lightning Login"),
    ("NetworksPortalApiOnly", "Networks Portal API Only"),
    ("Oauth", "Remote Access Client"),
    ("Oauth2", "Remote Access 2.0"),
    ("OtherApi", "Other Apex API"),
    ("Partner", "Partner Product"),
    ("PasswordlessLogin", "Passwordless Login"),
    ("PasswordlessPasskeyLogin", "Passwordless Login via Passkeys (beta)"),
    ("Portal", "Customer Service Portal"),
    ("PortalThirdPartySso", "Customer Service Portal Third-Party SSO"),
    ("PrmPortal", "Partner Portal"),
    ("PrmPortalThirdPartySso", "Partner Portal Third-Party SSO"),
    ("Saml", "SAML Idp Initiated SSO"),
    ("Saml2", "SAML Sfdc Initiated SSO"),
    ("SamlChatterNetworks", "SAML Chatter Communities External User SSO"),
    ("SamlCspPortal", "SAML Customer Service Portal SSO"),
    ("SamlPrmPortal", "SAML Partner Portal SSO"),
    ("SamlSite", "SAML Site SSO"),
    ("SelfService", "SelfService"),
    ("ThirdPartySso", "Third Party SSO"),
];

/// `LoginSubType`: API values, what event log files write where it is another word, and labels.
pub(super) const SUBTYPES: &[(&str, &str)] = &[
    ("InternalSalesforceAuthentication", "Internal Salesforce Authentication"),
    ("OauthClientCredential", "OAuth Client Credentials"),
    ("OauthClientCredentials", "OAuth Client Credentials"),
    ("OauthHybridRefreshToken", "OAuth Refresh Token for Hybrid Apps"),
    ("OauthHybridTokenExchange", "OAuth Token Exchange for Hybrid Apps"),
    ("OauthHybridUserAgent", "OAuth User-Agent for Hybrid Apps"),
    ("OauthHybridWebServer", "OAuth Web Server for Hybrid Apps"),
    ("OauthOtpLogin", "OAuth OTP Login"),
    ("OauthRefreshToken", "OAuth Refresh Token"),
    ("OauthTokenExchange", "OAuth Token Exchange"),
    ("OauthUserAgent", "OAuth User-Agent"),
    ("OauthUserAgentIdToken", "OAuth User-Agent with ID Token"),
    ("OauthUsernamePassword", "OAuth Username-Password"),
    ("oauthpassword", "OAuth Username-Password"),
    ("OauthWebServer", "OAuth Web Server"),
    ("UiPasswordReset", "UI Password Reset"),
    ("UsernamePasswordUiLogin", "UI Username-Password"),
];
