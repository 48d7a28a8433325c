//! What administrators list and change in the made-up world, and an address that comes to two organisations.

use tokentrail::batch::{Role, Table};
use tokentrail::value::time::{DAY, HOUR};

use super::{APPS, DAYS, World};
use crate::oracle::START;
use crate::oracle::rows::Row;

/// Users: number, active, profile, whether it may modify all data, the day of the last change.
const LISTED: [(i64, &str, &str, &str, i64); 7] = [
    (0, "true", "Standard User", "false", 1),
    (1, "true", "System Administrator", "true", 1),
    (2, "true", "Operations", "true", 2),
    (3, "true", "Standard User", "false", 3),
    // Two rows of one user: the later one counts.
    (5, "true", "Standard User", "false", 3),
    (5, "false", "Standard User", "false", 10),
    (6, "false", "Standard User", "false", 40),
];

impl World {
    pub(super) fn setup(self, rows: &mut Vec<Row>) {
        rows.extend(LISTED.map(|listed| self.listed(listed)));
        for (number, app) in (0..).zip(&APPS[..4]) {
            for day in [DAYS - 6, DAYS - 5, DAYS - 3] {
                rows.push(self.relaxed(app.unwrap_or_default(), START.0 + day * DAY + number * HOUR));
            }
        }
        rows.push(self.unlogged_token());
        for (number, day, host) in [(1, 2, 1), (2, 3, 2), (1, DAYS - 4, 9), (2, DAYS - 3, 9)] {
            rows.push(self.job_of(number, START.0 + day * DAY, host));
        }
    }

    fn listed(self, (number, active, profile, modifies_all, day): (i64, &str, &str, &str, i64)) -> Row {
        Row::of(Table::Users)
            .with(Role::Modified, START.0 + day * DAY)
            .with_text(Role::User, self.user(number).as_str())
            .with_text(Role::Username, self.username(number).as_str())
            .with_text(Role::Active, active)
            .with_text(Role::Profile, profile)
            .with_text(Role::ModifiesAll, modifies_all)
    }

    fn relaxed(self, app: &str, time: i64) -> Row {
        let app = format!("{}{app}", self.mark);
        let change = "IP relaxation setting from Enforce IP restrictions to Relax IP restrictions";
        Row::of(Table::SetupChanges)
            .with(Role::Time, time)
            .with_text(Role::User, self.user(1).as_str())
            .with_text(Role::Username, self.username(1).as_str())
            .with_text(Role::App, app.as_str())
            .with_text(Role::Action, "changeIpRelaxationPolicy")
            .with_text(Role::Change, format!("Changed connected app {app} {change}").as_str())
    }

    /// Used three days after its user's only logins.
    fn unlogged_token(self) -> Row {
        let used = START.0 + (DAYS - 2) * DAY + HOUR;
        Row::of(Table::Tokens)
            .with(Role::Time, used)
            .with(Role::LastUsed, used)
            .with(Role::Created, START.0)
            .with(Role::UseCount, 9)
            .with_text(Role::Token, format!("{}token of one", self.mark).as_str())
            .with_text(Role::App, self.marked(APPS[0]).as_deref())
            .with_text(Role::User, self.user(43).as_str())
            .with_text(Role::Username, self.username(43).as_str())
            .with_text(Role::MenuItem, "0DSTr0000000001AAA")
    }

    fn job_of(self, org: i64, time: i64, host: i64) -> Row {
        Row::of(Table::Calls)
            .with(Role::Time, time)
            .with(Role::Rows, 5)
            .with_text(Role::Log, "BulkApi2")
            .with_text(Role::Org, format!("{}org {org}", self.mark).as_str())
            .with_text(Role::User, self.user(60 + org).as_str())
            .with_text(Role::SourceIp, format!("{}.8.0.{host}", self.network).as_str())
            .with_text(Role::Job, format!("750{:0>12}", format!("{}o{org}{host}", self.mark)).as_str())
            .with_text(Role::ApiFamily, "Bulk")
            .with_text(Role::Operation, "Query")
            .with_text(Role::Action, "created")
            .with_text(Role::Objects, "Case")
    }
}
