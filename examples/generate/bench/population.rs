//! Who calls: users, connected apps, the addresses they come from.
//!
//! Every property is a function of a number, so that the three files agree without sharing anything else.

use crate::ids::{record_id, record_id_text};
use crate::random::{Random, mix};

pub(super) const APPS: u64 = 220;
const MOST_USERS: u64 = 20_000;

pub(super) struct App {
    pub name: String,
    /// Empty for about one app in seven: those rows carry the name only.
    pub id: String,
    pub menu_item: String,
    pub user_agent: &'static str,
    pub platform: &'static str,
}

pub(super) struct Population {
    pub users: u64,
    pub apps: Vec<App>,
}

impl Population {
    /// Fifty rows a user, up to twenty thousand users.
    pub(super) fn new(rows: u64) -> Population {
        let users = (rows / 50).clamp(100, MOST_USERS);
        Population { users, apps: (0..APPS).map(app).collect() }
    }

    /// A user: every fifth choice falls on the busiest fiftieth.
    pub(super) fn any_user(&self, random: &mut Random) -> u64 {
        let among = if random.chance(20) { self.users / 50 } else { self.users };
        random.below(among)
    }
}

pub(super) fn user_id(user: u64) -> [u8; 18] {
    record_id("005", 40_000 + user * 7)
}

/// One of the two apps that a user works with; a few apps are popular, most are not.
pub(super) fn app_of(user: u64, slot: u64) -> usize {
    let share = mix(user * 2 + slot) >> 40;
    ((share * share * APPS) >> 48) as usize
}

/// One of the user's two usual addresses, both in one /24.
pub(super) fn usual_address(user: u64, slot: u64) -> [u8; 4] {
    let network = mix(user ^ 0xADD2_E550);
    let host = 1 + (mix(user * 2 + slot) % 250) as u8;
    [100, 64 + (network & 0x1F) as u8, (network >> 8) as u8, host]
}

/// An address in another network than all usual ones.
pub(super) fn other_address(number: u64) -> [u8; 4] {
    let mixed = mix(number ^ 0x0E11_0E11);
    [198, 18 + (mixed & 1) as u8, (mixed >> 8) as u8, 1 + ((mixed >> 16) % 250) as u8]
}

/// One user in five calls from a new address in the last seven days.
pub(super) fn moves(user: u64) -> bool {
    mix(user ^ 0x5EED_0001).is_multiple_of(5)
}

/// One in eight of those is also seen there in the login history.
pub(super) fn moves_with_login(user: u64) -> bool {
    moves(user) && mix(user ^ 0x5EED_0002).is_multiple_of(8)
}

/// An address as text, and how many bytes of it count.
pub(super) fn dotted(address: [u8; 4]) -> ([u8; 15], usize) {
    let mut text = [0; 15];
    let mut length = 0;
    let mut push = |byte| {
        text[length] = byte;
        length += 1;
    };
    for (place, part) in address.into_iter().enumerate() {
        if place > 0 {
            push(b'.');
        }
        for divisor in [100, 10, 1] {
            if part >= divisor || divisor == 1 {
                push(b'0' + part / divisor % 10);
            }
        }
    }
    (text, length)
}

fn app(number: u64) -> App {
    const FIRST: [&str; 11] = [
        "Northwind",
        "Harbor",
        "Ledger",
        "Juniper",
        "Cobalt",
        "Meadow",
        "Quarry",
        "Lantern",
        "Summit",
        "Tidewater",
        "Orchard",
    ];
    const SECOND: [&str; 20] = [
        "BI", "ETL", "Sync", "Mail", "Sign", "Quote", "Phone", "Chat", "Survey", "Calendar", "Docs", "Forms", "Maps",
        "Billing", "Backup", "Events", "Support", "Insights", "Loader", "Mobile",
    ];
    const CLIENT: [(&str, &str); 8] = [
        ("Java/17.0.11 salesforce-sdk/62.0", "Linux"),
        ("jsforce/3.4.0 (Node.js v20.15.1)", "Linux"),
        ("simple-salesforce/1.12.6 python-requests/2.31.0", "Linux"),
        ("SalesforceMobileSDK/11.1.0 iPhone OS/17.5.1 (iPhone14,5)", "iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0", "Windows 10"),
        ("Go-http-client/2.0", "Unknown"),
        ("Apache-HttpClient/4.5.14 (Java/11.0.23)", "Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "Mac OS"),
    ];
    let (user_agent, platform) = CLIENT[(mix(number ^ 0xC11E) % 8) as usize];
    App {
        name: format!("{} {}", FIRST[(number % 11) as usize], SECOND[(number / 11) as usize]),
        id: if number % 7 == 3 { String::new() } else { record_id_text("0H4", 500 + number * 31) },
        menu_item: record_id_text("0DS", 900 + number * 13),
        user_agent,
        platform,
    }
}
