//! Who runs the network of an address and in which country it is, once for each distinct address, where a table of the
//! user's tells that.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::Demand;
use crate::batch::{Batch, Column, NO_ID, Role};
use crate::dictionary::{Dictionary, Domain};
use crate::networks::Networks;
use crate::value::Address;

/// What is known of addresses met before, by their ids.
#[derive(Debug, Default)]
pub(super) struct Located {
    pub(super) networks: Arc<Networks>,
    providers: Vec<Option<u32>>,
    origins: Vec<Option<u32>>,
    classes: Vec<Option<u32>>,
}

impl Located {
    /// Fills the columns that somebody reads.
    pub(super) fn derive(&mut self, batch: &mut Batch, demand: &Demand, dictionary: &mut Dictionary) {
        let Self { networks, providers, origins, classes } = self;
        if networks.has_providers() && demand.has(batch.table, Role::Provider) {
            fill(Role::Provider, providers, batch, dictionary, |address| networks.provider(address));
        }
        if networks.has_providers() && demand.has(batch.table, Role::NetworkClass) {
            fill(Role::NetworkClass, classes, batch, dictionary, |address| networks.class(address));
        }
        if networks.has_origins() && demand.has(batch.table, Role::Origin) {
            fill(Role::Origin, origins, batch, dictionary, |address| networks.origin(address));
        }
    }
}

/// All addresses of a network have what its first one has, so that the coarser value of a network is one.
fn fill<'n>(
    role: Role,
    known: &mut Vec<Option<u32>>,
    batch: &mut Batch,
    dictionary: &mut Dictionary,
    find: impl Fn(IpAddr) -> Option<&'n str>,
) {
    known.resize(dictionary.count(Domain::Address).max(known.len()), None);
    let ids = (0..batch.rows()).map(|row| {
        let address = batch.id(Role::SourceIp, row);
        if address == NO_ID {
            return NO_ID;
        }
        *known[address as usize].get_or_insert_with(|| {
            let network = Address::parse(dictionary.text(Domain::Address, address)).map(Address::network);
            let text = network.ok().and_then(|network| find(IpNet::network(&network)));
            text.map_or(NO_ID, |text| dictionary.id(role.domain(), text))
        })
    });
    let ids = ids.collect();
    *batch.column_mut(role) = Column::Ids(ids);
}
