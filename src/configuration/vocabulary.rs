//! The words of three vocabularies, and of the documents' own, as one: labels of Setup, metadata of connected apps,
//! metadata of external client apps.
//!
//! Words meet without case, blanks and punctuation ([`match_key`]). Sources: Metadata API Developer Guide,
//! `ConnectedApp` (`oauthPolicy`, `sessionPolicy`) and `ExtlClntAppOauthConfigurablePolicies`; Salesforce Help,
//! Connected App IP Relaxation and Continuous IP Enforcement.

use crate::schema::match_key;

/// What files say of something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stated<T> {
    /// A file says it, in words that are known.
    Known(T),
    /// A file says it, in words that no source knows: never guessed.
    Unknown(String),
    /// No file at hand says it.
    #[default]
    Unsaid,
}

impl<T> Stated<T> {
    /// What is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The same of something else: what is known is turned into it.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Stated<U> {
        match self {
            Self::Known(value) => Stated::Known(into(value)),
            Self::Unknown(text) => Stated::Unknown(text),
            Self::Unsaid => Stated::Unsaid,
        }
    }

    /// Whether exactly this is known.
    pub fn is(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.known() == Some(value)
    }
}

/// Whether the users of an app may come from anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpRelaxation {
    /// Enforce IP restrictions.
    Enforce,
    /// Enforce IP restrictions, but relax for refresh tokens.
    EnforceRelaxRefresh,
    /// Relax IP restrictions for activated devices; once "with second factor".
    RelaxActivatedDevices,
    /// Relax IP restrictions.
    Relax,
}

/// Who may use an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PermittedUsers {
    /// All users may self-authorize.
    SelfAuthorized,
    /// Admin approved users are pre-authorized.
    AdminApproved,
}

/// How long refresh tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefreshPolicy {
    /// Valid until revoked.
    UntilRevoked,
    /// Expires at once: there is none.
    None,
    /// Expires so long after it was issued.
    Lifetime(u32, LifetimeUnit),
    /// Expires if it is not used for so long.
    Inactivity(u32, LifetimeUnit),
}

/// What lifetimes are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifetimeUnit {
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Months, held to have 30 days.
    Months,
}

/// How sure Salesforce is of who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionLevel {
    /// The least.
    Low,
    /// By a password.
    Standard,
    /// By a second factor.
    HighAssurance,
}

/// What happens to sessions below the level that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyAction {
    /// They are refused.
    Block,
    /// They are asked to become more: "switch to high assurance".
    RaiseSessionLevel,
    /// They are asked for a second factor.
    StepUp,
}

impl IpRelaxation {
    /// The relaxation that a word of any vocabulary means.
    pub fn parse(word: &str) -> Stated<Self> {
        of_table(
            word,
            &[
                (Self::Enforce, &["enforce", "enforceiprestrictions", "enforceipranges"]),
                (
                    Self::EnforceRelaxRefresh,
                    &["enforcerelaxrefresh", "enforceiprestrictionsbutrelaxforrefreshtokens", "relaxforrefreshtokens"],
                ),
                (
                    Self::RelaxActivatedDevices,
                    &[
                        "bypass2factor",
                        "relaxiprestrictionsforactivateddevices",
                        "relaxiprestrictionswithsecondfactor",
                        "relaxiprestrictionsenforce2fa",
                        "relaxiprangeswithsecondfactor",
                    ],
                ),
                (Self::Relax, &["bypass", "relax", "relaxiprestrictions", "relaxipranges"]),
            ],
        )
    }
}

impl PermittedUsers {
    /// The users that a word of any vocabulary means.
    pub fn parse(word: &str) -> Stated<Self> {
        of_table(
            word,
            &[
                (Self::SelfAuthorized, &["allselfauthorized", "allusersmayselfauthorize", "allusersmayselfauthorise"]),
                (
                    Self::AdminApproved,
                    &[
                        "adminapprovedpreauthorized",
                        "adminapproveduserspreauthorized",
                        "adminapproveduserspreauthorised",
                        "adminapprovedusersarepreauthorized",
                        "adminapprovedusersarepreauthorised",
                    ],
                ),
            ],
        )
    }
}

impl RefreshPolicy {
    /// The policy that one text says: `infinite`, `specific_lifetime:3:HOURS`, or a label of Setup.
    pub fn parse(word: &str) -> Stated<Self> {
        let parts: Vec<&str> = word.split(':').collect();
        match parts[..] {
            [kind, period, unit] => Self::of_parts(kind, Some(period), Some(unit)),
            _ => Self::of_parts(word, None, None),
        }
    }

    /// The policy that a kind, a period and its unit say together. A kind that needs a period is not known without one.
    pub fn of_parts(kind: &str, period: Option<&str>, unit: Option<&str>) -> Stated<Self> {
        let said = || [Some(kind), period, unit].into_iter().flatten().map(str::trim).collect::<Vec<_>>().join(":");
        let policy = of_table(kind, &KINDS_OF_REFRESH);
        let Stated::Known(policy) = policy else { return Stated::Unknown(said()) };
        let period = period.and_then(|period| period.trim().parse().ok()).filter(|period| *period > 0);
        let unit = unit.and_then(|unit| LifetimeUnit::parse(unit).known().copied());
        match (policy, period, unit) {
            (Self::Lifetime(..), Some(period), Some(unit)) => Stated::Known(Self::Lifetime(period, unit)),
            (Self::Inactivity(..), Some(period), Some(unit)) => Stated::Known(Self::Inactivity(period, unit)),
            (Self::Lifetime(..) | Self::Inactivity(..), ..) => Stated::Unknown(said()),
            (policy, ..) => Stated::Known(policy),
        }
    }
}

/// Kinds of policies; those with a period have none yet.
const KINDS_OF_REFRESH: [(RefreshPolicy, &[&str]); 4] = [
    (RefreshPolicy::UntilRevoked, &["infinite", "validuntilrevoked", "refreshtokenisvaliduntilrevoked"]),
    (RefreshPolicy::None, &["zero", "immediatelyexpire", "immediatelyexpirerefreshtoken"]),
    (RefreshPolicy::Lifetime(0, LifetimeUnit::Hours), &["specificlifetime", "expirerefreshtokenafter"]),
    (RefreshPolicy::Inactivity(0, LifetimeUnit::Hours), &["specificinactivity", "expirerefreshtokenifnotusedfor"]),
];

impl LifetimeUnit {
    /// The unit that a word means.
    pub fn parse(word: &str) -> Stated<Self> {
        of_table(
            word,
            &[(Self::Hours, &["hours", "hour"]), (Self::Days, &["days", "day"]), (Self::Months, &["months", "month"])],
        )
    }

    /// How many hours it has.
    pub fn hours(self) -> u32 {
        match self {
            Self::Hours => 1,
            Self::Days => 24,
            Self::Months => 30 * 24,
        }
    }
}

impl SessionLevel {
    /// The level that a word means.
    pub fn parse(word: &str) -> Stated<Self> {
        of_table(
            word,
            &[(Self::Low, &["low"]), (Self::Standard, &["standard"]), (Self::HighAssurance, &["highassurance"])],
        )
    }
}

impl PolicyAction {
    /// The action that a word of any vocabulary means.
    pub fn parse(word: &str) -> Stated<Self> {
        of_table(
            word,
            &[
                (Self::Block, &["block", "blocked"]),
                (
                    Self::RaiseSessionLevel,
                    &["raisesessionlevel", "switch", "switchtohighassurance", "raisesessionleveltohighassurance"],
                ),
                (Self::StepUp, &["stepupmfa"]),
            ],
        )
    }
}

/// The value whose words a word is one of.
fn of_table<T: Copy>(word: &str, table: &[(T, &[&str])]) -> Stated<T> {
    let key = match_key(word);
    let found = table.iter().find(|(_, words)| words.contains(&key.as_str()));
    found.map_or_else(|| Stated::Unknown(word.trim().to_owned()), |(value, _)| Stated::Known(*value))
}
