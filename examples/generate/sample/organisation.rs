//! Who and what there is: people, integration users, connected apps, networks.
//!
//! All invented. Addresses are of documentation, benchmark and carrier-internal ranges only.

use std::net::Ipv6Addr;

use crate::calendar::{DAY, date};
use crate::ids::record_id_text;
use crate::random::{Random, mix};

pub(super) const DOMAIN: &str = "alderfinch.example";

/// The office gets another line, and so another network, on this day.
pub(super) const OFFICE_MOVE: i64 = date(2025, 7, 28);

/// Where one person spends a week in August.
pub(super) const HOTEL_ADDRESS: &str = "198.19.200.33";

#[derive(Clone)]
pub(super) struct User {
    pub id: String,
    pub username: String,
}

/// A connected app as the organisation knows it.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct App {
    pub name: &'static str,
    number: u64,
}

pub(super) const NORTHWIND_BI: App = App { name: "Northwind BI", number: 3101 };
pub(super) const NORTHWIND_BI_DESKTOP: App = App { name: "Northwind BI Desktop", number: 3102 };
pub(super) const HARBOR_ETL: App = App { name: "Harbor ETL", number: 4217 };
pub(super) const LEDGER_SYNC: App = App { name: "Ledger Sync", number: 5020 };
pub(super) const WAREHOUSE_SYNC: App = App { name: "Warehouse Sync", number: 5077 };
pub(super) const DRIFT: App = App { name: "Drift", number: 6113 };
pub(super) const CHATTER_WIDGET: App = App { name: "Chatter Widget", number: 7008 };
pub(super) const MAILBRIDGE: App = App { name: "Mailbridge", number: 7750 };
pub(super) const KLUE: App = App { name: "Klue Battlecards", number: 8214 };
pub(super) const SALESFORCE_IOS: App = App { name: "Salesforce for iOS", number: 12 };

impl App {
    pub(super) fn id(&self) -> String {
        record_id_text("0H4", 80_000_000_000 + self.number * 977)
    }

    pub(super) fn menu_item(&self) -> String {
        record_id_text("0DS", 70_000_000_000 + self.number * 53)
    }
}

/// The user that an integration runs as, for example `drift-integration@…`.
pub(super) fn integration_user(app: App) -> User {
    let name = app.name.to_lowercase().replace(' ', "-");
    User { id: record_id_text("005", 90_000_500_000 + app.number), username: format!("{name}-integration@{DOMAIN}") }
}

pub(super) struct Person {
    pub number: u64,
    pub user: User,
    pub works_on_mac: bool,
}

pub(super) fn people() -> Vec<Person> {
    const NAMES: [&str; 25] = [
        "amara.okafor",
        "ben.lindqvist",
        "carla.mendes",
        "daniel.hrubik",
        "elif.aydin",
        "farid.nazari",
        "grace.whitlock",
        "hana.sato",
        "ivan.petrov",
        "julia.brandt",
        "kwame.boateng",
        "lena.virtanen",
        "marco.bellini",
        "nadia.rahman",
        "owen.gallagher",
        "priya.chandran",
        "quentin.lefevre",
        "rosa.delgado",
        "samuel.adeyemi",
        "tessa.vandijk",
        "umar.siddiqui",
        "vera.novakova",
        "will.harcourt",
        "xiomara.reyes",
        "yusuf.demir",
    ];
    let person = |(number, name): (u64, &str)| Person {
        number,
        user: User { id: record_id_text("005", 90_000_100_000 + number * 17), username: format!("{name}@{DOMAIN}") },
        works_on_mac: number % 3 == 1,
    };
    (0..).zip(NAMES).map(person).collect()
}

impl Person {
    /// The line at home: one address for good, or for every fourth person a fixed IPv6 network in
    /// which the machine takes another address each day.
    pub(super) fn home_address(&self, time: i64) -> String {
        if self.number % 4 != 1 {
            let host = 2 + mix(self.number) % 250;
            return format!("100.{}.{}.{host}", 66 + self.number % 7, mix(self.number + 99) % 256);
        }
        let host = mix(self.number * 1000 + (time / DAY) as u64);
        ipv6(0x0100 + self.number as u16, host)
    }
}

/// Three addresses share the office's traffic.
pub(super) fn office_address(time: i64, random: &mut Random) -> String {
    if time < OFFICE_MOVE {
        format!("198.51.100.{}", 10 + random.below(3))
    } else {
        format!("203.0.113.{}", 20 + random.below(3))
    }
}

/// A phone's address: another one nearly every time.
pub(super) fn mobile_address(random: &mut Random) -> String {
    if random.chance(25) {
        return ipv6(0xF000 + random.below(64) as u16, random.next());
    }
    format!("100.{}.{}.{}", 80 + random.below(16), random.below(256), 1 + random.below(254))
}

/// The country that `LoginHistory` shows for an address.
pub(super) fn country_of(address: &str) -> &'static str {
    if address == HOTEL_ADDRESS { "PT" } else { "US" }
}

pub(super) fn is_weekend(time: i64) -> bool {
    // 1970-01-01 was a Thursday.
    matches!((time / DAY) % 7, 2 | 3)
}

/// An address of `2001:db8:0:network::/64`.
fn ipv6(network: u16, host: u64) -> String {
    let part = |shift: u32| (host >> shift) as u16;
    Ipv6Addr::new(0x2001, 0xDB8, 0, network, part(48), part(32), part(16), part(0)).to_string()
}
