//! Splunk: envelopes of the HTTP Event Collector with events of the CIM 8.5 data models Authentication (sourcetype
//! `tokentrail:login`), `Data_Access` (`tokentrail:api`) and Change (`tokentrail:change`, `tokentrail:oauth`). `source`
//! is the sourcetype.
//!
//! A call's `action` is what was asked for; its `status`, which the model does not have, says whether it was refused.
//! A model's own fields stand first; what it requires and the row does not say is `unknown`, CIM's word for that. A
//! login that says nothing of its end is `pending`, and a call whose doing is not known is `accepted`: the models have
//! no word closer to it.

use std::io::{self, Write};

use super::call::{Access, Call};
use super::change::{Change, Grant, without_quotes};
use super::login::{Login, Outcome};
use super::object::Object;
use super::{Deed, Event};
use crate::emit::{head, seconds};

/// Splunk Cloud takes 1 MB per request.
const EVENT_LIMIT: usize = 898_000;
const HOST_LIMIT: usize = 64;
const UNKNOWN: &str = "unknown";
const VENDOR_PRODUCT: &str = "Salesforce";

pub(super) fn line(event: &Event<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let (sourcetype, fields) = match &event.deed {
        Deed::Login(login) => ("tokentrail:login", login_fields(event, login)),
        Deed::Call(call) => ("tokentrail:api", call_fields(event, call)),
        Deed::Change(change) => ("tokentrail:change", change_fields(event, change)),
        Deed::Grant(grant) => ("tokentrail:oauth", grant_fields(event, grant)),
    };
    let envelope = Object::new()
        .with("host", head(event.org.unwrap_or("salesforce"), HOST_LIMIT))
        .with("source", sourcetype)
        .with("sourcetype", sourcetype);
    write!(out, "{{\"time\":{},", seconds(event.time))?;
    let start = out.len();
    envelope.write(EVENT_LIMIT, out)?;
    // The envelope's brace was opened by the time, and is closed behind the event.
    out.remove(start);
    out.pop();
    out.extend_from_slice(b",\"event\":");
    with_origin(event, fields).write(EVENT_LIMIT, out)?;
    out.extend_from_slice(b"}");
    Ok(())
}

/// CIM Authentication.
fn login_fields<'a>(event: &Event<'a>, login: &Login<'a>) -> Object<'a> {
    let action = match login.outcome {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Unsaid => "pending",
    };
    common(event, action)
        .with("authentication_method", login.subtype.or(login.login_type))
        .with("signature", login.status)
        .with("reason", login.status.filter(|_| login.outcome == Outcome::Failure))
        .with("login_type", login.login_type)
        .with("login_subtype", login.subtype)
        .with("src_country", login.country)
        .with("src_city", login.city)
}

/// CIM `Data_Access`.
fn call_fields<'a>(event: &Event<'a>, call: &Call<'a>) -> Object<'a> {
    let action = match call.access() {
        _ if call.is_download() => "downloaded",
        Access::Create => "created",
        Access::Read => "read",
        Access::Update => "modified",
        Access::Delete => "deleted",
        Access::Unknown => "accepted",
    };
    common(event, action)
        .with("object", call.objects.or(call.endpoint).or(call.operation).unwrap_or(UNKNOWN))
        .with("object_attrs", UNKNOWN)
        .with("object_category", if call.objects.is_some() { "salesforce object" } else { "api" })
        .with("object_id", call.job.unwrap_or(UNKNOWN))
        .with("object_size", call.bytes.map_or(UNKNOWN.to_owned(), |bytes| bytes.to_string()))
        .with("user_name", event.user().unwrap_or(UNKNOWN))
        .with("api", call.family)
        .with("status", call.is_refused().map(|is_refused| if is_refused { "failure" } else { "success" }))
        .with("operation", call.operation)
        .with("http_method", call.method)
        .with("endpoint", call.endpoint)
        .with("query_fingerprint", call.fingerprint)
        .with("rows", call.rows)
        .with("status_code", call.status_code)
        .with("refusal", call.refusal)
}

/// CIM Change. A change that is in the audit trail was made.
fn change_fields<'a>(event: &Event<'a>, change: &Change<'a>) -> Object<'a> {
    let sentence = change.sentence.map(without_quotes);
    let object = event.app().or(change.section).or(change.action).unwrap_or(UNKNOWN);
    changed(event, change.verb().cim(), "setup")
        .with("command", without_quotes(change.operation().unwrap_or(UNKNOWN)))
        .with("object", without_quotes(object))
        .with("object_attrs", sentence.unwrap_or(UNKNOWN.into()))
        .with("object_category", "setup")
        .with("object_id", without_quotes(event.app_id.or(change.section).unwrap_or(UNKNOWN)))
        .with("setup_action", change.action)
        .with("setup_section", change.section)
        .with("delegate_user", change.target)
}

/// CIM Change: a token was given to an app.
fn grant_fields<'a>(event: &Event<'a>, grant: &Grant<'a>) -> Object<'a> {
    changed(event, "created", "AAA")
        .with("command", "OAuth token given")
        .with("object", without_quotes(event.app().unwrap_or(UNKNOWN)))
        .with("object_attrs", "OAuth token")
        .with("object_category", "token")
        .with("object_id", grant.token.or(event.app_id).unwrap_or(UNKNOWN))
        .with("token_reference", grant.token)
        .with("created", grant.created)
        .with("last_used", grant.last_used)
        .with("use_count", grant.uses)
}

fn changed<'a>(event: &Event<'a>, action: &'static str, change_type: &'static str) -> Object<'a> {
    common(event, action)
        .with("change_type", change_type)
        .with("status", "success")
        .with("dvc", event.org.unwrap_or(UNKNOWN))
}

/// What all models ask for.
fn common<'a>(event: &Event<'a>, action: &'static str) -> Object<'a> {
    Object::new()
        .with("id", event.id)
        .with("action", action)
        .with("app", event.app().unwrap_or(UNKNOWN))
        .with("dest", event.org.unwrap_or(UNKNOWN))
        .with("src", event.source.unwrap_or(UNKNOWN))
        .with("user", event.user().unwrap_or(UNKNOWN))
        .with("user_id", event.user_id)
        .with("user_agent", event.client)
        .with("session_id", event.session)
        .with("vendor_account", event.org.unwrap_or(UNKNOWN))
        .with("vendor_product", VENDOR_PRODUCT)
}

/// What joins the event with others, and where it stands.
fn with_origin<'a>(event: &Event<'a>, fields: Object<'a>) -> Object<'a> {
    let evidence = Object::new()
        .with("export", event.export)
        .with("sha256", Some(event.sha256).filter(|hash| !hash.is_empty()))
        .with("record", event.record)
        .with("offset", event.offset);
    fields
        .with("app_id", event.app_id)
        .with("app_name", event.app_name)
        .with("event_identifier", event.event_id)
        .with("login_history_id", event.login_history_id)
        .with("login_key", event.login_key)
        .with("request_id", event.request_id)
        .with("log", event.log)
        .with("evidence", evidence)
}
