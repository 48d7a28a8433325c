//! Whether Salesforce lets somebody in through an app, as its own table has it: IP relaxation of the app, continuous IP
//! enforcement, flow, and where the address is. A pure function, and never a guess.
//!
//! What is not known and matters makes the verdict unknown, and is named; what is not known and does not matter in that
//! row leaves the verdict as it is: the verdict is the one of every completion of what is known.
//!
//! Source: Salesforce Help, Connected App IP Relaxation and Continuous IP Enforcement. Row 1 is its note on bearer flows,
//! row 2 its note on profiles, row 10 its sentence on SAML; rows 3 to 9 are its four settings taken apart.

mod effective;
mod rows;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub use effective::{Login, effective, inputs, place};
pub use rows::{ROWS, Row};
pub use words::{RELAXATIONS, label};

use crate::configuration::IpRelaxation;
use rows::{Decision, Known};

/// How an app comes to its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Web server: the code flow.
    WebServer,
    /// User-agent: the token stands in the redirect.
    UserAgent,
    /// JWT bearer token.
    JwtBearer,
    /// SAML bearer assertion.
    SamlBearer,
    /// Device.
    Device,
    /// Client credentials.
    ClientCredentials,
    /// Username and password.
    UsernamePassword,
    /// Token exchange.
    TokenExchange,
    /// Single sign-on by SAML alone, without OAuth.
    SamlSso,
    /// One of OAuth's flows, not known which; at a refresh, one that gives refresh tokens.
    Unknown,
}

/// When it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// At the login that gives the first token.
    InitialLogin,
    /// With a refresh token.
    Refresh,
}

/// Where an address is, seen from a list of ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// There are no ranges to be in.
    NoRanges,
    /// In one of them.
    Inside,
    /// In none of them.
    Outside,
    /// Not known: the address, or the ranges.
    Unknown,
}

/// What a verdict depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The app's setting.
    pub relaxation: Option<IpRelaxation>,
    /// The flow by which the app was let in, also where it refreshes now.
    pub flow: Flow,
    /// Login or refresh.
    pub phase: Option<Phase>,
    /// The address and the login ranges of the user's profile.
    pub profile: Place,
    /// The address and the app's own trusted ranges for the web server flow.
    pub app: Place,
    /// Whether the user verified the identity when coming from a new browser or device.
    pub identity_verified: Option<bool>,
    /// Whether login ranges are enforced on every request.
    pub continuous: Option<bool>,
}

/// One of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// [`Inputs::relaxation`].
    Relaxation,
    /// [`Inputs::flow`].
    Flow,
    /// [`Inputs::phase`].
    Phase,
    /// [`Inputs::profile`].
    ProfileRanges,
    /// [`Inputs::app`].
    AppRanges,
    /// [`Inputs::identity_verified`].
    IdentityVerified,
    /// [`Inputs::continuous`].
    Continuous,
}

/// Whether somebody gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// The table does not say, or not from what is known.
    Unknown(Reason),
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// These inputs matter here and are not known.
    NotKnown(Vec<Input>),
    /// The table does not speak of it.
    NotInTable,
}

/// Whether a user who was let in can change the password, register a verification method and open pages of a login flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restrictions {
    /// The table restricts nothing.
    No,
    /// None of the three.
    Apply,
    /// The table does not say, or not from what is known.
    Unknown,
}

/// A verdict, and the rows of the table that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether somebody gets in.
    pub verdict: Verdict,
    /// The row that decided; several where it is not known which, and all say the same or the verdict is unknown.
    pub rows: Vec<&'static Row>,
    /// What somebody who gets in cannot do.
    pub restrictions: Restrictions,
}

/// The verdict for what is known.
pub fn decide(inputs: Inputs) -> Outcome {
    let completions: Vec<(Known, Decision)> = inputs.completions().map(|known| (known, known.decide())).collect();
    let verdicts: BTreeSet<Option<bool>> = completions.iter().map(|(_, decision)| decision.allows).collect();
    let verdict = match verdicts.into_iter().collect::<Vec<_>>().as_slice() {
        [Some(true)] => Verdict::Allow,
        [Some(false)] => Verdict::Deny,
        [_] => Verdict::Unknown(Reason::NotInTable),
        _ => Verdict::Unknown(Reason::NotKnown(what_matters(inputs, &completions))),
    };
    let rows: BTreeSet<usize> = completions.iter().map(|(_, decision)| decision.row).collect();
    let let_in = completions.iter().filter(|(_, decision)| decision.allows != Some(false));
    let mut restrictions = let_in.map(|(_, decision)| decision.restrictions);
    let first = restrictions.next().unwrap_or(Restrictions::No);
    Outcome {
        verdict,
        rows: rows.into_iter().filter_map(|row| ROWS.get(row - 1)).collect(),
        restrictions: if restrictions.all(|other| other == first) { first } else { Restrictions::Unknown },
    }
}

/// The unknown inputs of which two values, all else being equal, give different verdicts.
fn what_matters(inputs: Inputs, completions: &[(Known, Decision)]) -> Vec<Input> {
    let unknown = Input::ALL.into_iter().filter(|input| !inputs.knows(*input));
    unknown
        .filter(|input| {
            let mut by_others = BTreeMap::new();
            completions.iter().any(|(known, decision)| {
                let first = *by_others.entry(known.but(*input)).or_insert(decision.allows);
                first != decision.allows
            })
        })
        .collect()
}

/// What another value of one input would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which one.
    pub input: Input,
    /// Its values, in words.
    pub to: Vec<&'static str>,
    /// The verdict with any of them.
    pub verdict: Verdict,
}

/// Each single input whose other values give another definite verdict.
pub fn changes(inputs: Inputs) -> Vec<Change> {
    let now = decide(inputs).verdict;
    let mut changes: Vec<Change> = Vec::new();
    for input in Input::ALL {
        for (other, to) in inputs.with_each(input) {
            let verdict = decide(other).verdict;
            if verdict == now || matches!(verdict, Verdict::Unknown(_)) {
                continue;
            }
            match changes.iter_mut().find(|change| change.input == input && change.verdict == verdict) {
                Some(change) => change.to.push(to),
                None => changes.push(Change { input, to: vec![to], verdict }),
            }
        }
    }
    changes
}

impl Inputs {
    /// All that is not known, but for the flow being one of OAuth's.
    pub const UNKNOWN: Self = Self {
        relaxation: None,
        flow: Flow::Unknown,
        phase: None,
        profile: Place::Unknown,
        app: Place::Unknown,
        identity_verified: None,
        continuous: None,
    };

    /// Whether an input is known.
    pub fn knows(self, input: Input) -> bool {
        match input {
            Input::Relaxation => self.relaxation.is_some(),
            Input::Flow => self.flow != Flow::Unknown,
            Input::Phase => self.phase.is_some(),
            Input::ProfileRanges => self.profile != Place::Unknown,
            Input::AppRanges => self.app != Place::Unknown,
            Input::IdentityVerified => self.identity_verified.is_some(),
            Input::Continuous => self.continuous.is_some(),
        }
    }

    /// The same with every definite value of one input, in words.
    pub fn with_each(self, input: Input) -> Vec<(Self, &'static str)> {
        let yes_or_no = |value: bool| if value { "yes" } else { "no" };
        match input {
            Input::Relaxation => {
                RELAXATIONS.map(|value| (Self { relaxation: Some(value), ..self }, label(value))).to_vec()
            }
            Input::Flow => Flow::KNOWN.map(|value| (Self { flow: value, ..self }, value.words())).to_vec(),
            Input::Phase => Phase::ALL.map(|value| (Self { phase: Some(value), ..self }, value.words())).to_vec(),
            Input::ProfileRanges => Place::KNOWN.map(|value| (Self { profile: value, ..self }, value.words())).to_vec(),
            Input::AppRanges => Place::KNOWN.map(|value| (Self { app: value, ..self }, value.words())).to_vec(),
            Input::IdentityVerified => {
                [true, false].map(|value| (Self { identity_verified: Some(value), ..self }, yes_or_no(value))).to_vec()
            }
            Input::Continuous => {
                [true, false].map(|value| (Self { continuous: Some(value), ..self }, yes_or_no(value))).to_vec()
            }
        }
    }

    /// All that may be the case.
    fn completions(self) -> impl Iterator<Item = Known> {
        let mut completions = vec![self];
        for input in Input::ALL.into_iter().filter(|input| !self.knows(*input)) {
            completions =
                completions.iter().flat_map(|inputs| inputs.with_each(input)).map(|(inputs, _)| inputs).collect();
        }
        let is_possible = move |inputs: &Self| self.knows(Input::Flow) || inputs.is_possible_for_an_unknown_flow();
        completions.into_iter().filter(is_possible).filter_map(Known::new)
    }

    /// A flow that is not known is one of OAuth's. At a refresh it is one that gives refresh tokens, and bearer flows do not:
    /// Salesforce Help, OAuth 2.0 Refresh Token Flow for Renewed Sessions, has them from web server and user-agent flows.
    fn is_possible_for_an_unknown_flow(self) -> bool {
        match self.flow {
            Flow::SamlSso => false,
            Flow::JwtBearer | Flow::SamlBearer => self.phase != Some(Phase::Refresh),
            _ => true,
        }
    }
}
