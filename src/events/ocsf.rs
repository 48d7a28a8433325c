//! OCSF 1.8.0: logins as events of the class Authentication (3002), calls as events of the class API Activity (6003),
//! one a line. Without profiles. Nothing is cut.
//!
//! What a class requires and the row does not say is `unknown`. What the classes have no place for is `unmapped`: where
//! the row stands, and what an analyst joins by, under Salesforce's own names.

use std::io;

use super::call::{Access, Call};
use super::login::{Login, Outcome};
use super::object::Object;
use super::{Deed, Event};
use crate::value::Time;

const UNKNOWN: &str = "unknown";

pub(super) fn line(event: &Event<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let event = match &event.deed {
        Deed::Login(login) => authentication(event, login),
        Deed::Call(call) => api_activity(event, call),
        // No table is asked for these.
        Deed::Change(_) | Deed::Grant(_) => Object::new(),
    };
    event.write(usize::MAX, out)
}

fn authentication<'a>(event: &Event<'a>, login: &Login<'a>) -> Object<'a> {
    let is_success = match login.outcome {
        Outcome::Success => Some(true),
        Outcome::Failure => Some(false),
        Outcome::Unsaid => None,
    };
    let (protocol_id, protocol) = login.ocsf_protocol().unzip();
    let country = login.country.filter(|country| country.len() == 2);
    let location = Object::new().with("country", country).with("city", login.city);
    let user = some_user(event);
    let user = if user.is_empty() { user.with("name", UNKNOWN) } else { user };
    class(event, (3, "Identity & Access Management"), (3002, "Authentication"), (1, "Logon"))
        .with("status_id", status(is_success).0)
        .with("status", status(is_success).1)
        .with("status_detail", login.status)
        .with("auth_protocol_id", protocol_id)
        .with("auth_protocol", protocol)
        .with("user", user)
        .with("actor", Object::new().with("app_uid", event.app_id).with("app_name", event.app_name))
        .with("service", Object::new().with("name", "Salesforce").with("uid", event.org))
        .with("session", Object::new().with("uid", event.session))
        .with("src_endpoint", placed(event, location))
        .with("http_request", Object::new().with("user_agent", event.client))
        .with("unmapped", joins(event).with("LoginType", login.login_type).with("LoginSubType", login.subtype))
}

fn api_activity<'a>(event: &Event<'a>, call: &Call<'a>) -> Object<'a> {
    let activity = match call.access() {
        Access::Unknown => (0, "Unknown"),
        Access::Create => (1, "Create"),
        Access::Read => (2, "Read"),
        Access::Update => (3, "Update"),
        Access::Delete => (4, "Delete"),
    };
    let (status_id, status) = status(call.is_refused().map(|is_refused| !is_refused));
    let resource = |object: &'a str| Object::new().with("name", object).with("type", "Salesforce object");
    let code = call.status_code.map(|code| code.to_string());
    let unmapped = joins(event)
        .with("RowsProcessed", call.rows)
        .with("ResponseSize", call.bytes)
        .with("QueryFingerprint", call.fingerprint)
        .with("JobId", call.job);
    let api = Object::new()
        .with("operation", call.name().unwrap_or(UNKNOWN))
        .with("service", Object::new().with("name", call.family))
        .with("request", Object::new().with("uid", event.request_id));
    let path = Object::new().with("path", call.endpoint);
    class(event, (6, "Application Activity"), (6003, "API Activity"), activity)
        .with("status_id", status_id)
        .with("status", status)
        .with("status_code", code)
        .with("status_detail", call.refusal)
        .with("actor", actor(event))
        .with("api", api)
        .with("src_endpoint", src_endpoint(event))
        .with("resources", call.each_object().map(resource).collect::<Vec<_>>())
        .with(
            "http_request",
            Object::new().with("user_agent", event.client).with("http_method", call.method).with("url", path),
        )
        .with("unmapped", unmapped)
}

/// What all classes ask for.
fn class<'a>(
    event: &Event<'a>,
    (category_uid, category): (i64, &'static str),
    (class_uid, class): (i64, &'static str),
    (activity_id, activity): (i64, &'static str),
) -> Object<'a> {
    let metadata = Object::new()
        .with("version", "1.8.0")
        .with("product", Object::new().with("name", "Salesforce").with("vendor_name", "Salesforce"))
        .with("uid", event.id)
        .with("original_event_uid", event.event_id)
        .with("log_name", Some(event.log).filter(|log| !log.is_empty()))
        .with("tenant_uid", event.org);
    Object::new()
        .with("class_uid", class_uid)
        .with("class_name", class)
        .with("category_uid", category_uid)
        .with("category_name", category)
        .with("activity_id", activity_id)
        .with("activity_name", activity)
        .with("type_uid", class_uid * 100 + activity_id)
        .with("type_name", format!("{class}: {activity}"))
        .with("time", millis(event.time))
        .with("severity_id", 1_i64)
        .with("severity", "Informational")
        .with("metadata", metadata)
}

fn status(is_success: Option<bool>) -> (i64, &'static str) {
    match is_success {
        Some(true) => (1, "Success"),
        Some(false) => (2, "Failure"),
        None => (0, "Unknown"),
    }
}

fn some_user<'a>(event: &Event<'a>) -> Object<'a> {
    Object::new().with("uid", event.user_id).with("name", event.username)
}

/// Who called; an actor must be somebody.
fn actor<'a>(event: &Event<'a>) -> Object<'a> {
    let actor = Object::new()
        .with("user", some_user(event))
        .with("session", Object::new().with("uid", event.session))
        .with("app_uid", event.app_id)
        .with("app_name", event.app_name);
    if actor.is_empty() { actor.with("app_name", UNKNOWN) } else { actor }
}

/// Where it came from, if the row says it; words such as `Salesforce.com IP` are a name.
fn endpoint<'a>(event: &Event<'a>) -> Object<'a> {
    let name = event.source.filter(|_| event.address().is_none());
    Object::new().with("ip", event.address()).with("name", name)
}

/// The same, which must be something.
fn src_endpoint<'a>(event: &Event<'a>) -> Object<'a> {
    let endpoint = endpoint(event);
    if endpoint.is_empty() { endpoint.with("name", UNKNOWN) } else { endpoint }
}

/// The same with its place, if the row says either.
fn placed<'a>(event: &Event<'a>, location: Object<'a>) -> Object<'a> {
    if location.is_empty() { endpoint(event) } else { src_endpoint(event).with("location", location) }
}

fn joins<'a>(event: &Event<'a>) -> Object<'a> {
    let evidence = Object::new()
        .with("export", event.export)
        .with("sha256", Some(event.sha256).filter(|hash| !hash.is_empty()))
        .with("record", event.record)
        .with("offset", event.offset);
    Object::new()
        .with("EventIdentifier", event.event_id)
        .with("LoginHistoryId", event.login_history_id)
        .with("UserId", event.user_id)
        .with("ConnectedAppId", event.app_id)
        .with("LoginKey", event.login_key)
        .with("RequestIdentifier", event.request_id)
        .with("evidence", evidence)
}

fn millis(time: Time) -> i64 {
    time.0.div_euclid(1000)
}
