//! `oauth.csv`: the tokens of the benchmark population, 9 columns. The secrets are visibly fake.

use super::csv::CsvFile;
use super::population::{self, APPS, Population};
use super::{END, START};
use crate::calendar::{DAY, HOUR, iso};
use crate::random::Random;

const COLUMNS: &str = "\
    AccessToken AppMenuItemId AppName CreatedDate DeleteToken Id LastUsedDate UseCount UserId";

pub(super) fn write(mut file: CsvFile, population: &Population, rows: u64) -> std::io::Result<()> {
    let mut random = Random::new(3);
    file.header(COLUMNS)?;
    for row in 0..rows {
        token(&mut file, population, &mut random, row);
        file.end_row()?;
    }
    file.finish()
}

fn token(file: &mut CsvFile, population: &Population, random: &mut Random, row: u64) {
    let user = row % population.users;
    let app = &population.apps[random.below(APPS) as usize];
    let used = last_use(random);
    let created = used.unwrap_or(START) - random.between(1, 300) * DAY;
    file.plain(format!("FAKE-ACCESS-TOKEN-{row:08}").as_bytes());
    file.plain(app.menu_item.as_bytes());
    file.plain(app.name.as_bytes());
    file.plain(&iso(created));
    file.plain(format!("FAKE-DELETE-TOKEN-{row:08}").as_bytes());
    file.plain(b"");
    if let Some(time) = used {
        file.plain(&iso(time));
        file.number(1 + random.below(5000));
    } else {
        file.plain(b"");
        file.number(0);
    }
    file.plain(&population::user_id(user));
}

/// Five in a hundred were never used, 45 not for more than 30 days. None lies near the 30-day edge.
fn last_use(random: &mut Random) -> Option<i64> {
    match random.below(100) {
        0..5 => None,
        5..50 => Some(END - 31 * DAY - random.between(0, 370 * DAY)),
        _ => Some(END - random.between(0, 29 * DAY - HOUR)),
    }
}
