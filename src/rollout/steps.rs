//! The step for each control: where it stands, and what to do.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Control, Pattern, State, Step};
use crate::apps::allow_list::{Applicability, applicability, suggest};
use crate::check::{Case, Integration, listed};
use crate::checks;
use crate::configuration::{RefreshPolicy, Stated};
use crate::inventory::TokenState;
use crate::value::time::DAY;
use crate::words::plain;

const RETRIEVE: &str = "Retrieve the app's metadata (`sf project retrieve start`), and run this again.";

pub(super) fn of(case: &Case<'_>, pattern: Pattern, integrations: &[Integration], told: &[String]) -> Vec<Step> {
    let step = |control: Control| match control {
        Control::Pkce => pkce(case),
        Control::IdleLimit => idle_limit(case, pattern),
        Control::AllowList => allow_list(case),
        Control::Rotation => rotation(case, integrations, told),
    };
    Control::ORDER.into_iter().map(step).collect()
}

impl Step {
    fn new(control: Control, state: State, evidence: impl Into<String>) -> Self {
        Self { control, state, evidence: evidence.into(), actions: Vec::new() }
    }

    /// Where no file says whether it is on.
    fn unsaid<T>(control: Control, stated: &Stated<T>) -> Self {
        let evidence = match stated {
            Stated::Unknown(raw) => format!("Its setting cannot be read: {}.", plain(raw)),
            _ => "No file says whether it is on.".to_owned(),
        };
        Self::new(control, State::Unknown, evidence).then(RETRIEVE)
    }

    fn then(mut self, action: impl Into<String>) -> Self {
        self.actions.push(action.into());
        self
    }

    /// With the place in Setup where a check's setting is.
    fn at(self, check: &str) -> Self {
        self.then(checks::find(check).map_or("", |check| check.setup_path))
    }
}

fn pkce(case: &Case<'_>) -> Step {
    let new = |state, evidence: &str| Step::new(Control::Pkce, state, evidence);
    match (&case.app.pkce_required, case.uses_code_flow()) {
        (Stated::Known(true), _) => new(State::On, "The app requires PKCE."),
        (Stated::Known(false), Some(false)) => {
            new(State::Ready, "It does not use the code flow: turning PKCE on changes nothing for its clients.")
                .at("pkce-missing")
        }
        (Stated::Known(false), _) => {
            new(State::Waiting, "It may use the code flow: clients that send no code challenge could not log in.")
                .then("Have the owner confirm that authorisations send code_challenge, and exchanges code_verifier.")
                .at("pkce-missing")
        }
        (other, _) => Step::unsaid(Control::Pkce, other),
    }
}

fn idle_limit(case: &Case<'_>, pattern: Pattern) -> Step {
    let new = |state, evidence: &str| Step::new(Control::IdleLimit, state, evidence);
    let days = case.org.values.get("idle-limit-missing", "days");
    if case.app.idle_limit.is(&true) {
        return new(State::On, "The idle limit is on.");
    }
    if let Stated::Known(RefreshPolicy::Inactivity(number, unit) | RefreshPolicy::Lifetime(number, unit)) =
        &case.app.refresh_policy
        && i64::from(*number) * i64::from(unit.hours()) <= days * 24
    {
        return new(State::On, "Its refresh token policy ends idle tokens within the limit.");
    }
    if !matches!(case.app.idle_limit, Stated::Known(_)) {
        return Step::unsaid(Control::IdleLimit, &case.app.idle_limit);
    }
    if matches!(pattern, Pattern::JwtOnly | Pattern::WithoutRefreshTokens) {
        return new(State::Ready, "It has no refresh tokens: turning the limit on changes nothing.")
            .at("idle-limit-missing");
    }
    let step = new(State::Ready, "Tokens that are used keep living: the limit counts from the last use.");
    let effect = match idle_users(case, days) {
        Some((0, _)) => format!("No token is idle for more than {days} days: nobody is asked to authorise again."),
        Some((tokens, users)) => format!(
            "Tell these users that they will have to authorise it again, for {tokens} tokens are idle for more than \
             {days} days: {users}."
        ),
        None => "A listing of OauthToken would tell whose tokens end.".to_owned(),
    };
    step.then(effect).at("idle-limit-missing")
}

/// How many tokens are idle for longer, and whose they are; nothing if no listing of tokens is at hand.
fn idle_users(case: &Case<'_>, days: i64) -> Option<(usize, String)> {
    let now = case.org.as_of.filter(|_| case.org.lists_tokens())?;
    let before = now.0.saturating_sub(days.saturating_mul(DAY));
    let tokens = case.used.map_or(&[][..], |used| &used.tokens);
    let is_idle = |token: &&TokenState| token.last_used.or(token.created).is_some_and(|last| last.0 < before);
    let idle: Vec<&TokenState> = tokens.iter().filter(is_idle).collect();
    let mut users: Vec<&str> = idle.iter().filter_map(|token| token.user.as_deref()).collect();
    users.sort_unstable();
    users.dedup();
    Some((idle.len(), listed(case.names_of(users))))
}

fn allow_list(case: &Case<'_>) -> Step {
    let new = |state, evidence: String| Step::new(Control::AllowList, state, evidence);
    let Applicability { applies, evidence, .. } = applicability(&case.app.callbacks);
    if case.is_jwt_only() == Some(true) {
        return new(State::Exempt, "It logs in by JWT bearer only, which never gives a refresh token.".to_owned());
    }
    match (case.has_refresh_tokens(), applies) {
        (Some(false), _) => return new(State::Exempt, format!("It has no refresh tokens. {evidence}")),
        (_, Some(false)) => return new(State::Exempt, evidence),
        (_, None) => return new(State::Unknown, evidence).then(RETRIEVE),
        (None, _) => {
            let evidence = format!("No file says whether it has refresh tokens. {evidence}");
            return new(State::Unknown, evidence).then(RETRIEVE);
        }
        (Some(true), Some(true)) => {}
    }
    match &case.app.token_ranges {
        Stated::Known(ranges) if !ranges.is_empty() => new(State::On, evidence),
        Stated::Known(_) => suggested(case, new(State::Waiting, evidence)),
        // Metadata of connected apps never says it.
        _ => suggested(case, new(State::Unknown, format!("{evidence} No file says whether it has one."))),
    }
}

/// The addresses to list, by what was seen.
fn suggested(case: &Case<'_>, step: Step) -> Step {
    let days = case.org.values.get("allow-list-size", "days");
    let most = u64::try_from(case.org.values.get("allow-list-size", "addresses")).unwrap_or(0);
    let mut seen: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for trace in case.recent(days).filter(|trace| trace.is_refresh()) {
        if let Some(address) = trace.ip() {
            *seen.entry(address).or_default() += trace.events;
        }
    }
    if seen.is_empty() {
        return step
            .then(format!("Ask the owner where refreshes come from: none is seen in the last {days} days."))
            .at("allow-list-applicability");
    }
    let list = suggest(&seen, most);
    let ranges: Vec<String> = list.ranges.iter().map(ToString::to_string).collect();
    let mut step = step
        .then(format!(
            "Have the owner confirm each address that refreshes came from in the last {days} days ({} in all): a \
             thief's would be listed, too.",
            seen.len()
        ))
        .then(format!("List {} ({} of at most {most} addresses).", ranges.join(", "), list.addresses));
    if list.uses_blocked > 0 {
        let (uses, addresses) = (list.uses_blocked, list.blocked.len());
        step = step.then(format!("Expect {uses} refreshes from {addresses} addresses to fail: they do not fit."));
    }
    step.at("allow-list-applicability")
}

fn rotation(case: &Case<'_>, integrations: &[Integration], told: &[String]) -> Step {
    let new = |state, evidence: &str| Step::new(Control::Rotation, state, evidence);
    match (&case.app.rotation, case.has_refresh_tokens()) {
        (Stated::Known(true), _) => return new(State::On, "Each refresh token works once."),
        (Stated::Known(false), Some(false)) => {
            return new(State::Ready, "It has no refresh tokens: there is nothing to rotate.").at("rotation-missing");
        }
        (Stated::Known(false), _) => {}
        (other, _) => return Step::unsaid(Control::Rotation, other),
    }
    let mut step = new(State::Waiting, "Whoever refreshes has to keep the new token of every answer.");
    let refreshing = integrations.iter().zip(told).filter(|(one, _)| one.refreshes > 0);
    for (integration, told) in refreshing {
        let last = integration.last_refresh.map_or(String::new(), |last| format!(", last on {}", last.date_text()));
        let refreshes = integration.refreshes;
        step = step.then(format!("Have it confirmed in writing for {told} ({refreshes} refreshes{last})."));
    }
    if step.actions.is_empty() {
        step = step.then("Ask the owner who refreshes, and have it confirmed in writing: no refresh is seen.");
    }
    step.then(
        "To confirm: the new refresh token of every answer is stored; invalid_grant leads to a new authorisation, not \
         to a loop; two workers never refresh with one token at once.",
    )
    .at("rotation-missing")
    .then("Afterwards run `tokentrail audit` on new logs: the check rotation-fallout names who was left behind.")
}
