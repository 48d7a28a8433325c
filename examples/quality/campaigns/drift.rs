//! UNC6395 / Drift, August 2025: to the second as one victim, Cloudflare, has published it.

use super::{Campaign, Raid, Stage};
use crate::study::calendar::SECOND;
use crate::study::world::Work;

pub(crate) const STAGES: &[Stage] = &[
    Stage { name: "first use from elsewhere", means: &["network", "client", "token"], until: 2 },
    Stage { name: "objects listed, Case described and read", means: &["sequence", "objects"], until: 1 },
    Stage { name: "counts, users, organisation, limits", means: &["sequence"], until: 2 },
    Stage { name: "second network", means: &["network"], until: 5 },
    Stage { name: "bulk job of all cases", means: &["volume", "scope-first-use"], until: 4 },
    Stage { name: "job deleted", means: &["bulk-job-deleted"], until: 5 },
];

pub(super) const CAMPAIGN: Campaign = Campaign { name: "drift", stages: STAGES, plant };

const SCRIPT: &str = "python-requests/2.32.4";
const FETCHER: &str = "Salesforce-Multi-Org-Fetcher/1.0";

/// What an attacker brings along.
pub(crate) struct Means {
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) script: &'static str,
    pub(crate) fetcher: &'static str,
}

fn plant(raid: &mut Raid<'_>) {
    raid.steal(raid.org.app_for(Work::Chat));
    // The first one in the cloud in which the vendor's machines may stand, too.
    let (first, second) = (raid.rented(44, 215), raid.rented(208, 68));
    timeline(raid, &Means { first, second, script: SCRIPT, fetcher: FETCHER });
}

pub(crate) fn timeline(raid: &mut Raid<'_>, means: &Means) {
    let Means { first, second, script, fetcher } = *means;
    let session = raid.enter(raid.at(12, 22, 14, 8), first, script);
    raid.traffic.request(raid.at(12, 22, 14, 9), &session, "GET", "/services/data/v58.0/sobjects/", "", 0);

    raid.stage(1);
    let session = raid.enter(raid.at(13, 19, 33, 2), first, script);
    raid.traffic.request(raid.at(13, 19, 33, 4), &session, "GET", "/services/data/v58.0/sobjects/", "", 0);
    raid.traffic.describe(raid.at(13, 19, 33, 7), &session, "Case");
    raid.traffic.describe(raid.at(13, 19, 33, 9), &session, "Case");
    let cases = "SELECT Id, CaseNumber, Subject, Status, Priority, OwnerId, CreatedDate FROM Case LIMIT 2000";
    raid.traffic.query(raid.at(13, 19, 33, 11), &session, "Case", cases, 2000);

    raid.stage(2);
    let session = raid.enter(raid.at(14, 0, 17, 39), first, script);
    raid.traffic.request(raid.at(14, 0, 17, 40), &session, "GET", "/services/data/v58.0/sobjects/", "", 0);
    raid.count(raid.at(14, 0, 17, 47), &session, "Account");
    raid.count(raid.at(14, 0, 17, 51), &session, "Contact");
    raid.count(raid.at(14, 0, 18, 0), &session, "User");
    let history = "SELECT Id, Case__c, TeamMember__c FROM CaseTeamMemberHistory__c LIMIT 5000";
    raid.traffic.query(raid.at(14, 4, 34, 39), &session, "CaseTeamMemberHistory__c", history, 1800);
    let organisation = "SELECT Id, Name, InstanceName, OrganizationType FROM Organization LIMIT 1";
    raid.traffic.query(raid.at(14, 11, 9, 14), &session, "Organization", organisation, 1);
    let users = "SELECT Id, Username, Email, FirstName, LastName, Name, Title, CompanyName, Department, Division, Phone, \
                 MobilePhone, IsActive, LastLoginDate, CreatedDate, LastModifiedDate, TimeZoneSidKey, LocaleSidKey, \
                 LanguageLocaleKey, EmailEncodingKey FROM User WHERE IsActive = true ORDER BY LastLoginDate DESC NULLS \
                 LAST LIMIT 20";
    raid.traffic.query(raid.at(14, 11, 9, 21), &session, "User", users, 20);
    raid.traffic.request(raid.at(14, 11, 9, 22), &session, "GET", "/services/data/v58.0/limits/", "", 0);
    let session = raid.enter(raid.at(16, 19, 26, 37), first, fetcher);
    raid.count(raid.at(16, 19, 28, 8), &session, "Case");

    raid.stage(3);
    let session = raid.enter(raid.at(17, 11, 11, 23), second, fetcher);
    raid.count(raid.at(17, 11, 11, 55), &session, "Case");

    raid.stage(4);
    let (job, _) = raid.traffic.job(raid.at(17, 11, 11, 56), &session, "Case", raid.records("Case"), 202 * SECOND);

    raid.stage(5);
    raid.traffic.delete_job(raid.at(17, 11, 15, 42), &session, "Case", job);
}
