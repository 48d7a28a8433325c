//! Where codes and tokens are sent, and whether that asks for an allow-list of addresses.
//!
//! Exempt are callbacks to the same machine, to an organisation of Salesforce and to an app's own URL scheme; what cannot
//! be read is not exempt. Source of the first two domains: Apex Reference Guide, `DomainCreator`; of the others: what public
//! tools for Salesforce take for its hosts.

use std::net::IpAddr;

use crate::words::plain;

/// Where a callback leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallbackKind {
    /// The machine that the client runs on: `localhost`, 127.0.0.0/8, `[::1]`.
    Localhost,
    /// A host of Salesforce's.
    SalesforceOrg,
    /// An app by its own scheme, such as `com.example.app:/callback`.
    CustomScheme,
    /// Any other web server.
    Elsewhere,
    /// No URL, or one of a scheme that is no app's own.
    Unreadable,
}

/// A callback and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// As it is configured; foreign text.
    pub url: String,
    /// Where it leads.
    pub kind: CallbackKind,
}

/// Whether the allow-list is asked of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicability {
    /// Nothing where no callback is known.
    pub applies: Option<bool>,
    /// The callbacks, in the order in which they were given.
    pub callbacks: Vec<Callback>,
    /// Sentences for a compliance file. Foreign text in them is made harmless.
    pub evidence: String,
}

/// Registrable domains that organisations' own hosts are under: logins and APIs, Lightning, Visualforce and files, Setup,
/// sites.
const OF_SALESFORCE: [&str; 7] = [
    "salesforce.com",
    "force.com",
    "salesforce-setup.com",
    "salesforce-sites.com",
    "salesforce-experience.com",
    "visualforce.com",
    "cloudforce.com",
];

/// Domains of which only a part is organisations'.
const PARTS_OF_SALESFORCE: [&str; 1] = ["my.site.com"];

/// Schemes that stand for a transport, a file or code, and never for an app.
const NO_APP: [&str; 12] =
    ["about", "blob", "chrome", "data", "file", "filesystem", "ftp", "ftps", "javascript", "vbscript", "ws", "wss"];

impl CallbackKind {
    /// Where a URL leads.
    pub fn of(url: &str) -> Self {
        let url = url.trim();
        let Some((scheme, rest)) = url.split_once(':') else { return Self::Unreadable };
        let mut letters = scheme.bytes();
        let is_scheme = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'-' | b'.'));
        if !is_scheme || rest.is_empty() || url.chars().any(|letter| letter.is_control() || letter == ' ') {
            return Self::Unreadable;
        }
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "http" | "https" => rest.strip_prefix("//").and_then(host).map_or(Self::Unreadable, |host| of_host(&host)),
            scheme if NO_APP.contains(&scheme) => Self::Unreadable,
            _ => Self::CustomScheme,
        }
    }

    /// The host of a web address, in lower case, without its port; nothing for what is no address of a web server.
    pub fn host_of(url: &str) -> Option<String> {
        matches!(Self::of(url), Self::Localhost | Self::SalesforceOrg | Self::Elsewhere)
            .then(|| url.split_once("//").and_then(|(_, rest)| host(rest)))?
    }

    /// Whether Salesforce exempts it.
    pub fn is_exempt(self) -> bool {
        matches!(self, Self::Localhost | Self::SalesforceOrg | Self::CustomScheme)
    }

    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::Localhost => "localhost",
            Self::SalesforceOrg => "a Salesforce org",
            Self::CustomScheme => "a custom URL scheme",
            Self::Elsewhere => "a web server outside of Salesforce",
            Self::Unreadable => "not readable as a callback, and so not exempt",
        }
    }
}

/// The host of what stands behind `//`: without user, port and the dot at the end, in lower case.
fn host(rest: &str) -> Option<String> {
    // Browsers take a backslash for a slash.
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    let name = match address.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?.0,
        None => address.split_once(':').map_or(address, |(name, _)| name),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

fn of_host(host: &str) -> CallbackKind {
    let is_under = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if let Ok(address) = host.parse::<IpAddr>() {
        let local = address.to_canonical().is_loopback();
        return if local { CallbackKind::Localhost } else { CallbackKind::Elsewhere };
    }
    if host == "localhost" {
        CallbackKind::Localhost
    } else if OF_SALESFORCE.into_iter().chain(PARTS_OF_SALESFORCE).any(is_under) {
        CallbackKind::SalesforceOrg
    } else {
        CallbackKind::Elsewhere
    }
}

/// Whether the allow-list is asked of an app with these callbacks: unless all of them are exempt.
pub fn applicability(callbacks: &[String]) -> Applicability {
    let callbacks: Vec<Callback> =
        callbacks.iter().map(|url| Callback { url: url.clone(), kind: CallbackKind::of(url) }).collect();
    let list = |exempt: bool| {
        let of_kind = callbacks.iter().filter(|callback| callback.kind.is_exempt() == exempt);
        let told: Vec<String> =
            of_kind.map(|callback| format!("{} ({})", plain(&callback.url), callback.kind.words())).collect();
        told.join("; ")
    };
    let (exempt, others) = (list(true), list(false));
    let applies = (!callbacks.is_empty()).then_some(!others.is_empty());
    let rule = "Salesforce asks for the refresh token IP allowlist unless callbacks lead to localhost, a Salesforce org or \
                a custom URL scheme.";
    let evidence = match applies {
        None => format!("{rule} No callback of this app is known: whether it is exempt cannot be said."),
        Some(false) => format!("{rule} All callbacks of this app are exempt: {exempt}."),
        Some(true) if exempt.is_empty() => format!("{rule} It applies to this app: {others}."),
        Some(true) => format!(
            "{rule} It applies to this app, because not all of its callbacks are exempt: {others}. Exempt by themselves: \
             {exempt}."
        ),
    };
    Applicability { applies, callbacks, evidence }
}

#[cfg(test)]
mod tests {
    use super::CallbackKind::{CustomScheme, Elsewhere, Localhost, SalesforceOrg, Unreadable};
    use super::*;

    #[test]
    fn callbacks_are_where_a_browser_would_go() {
        let cases = [
            ("http://localhost:1717/OauthRedirect", Localhost),
            ("HTTPS://LOCALHOST/", Localhost),
            ("http://127.0.0.1:8080/cb", Localhost),
            ("http://127.9.9.9", Localhost),
            ("http://[::1]:8080/cb", Localhost),
            ("http://[::ffff:127.0.0.1]/cb", Localhost),
            ("http://localhost.example.org/", Elsewhere),
            ("http://127.0.0.1.example.org/", Elsewhere),
            ("http://128.0.0.1/", Elsewhere),
            ("http://[::2]/", Elsewhere),
            ("https://login.salesforce.com/services/oauth2/success", SalesforceOrg),
            ("https://example.my.salesforce.com./cb", SalesforceOrg),
            ("https://example--dev.sandbox.lightning.force.com/cb", SalesforceOrg),
            ("https://example.my.salesforce-setup.com", SalesforceOrg),
            ("https://example.my.site.com/portal", SalesforceOrg),
            ("https://example.site.com/", Elsewhere),
            ("https://salesforce.com.example.org/", Elsewhere),
            ("https://notsalesforce.com/", Elsewhere),
            ("https://login.salesforce.com@example.org/", Elsewhere),
            ("https://example.org\\@login.salesforce.com/", Elsewhere),
            ("https://example.org?login.salesforce.com", Elsewhere),
            ("https://example.org#.salesforce.com", Elsewhere),
            ("https://a@b@login.salesforce.com:443/", SalesforceOrg),
            ("https://login.salesforce\u{3002}com/", Elsewhere),
            ("com.example.app:/oauth", CustomScheme),
            ("example-app://done", CustomScheme),
            ("cursor://example.oauth/callback", CustomScheme),
            ("javascript:alert(1)", Unreadable),
            ("data:text/html,x", Unreadable),
            ("file:///etc/passwd", Unreadable),
            ("https:/login.salesforce.com", Unreadable),
            ("https://", Unreadable),
            ("https://:443/", Unreadable),
            ("https://[::1", Unreadable),
            ("https://login.salesforce.com/\u{0}", Unreadable),
            ("login.salesforce.com/callback", Unreadable),
            ("1app://x", Unreadable),
            ("my app://x", Unreadable),
            ("app:", Unreadable),
            ("", Unreadable),
        ];
        for (url, kind) in cases {
            assert_eq!(CallbackKind::of(url), kind, "{url}");
        }
    }

    #[test]
    fn one_callback_that_is_not_exempt_is_enough() {
        let of = |urls: &[&str]| applicability(&urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>());
        let (local, own) = ("http://localhost/cb", "https://app.example.org/cb");
        let exempt = of(&[local, "https://login.salesforce.com/services/oauth2/success"]);
        assert_eq!(exempt.applies, Some(false));
        assert!(exempt.evidence.ends_with(
            "exempt: http://localhost/cb (localhost); https://login.salesforce.com/services/oauth2/success (a Salesforce org)."
        ));
        let mixed = of(&[local, own]);
        assert_eq!(mixed.applies, Some(true));
        assert!(mixed.evidence.contains("https://app.example.org/cb (a web server outside of Salesforce). Exempt by"));
        assert_eq!(of(&[own]).applies, Some(true));
        assert_eq!(of(&["javascript:alert(1)"]).applies, Some(true), "what cannot be read is not exempt");
        let none = of(&[]);
        assert_eq!(none.applies, None);
        assert!(none.evidence.ends_with("cannot be said."));
    }

    #[test]
    fn evidence_shows_hostile_text_harmlessly() {
        let evidence = applicability(&["https://example.org/\u{1b}[2J\n\u{202e}x".to_owned()]).evidence;
        assert!(!evidence.contains(['\u{1b}', '\n', '\u{202e}']) && evidence.contains("\\u{1b}"), "{evidence}");
    }
}
