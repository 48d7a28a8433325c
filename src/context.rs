//! What is known of a value besides the exports: lists of indicators, tables of networks, the register of apps.

use std::net::IpAddr;

use crate::apps::App;
use crate::batch::Role;
use crate::history::kind_listed;
use crate::lists::Lists;
use crate::networks::Networks;
use crate::value::Time;

/// What may know something.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Lists of indicators and anonymisers.
    pub lists: &'a Lists,
    /// Who runs networks, and where.
    pub networks: &'a Networks,
    /// The app that is looked at, if the register has it: its networks are declared there.
    pub app: Option<&'a App>,
}

impl Context<'_> {
    /// What is known of a value of a role that was seen at a time, in a few words each.
    pub fn of(&self, role: Role, value: &str, seen: Time) -> Vec<String> {
        let Some(kind) = kind_listed(role) else { return Vec::new() };
        let mut notes: Vec<String> = self
            .lists
            .find(kind, value)
            .into_iter()
            .map(|entry| match entry.confidence_at(seen.0) {
                Some(confidence) => format!("listed: {} ({} {})", entry.name, confidence.word(), entry.class.word()),
                None => format!("listed for another time: {}", entry.name),
            })
            .collect();
        if let (Role::SourceIp, Ok(address)) = (role, value.parse::<IpAddr>()) {
            notes.extend(self.of_address(address));
        }
        notes.dedup();
        notes
    }

    fn of_address(&self, address: IpAddr) -> Vec<String> {
        let declared = self.app.and_then(|app| app.networks.as_ref());
        let outside = declared.is_some_and(|networks| !networks.iter().any(|network| network.contains(&address)));
        let runs = self.networks.provider(address).map(str::to_owned);
        let class = self.networks.class(address).map(|class| format!("{class} network"));
        let country = self.networks.origin(address).map(|country| format!("in {country}"));
        let outside = outside.then(|| "not in the networks that the register declares".to_owned());
        [outside, runs, class, country].into_iter().flatten().collect()
    }
}
