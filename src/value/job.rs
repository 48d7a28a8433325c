//! What rows say of bulk jobs: their state, and the requests about them.
//!
//! Source: Object Reference, `EventLogFile`, Bulk API 2.0 Event Type (an event when a job is marked created,
//! uploadComplete, inProgress, complete, aborted, deleted); Bulk API 2.0 Developer Guide (job states, among them
//! `JobComplete`, and the resources of query jobs).

/// Whether a job in this state is done.
pub fn is_complete(state: &str) -> bool {
    ["complete", "jobcomplete"].iter().any(|known| state.eq_ignore_ascii_case(known))
}

/// Whether a job in this state is no more.
pub fn is_deleted(state: &str) -> bool {
    state.eq_ignore_ascii_case("deleted")
}

/// Whether a request with this method reads.
pub fn is_get(method: &str) -> bool {
    method.eq_ignore_ascii_case("GET")
}

/// Whether a request with this method deletes.
pub fn is_delete(method: &str) -> bool {
    method.eq_ignore_ascii_case("DELETE")
}

/// Whether an endpoint, as it is kept, is one query job.
pub fn is_query_job(endpoint: &str) -> bool {
    endpoint == "/jobs/query/{id}"
}

/// Whether an endpoint, as it is kept, is the results of a query job.
pub fn is_results(endpoint: &str) -> bool {
    endpoint == "/jobs/query/{id}/results"
}
