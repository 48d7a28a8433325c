//! Microsoft Sentinel: rows of `ASimAuthenticationEventLogs` (schema `Authentication` 0.1.4) and of
//! `ASimAuditEventLogs` (`AuditEvent` 0.1.2), a line each.
//!
//! `TimeGenerated` is the time that the caller gives: Sentinel replaces one that is older than two days. The event's
//! own time is `EventStartTime` and `EventEndTime`. Aliases such as `User` and `Src` are left to Sentinel. What an
//! analyst joins by stands in `AdditionalFields` under Salesforce's own names.

use std::io;

use super::change::{Change, Grant};
use super::login::{Login, Outcome};
use super::object::Object;
use super::{Deed, Event};
use crate::value::Time;
use crate::value::codes::is_interactive;

/// A field takes 64 KB; a row that takes no more has no field that does.
const ROW_LIMIT: usize = 64_000;
const PRODUCT: &str = "Service Cloud";
const SAAS: &str = "SaaS application";

pub(super) fn line(event: &Event<'_>, generated: Time, out: &mut Vec<u8>) -> io::Result<()> {
    let row = match &event.deed {
        Deed::Login(login) => authentication(event, login, generated),
        Deed::Change(change) => setup_change(event, change, generated),
        Deed::Grant(grant) => token(event, grant, generated),
        // No table is asked for these.
        Deed::Call(_) => Object::new(),
    };
    row.write(ROW_LIMIT, out)
}

fn authentication<'a>(event: &Event<'a>, login: &Login<'a>, generated: Time) -> Object<'a> {
    let (result, action) = match login.outcome {
        Outcome::Success => ("Success", Some("Allowed")),
        Outcome::Failure => ("Failure", Some("Blocked")),
        Outcome::Unsaid => ("NA", None),
    };
    common(event, generated, ("Authentication", "0.1.4"), "Logon", result)
        .with("EventResultDetails", login.result_details())
        .with("EventOriginalResultDetails", login.status)
        .with("DvcAction", action)
        .with("LogonMethod", login.method())
        .with("LogonProtocol", login.protocol())
        .with("TargetUserId", event.user_id)
        .with("TargetUserIdType", event.user_id.map(|_| "SalesforceId"))
        .with("TargetUsername", event.username)
        .with("TargetUsernameType", event.username.map(username_type))
        .with("TargetUserScopeId", event.org)
        .with("TargetSessionId", event.session.or(event.login_key))
        .with("TargetAppName", "Salesforce")
        .with("TargetAppType", SAAS)
        .with("ActingAppId", event.app_id)
        .with("ActingAppName", event.app_name)
        .with("ActingAppType", acting_app_type(event))
        .with("SrcIpAddr", event.address())
        .with("SrcGeoCountry", login.country)
        .with("SrcGeoCity", login.city)
        .with("HttpUserAgent", event.client)
        .with("AdditionalFields", joins(event).with("LoginType", login.login_type).with("LoginSubType", login.subtype))
}

fn setup_change<'a>(event: &Event<'a>, change: &Change<'a>, generated: Time) -> Object<'a> {
    let object = event.app().or(change.section).or(change.action).unwrap_or("Setup");
    audit(event, change.verb().asim(), generated)
        .with("EventMessage", change.sentence)
        .with("EventOriginalSubType", change.action)
        .with("Object", object)
        .with("ObjectId", event.app_id)
        .with("ObjectType", "Configuration Atom")
        .with("Operation", change.operation().unwrap_or("Setup change"))
        .with(
            "AdditionalFields",
            joins(event)
                .with("Action", change.action)
                .with("Section", change.section)
                .with("DelegateUser", change.target),
        )
}

/// A listed token: it was given, at the time when it was created if the listing says that.
fn token<'a>(event: &Event<'a>, grant: &Grant<'a>, generated: Time) -> Object<'a> {
    audit(event, "Create", generated)
        .with("Object", event.app().or(grant.token).unwrap_or("OAuth token"))
        .with("ObjectId", grant.token.or(event.app_id))
        .with("ObjectType", "Other")
        .with("Operation", "OAuth token given")
        .with(
            "AdditionalFields",
            joins(event)
                .with("TokenReference", grant.token)
                .with("CreatedDate", grant.created)
                .with("LastUsedDate", grant.last_used)
                .with("UseCount", grant.uses),
        )
}

fn audit<'a>(event: &Event<'a>, event_type: &'static str, generated: Time) -> Object<'a> {
    common(event, generated, ("AuditEvent", "0.1.2"), event_type, "Success")
        .with("ActorUserId", event.user_id)
        .with("ActorUserIdType", event.user_id.map(|_| "SalesforceId"))
        .with("ActorUsername", event.username)
        .with("ActorUsernameType", event.username.map(username_type))
        .with("ActorScopeId", event.org)
        .with("ActorSessionId", event.session)
        .with("SrcIpAddr", event.address())
        .with("TargetAppName", "Salesforce")
        .with("TargetAppType", SAAS)
}

/// What all schemas ask for.
fn common<'a>(
    event: &Event<'a>,
    generated: Time,
    (schema, version): (&'static str, &'static str),
    event_type: &'static str,
    result: &'static str,
) -> Object<'a> {
    Object::new()
        .with("TimeGenerated", generated)
        .with("EventVendor", "Salesforce")
        .with("EventProduct", PRODUCT)
        .with("EventSchema", schema)
        .with("EventSchemaVersion", version)
        .with("EventType", event_type)
        .with("EventCount", 1_i64)
        .with("EventUid", event.id)
        .with("EventOriginalUid", event.event_id)
        .with("EventOriginalType", event.log)
        .with("EventStartTime", event.time)
        .with("EventEndTime", event.time)
        .with("EventSeverity", "Informational")
        .with("EventResult", result)
        .with("Dvc", PRODUCT)
}

fn joins<'a>(event: &Event<'a>) -> Object<'a> {
    Object::new()
        .with("EventIdentifier", event.event_id)
        .with("LoginHistoryId", event.login_history_id)
        .with("UserId", event.user_id)
        .with("ConnectedAppId", event.app_id)
        .with("ConnectedAppName", event.app_name)
        .with("SessionKey", event.session)
        .with("LoginKey", event.login_key)
        .with("RequestIdentifier", event.request_id)
        .with("SourceIp", event.source.filter(|_| event.address().is_none()))
        .with("Export", event.export)
        .with("Sha256", Some(event.sha256).filter(|hash| !hash.is_empty()))
        .with("Record", event.record)
        .with("Offset", event.offset)
}

/// The browser and Salesforce's own clients name themselves where others name their connected app.
fn acting_app_type(event: &Event<'_>) -> Option<&'static str> {
    let app = event.app()?;
    Some(if is_interactive(app) { "Other" } else { SAAS })
}

fn username_type(name: &str) -> &'static str {
    if name.contains('@') { "UPN" } else { "Simple" }
}
