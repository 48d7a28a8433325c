//! Scopes of data, sessions and identity.

use super::Scope;
use crate::finding::Severity;

/// What most scopes have nothing of.
const NONE: Scope = Scope {
    parameter: None,
    metadata: &[],
    column: None,
    labels: &[],
    risk: Severity::Low,
    permits: "",
    same_as: None,
    proven_by: &[],
};

pub(super) static SCOPES: &[Scope] = &[
    Scope {
        parameter: Some("full"),
        metadata: &["Full"],
        column: Some("OauthScopesFULL"),
        labels: &["Full access"],
        risk: Severity::Critical,
        permits: "All data that the user can access, through every interface; a refresh token is not included.",
        proven_by: &["REST*", "SOAP*", "Bulk*", "login: OAuth User-Agent with ID Token"],
        ..NONE
    },
    Scope {
        parameter: Some("api"),
        metadata: &["Api"],
        column: Some("OauthScopesAPI"),
        labels: &["Manage user data via APIs", "Access and manage your data"],
        risk: Severity::Medium,
        permits: "The user's data through REST, SOAP and Bulk APIs, those of chatter_api among them.",
        proven_by: &["REST*", "SOAP*", "Bulk*"],
        ..NONE
    },
    Scope {
        parameter: Some("refresh_token"),
        metadata: &["RefreshToken"],
        column: Some("OauthScopesREFRESH_TOKEN"),
        labels: &["Perform requests at any time", "Perform requests on your behalf at any time"],
        risk: Severity::Medium,
        permits: "A refresh token, with which the app goes on when the user is away.",
        proven_by: &["login: OAuth Refresh Token", "login: OAuth Refresh Token for Hybrid Apps"],
        ..NONE
    },
    Scope {
        parameter: Some("offline_access"),
        metadata: &["OfflineAccess"],
        column: Some("OauthScopesOFFLINE_ACCESS"),
        risk: Severity::Medium,
        permits: "A refresh token: another name of refresh_token.",
        same_as: Some("refresh_token"),
        proven_by: &["login: OAuth Refresh Token", "login: OAuth Refresh Token for Hybrid Apps"],
        ..NONE
    },
    Scope {
        parameter: Some("web"),
        metadata: &["Web"],
        column: Some("OauthScopesWEB"),
        labels: &["Manage user data via Web browsers", "Provide access to your data via the Web"],
        risk: Severity::Medium,
        permits: "A browser session with the access token, Visualforce pages in it: what the user sees and does there.",
        ..NONE
    },
    Scope {
        parameter: Some("id"),
        metadata: &["Basic"],
        column: Some("OauthScopesSSO"),
        labels: &["Access the identity URL service", "Access your basic information"],
        permits: "The user's identity as the identity URL tells it; as metadata, profile, email, address and phone too.",
        ..NONE
    },
    Scope {
        parameter: Some("openid"),
        metadata: &["OpenID"],
        column: Some("OauthScopesOPENID"),
        labels: &["Access unique user identifiers", "Allow access to your unique identifier"],
        permits: "An ID token that says who the user is.",
        proven_by: &["login: OAuth User-Agent with ID Token"],
        ..NONE
    },
    Scope {
        parameter: Some("profile"),
        metadata: &["Profile"],
        column: Some("OauthScopesPROFILE"),
        permits: "The user's name and profile as claims about the identity.",
        ..NONE
    },
    Scope {
        parameter: Some("email"),
        metadata: &["Email"],
        column: Some("OauthScopesEMAIL"),
        permits: "The user's email address as a claim about the identity.",
        ..NONE
    },
    Scope {
        parameter: Some("address"),
        metadata: &["Address"],
        column: Some("OauthScopesADDRESS"),
        permits: "The user's postal address as a claim about the identity.",
        ..NONE
    },
    Scope {
        parameter: Some("phone"),
        metadata: &["Phone"],
        column: Some("OauthScopesPHONE"),
        permits: "The user's telephone number as a claim about the identity.",
        ..NONE
    },
    Scope {
        parameter: Some("custom_permissions"),
        metadata: &["CustomPermissions"],
        column: Some("OauthScopesCUSTOM_PERMISSIONS"),
        labels: &["Access custom permissions"],
        permits: "Which custom permissions of the organisation the user has.",
        ..NONE
    },
    Scope {
        parameter: Some("visualforce"),
        metadata: &["CustomApplications"],
        column: Some("OauthScopesVF"),
        labels: &["Access Visualforce applications", "Provide access to custom applications"],
        risk: Severity::Medium,
        permits: "Visualforce pages that the organisation has made, and not those of Salesforce.",
        ..NONE
    },
    Scope {
        parameter: Some("lightning"),
        metadata: &["Lightning"],
        column: Some("OauthScopesLIGHTNING"),
        labels: &["Access Lightning applications"],
        risk: Severity::Medium,
        permits: "Sessions on the host names of Lightning, for apps that join a web view and tokens.",
        ..NONE
    },
    Scope {
        parameter: Some("content"),
        metadata: &["Content"],
        column: Some("OauthScopesCONTENT"),
        labels: &["Access content resources"],
        risk: Severity::Medium,
        permits: "Sessions on the host names that serve files, for apps that join a web view and tokens.",
        ..NONE
    },
    Scope {
        parameter: Some("chatter_api"),
        metadata: &["Chatter"],
        column: Some("OauthScopesCHATTER_REST_API"),
        labels: &["Access Connect REST API resources", "Access and manage your Chatter data"],
        permits: "Resources of Connect REST API: feeds, groups, files.",
        proven_by: &["REST chatter", "REST connect"],
        ..NONE
    },
    Scope {
        parameter: Some("user_registration_api"),
        metadata: &["UserRegistration"],
        column: Some("OauthScopesUSER_REGISTRATION_API"),
        labels: &["Access Headless Registration API"],
        risk: Severity::Medium,
        permits: "The registration of new users of a site, without Salesforce's pages.",
        ..NONE
    },
    Scope {
        parameter: Some("pwdless_login_api"),
        metadata: &["PwdlessLogin"],
        column: Some("OauthScopesPWDLESS_LOGIN_API"),
        labels: &["Access Headless Passwordless Login API"],
        risk: Severity::Medium,
        permits: "Logins of a site's users by a code instead of a password, without Salesforce's pages.",
        ..NONE
    },
    Scope {
        parameter: Some("forgot_password"),
        metadata: &["ForgotPassword"],
        column: Some("OauthScopesFORGOT_PASSWORD"),
        labels: &["Access Headless Forgot Password API"],
        risk: Severity::Medium,
        permits: "The reset of forgotten passwords of a site's users, without Salesforce's pages.",
        ..NONE
    },
];
