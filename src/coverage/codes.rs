//! Which codes are known. Source: Object Reference, `LoginHistory` and `ApiEvent`; event log file reference, Login.

use crate::batch::Role;
use crate::schema::match_key;

const LOGIN_TYPES: &[&str] = &[
    "AppExchange",
    "Application",
    "Certificate",
    "Certificate-based login",
    "ChatterCommunityPortalUnPwd",
    "Chatter Communities External User",
    "ChatterCommunityThirdPartySso",
    "Chatter Communities External User Third Party SSO",
    "CrossTenantLogin",
    "Cross Tenant Login",
    "EmployeeLoginToCommunity",
    "Employee Login to Community",
    "HelpAndTraining",
    "Help And Training",
    "IeOfflineClient",
    "Offline Client",
    "LightningLogin",
    "Lightning Login",
    "NetworksPortalApiOnly",
    "Networks Portal API Only",
    "Oauth",
    "Remote Access Client",
    "Oauth2",
    "Remote Access 2.0",
    "OtherApi",
    "Other Apex API",
    "Partner",
    "Partner Product",
    "PasswordlessLogin",
    "Passwordless Login",
    "PasswordlessPasskeyLogin",
    "Passwordless Login via Passkeys",
    "Portal",
    "Customer Service Portal",
    "PortalThirdPartySso",
    "Customer Service Portal Third-Party SSO",
    "PrmPortalThirdPartySso",
    "Partner Portal Third-Party SSO",
    "PrmPortal",
    "Partner Portal",
    "Saml",
    "SAML Idp Initiated SSO",
    "SamlChatterNetworks",
    "SAML Chatter Communities External User SSO",
    "SamlCspPortal",
    "SAML Customer Service Portal SSO",
    "SamlPrmPortal",
    "SAML Partner Portal SSO",
    "SamlSite",
    "SAML Site SSO",
    "Saml2",
    "SAML Sfdc Initiated SSO",
    "SelfService",
    "ThirdPartySso",
    "Third Party SSO",
];

/// One character each, and case matters.
const LOGIN_TYPE_LETTERS: &str = "7AsknxrzlIi6Rw3q95mbch8Ej";

const LOGIN_SUBTYPES: &[&str] = &[
    "InternalSalesforceAuthentication",
    "OauthClientCredential",
    "OauthClientCredentials",
    "OauthHybridRefreshToken",
    "OAuth Refresh Token for Hybrid Apps",
    "OauthHybridTokenExchange",
    "OAuth Token Exchange for Hybrid Apps",
    "OauthHybridUserAgent",
    "OAuth User-Agent for Hybrid Apps",
    "OauthHybridWebServer",
    "OAuth Web Server for Hybrid Apps",
    "OauthOtpLogin",
    "OauthPassword",
    "OauthRefreshToken",
    "OauthTokenExchange",
    "OauthUserAgent",
    "OauthUserAgentIdToken",
    "OAuth User-Agent with ID Token",
    "OauthUsernamePassword",
    "OauthWebServer",
    "UiPasswordReset",
    "UI Password Reset",
    "Change Password",
    "UsernamePasswordUiLogin",
    "UI Username-Password",
];

const API_FAMILIES: &[&str] = &[
    "Bulk",
    "Bulk API",
    "REST",
    "REST API",
    "SOAP",
    "SOAP Enterprise",
    "SOAP Partner",
    "ApexREST",
    "DirectApexREST",
    "DirectAura",
];

const OPERATIONS: &[&str] = &["Query", "QueryAll", "QueryMore", "DeleteHard", "DeleteSoft"];

/// Whether a text is a known code of a role; nothing for roles that hold no codes.
pub(crate) fn is_known(role: Role, text: &str) -> Option<bool> {
    let key = match_key(text);
    let is_in = |known: &[&str]| Some(known.iter().any(|known| match_key(known) == key));
    match role {
        Role::LoginType if text.len() == 1 => Some(LOGIN_TYPE_LETTERS.contains(text)),
        Role::LoginType => is_in(LOGIN_TYPES),
        Role::LoginSubtype if key.starts_with("soapapi") => Some(true),
        Role::LoginSubtype => is_in(LOGIN_SUBTYPES),
        Role::ApiFamily => is_in(API_FAMILIES),
        Role::Operation => is_in(OPERATIONS),
        _ => None,
    }
}
