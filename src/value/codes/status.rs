//! How logins end: the codes of event log files, and the sentences of the login history.
//!
//! Source: Object Reference and Salesforce Help, login status codes. The list is an old one and newer codes exist: what
//! is not in it is no success. The same sentence is met with and without `Failed: ` before it.

/// What a login that succeeded is spelled as.
pub(super) const SUCCESS: &str = "Success";

/// What is said of a wrong user name or password, and of a password that too many wrong ones have locked. A refusal by a
/// rule (address, hours, missing activation or approval) says nothing of the password, and `Login invalid` has no
/// documented cause.
pub(super) const WRONG_CREDENTIALS: &[&str] =
    &["Invalid password", "Invalid login", "Password lockout", "LOGIN_ERROR_SSO_PWD_INVALID"];

/// What is said of a user who may not come in any more.
pub(super) const BARRED_USER: &[&str] = &["User is inactive", "User is frozen"];

/// The one spelling of a status; nothing if it is not known.
pub(super) fn find<'a>(text: &str) -> Option<&'a str> {
    let text = without_failed(text);
    let is_named = |name: &str| without_failed(name).eq_ignore_ascii_case(text);
    let coded = STATUSES.iter().find(|(code, sentence)| is_named(code) || is_named(sentence));
    coded.map(|(_, sentence)| *sentence).or_else(|| SENTENCES.iter().find(|sentence| is_named(sentence)).copied())
}

fn without_failed(text: &str) -> &str {
    const FAILED: &str = "Failed:";
    let text = text.trim();
    match text.get(..FAILED.len()) {
        Some(start) if start.eq_ignore_ascii_case(FAILED) => text[FAILED.len()..].trim_start(),
        _ => text,
    }
}

/// Met in login histories, with no code known for them.
const SENTENCES: &[&str] = &["Failed: Not approved for access", "Multi-factor required"];

/// Codes and their sentences; where none is known, the code stands for itself.
const STATUSES: &[(&str, &str)] = &[
    ("LOGIN_NO_ERROR", "Success"),
    ("LOGIN_CHALLENGE_ISSUED", "Failed: Computer activation required"),
    ("LOGIN_CHALLENGE_PENDING", "LOGIN_CHALLENGE_PENDING"),
    ("LOGIN_DATA_DOWNLOAD_ONLY", "LOGIN_DATA_DOWNLOAD_ONLY"),
    ("LOGIN_END_SESSION_TXN_SECURITY_POLICY", "LOGIN_END_SESSION_TXN_SECURITY_POLICY"),
    ("LOGIN_ERROR_APPEXCHANGE_DOWN", "LOGIN_ERROR_APPEXCHANGE_DOWN"),
    ("LOGIN_ERROR_ASYNC_USER_CREATE", "LOGIN_ERROR_ASYNC_USER_CREATE"),
    ("LOGIN_ERROR_CLIENT_NO_ACCESS", "LOGIN_ERROR_CLIENT_NO_ACCESS"),
    ("LOGIN_ERROR_CLIENT_REQ_UPDATE", "LOGIN_ERROR_CLIENT_REQ_UPDATE"),
    ("LOGIN_ERROR_DUPLICATE_USERNAME", "LOGIN_ERROR_DUPLICATE_USERNAME"),
    ("LOGIN_ERROR_EXPORT_RESTRICTED", "Restricted country"),
    ("LOGIN_ERROR_GLOBAL_BLOCK_DOMAIN", "Restricted domain"),
    ("LOGIN_ERROR_HTP_METHD_INVALID", "LOGIN_ERROR_HTP_METHD_INVALID"),
    ("LOGIN_ERROR_INSECURE_LOGIN", "LOGIN_ERROR_INSECURE_LOGIN"),
    ("LOGIN_ERROR_INVALID_PASSWORD", "Invalid password"),
    ("LOGIN_ERROR_INVALID_USERNAME", "Invalid login"),
    ("LOGIN_ERROR_LOGINS_EXCEEDED", "Maximum logins exceeded"),
    ("LOGIN_ERROR_MUST_USE_API_TOKEN", "Failed: API security token required"),
    ("LOGIN_ERROR_MUTUAL_AUTHENTICATION", "LOGIN_ERROR_MUTUAL_AUTHENTICATION"),
    ("LOGIN_ERROR_NETWORK_INACTIVE", "LOGIN_ERROR_NETWORK_INACTIVE"),
    ("LOGIN_ERROR_NO_NETWORK_ACCESS", "No community access"),
    ("LOGIN_ERROR_NO_PORTAL_ACCESS", "LOGIN_ERROR_NO_PORTAL_ACCESS"),
    ("LOGIN_ERROR_ORG_CLOSED", "LOGIN_ERROR_ORG_CLOSED"),
    ("LOGIN_ERROR_ORG_DOMAIN_ONLY", "Restricted domain"),
    ("LOGIN_ERROR_ORG_INACTIVE", "LOGIN_ERROR_ORG_INACTIVE"),
    ("LOGIN_ERROR_ORG_LOCKOUT", "LOGIN_ERROR_ORG_LOCKOUT"),
    ("LOGIN_ERROR_ORG_SUSPENDED", "LOGIN_ERROR_ORG_SUSPENDED"),
    ("LOGIN_ERROR_PASSWORD_LOCKOUT", "Password lockout"),
    ("LOGIN_ERROR_RATE_EXCEEDED", "Login rate exceeded"),
    ("LOGIN_ERROR_RESTRICTED_DOMAIN", "Restricted IP"),
    ("LOGIN_ERROR_RESTRICTED_TIME", "Restricted time"),
    ("LOGIN_ERROR_SSO_PWD_INVALID", "LOGIN_ERROR_SSO_PWD_INVALID"),
    ("LOGIN_ERROR_SSO_SVC_DOWN", "LOGIN_ERROR_SSO_SVC_DOWN"),
    ("LOGIN_ERROR_SSO_URL_INVALID", "LOGIN_ERROR_SSO_URL_INVALID"),
    ("LOGIN_ERROR_UNKNOWN_ERROR", "Login invalid"),
    ("LOGIN_ERROR_USER_API_ONLY", "Failed: API-only user"),
    ("LOGIN_ERROR_USER_FROZEN", "User is frozen"),
    ("LOGIN_ERROR_USER_INACTIVE", "User is inactive"),
    ("LOGIN_ERROR_USER_NON_MOBILE", "LOGIN_ERROR_USER_NON_MOBILE"),
    ("LOGIN_LIGHTNING_LOGIN", "LOGIN_LIGHTNING_LOGIN"),
    ("LOGIN_ORG_TRIAL_EXP", "LOGIN_ORG_TRIAL_EXP"),
    ("LOGIN_TWOFACTOR_REQ", "Two-factor required"),
    ("LOGIN_OAUTH_API_DISABLED", "Failed: OAuth API access disabled"),
    ("LOGIN_OAUTH_CONSUMER_DELETED", "Failed: Consumer Deleted"),
    ("LOGIN_OAUTH_DS_NOT_EXPECTED", "Failed: Activation secret not expected"),
    ("LOGIN_OAUTH_EXCEED_GET_AT_LMT", "Failed: Get Access Token Limit Exceeded"),
    ("LOGIN_OAUTH_INVALID_CODE_CHALLENGE", "Failed: Invalid Code Challenge"),
    ("LOGIN_OAUTH_INVALID_CODE_VERIFIER", "Failed: Invalid Code Verifier"),
    ("LOGIN_OAUTH_INVALID_DEVICE", "Failed: Device Id missing or not registered"),
    ("LOGIN_OAUTH_INVALID_DS", "Failed: Activation secret invalid"),
    ("LOGIN_OAUTH_INVALID_DSIG", "Failed: Signature Invalid"),
    ("LOGIN_OAUTH_INVALID_IP", "Failed: IP Address Not Allowed"),
    ("LOGIN_OAUTH_INVALID_NONCE", "Failed: Invalid Nonce"),
    ("LOGIN_OAUTH_INVALID_SIG_METHOD", "Failed: Invalid Signature Method"),
    ("LOGIN_OAUTH_INVALID_TIMESTAMP", "Failed: Invalid Timestamp"),
    ("LOGIN_OAUTH_INVALID_TOKEN", "Failed: Invalid Token"),
    ("LOGIN_OAUTH_INVALID_VERIFIER", "Failed: Invalid Verifier"),
    ("LOGIN_OAUTH_INVALID_VERSION", "Failed: Version Not Supported"),
    ("LOGIN_OAUTH_MISSING_DS", "Activation secret missing"),
    ("LOGIN_OAUTH_NO_CALLBACK_URL", "Failed: Invalid Callback URL"),
    ("LOGIN_OAUTH_NO_CONSUMER", "Missing Consumer Key Parameter"),
    ("LOGIN_OAUTH_NO_TOKEN", "Missing OAuth Token Parameter"),
    ("LOGIN_OAUTH_NONCE_REPLAY", "Failed: Nonce Replay Detected"),
    ("LOGIN_OAUTH_PACKAGE_MISSING", "Package for this consumer is not installed"),
    ("LOGIN_OAUTH_PACKAGE_OLD", "Package for this consumer is out of date"),
    ("LOGIN_OAUTH_UNEXPECTED_PARAM", "Failed: Unexpected parameter"),
    ("LOGIN_SAML_INVALID_AUDIENCE", "Failed: Audience Invalid"),
    ("LOGIN_SAML_INVALID_FORMAT", "Failed: Assertion Invalid"),
    ("LOGIN_SAML_INVALID_ISSUER", "Failed: Issuer Mismatched"),
    ("LOGIN_SAML_INVALID_SIGNATURE", "Failed: Signature Invalid"),
    ("LOGIN_SAML_INVALID_TIMESTAMP", "Failed: Assertion Expired"),
    ("LOGIN_SAML_INVALID_USERNAME", "LOGIN_SAML_INVALID_USERNAME"),
    ("LOGIN_SAML_MISMATCH_CERT", "LOGIN_SAML_MISMATCH_CERT"),
    ("LOGIN_SAML_REPLAY_ATTEMPTED", "Failed: Replay Detected"),
];
