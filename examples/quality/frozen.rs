//! Whether generator and campaigns are still those that figures belong to.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::campaigns::{self, plant};
use super::profile::{CAMPAIGN, MONTH, PROFILES, VERSION};
use super::row::{Row, files};
use super::world::{Org, orgs};
use super::{benign, evasion};

/// SHA-256 of all that one seed makes for the vendor's small customers: quiet weeks, campaigns, evasions, a nasty month.
pub(crate) fn digest() -> String {
    let mut hash = Sha256::new_with_prefix(VERSION.to_string());
    let mut add = |org: &Org, rows: &[Row], name: &str| {
        for (name, bytes) in files(org, &rows.iter().collect::<Vec<_>>(), name) {
            hash.update(name);
            hash.update(bytes);
        }
    };
    let profile = &PROFILES[PROFILES.len() - 1];
    let quiet = orgs(profile, 1, CAMPAIGN);
    for org in &quiet {
        add(org, &org.rows, "quiet");
    }
    for campaign in campaigns::ALL.iter().chain(&evasion::ALL) {
        for planted in plant(campaign, &quiet, 1) {
            add(&quiet[planted.org], &planted.rows, campaign.name);
        }
    }
    for org in orgs(profile, 1, MONTH) {
        add(&org, &benign::eventful(&org, 1), "month");
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
