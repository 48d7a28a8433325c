//! A bulk query job was deleted minutes after it was done.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::job;

/// The job is done, or its results are fetched.
const DONE: Matching = Matching::Or(&[
    Matching::And(&[QUERY_JOB, Matching::Satisfies(Role::Action, job::is_complete)]),
    Matching::And(&[
        Matching::Satisfies(Role::Endpoint, job::is_results),
        Matching::Satisfies(Role::Method, job::is_get),
    ]),
    Matching::Is(Role::Operation, "ResultDownload"),
]);
const DELETED: Matching = Matching::Or(&[
    Matching::And(&[QUERY_JOB, Matching::Satisfies(Role::Action, job::is_deleted)]),
    Matching::And(&[
        Matching::Satisfies(Role::Endpoint, job::is_query_job),
        Matching::Satisfies(Role::Method, job::is_delete),
    ]),
]);
const QUERY_JOB: Matching = Matching::IsIn(Role::Operation, &["Query", "QueryAll"]);

pub(super) static DETECTOR: Detector = Detector {
    id: "bulk-job-deleted",
    version: 1,
    title: "Bulk query job deleted right after it was done",
    family: Family::Sequence,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1070", "T1213.004"],
    doc: include_str!("bulk_job_deleted.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Or(&[DONE, DELETED]),
        subject: &[Role::User],
        pattern: Pattern::Sequence { first: &DONE, then: &DELETED, same: Role::Job, tell: Role::App },
    },
    limits: &[
        Limit {
            name: "within",
            value: 300,
            unit: Unit::Seconds,
            source: "project default: the published theft of August 2025 took 24 seconds",
        },
        Limit {
            name: "habit",
            value: 50,
            unit: Unit::Percent,
            source: "project default: a tool that tidies up does so on most days",
        },
        Limit { name: "habit-days", value: 3, unit: Unit::Days, source: "project default: fewer days are no habit" },
    ],
    sentence: "{user} deleted a bulk query job {shortest seconds|second} after it was done or its results were fetched \
               ({times|time} in all); before, that was so on {days completed before} of {days begun before|day} with \
               such jobs.",
    next_step: "Find out what the job read: its query stands in the log of API calls at that time. If the owner of the \
                integration cannot explain the deletion, treat the job's data as taken and revoke the tokens of {user}.",
};
