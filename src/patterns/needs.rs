//! What patterns need of the rows and the settings: roles, limits, and the tables that they look things up in.

use super::{
    Pattern, afterlife, alternation, beside, breakthrough, burst, creep, daily, debut, deviation, drift, first_seen,
    grant, harvest, holder, listed, look_alike, loosening, newcomer, rare_hour, rejection, reported, revival, rush,
    sequence, skew, spread, standing, sweep, travel, unlogged, unmatched, wave,
};
use crate::apps::Register;
use crate::batch::{Role, Table};

/// What is kept of rows, whatever is judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The values that subjects showed.
    Values { of: Role, within: Option<Role>, sum: Option<Role> },
    /// Sums by day.
    Days { sum: Role },
    /// The newest that is known of things.
    Ages { used: Role, created: Role },
}

impl Pattern {
    /// The limits that a detector with this pattern must name.
    pub fn limits(self) -> &'static [&'static str] {
        match self {
            Self::FirstSeen { .. } | Self::FirstSeenAmong { .. } => first_seen::LIMITS,
            Self::Spread { .. } => spread::LIMITS,
            Self::Deviation { .. } => deviation::LIMITS,
            Self::Creep { .. } => creep::LIMITS,
            Self::Revival => revival::LIMITS,
            Self::Sequence { .. } => sequence::LIMITS,
            Self::Burst => burst::LIMITS,
            Self::Harvest { .. } => harvest::LIMITS,
            Self::Rush => rush::LIMITS,
            Self::Sweep { .. } => sweep::LIMITS,
            Self::Skew { .. } => skew::LIMITS,
            Self::Drift { .. } => drift::LIMITS,
            Self::Age { of, .. } => of.limits(),
            Self::Grant { .. } => grant::LIMITS,
            Self::Rejection => rejection::LIMITS,
            Self::Listed { .. } => listed::LIMITS,
            Self::Alternation { .. } => alternation::LIMITS,
            Self::Beside { .. } => beside::LIMITS,
            Self::Unmatched { .. } => unmatched::LIMITS,
            Self::Travel => travel::LIMITS,
            Self::Reported { .. } => reported::LIMITS,
            Self::Debut { .. } => debut::LIMITS,
            Self::Breakthrough { .. } => breakthrough::LIMITS,
            Self::LookAlike { .. } => look_alike::LIMITS,
            Self::RareHour => rare_hour::LIMITS,
            Self::Wave { .. } => wave::LIMITS,
            Self::Holder { .. } => holder::LIMITS,
            Self::Afterlife { .. } => afterlife::LIMITS,
            Self::Loosening { .. } => loosening::LIMITS,
            Self::Unlogged { .. } => unlogged::LIMITS,
            Self::Newcomer { .. } => newcomer::LIMITS,
        }
    }

    /// The roles of the values that it remembers from run to run, and of the coarser ones that those lie in.
    pub(crate) fn remembered(self) -> (Option<Role>, Option<Role>) {
        match self {
            Self::FirstSeen { of, within, .. } => (Some(of), within),
            Self::FirstSeenAmong { of, .. } | Self::Alternation { of } | Self::Beside { of, .. } => (Some(of), None),
            Self::Grant { question } => (Some(question.of()), None),
            Self::Debut { .. } | Self::LookAlike { .. } => (Some(Role::Log), None),
            _ => (None, None),
        }
    }

    /// What it keeps of rows, where other patterns keep the same and differ only in how they judge.
    pub(crate) fn keeps(self) -> Option<Kept> {
        match self {
            Self::FirstSeen { of, within, sum } => Some(Kept::Values { of, within, sum }),
            Self::FirstSeenAmong { of, sum, .. } => Some(Kept::Values { of, within: None, sum }),
            Self::Deviation { sum } | Self::Creep { sum } => Some(Kept::Days { sum }),
            Self::Age { used, created, .. } => Some(Kept::Ages { used, created }),
            _ => None,
        }
    }

    /// Whether this register makes it silent, whatever rows come.
    pub(crate) fn is_moot(self, register: &Register) -> bool {
        matches!(self, Self::Grant { question } if question.is_moot(register))
    }

    /// A table that it looks things up in, whose rows are nobody's.
    pub(crate) fn looks_up_in(self) -> Option<Table> {
        matches!(self, Self::Travel).then_some(Table::Places)
    }

    /// The roles that it reads, besides those of the subject.
    pub fn roles(self) -> Vec<Role> {
        match self {
            Self::FirstSeen { of, within, sum } => [Some(of), within, sum].into_iter().flatten().collect(),
            Self::FirstSeenAmong { of, sum, .. } => [Some(of), sum].into_iter().flatten().collect(),
            Self::Spread { of }
            | Self::Sweep { of }
            | Self::Listed { of, .. }
            | Self::Alternation { of }
            | Self::Breakthrough { of, .. } => vec![of],
            Self::Unmatched { by, .. } => by.to_vec(),
            Self::Travel => travel::ROLES.to_vec(),
            Self::Harvest { sum } => vec![sum, Role::Log],
            Self::Rush => vec![Role::Log],
            Self::Burst | Self::RareHour => Vec::new(),
            Self::LookAlike { created, name, .. } => created.into_iter().chain([name, Role::Log]).collect(),
            Self::Wave { by, outcome, .. } => vec![by, outcome],
            Self::Deviation { sum } | Self::Creep { sum } => daily::Daily::roles(Some(sum)),
            Self::Beside { of, sum } => daily::Daily::roles(Some(sum)).into_iter().chain([of]).collect(),
            Self::Sequence { first, then, same, tell } => {
                first.roles().into_iter().chain(then.roles()).chain([same, tell]).collect()
            }
            Self::Revival => daily::Daily::roles(None),
            Self::Skew { from, to } | Self::Drift { from, to } => vec![from, to],
            Self::Age { used, created, .. } => vec![used, created, Role::UseCount, Role::User, Role::App],
            Self::Grant { question } => vec![question.of()],
            Self::Rejection => rejection::ROLES.to_vec(),
            Self::Debut { created } => created.into_iter().chain([Role::Log]).collect(),
            Self::Reported { .. } => reported::ROLES.to_vec(),
            Self::Holder { held, says, .. } => standing::roles(says).chain([held, Role::App]).collect(),
            Self::Afterlife { says, .. } => standing::roles(says).chain([Role::App]).collect(),
            Self::Loosening { .. } => loosening::ROLES.to_vec(),
            Self::Unlogged { used, .. } => vec![used, Role::UseCount],
            Self::Newcomer { of, name } => vec![of, name],
        }
    }
}
