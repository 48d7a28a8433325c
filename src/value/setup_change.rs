//! What the sentence of a setup change says of a connected app: which one, and whether it lets more through than before.
//!
//! Sentences and not codes, because the download from Setup has no codes. A sentence in another form says nothing here.
//!
//! Source: public lists of sentences of `SetupAuditTrail` (`changeIpRelaxationPolicy`, `changeUserRuntimeAccessPolicy`,
//! `changeOauthDefaultScope`, `deleteConnectedApplication`); Salesforce Help, Uninstall a Third-Party Connected App:
//! uninstalling removes an app's policies, "you're actually loosening your security measures".

/// What stands between the app's name and the setting's two values.
const IP_RELAXATION: &str = " IP relaxation setting from ";
const PERMITTED_USERS: &str = " Permitted Users setting from ";
const SCOPES: &str = " scopes from ";
const CHANGED: &str = "Changed connected app ";
const UNINSTALLED: &str = "Uninstalled Connected App ";

/// The app whose policy a sentence speaks of, by its name.
pub fn app(sentence: &str) -> Option<&str> {
    let sentence = sentence.trim();
    let uninstalled = behind(sentence, UNINSTALLED);
    let name = uninstalled.or_else(|| {
        [IP_RELAXATION, PERMITTED_USERS, SCOPES]
            .iter()
            .find_map(|setting| changed(sentence, setting))
            .map(|(name, _, _)| name)
    })?;
    Some(name.trim()).filter(|name| !name.is_empty())
}

/// The app whose scopes a sentence speaks of, and its scopes before and after, as they are written.
pub fn scopes(sentence: &str) -> Option<(&str, &str, &str)> {
    changed(sentence.trim(), SCOPES)
}

/// Whether the policy lets more through than before.
pub fn weakens(sentence: &str) -> bool {
    let sentence = sentence.trim();
    if let Some((_, before, after)) = changed(sentence, IP_RELAXATION) {
        return matches!((strictness(before), strictness(after)), (Some(before), Some(after)) if after < before);
    }
    if let Some((_, before, after)) = changed(sentence, PERMITTED_USERS) {
        return says(before, "admin approved") && says(after, "self-authorize");
    }
    if let Some((_, before, after)) = changed(sentence, SCOPES) {
        let scopes = |list: &str| list.split(',').map(|scope| scope.trim().to_ascii_lowercase()).collect::<Vec<_>>();
        let before = scopes(before);
        // An app that had none is being made.
        return before != ["null"] && scopes(after).iter().any(|scope| scope != "null" && !before.contains(scope));
    }
    behind(sentence, UNINSTALLED).is_some()
}

/// The app, and the setting before and after. What a name contains, the setting stands behind it.
fn changed<'t>(sentence: &'t str, setting: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let (name, values) = behind(sentence, CHANGED)?.rsplit_once(setting)?;
    let (before, after) = values.rsplit_once(" to ")?;
    Some((name, before, after))
}

/// How much a setting of the IP relaxation holds back.
fn strictness(setting: &str) -> Option<u8> {
    // The longer labels contain the shorter ones.
    if says(setting, "relax for refresh tokens") {
        Some(2)
    } else if says(setting, "activated devices") {
        Some(1)
    } else if says(setting, "relax ip restrictions") {
        Some(0)
    } else {
        says(setting, "enforce ip restrictions").then_some(3)
    }
}

fn says(text: &str, words: &str) -> bool {
    text.to_ascii_lowercase().contains(words)
}

fn behind<'t>(sentence: &'t str, start: &str) -> Option<&'t str> {
    let head = sentence.get(..start.len())?;
    head.eq_ignore_ascii_case(start).then(|| &sentence[start.len()..])
}

#[cfg(test)]
mod tests {
    use super::{app, weakens};

    #[test]
    fn sentences_tell_the_app_and_the_direction() {
        let ip = |before: &str, after: &str| {
            format!("Changed connected app A to B IP relaxation setting from {before} to {after}")
        };
        let settings = [
            "Relax IP restrictions",
            "Relax IP restrictions for activated devices",
            "Enforce IP restrictions, but relax for refresh tokens",
            "Enforce IP restrictions",
        ];
        for (one, before) in settings.iter().enumerate() {
            for (other, after) in settings.iter().enumerate() {
                assert_eq!(weakens(&ip(before, after)), other < one, "{before} to {after}");
                assert_eq!(app(&ip(before, after)), Some("A to B"));
            }
        }
        let users = |before: &str, after: &str| {
            format!("Changed connected app A Permitted Users setting from {before} to {after}")
        };
        let (all, approved) = ("All users may self-authorize", "Admin approved users are pre-authorized");
        assert!(weakens(&users(approved, all)) && !weakens(&users(all, approved)));
        assert!(weakens("Changed connected app A scopes from api to api, full"));
        assert!(!weakens("Changed connected app A scopes from null to full, refresh_token"));
        assert!(!weakens("Changed connected app A scopes from api, full to api"));
        assert!(weakens("Uninstalled Connected App A"));
        assert_eq!(app("Uninstalled Connected App A"), Some("A"));
        for other in [
            "Created Connected App A",
            "Changed connected app A colour from red to blue",
            "",
            "Uninstalled Connected App ",
        ] {
            assert_eq!(app(other), None, "{other}");
        }
        assert!(!weakens(&ip("Relaxed a bit", "Relax IP restrictions")), "what is not known is not guessed");
    }
}
