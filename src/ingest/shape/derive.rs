//! Roles that no export has, made from those that it has, once for each distinct value.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::Demand;
use super::named::Named;
use crate::batch::{Batch, Column, NO_ID, Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::value::{Address, Time, client, codes, endpoint, probe, refusal};

/// What is already known of values met before, by their ids.
#[derive(Debug)]
pub(super) struct Derived {
    /// The network of every address, by the address's id; as far as they were asked for.
    networks: Vec<Option<u32>>,
    uses: HashMap<(u32, u32), u32, FixedState>,
    /// What a request to an endpoint does, by the endpoint's id.
    operations: HashMap<u32, u32, FixedState>,
    /// Roles that are another role's values under a coarser name.
    named: [Named; 3],
}

impl Default for Derived {
    fn default() -> Self {
        let named = [
            Named::new(Role::Client, Role::ClientFamily, client::family),
            Named::new(Role::Endpoint, Role::Resource, endpoint::resource),
            // Queries that find something out have been told already.
            Named::new(Role::Endpoint, Role::Probe, |endpoint| probe::of_endpoint(endpoint).map(Cow::Owned)),
        ];
        Self { networks: Vec::new(), uses: HashMap::default(), operations: HashMap::default(), named }
    }
}

/// The roles that a derived role is made from.
pub(super) fn sources(role: Role) -> &'static [Role] {
    match role {
        Role::Network | Role::Provider | Role::Origin | Role::NetworkClass => &[Role::SourceIp],
        Role::Use => &[Role::ApiFamily, Role::Operation, Role::Endpoint, Role::LoginSubtype, Role::LoginType],
        Role::Operation | Role::Probe | Role::Resource => &[Role::Endpoint],
        Role::ClientFamily => &[Role::Client],
        Role::Refusal => &[Role::StatusCode],
        Role::App => &[Role::Change],
        Role::Claims => &[Role::Issuer, Role::Principal, Role::IssuedAt],
        Role::Time => &[Role::LastUsed, Role::Created],
        _ => &[],
    }
}

impl Derived {
    /// Fills the derived columns that somebody reads.
    pub(super) fn derive(&mut self, batch: &mut Batch, demand: &Demand, dictionary: &mut Dictionary) {
        if demand.has(batch.table, Role::Log) && matches!(batch.column(Role::Log), Column::Absent) {
            let log = dictionary.id(Domain::Text, &batch.event_type);
            *batch.column_mut(Role::Log) = Column::Ids(vec![log; batch.rows()]);
        }
        if demand.has(batch.table, Role::Network) {
            let networks = (0..batch.rows()).map(|row| self.network(batch.id(Role::SourceIp, row), dictionary));
            *batch.column_mut(Role::Network) = Column::Ids(networks.collect());
        }
        if demand.has(batch.table, Role::Operation) && batch.table == Table::Calls {
            self.name_operations(batch, dictionary);
        }
        if demand.has(batch.table, Role::Refusal) && !matches!(batch.column(Role::StatusCode), Column::Absent) {
            name_refusals(batch, dictionary);
        }
        if demand.has(batch.table, Role::Use) && matches!(batch.table, Table::Calls | Table::Logins) {
            let uses = (0..batch.rows()).map(|row| self.used(batch, row, dictionary));
            *batch.column_mut(Role::Use) = Column::Ids(uses.collect());
        }
        if demand.has(batch.table, Role::Claims) && batch.table == Table::Assertions {
            let claims = (0..batch.rows()).map(|row| claims(batch, row, dictionary));
            *batch.column_mut(Role::Claims) = Column::Ids(claims.collect());
        }
        let table = batch.table;
        for named in self.named.iter_mut().filter(|named| demand.has(table, named.to)) {
            named.fill(batch, dictionary);
        }
    }

    fn network(&mut self, address: u32, dictionary: &mut Dictionary) -> u32 {
        if address == NO_ID {
            return NO_ID;
        }
        let place = address as usize;
        if self.networks.len() <= place {
            self.networks.resize(dictionary.count(Domain::Address), None);
        }
        *self.networks[place].get_or_insert_with(|| {
            let network = Address::parse(dictionary.text(Domain::Address, address)).map(Address::network);
            network.map_or(NO_ID, |network| dictionary.id(Domain::Text, &network.to_string()))
        })
    }

    /// Where no column says what a call did, the resource that it went to does.
    fn name_operations(&mut self, batch: &mut Batch, dictionary: &mut Dictionary) {
        if matches!(batch.column(Role::Endpoint), Column::Absent) {
            return;
        }
        for row in 0..batch.rows() {
            let endpoint = batch.id(Role::Endpoint, row);
            if endpoint == NO_ID || batch.id(Role::Operation, row) != NO_ID {
                continue;
            }
            let operation = *self.operations.entry(endpoint).or_insert_with(|| {
                let operation = endpoint::operation(dictionary.text(Domain::Text, endpoint)).map(Cow::into_owned);
                let spelled = operation.as_deref().and_then(|operation| codes::spelled(Role::Operation, operation));
                spelled.map_or(NO_ID, |operation| dictionary.id(Domain::Text, operation))
            });
            batch.set_id_if_absent(Role::Operation, row, operation);
        }
    }

    /// A call shows an API family and an operation (`REST Query`), a login the flow that it came by (`login: …`).
    fn used(&mut self, batch: &Batch, row: usize, dictionary: &mut Dictionary) -> u32 {
        let key = match batch.table {
            Table::Calls => (batch.id(Role::ApiFamily, row), batch.id(Role::Operation, row)),
            _ => (NO_ID - 1, some_or(batch.id(Role::LoginSubtype, row), batch.id(Role::LoginType, row))),
        };
        *self.uses.entry(key).or_insert_with(|| {
            let second = dictionary.text(Domain::Text, key.1);
            let text = match key {
                (_, NO_ID) if key.0 >= NO_ID - 1 => return NO_ID,
                (family, _) if family == NO_ID - 1 => format!("login: {second}"),
                (family, _) => format!("{} {second}", dictionary.text(Domain::Text, family)).trim().to_owned(),
            };
            dictionary.id(Domain::Text, &text)
        })
    }
}

/// Where no message says why a call was refused, its HTTP status does in part.
fn name_refusals(batch: &mut Batch, dictionary: &mut Dictionary) {
    for row in 0..batch.rows() {
        let status = batch.number(Role::StatusCode, row).filter(|_| batch.id(Role::Refusal, row) == NO_ID);
        if let Some(refusal) = status.and_then(refusal::of_status) {
            let id = dictionary.id(Domain::Text, refusal);
            batch.set_id_if_absent(Role::Refusal, row, id);
        }
    }
}

/// What two copies of an assertion share, whatever they call themselves.
fn claims(batch: &Batch, row: usize, dictionary: &mut Dictionary) -> u32 {
    let Some(issued_at) = batch.number(Role::IssuedAt, row) else { return NO_ID };
    let part = |role: Role| dictionary.text(role.domain(), batch.id(role, row));
    let text = format!("{} for {} at {}", part(Role::Issuer), part(Role::Principal), Time(issued_at));
    dictionary.id(Domain::Token, &text)
}

fn some_or(id: u32, other: u32) -> u32 {
    if id == NO_ID { other } else { id }
}
