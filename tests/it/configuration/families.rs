//! Every field of connected apps, external client apps, profiles and settings; and what holds where a file is silent.

use tokentrail::configuration::{
    AppConfiguration, AppKind, Certificate, IpRange, IpRelaxation, LifetimeUnit, PermittedUsers, PolicyAction,
    RefreshPolicy, SessionLevel, Stated,
};
use tokentrail::value::Time;

use super::{Folder, connected_app, metadata};

/// A certificate from 2023-07-01 to 2025-06-30, as in the sample.
fn pem() -> String {
    let file = "sample-data/configuration/force-app/main/default/connectedApps/Ledger_Sync.connectedApp-meta.xml";
    let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let from = text.find("-----BEGIN").unwrap();
    text[from..text.find("</certificate>").unwrap()].to_owned()
}

fn expected_certificate() -> Certificate {
    let time = |text: &str| Some(Time::parse(text.as_bytes(), None).unwrap());
    Certificate { not_before: time("2023-07-01T00:00:00Z"), not_after: time("2025-06-30T23:59:59Z") }
}

fn range(text: &str) -> IpRange {
    IpRange::parse(text).unwrap()
}

fn known<T>(value: T) -> Stated<T> {
    Stated::Known(value)
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn full_app() -> AppConfiguration {
    connected_app(&format!(
        "<contactEmail>a@b.example</contactEmail>
         <ipRanges><description>x</description><end>192.0.2.9</end><start>192.0.2.1</start></ipRanges>
         <label>Ledger &amp; Sync&#x21;</label>
         <oauthConfig>
           <callbackUrl>https://a.example/cb\n  http://localhost:1717/cb\n</callbackUrl>
           <certificate>{}</certificate>
           <consumerKey>3MVG9.FAKE_KEY</consumerKey>
           <isAdminApproved>true</isAdminApproved>
           <isClientCredentialEnabled>true</isClientCredentialEnabled>
           <isCodeCredentialEnabled>true</isCodeCredentialEnabled>
           <isConsumerSecretOptional>true</isConsumerSecretOptional>
           <isDeviceFlowEnabled>true</isDeviceFlowEnabled>
           <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>
           <isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>
           <isPkceRequired>true</isPkceRequired>
           <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>
           <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
           <isTokenExchangeEnabled>true</isTokenExchangeEnabled>
           <oauthClientCredentialUser>robot@a.example</oauthClientCredentialUser>
           <scopes>RefreshToken</scopes><scopes>Full</scopes><scopes>RefreshToken</scopes>
         </oauthConfig>
         <oauthPolicy>
           <ipRelaxation>ENFORCE_RELAXREFRESH</ipRelaxation>
           <isTokenExchangeFlowEnabled>true</isTokenExchangeFlowEnabled>
           <refreshTokenPolicy>specific_lifetime:3:HOURS</refreshTokenPolicy>
         </oauthPolicy>
         <permissionsetName>Ledger</permissionsetName>
         <profileName>Admin</profileName>
         <samlConfig><entityUrl>x</entityUrl></samlConfig>
         <sessionPolicy>
           <policyAction>RaiseSessionLevel</policyAction>
           <sessionLevel>HIGH_ASSURANCE</sessionLevel>
           <sessionTimeout>720</sessionTimeout>
         </sessionPolicy>
         <unheardOf><sessionTimeout>1</sessionTimeout></unheardOf>",
        pem()
    ))
}

#[test]
fn a_connected_app_that_says_everything() {
    let app = full_app();
    assert_eq!((app.kind, app.name.as_str()), (AppKind::ConnectedApp, "Ledger_Sync"));
    assert_eq!((app.shown_name(), app.consumer_key.as_deref()), ("Ledger & Sync!", Some("3MVG9.FAKE_KEY")));
    assert_eq!(app.callbacks, ["https://a.example/cb", "http://localhost:1717/cb"]);
    assert_eq!(app.scopes, known(strings(&["full", "refresh_token"])));
    assert_eq!(app.permitted_users, known(PermittedUsers::AdminApproved));
    assert_eq!(app.assigned_to, known(strings(&["Admin", "Ledger"])));
    assert_eq!(app.ip_relaxation, known(IpRelaxation::EnforceRelaxRefresh));
    assert_eq!(app.trusted_ranges, known(vec![range("192.0.2.1-192.0.2.9")]));
    assert_eq!(app.refresh_policy, known(RefreshPolicy::Lifetime(3, LifetimeUnit::Hours)));
    let flags = [
        &app.idle_limit,
        &app.rotation,
        &app.pkce_required,
        &app.secret_optional,
        &app.client_credentials,
        &app.code_credentials,
        &app.device_flow,
        &app.token_exchange,
        &app.jwt_access_tokens,
    ];
    for (index, flag) in flags.into_iter().enumerate() {
        assert_eq!(flag, &known(true), "flag {index}");
    }
    assert_eq!(app.secret_for_refresh, known(false));
    assert_eq!(app.client_credentials_user.as_deref(), Some("robot@a.example"));
    assert_eq!(app.certificate, known(Some(expected_certificate())));
    assert!(app.saml);
    assert_eq!(app.session_level, known(Some(SessionLevel::HighAssurance)));
    assert_eq!(app.policy_action, known(Some(PolicyAction::RaiseSessionLevel)));
    assert_eq!(app.session_timeout, known(Some(720)));
    // No element of a connected app says these.
    assert_eq!((&app.token_ranges, &app.is_distributed, app.id), (&Stated::Unsaid, &Stated::Unsaid, None));
}

#[test]
fn a_connected_app_that_says_nothing_has_the_documented_defaults() {
    let app = connected_app("<label>L</label><oauthConfig><callbackUrl>https://a.example</callbackUrl></oauthConfig>");
    assert_eq!(app.permitted_users, known(PermittedUsers::SelfAuthorized));
    assert_eq!(app.ip_relaxation, known(IpRelaxation::Enforce));
    assert_eq!(app.refresh_policy, known(RefreshPolicy::UntilRevoked));
    for flag in [&app.pkce_required, &app.secret_optional, &app.client_credentials, &app.code_credentials] {
        assert_eq!(flag, &known(false));
    }
    assert_eq!(app.secret_for_refresh, known(true));
    for unsaid in [&app.rotation, &app.idle_limit, &app.device_flow, &app.token_exchange, &app.jwt_access_tokens] {
        assert_eq!(unsaid, &Stated::Unsaid);
    }
    assert_eq!((app.scopes, app.certificate), (known(Vec::new()), known(None)));
    assert_eq!((app.session_level, app.session_timeout), (known(None), known(None)));
    assert_eq!(app.assigned_to, Stated::Unsaid, "a profile may give access and the app's file may not say so");
}

#[test]
fn an_app_without_oauth_says_nothing_of_it() {
    let app = connected_app("<label>L</label><samlConfig/>");
    assert!(app.saml);
    assert_eq!(app.permitted_users, Stated::Unsaid);
    assert_eq!(app.pkce_required, Stated::Unsaid);
    assert_eq!(app.scopes, Stated::Unsaid);
}

#[test]
fn names_of_elements_have_no_case_and_no_prefix() {
    let text = "<m:connectedapp xmlns:m='http://soap.sforce.com/2006/04/metadata'><m:LABEL>L</m:LABEL>\
                <m:OAuthConfig><m:ISPKCEREQUIRED>TRUE</m:ISPKCEREQUIRED><m:Scopes><![CDATA[Api]]></m:Scopes>\
                </m:OAuthConfig></m:connectedapp>";
    let configuration = Folder::of(&[("a.xml", text)]).read();
    assert_eq!(configuration.problems, []);
    assert_eq!(configuration.apps[0].pkce_required, known(true));
    assert_eq!(configuration.apps[0].scopes, known(strings(&["api"])));
}

/// The six files of an external client app, with what each says.
fn client_app(policies: &str) -> Vec<(String, String)> {
    let name = "<externalClientApplication>Meridian</externalClientApplication>";
    let range = |name: &str, last: &str| {
        format!(
            "<{name}><description>x</description><endIpAddress>192.0.2.{last}</endIpAddress><startIpAddress>192.0.2.1</startIpAddress></{name}>"
        )
    };
    let file = |name: &str, root: &str, inside: &str| (name.to_owned(), metadata(root, inside));
    vec![
        file("externalClientApps/Meridian.eca-meta.xml", "ExternalClientApplication", "<label>Meridian Forms</label><distributionState>Packaged</distributionState>"),
        file("g/Meridian_glbloauth.ecaGlblOauth-meta.xml", "ExtlClntAppGlobalOauthSettings", &format!(
            "{name}<callbackUrl>https://a.example</callbackUrl><certificate>{}</certificate><consumerKey>3MVG9.KEY</consumerKey>
             <isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>
             <isConsumerSecretOptional>true</isConsumerSecretOptional><isDeviceFlowEnabled>true</isDeviceFlowEnabled>
             <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL><isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>
             <isPkceRequired>false</isPkceRequired><isRefreshTokenRotationEnabled>false</isRefreshTokenRotationEnabled>
             <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken><isTokenExchangeEnabled>true</isTokenExchangeEnabled>",
            pem().replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "")
        )),
        file("s/Meridian_oauth.ecaOauth-meta.xml", "ExtlClntAppOauthSettings", &format!(
            "{name}<commaSeparatedOauthScopes>Api, Web,RefreshToken</commaSeparatedOauthScopes>
             <commaSeparatedCustomScopes>Forms</commaSeparatedCustomScopes><oauthLink>00DTr0000PQRSTU:888Tr0000004QmZ</oauthLink>{}",
            range("trustedIpRanges", "4")
        )),
        file("p/Meridian_oauthPlcy.ecaOauthPlcy-meta.xml", "ExtlClntAppOauthConfigurablePolicies", &format!("{name}{policies}")),
        file("x/Meridian_sec.ecaOauthSecurity-meta.xml", "ExtlClntAppOauthSecuritySettings", &format!("{name}{}", range("tokenIpRanges", "8"))),
        file("q/Meridian_plcy.ecaPlcy-meta.xml", "ExtlClntAppConfigurablePolicies", &format!("{name}<startPage>SAML</startPage>")),
    ]
}

const POLICIES: &str = "<clientCredentialsFlowUser>robot@a.example</clientCredentialsFlowUser>
    <commaSeparatedCustomScopes>More, Forms</commaSeparatedCustomScopes>
    <commaSeparatedPermissionSet>Forms_User</commaSeparatedPermissionSet><commaSeparatedProfile>Sales, Admin</commaSeparatedProfile>
    <ipRelaxationPolicyType>Bypass_2factor</ipRelaxationPolicyType>
    <isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><isTokenExchangeFlowEnabled>false</isTokenExchangeFlowEnabled>
    <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType><policyAction>StepUpMFA</policyAction>
    <refreshTokenPolicyType>SpecificInactivity</refreshTokenPolicyType><refreshTokenValidityPeriod>30</refreshTokenValidityPeriod>
    <refreshTokenValidityUnit>Days</refreshTokenValidityUnit><requiredSessionLevel>STANDARD</requiredSessionLevel>
    <sessionTimeoutInMinutes>45</sessionTimeoutInMinutes>";

#[test]
fn six_files_are_one_external_client_app() {
    let files = client_app(POLICIES);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let configuration = Folder::of(&files).read();
    assert_eq!(configuration.problems, []);
    let [app] = &configuration.apps[..] else { panic!("one app: {:?}", configuration.apps) };
    assert_eq!(
        (app.kind, app.name.as_str(), app.shown_name()),
        (AppKind::ExternalClientApp, "Meridian", "Meridian Forms")
    );
    assert_eq!(app.id.as_deref(), Some("888Tr0000004QmZIAU"));
    assert_eq!(app.consumer_key.as_deref(), Some("3MVG9.KEY"));
    assert_eq!(app.is_distributed, known(true));
    assert_eq!(app.callbacks, ["https://a.example"]);
    assert_eq!(app.scopes, known(strings(&["api", "refresh_token", "web"])));
    assert_eq!(app.custom_scopes, ["Forms", "More"]);
    assert_eq!(app.permitted_users, known(PermittedUsers::AdminApproved));
    assert_eq!(app.assigned_to, known(strings(&["Admin", "Forms_User", "Sales"])));
    assert_eq!(app.ip_relaxation, known(IpRelaxation::RelaxActivatedDevices));
    assert_eq!(app.trusted_ranges, known(vec![range("192.0.2.1-192.0.2.4")]));
    assert_eq!(app.token_ranges, known(vec![range("192.0.2.1-192.0.2.8")]));
    assert_eq!(app.refresh_policy, known(RefreshPolicy::Inactivity(30, LifetimeUnit::Days)));
    for flag in [
        &app.idle_limit,
        &app.secret_optional,
        &app.client_credentials,
        &app.code_credentials,
        &app.device_flow,
        &app.jwt_access_tokens,
    ] {
        assert_eq!(flag, &known(true));
    }
    for flag in [&app.rotation, &app.pkce_required, &app.secret_for_refresh] {
        assert_eq!(flag, &known(false));
    }
    assert_eq!(app.token_exchange, known(false), "settings let it, policies do not");
    assert_eq!(app.client_credentials_user.as_deref(), Some("robot@a.example"));
    assert_eq!(app.certificate, known(Some(expected_certificate())), "base64 without its lines");
    assert!(app.saml);
    assert_eq!(app.session_level, known(Some(SessionLevel::Standard)));
    assert_eq!(app.policy_action, known(Some(PolicyAction::StepUp)));
    assert_eq!(app.session_timeout, known(Some(45)));
    assert_eq!(app.files.len(), 6);
    assert!(app.files.iter().all(|file| configuration.files.contains_key(file)));
}

#[test]
fn what_an_external_client_app_leaves_out() {
    let global = metadata(
        "ExtlClntAppGlobalOauthSettings",
        "<callbackUrl>https://a.example</callbackUrl><externalClientApplication>A</externalClientApplication>",
    );
    let configuration = Folder::of(&[("A_g.ecaGlblOauth-meta.xml", &global)]).read();
    let app = &configuration.apps[0];
    assert_eq!((&app.pkce_required, &app.secret_optional), (&known(true), &known(false)));
    assert_eq!((&app.secret_for_refresh, &app.jwt_access_tokens), (&known(true), &known(false)));
    assert_eq!(app.certificate, known(None));
    assert_eq!((&app.rotation, &app.device_flow), (&Stated::Unsaid, &Stated::Unsaid));
    // The file that would say these is not there.
    assert_eq!((&app.scopes, &app.permitted_users), (&Stated::Unsaid, &Stated::Unsaid));
    assert_eq!((&app.ip_relaxation, &app.refresh_policy), (&Stated::Unsaid, &Stated::Unsaid));
    assert_eq!((&app.token_ranges, &app.assigned_to), (&Stated::Unsaid, &Stated::Unsaid));
}

#[test]
fn a_file_that_does_not_name_its_app_goes_by_its_own_name() {
    let files = [
        ("Meridian.eca", metadata("ExternalClientApplication", "<label>M</label>")),
        (
            "Meridian_oauth.ecaOauth",
            metadata("ExtlClntAppOauthSettings", "<commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>"),
        ),
        (
            "Meridiana_oauth.ecaOauth",
            metadata("ExtlClntAppOauthSettings", "<commaSeparatedOauthScopes>Web</commaSeparatedOauthScopes>"),
        ),
    ];
    let configuration = Folder::of(&files).read();
    let apps: Vec<_> = configuration.apps.iter().map(|app| (app.name.as_str(), app.scopes.clone())).collect();
    assert_eq!(apps, [("Meridian", known(strings(&["api"]))), ("Meridiana_oauth", known(strings(&["web"])))]);
}

#[test]
fn profiles_and_settings() {
    let permission = |name: &str, enabled: &str| {
        format!("<userPermissions><enabled>{enabled}</enabled><name>{name}</name></userPermissions>")
    };
    let sales = format!(
        "<loginIpRanges><startAddress>192.0.2.0</startAddress><endAddress>192.0.2.255</endAddress></loginIpRanges>
         <loginIpRanges><startAddress>2001:db8::</startAddress><endAddress>2001:db8::ff</endAddress></loginIpRanges>{}{}{}",
        permission("ModifyAllData", "true"),
        permission("ViewAllData", "false"),
        permission("ApiEnabled", "true")
    );
    let files = [
        ("profiles/Sales%26Design.profile-meta.xml", metadata("Profile", &sales)),
        ("profiles/Standard.profile-meta.xml", metadata("Profile", "<custom>false</custom>")),
        ("settings/Security.settings-meta.xml", metadata("SecuritySettings",
            "<networkAccess><ipRanges><description>o</description><end>192.0.2.255</end><start>192.0.2.0</start></ipRanges></networkAccess>
             <sessionSettings><enforceIpRangesEveryRequest>true</enforceIpRangesEveryRequest><sessionTimeout>TwelveHours</sessionTimeout></sessionSettings>")),
        ("settings/OauthOidc.settings-meta.xml", metadata("OauthOidcSettings", "<blockOAuthUnPwFlow>true</blockOAuthUnPwFlow>")),
        ("settings/Account.settings-meta.xml", metadata("AccountSettings", "<sessionTimeout>RELAXED</sessionTimeout>")),
        ("App.connectedApp-meta.xml", metadata("ConnectedApp", "<label>A</label><profileName>sales&amp;design</profileName>")),
    ];
    let configuration = Folder::of(&files).read();
    assert_eq!(configuration.problems, []);
    let profile = &configuration.profiles["Sales&Design"];
    assert_eq!(profile.login_ranges, [range("192.0.2.0/24"), range("2001:db8::-2001:db8::ff")]);
    assert_eq!((&profile.powers[..], &profile.apps[..]), (&strings(&["ModifyAllData"])[..], &strings(&["App"])[..]));
    assert!(configuration.profiles["Standard"].login_ranges.is_empty());
    let org = &configuration.org;
    assert_eq!((&org.continuous_enforcement, &org.session_timeout), (&known(true), &known(Some(720))));
    assert_eq!(org.network_access, known(vec![range("192.0.2.0/24")]));
    assert_eq!((&org.blocks_username_password, &org.blocks_user_agent), (&known(true), &known(false)));
    assert_eq!(configuration.files.len(), 5, "other settings are passed over");
}

#[test]
fn without_settings_nothing_is_said() {
    let org = Folder::of(&[("a.xml", metadata("Profile", ""))]).read().org;
    assert_eq!((org.continuous_enforcement, org.session_timeout), (Stated::Unsaid, Stated::Unsaid));
    assert_eq!((org.blocks_user_agent, org.network_access), (Stated::Unsaid, Stated::Unsaid));
}
