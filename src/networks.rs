//! Who runs an address, of which kind that is, and in which country it is, from files that the user gives. The program
//! brings along no table of addresses.
//!
//! Files are tables of ranges without a header line, as the npm packages `@ip-location-db/asn` (start, end, number of the
//! autonomous system, organisation) and `@ip-location-db/geo-whois-asn-country` (start, end, country) have them, for IPv4
//! and IPv6 each; and TOML files that say which providers are of which class.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;

use crate::error::Error;

mod class;

pub(crate) use class::is_for_rent;

/// What is known of addresses.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    providers: Ranges,
    origins: Ranges,
    /// Read where there is any file.
    classes: Option<class::Classes>,
}

impl Networks {
    /// Reads files of either kind.
    ///
    /// # Errors
    /// If one cannot be read or is no such table, or if ranges overlap.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut networks = Self::default();
        for path in paths {
            let classes = match &mut networks.classes {
                Some(classes) => classes,
                none => none.insert(class::Classes::embedded()?),
            };
            if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
                classes.add(path)?;
            } else {
                networks.add(path)?;
            }
        }
        networks.providers.sort()?;
        networks.origins.sort()?;
        Ok(networks)
    }

    /// Whether nothing is known of any address.
    pub fn is_empty(&self) -> bool {
        !self.has_providers() && !self.has_origins()
    }

    /// Whether providers are known.
    pub fn has_providers(&self) -> bool {
        !self.providers.names.is_empty()
    }

    /// Whether countries are known.
    pub fn has_origins(&self) -> bool {
        !self.origins.names.is_empty()
    }

    /// Who runs an address: `AS64496 Example Hosting`.
    pub fn provider(&self, address: IpAddr) -> Option<&str> {
        self.providers.find(address)
    }

    /// Of which kind the one is who runs an address: `cloud`, `hosting`, `vpn`, or `other` if the name says nothing.
    pub fn class(&self, address: IpAddr) -> Option<&str> {
        Some(self.classes.as_ref()?.of(self.provider(address)?))
    }

    /// The code of the country that an address is in.
    pub fn origin(&self, address: IpAddr) -> Option<&str> {
        self.origins.find(address)
    }

    fn add(&mut self, path: &Path) -> Result<(), Error> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let file = std::fs::File::open(path).map_err(io)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
        let broken = |error: csv::Error| Error::Setting(format!("cannot read {}: {error}", path.display()));
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(broken)? {
            let line = record.position().map_or(0, csv::Position::line);
            let wrong = |what: &str| {
                let hint = "hint: lines are start,end,country or start,end,number,organisation, with addresses as \
                            192.0.2.0 or 2001:db8::";
                Error::Setting(format!("{}, line {line}: {what}\n\n{hint}", path.display()))
            };
            let address = |place: usize, name: &str| {
                let cell = record.get(place).unwrap_or_default().trim();
                cell.parse::<IpAddr>().map_err(|_| wrong(&format!("{name}: no address: {cell:?}")))
            };
            let range = (address(0, "start")?, address(1, "end")?);
            let cell = |place: usize| record.get(place).unwrap_or_default().trim();
            let (ranges, name) = match record.len() {
                3 => (&mut self.origins, cell(2).to_uppercase()),
                4 if cell(2).is_empty() => (&mut self.providers, String::new()),
                4 => (&mut self.providers, format!("AS{} {}", cell(2).trim_start_matches("AS"), cell(3))),
                count => return Err(wrong(&format!("it has {count} cells"))),
            };
            if !name.is_empty() && !ranges.add(range, name.trim_end()) {
                return Err(wrong("the range ends before it begins, or in the other kind of address"));
            }
        }
        Ok(())
    }
}

/// Ranges of addresses, each with a name.
#[derive(Clone, Debug, Default)]
struct Ranges {
    /// Start, end and name; sorted.
    v4: Vec<(u32, u32, u32)>,
    v6: Vec<(u128, u128, u32)>,
    names: Vec<String>,
    by_name: HashMap<String, u32, FixedState>,
}

impl Ranges {
    /// Takes a range in; false if it is none.
    fn add(&mut self, range: (IpAddr, IpAddr), name: &str) -> bool {
        let name = self.name(name);
        match range {
            (IpAddr::V4(start), IpAddr::V4(end)) if start <= end => self.v4.push((start.into(), end.into(), name)),
            (IpAddr::V6(start), IpAddr::V6(end)) if start <= end => self.v6.push((start.into(), end.into(), name)),
            _ => return false,
        }
        true
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), number);
        number
    }

    fn sort(&mut self) -> Result<(), Error> {
        self.by_name = HashMap::default();
        self.v4.sort_unstable();
        self.v4.dedup();
        self.v6.sort_unstable();
        self.v6.dedup();
        let overlap = |start: IpAddr| {
            let hint = "hint: give one table of providers and one of countries";
            Err(Error::Setting(format!("two tables of networks say different things about {start}\n\n{hint}")))
        };
        if let Some(pair) = self.v4.windows(2).find(|pair| pair[1].0 <= pair[0].1) {
            return overlap(IpAddr::V4(pair[1].0.into()));
        }
        match self.v6.windows(2).find(|pair| pair[1].0 <= pair[0].1) {
            Some(pair) => overlap(IpAddr::V6(pair[1].0.into())),
            None => Ok(()),
        }
    }

    fn find(&self, address: IpAddr) -> Option<&str> {
        let name = match address {
            IpAddr::V4(address) => find(&self.v4, address.into()),
            IpAddr::V6(address) => find(&self.v6, address.into()),
        };
        self.names.get(name? as usize).map(String::as_str)
    }
}

/// The name of the range that an address is in.
fn find<A: Copy + Ord>(ranges: &[(A, A, u32)], address: A) -> Option<u32> {
    let behind = ranges.partition_point(|(start, _, _)| *start <= address);
    let (_, end, name) = ranges[..behind].last()?;
    (address <= *end).then_some(*name)
}
