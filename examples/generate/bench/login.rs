//! `login.csv`: the login history of the benchmark population, 21 columns.

use super::csv::CsvFile;
use super::population::{self, Population, dotted};
use super::{WINDOW, time_of};
use crate::calendar::iso;
use crate::ids::record_id;
use crate::random::{Random, mix};

const COLUMNS: &str = "\
    Id UserId LoginTime LoginType LoginSubType LoginUrl SourceIp ForwardedForIp Status \
    Application Browser Platform ClientVersion ApiType ApiVersion AuthenticationServiceId \
    CipherSuite TlsProtocol CountryIso LoginGeoId NetworkId";

pub(super) fn write(mut file: CsvFile, population: &Population, rows: u64) -> std::io::Result<()> {
    let mut random = Random::new(2);
    file.header(COLUMNS)?;
    for row in 0..rows {
        let time = time_of(row, rows, &mut random);
        let user = population.any_user(&mut random);
        login(&mut file, population, &mut random, (row, time, user));
        file.end_row()?;
    }
    file.finish()
}

fn login(file: &mut CsvFile, population: &Population, random: &mut Random, who: (u64, i64, u64)) {
    let (row, time, user) = who;
    let app = &population.apps[population::app_of(user, random.below(2))];
    let moved = time >= WINDOW && population::moves_with_login(user) && random.chance(40);
    let address =
        if moved { population::other_address(user) } else { population::usual_address(user, random.below(2)) };
    let (address, length) = dotted(address);
    let browser = random.chance(15);
    file.plain(&record_id("0Ya", 7_000_000 + row));
    file.plain(&population::user_id(user));
    file.plain(&iso(time));
    file.plain(if browser { b"Application" } else { b"Remote Access 2.0" });
    file.plain(if browser { b"" } else { sub_type(user) });
    file.plain(b"login.salesforce.com");
    file.plain(&address[..length]);
    file.plain(b"");
    file.plain(if random.below(200) == 0 { b"Failed: Invalid Token" } else { b"Success" });
    file.plain(if browser { b"Browser" } else { app.name.as_bytes() });
    file.plain(if browser { b"Chrome 126" } else { b"Unknown" });
    file.plain(app.platform.as_bytes());
    for _ in ["ClientVersion", "ApiType", "ApiVersion"] {
        file.plain(b"N/A");
    }
    file.plain(b"");
    file.plain(b"TLS_AES_256_GCM_SHA384");
    file.plain(b"TLS 1.3");
    file.plain(b"US");
    file.plain(&record_id("04F", 3_000_000 + row));
    file.plain(b"");
}

/// Most integrations refresh a token; some use the JWT bearer flow, which has no sub-type.
fn sub_type(user: u64) -> &'static [u8] {
    match mix(user ^ 0x5B) % 8 {
        0 => b"",
        1 => b"OAuth Web Server",
        2 => b"OAuth Client Credentials",
        _ => b"OAuth Refresh Token",
    }
}
