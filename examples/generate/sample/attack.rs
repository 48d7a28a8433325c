//! What is staged: the theft through Drift's token of August 2025, and an app that leaves its grant.
//!
//! Times, addresses and objects of the theft are those that Cloudflare published about itself; only what
//! `ApiEvent` and `LoginHistory` can show. Describes, limits and the deleted bulk job leave no row there.

use super::elf;
use super::integrations::{drift_access, open_widget};
use super::row::Row;
use super::traffic::{Access, Question, Session, Traffic};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, date};

const CLOUD_ADDRESS: &str = "44.215.108.109";
const HOSTING_ADDRESS: &str = "208.68.36.90";

const CASES: i64 = 63_618;

/// Five days of looking around, then the whole Case object in 3 minutes 22 seconds.
pub(super) fn drift_token(traffic: &mut Traffic) {
    let script = Access { user_agent: "python-requests/2.32.4", ..drift_access() };
    traffic.open(at(12, 22, 14, 8), &script, CLOUD_ADDRESS);
    let mut session = traffic.open(at(13, 19, 33, 2), &script, CLOUD_ADDRESS);
    look_around(traffic, &mut session);

    let fetcher = Access { user_agent: "Salesforce-Multi-Org-Fetcher/1.0", ..drift_access() };
    let mut session = traffic.open(at(16, 19, 26, 37), &fetcher, CLOUD_ADDRESS);
    traffic.call(at(16, 19, 28, 8), &mut session, count("Case", CASES - 77));
    let mut session = traffic.open(at(17, 11, 11, 23), &fetcher, HOSTING_ADDRESS);
    traffic.call(at(17, 11, 11, 55), &mut session, count("Case", CASES));
    take_all_cases(traffic, &mut session);
}

/// The job behind it, which `ApiEvent` does not show: made, run, and deleted 24 seconds after the last read.
pub(super) fn stolen_job() -> Vec<Row> {
    let times = [at(17, 11, 11, 56), at(17, 11, 12, 30), at(17, 11, 15, 10), at(17, 11, 15, 42)];
    elf::stolen_job(&drift_access().user, HOSTING_ADDRESS, times, CASES)
}

/// A widget that may only talk to Chatter asks for contacts and users.
pub(super) fn widget_outside_its_grant(traffic: &mut Traffic) {
    let queries = [
        ("Contact", "SELECT Id, Name, Email FROM Contact ORDER BY LastModifiedDate DESC LIMIT 200", 200),
        ("User", "SELECT Id, Name, SmallPhotoUrl FROM User WHERE IsActive = true", 34),
        ("Account", "SELECT Id, Name FROM Account LIMIT 50", 50),
    ];
    for day in [14, 15, 18] {
        let mut session = open_widget(traffic, at(day, 15, 2, 11));
        for (turn, (object, text, rows)) in (1..).zip(queries) {
            let time = at(day, 15, 2, 11) + turn * 9 * SECOND + 280;
            traffic.call(time, &mut session, Question::rest(object, text, rows));
        }
    }
}

fn look_around(traffic: &mut Traffic, session: &mut Session) {
    let cases = "SELECT Id, CaseNumber, Subject, Status, Priority, OwnerId, CreatedDate FROM \
        Case ORDER BY CreatedDate DESC LIMIT 2000";
    traffic.call(at(13, 19, 33, 11), session, Question::rest("Case", cases, 2000));
    traffic.call(at(14, 0, 17, 47), session, count("Account", 22_104));
    traffic.call(at(14, 0, 17, 51), session, count("Contact", 50_391));
    traffic.call(at(14, 0, 18, 0), session, count("User", 34));

    let history = "SELECT Id, Case__c, TeamMember__c, Role__c, ChangedAt__c FROM \
        CaseTeamMemberHistory__c LIMIT 5000";
    let question = Question::rest("CaseTeamMemberHistory__c", history, 3172);
    traffic.call(at(14, 4, 34, 39), session, Question { returned: 2000, ..question });
    let organisation = "SELECT Id, Name, InstanceName, OrganizationType, IsSandbox FROM Organization LIMIT 1";
    traffic.call(at(14, 11, 9, 14), session, Question::rest("Organization", organisation, 1));
    let users = "SELECT Id, Username, Email, FirstName, LastName, Name, Title, CompanyName, \
        Department, Division, Phone, MobilePhone, IsActive, LastLoginDate, CreatedDate, \
        LastModifiedDate, TimeZoneSidKey, LocaleSidKey, LanguageLocaleKey, EmailEncodingKey \
        FROM User WHERE IsActive = true ORDER BY LastLoginDate DESC NULLS LAST LIMIT 20";
    traffic.call(at(14, 11, 9, 21), session, Question::rest("User", users, 20));
}

/// The bulk job's reads from 11:11:56 to 11:15:18.
fn take_all_cases(traffic: &mut Traffic, session: &mut Session) {
    let text = "SELECT Id, CaseNumber, Subject, Description, Comments, ContactEmail, \
        ContactPhone, AccountId, OwnerId, Status, Priority, Origin, CreatedDate, ClosedDate \
        FROM Case";
    let start = at(17, 11, 11, 56);
    for (part, taken) in (0..).zip((0..CASES).step_by(10_000)) {
        let question = Question {
            operation: if part == 0 { "Query" } else { "QueryMore" },
            returned: (CASES - taken).min(10_000),
            ..Question::rest("Case", text, CASES).by("Bulk")
        };
        // Seven parts over 202 seconds.
        traffic.call(start + part * 202 * SECOND / 6, session, question);
    }
}

/// A `COUNT()` query: no rows come back, the number found counts as processed.
fn count(object: &'static str, found: i64) -> Question {
    let question = Question::rest(object, format!("SELECT COUNT() FROM {object}"), found);
    Question { returned: 0, ..question }
}

/// A moment of August 2025, with a fixed fraction of a second.
fn at(day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    date(2025, 8, 1) + (day - 1) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + 214
}
