//! Which integrations an organisation has, and where their vendors' machines stand.

use chrono_tz::Tz;

use crate::study::calendar::DAY;
use crate::study::profile::Profile;
use crate::study::random::Random;

/// What an integration does for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Answers visitors of a site; looks people up by address all day.
    Chat,
    /// Reads accounts and cases each night.
    Success,
    /// Keeps notes on competitors at opportunities: ten to fifty queries a cycle.
    Cards,
    /// Exchanges orders and invoices with another system, several times an hour.
    Ledger,
    /// Copies everything that has changed each night.
    Warehouse,
    /// Dashboards in working hours.
    Dashboards,
    /// Reads leads hourly, and many when a newsletter goes out.
    Marketing,
    /// Copies whole objects with bulk jobs; some of these tools delete their jobs.
    Backup,
    /// The add-in for mail: people use it.
    Mail,
    /// The mobile app: people use it, and its calls are in no export.
    Phone,
    /// BI on the desktop: some people use it.
    Desktop,
    /// Exports on demand: administrators use it.
    Loader,
    /// What somebody is talked into granting access to. Nothing is done with it in a clean organisation.
    Fake,
    /// A BI tool that is bought one day.
    Newcomer,
    /// The first ledger, once its vendor has registered it anew.
    Migrated,
}

/// A connected app.
#[expect(clippy::struct_excessive_bools, reason = "habits, each for itself")]
pub(crate) struct App {
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) work: Work,
    pub(crate) agent: &'static str,
    /// The machines it is used from; the first ones more than the others.
    pub(crate) addresses: Vec<u32>,
    pub(crate) zone: Tz,
    pub(crate) granted: i64,
    /// Hundredths of the usual amount of work.
    pub(crate) size: i64,
    /// Has something to do at night and on weekends, too.
    pub(crate) never_rests: bool,
    /// Asks for the description of its objects before each night's work.
    pub(crate) describes: bool,
    /// Reads cases, too.
    pub(crate) reads_cases: bool,
    /// Deletes its bulk jobs when they are done.
    pub(crate) tidies: bool,
}

impl App {
    /// Numbers of apps that nobody installed begin here.
    pub(crate) const UNINSTALLED: u64 = 900_000_000_000;
}

/// The three that campaigns have abused stand in every organisation, then these in turns.
const OTHERS: [Work; 7] =
    [Work::Ledger, Work::Warehouse, Work::Dashboards, Work::Marketing, Work::Backup, Work::Ledger, Work::Warehouse];

/// Where machines can be rented: the first two parts of addresses.
const CLOUDS: [(u8, u8); 6] = [(44, 215), (44, 218), (34, 86), (20, 51), (52, 31), (35, 190)];

pub(crate) fn install(profile: &Profile, mut vendors: Random, own: &mut Random, start: i64) -> Vec<App> {
    let first = [Work::Chat, Work::Success, Work::Cards];
    let works = first.into_iter().chain(OTHERS.into_iter().cycle()).take(profile.apps);
    let others = [Work::Mail, Work::Phone, Work::Desktop, Work::Loader, Work::Fake, Work::Newcomer, Work::Migrated];
    let works = works.chain(others);
    let numbered = (0..).zip(works);
    numbered.map(|(place, work)| app(place, work, profile, &mut vendors, own, start)).collect()
}

fn app(place: u64, work: Work, profile: &Profile, vendors: &mut Random, own: &mut Random, start: i64) -> App {
    let (name, agent) = product(work);
    let has_twins = place >= 3 && (place as usize) < profile.apps;
    App {
        number: own.below(60_000_000_000) + if work == Work::Fake { App::UNINSTALLED } else { 0 },
        name: if has_twins { format!("{name} {place}") } else { name.to_owned() },
        work,
        agent,
        addresses: machines(vendors),
        zone: *own.pick(profile.zones),
        granted: start - own.between(20, 300) * DAY,
        size: own.between(50, 170),
        never_rests: own.chance(50),
        describes: own.chance(60),
        reads_cases: own.chance(40),
        tidies: own.chance(50),
    }
}

/// An app's name, and the user agent of its product.
fn product(work: Work) -> (&'static str, &'static str) {
    match work {
        Work::Chat => ("Harbor Chat", "HarborChat/7.2 (+https://harbor.example)"),
        Work::Success => ("Beacon Success", "BeaconSync/2024.11 Java/17.0.9"),
        Work::Cards => ("Rival Cards", "RivalCards-Integration/3.4"),
        Work::Ledger => ("Ledger Link", "LedgerLink/11.0 (Windows NT 10.0)"),
        Work::Warehouse => ("Lakeside ETL", "Lakeside-Connector/5.1 okhttp/4.12.0"),
        Work::Dashboards => ("Panorama BI", "PanoramaBI/2025.1"),
        Work::Marketing => ("Postbox", "Postbox-CRM-Connector/4.8"),
        Work::Backup => ("Keepsafe", "Keepsafe-Backup/9.3"),
        Work::Mail => ("Mailbridge", "Mailbridge/4.0 (Windows NT 10.0; Win64; x64)"),
        Work::Phone => ("Salesforce for iOS", "SalesforceMobileSDK/12.2 iOS/17.5.1 Salesforce/252.0"),
        Work::Desktop => ("Panorama Desktop", "PanoramaDesktop/2025.1"),
        Work::Loader => ("Cloud Loader", "CloudLoader/2.9"),
        Work::Fake => ("My Ticket Portal", ""),
        Work::Newcomer => ("Skyline Insights", "SkylineInsights/1.0"),
        Work::Migrated => ("Ledger Link ECA", "LedgerLink/11.0 (Windows NT 10.0)"),
    }
}

/// One to three networks of one cloud with one to three machines each.
fn machines(random: &mut Random) -> Vec<u32> {
    let (first, second) = *random.pick(&CLOUDS);
    let mut addresses = Vec::new();
    for _ in 0..random.between(1, 4) {
        let network = random.below(256) as u8;
        for _ in 0..random.between(1, 4) {
            addresses.push(u32::from_be_bytes([first, second, network, random.between(4, 250) as u8]));
        }
    }
    addresses
}
