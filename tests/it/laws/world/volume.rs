//! Users who read more than before, at once or by and by, who tidy up after them, and who come back; who work by night, and
//! who are refused what they ask for.

use tokentrail::batch::{Role, Table};
use tokentrail::value::time::{DAY, HOUR, SECOND};

use super::{APPS, DAYS, World};
use crate::oracle::START;
use crate::oracle::rows::Row;

impl World {
    pub(super) fn volumes(self, rows: &mut Vec<Row>) {
        for day in 0..DAYS {
            rows.push(self.read(50, day, if day == 30 { 60_000 } else { 1000 }));
            rows.push(self.read(51, day, if (29..=33).contains(&day) { 45_000 } else { 20_000 }));
            if day < 5 || day == DAYS - 1 {
                rows.push(self.read(53, day, 1));
            }
        }
        self.nights(rows);
        self.refusals(rows);
        let done = START.0 + 31 * DAY;
        for (number, (time, state, records)) in
            [(done, "created", 0), (done + HOUR, "complete", 700), (done + HOUR + 20 * SECOND, "deleted", 0)]
                .into_iter()
                .enumerate()
        {
            rows.push(
                Row::of(Table::Calls)
                    .with(Role::Time, time)
                    .with(Role::Rows, records)
                    .with_text(Role::Log, "BulkApi2")
                    .with_text(Role::User, self.user(52).as_str())
                    .with_text(Role::SourceIp, format!("{}.0.52.{number}", self.network).as_str())
                    .with_text(Role::Job, format!("750{:0>12}", format!("{}1", self.mark)).as_str())
                    .with_text(Role::ApiFamily, "Bulk")
                    .with_text(Role::Operation, "Query")
                    .with_text(Role::Action, state)
                    .with_text(Role::Objects, "Case"),
            );
        }
    }

    /// One who works by day, and once by night.
    fn nights(self, rows: &mut Vec<Row>) {
        for day in 0..DAYS {
            for hour in [8, 9, 10, 12, 13] {
                rows.push(at(self.read(54, day, 1), day, hour * HOUR));
            }
        }
        rows.push(at(self.read(54, 31, 1), 31, 22 * HOUR));
    }

    /// One who asks for what is not there, and for too much.
    fn refusals(self, rows: &mut Vec<Row>) {
        for number in 0..26 {
            let refusal = if number < 24 { "unknown field" } else { "too many activities" };
            let row = at(self.read(55, 31, 0), 31, number * 20 * SECOND);
            rows.push(row.with_text(Role::Refusal, refusal));
        }
    }

    fn read(self, user: i64, day: i64, count: i64) -> Row {
        // The one who comes back does so thirty days later to the hour, and an hour more.
        let hour = i64::from(day == DAYS - 1);
        Row::of(Table::Calls)
            .with(Role::Time, START.0 + day * DAY + hour * HOUR)
            .with(Role::Rows, count)
            .with_text(Role::App, self.marked(APPS[3]).as_deref())
            .with_text(Role::User, self.user(user).as_str())
            .with_text(Role::Username, self.username(user).as_str())
            .with_text(Role::SourceIp, format!("{}.0.{user}.1", self.network).as_str())
            .with_text(Role::ApiFamily, "REST")
            .with_text(Role::Operation, "Query")
            .with_text(Role::Objects, "Account")
    }
}

fn at(row: Row, day: i64, time: i64) -> Row {
    row.with(Role::Time, START.0 + day * DAY + time)
}
