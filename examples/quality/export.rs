//! Quiet organisations as files, to look at or to measure speed with: one file of each log and thirty days, and the tokens.

use std::path::Path;

use crate::study::calendar::DAY;
use crate::study::profile::{CAMPAIGN, Span};
use crate::study::report::Study;
use crate::study::row::{Row, files, snapshots};
use crate::study::world::{Org, orgs};

/// Days of one file.
const MONTH: i64 = 30;

/// Writes the organisations of the study's first seed, watched for so many days.
pub(crate) fn export(study: &Study, days: i64, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let span = Span { days, ..CAMPAIGN };
    for profile in &study.profiles {
        for org in orgs(profile, study.first_seed, span) {
            let name = format!("{}-{}", profile.name, org.number);
            write(&org, &folder.join(name))?;
        }
    }
    Ok(())
}

fn write(org: &Org, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let month = |row: &Row| (row.time - org.span.start).div_euclid(MONTH * DAY);
    for rows in org.rows.chunk_by(|one, next| month(one) == month(next)) {
        let name = format!("{:02}", month(&rows[0]));
        for (name, bytes) in files(org, &rows.iter().collect::<Vec<_>>(), &name) {
            std::fs::write(folder.join(name), bytes)?;
        }
    }
    let last = org.span.end() - DAY;
    let tokens = snapshots(org, &org.rows, last, org.span.end());
    tokens.iter().try_for_each(|tokens| std::fs::write(folder.join("OauthToken.csv"), tokens))
}
