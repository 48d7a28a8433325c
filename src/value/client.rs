//! The product that a user agent names, without its version: what stays the same when a client is updated.

use std::borrow::Cow;

/// How much of a user agent's own words is kept, in characters.
const MOST: usize = 80;

/// Languages that programs run on. Where a library is named behind one of them, the library says more.
const RUNTIMES: &[&str] = &["java", "node", "node.js", "php", "python", "ruby"];

/// What the user agents of browsers end in, the telling names first: every one of them also names others.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("EdgA", "Edge"),
    ("EdgiOS", "Edge"),
    ("Edge", "Edge"),
    ("OPR", "Opera"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "HeadlessChrome"),
    ("Chrome", "Chrome"),
];

/// What says nothing of a browser but what it is built from.
const ENGINES: &[&str] = &["Mozilla", "AppleWebKit", "Gecko", "Version", "Mobile", "Safari"];

/// Tools and libraries that scripts are written with; what begins with `python` is one too.
const SCRIPTING: &[&str] = &[
    "aiohttp",
    "apache-httpclient",
    "axios",
    "curl",
    "go-http-client",
    "guzzlehttp",
    "headlesschrome",
    "httpie",
    "httpx",
    "java",
    "libwww-perl",
    "node",
    "node-fetch",
    "node.js",
    "okhttp",
    "php",
    "postmanruntime",
    "powershell",
    "rest-client",
    "ruby",
    "undici",
    "wget",
    "windowspowershell",
];

/// `python-requests/2.32.4` is `python-requests`, `Python/3.11 aiohttp/3.13.1` is `aiohttp`, a browser is its name, and
/// what names no product stays as it is. Nothing for what stands for an unknown client, and for the numbers of eight
/// digits that event log files have in place of user agents.
pub fn family(user_agent: &str) -> Option<Cow<'_, str>> {
    let text = user_agent.trim();
    let is_code = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || is_code || text == "9999" || text.eq_ignore_ascii_case("unknown") {
        return None;
    }
    let products = products(text);
    let family: Cow<'_, str> = match products.as_slice() {
        [] => Cow::Owned(without_version(text)),
        [first, ..] if first == "Mozilla" => Cow::Owned(browser(&products)),
        [first, second, ..] if RUNTIMES.contains(&first.to_ascii_lowercase().as_str()) => Cow::Owned(second.clone()),
        [first, ..] => Cow::Owned(first.clone()),
    };
    let family = if family.is_empty() { Cow::Borrowed(text) } else { family };
    match family.char_indices().nth(MOST) {
        Some((end, _)) => Some(Cow::Owned(family[..end].to_owned())),
        None => Some(family),
    }
}

/// Whether a family is what scripts are written with, and not what people or products come with.
pub fn is_scripting_library(family: &str) -> bool {
    let family = family.to_ascii_lowercase();
    family.starts_with("python") || SCRIPTING.contains(&family.as_str())
}

/// The names before the slashes, `(comments)` left out.
fn products(text: &str) -> Vec<String> {
    let text = without_comments(text);
    let (mut products, mut name) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        let before = word.split_once('/').map(|(before, _)| before);
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(before.unwrap_or(word));
        if before.is_some() {
            products.push(std::mem::take(&mut name));
        }
    }
    products.retain(|product| !product.is_empty());
    products
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

fn browser(products: &[String]) -> String {
    let known = BROWSERS.iter().find(|(sign, _)| products.iter().any(|product| product == sign));
    if let Some((_, name)) = known {
        return (*name).to_owned();
    }
    let other = products.iter().find(|product| !ENGINES.contains(&product.as_str()));
    let engine = || if products.iter().any(|product| product == "Safari") { "Safari" } else { "Mozilla" };
    other.cloned().unwrap_or_else(|| engine().to_owned())
}

/// `Chrome 139` without the number, which login histories write so.
fn without_version(text: &str) -> String {
    let text = without_comments(text);
    let mut words: Vec<&str> = text.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|word| word.starts_with(|first: char| first.is_ascii_digit())) {
        words.pop();
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{family, is_scripting_library};

    #[test]
    fn a_family_is_the_product_without_its_version() {
        let families = [
            ("python-requests/2.32.4", "python-requests"),
            ("Python-urllib/3.12", "Python-urllib"),
            ("Python/3.11 aiohttp/3.13.1", "aiohttp"),
            ("curl/8.4.0", "curl"),
            ("Go-http-client/1.1", "Go-http-client"),
            ("okhttp/4.9.3", "okhttp"),
            ("DataLoaderPartnerUI/63.0.0", "DataLoaderPartnerUI"),
            ("DataLoaderPartnerUI/", "DataLoaderPartnerUI"),
            ("Salesforce-CLI/1.0", "Salesforce-CLI"),
            ("Salesforce-Multi-Org-Fetcher/1.0", "Salesforce-Multi-Org-Fetcher"),
            ("Apache-HttpClient/4.5.13 (Java/11.0.12)", "Apache-HttpClient"),
            ("Ledger Sync/2 build/7", "Ledger Sync"),
            ("Java/17.0.1", "Java"),
            ("Java (Salesforce.com)", "Java"),
            ("Jakarta HTTP", "Jakarta HTTP"),
            ("Chrome 139", "Chrome"),
            ("Internet Explorer 11", "Internet Explorer"),
            ("5238", "5238"),
            ("(no product)", "(no product)"),
        ];
        for (user_agent, expected) in families {
            assert_eq!(family(user_agent).as_deref(), Some(expected), "{user_agent}");
        }
    }

    #[test]
    fn browsers_go_by_their_names() {
        const START: &str = "Mozilla/5.0 (X11; Linux x86_64)";
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
        let families = [
            (format!("{START} {chrome}"), "Chrome"),
            (format!("{START} {chrome} Edg/139.0"), "Edge"),
            (format!("{START} Gecko/20100101 Firefox/141.0"), "Firefox"),
            (format!("{START} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"), "Safari"),
            (format!("{START} WindowsPowerShell/5.1"), "WindowsPowerShell"),
            (START.to_owned(), "Mozilla"),
        ];
        for (user_agent, expected) in &families {
            assert_eq!(family(user_agent).as_deref(), Some(*expected), "{user_agent}");
        }
    }

    #[test]
    fn what_names_no_client_is_none() {
        for text in ["", "  ", "Unknown", "9999", "12024001"] {
            assert_eq!(family(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_long_one_is_cut_between_characters() {
        assert_eq!(family(&"é".repeat(300)).unwrap().chars().count(), 80);
    }

    #[test]
    fn libraries_are_told_from_products() {
        for library in ["python-requests", "Python-urllib", "aiohttp", "CURL", "Go-http-client", "okhttp"] {
            assert!(is_scripting_library(library), "{library}");
        }
        for product in ["Chrome", "DataLoaderPartnerUI", "5238", "Salesforce-CLI", "Curler"] {
            assert!(!is_scripting_library(product), "{product}");
        }
    }
}
