//! The rows of the table, in words and as a decision.

use super::{Flow, Input, Inputs, Phase, Place, Restrictions};
use crate::configuration::IpRelaxation;

/// A row, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub number: usize,
    /// The app's setting, by its label in Setup.
    pub relaxation: &'static str,
    /// When it holds.
    pub when: &'static str,
    /// Whether somebody gets in.
    pub result: &'static str,
    /// What is added where continuous IP enforcement is on.
    pub continuous: &'static str,
    /// Where the document says so.
    pub source: &'static str,
}

/// What users cannot do where restrictions apply.
pub(super) const THREE: &str =
    "not possible: changing the password, registering a verification method, pages of a login flow";

/// The table. Rows 2, 10 and 1 are looked at in this order: without ranges there is nothing to enforce for any flow, and
/// SAML and bearer flows do not ask for the app's setting. Of the others, one fits.
pub static ROWS: [Row; 10] = [
    Row {
        number: 1,
        relaxation: "any",
        when: "JWT bearer or SAML bearer flow, and the profile has ranges",
        result: "let in only from the profile's ranges",
        continuous: "nothing",
        source: "note: SAML bearer assertion and JWT bearer token flows always enforce",
    },
    Row {
        number: 2,
        relaxation: "any",
        when: "the profile has no ranges",
        result: "let in: there is nothing to enforce",
        continuous: "the document does not say",
        source: "note: enforced only when ranges are configured on a user's profile",
    },
    Row {
        number: 3,
        relaxation: "Enforce IP restrictions",
        when: "at any time",
        result: "let in only from the profile's ranges",
        continuous: "nothing",
        source: "Enforce IP restrictions",
    },
    Row {
        number: 4,
        relaxation: "Enforce IP restrictions, but relax for refresh tokens",
        when: "initial login",
        result: "let in only from the profile's ranges",
        continuous: THREE,
        source: "Enforce IP restrictions, but relax for refresh tokens",
    },
    Row {
        number: 5,
        relaxation: "Enforce IP restrictions, but relax for refresh tokens",
        when: "refresh",
        result: "let in from anywhere",
        continuous: THREE,
        source: "Enforce IP restrictions, but relax for refresh tokens",
    },
    Row {
        number: 6,
        relaxation: "Relax IP restrictions for activated devices",
        when: "web server flow, and the app has ranges of its own",
        result: "let in only from the app's ranges",
        continuous: THREE,
        source: "Relax IP restrictions for activated devices, first condition",
    },
    Row {
        number: 7,
        relaxation: "Relax IP restrictions for activated devices",
        when: "web server or user-agent flow, the app has no ranges of its own, and the user verified the identity",
        result: "let in from anywhere",
        continuous: THREE,
        source: "Relax IP restrictions for activated devices, second condition",
    },
    Row {
        number: 8,
        relaxation: "Relax IP restrictions for activated devices",
        when: "otherwise",
        result: "let in only from the profile's ranges",
        continuous: "nothing",
        source: "Relax IP restrictions for activated devices, neither condition",
    },
    Row {
        number: 9,
        relaxation: "Relax IP restrictions",
        when: "at any time",
        result: "let in from anywhere",
        continuous: THREE,
        source: "Relax IP restrictions",
    },
    Row {
        number: 10,
        relaxation: "any",
        when: "single sign-on by SAML without OAuth",
        result: "the table does not decide: such apps are not affected by it",
        continuous: "nothing",
        source: "SAML-enabled connected apps are not affected, unless they are also OAuth-enabled",
    },
];

/// Inputs of which none is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    relaxation: IpRelaxation,
    flow: Flow,
    phase: Phase,
    profile: Place,
    app: Place,
    identity_verified: bool,
    continuous: bool,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// The row's number.
    pub(super) row: usize,
    /// Nothing where the table does not decide.
    pub(super) allows: Option<bool>,
    pub(super) restrictions: Restrictions,
}

impl Known {
    /// Nothing if something is unknown.
    pub(super) fn new(inputs: Inputs) -> Option<Self> {
        Input::ALL.into_iter().all(|input| inputs.knows(input)).then_some(())?;
        Some(Self {
            relaxation: inputs.relaxation?,
            flow: inputs.flow,
            phase: inputs.phase?,
            profile: inputs.profile,
            app: inputs.app,
            identity_verified: inputs.identity_verified?,
            continuous: inputs.continuous?,
        })
    }

    /// The same but for one input, which is made the same for all.
    pub(super) fn but(self, input: Input) -> Self {
        match input {
            Input::Relaxation => Self { relaxation: IpRelaxation::Enforce, ..self },
            Input::Flow => Self { flow: Flow::Unknown, ..self },
            Input::Phase => Self { phase: Phase::InitialLogin, ..self },
            Input::ProfileRanges => Self { profile: Place::Unknown, ..self },
            Input::AppRanges => Self { app: Place::Unknown, ..self },
            Input::IdentityVerified => Self { identity_verified: false, ..self },
            Input::Continuous => Self { continuous: false, ..self },
        }
    }

    pub(super) fn decide(self) -> Decision {
        let in_profile = self.profile == Place::Inside;
        let (row, allows) = match self.relaxation {
            _ if self.profile == Place::NoRanges => (2, Some(true)),
            // In the profile's ranges nothing speaks against it, whoever enforces them.
            _ if self.flow == Flow::SamlSso => (10, in_profile.then_some(true)),
            _ if matches!(self.flow, Flow::JwtBearer | Flow::SamlBearer) => (1, Some(in_profile)),
            IpRelaxation::Enforce => (3, Some(in_profile)),
            IpRelaxation::EnforceRelaxRefresh if self.phase == Phase::Refresh => (5, Some(true)),
            IpRelaxation::EnforceRelaxRefresh => (4, Some(in_profile)),
            IpRelaxation::RelaxActivatedDevices => self.activated_device(in_profile),
            IpRelaxation::Relax => (9, Some(true)),
        };
        Decision { row, allows, restrictions: self.restrictions(row, allows) }
    }

    fn activated_device(self, in_profile: bool) -> (usize, Option<bool>) {
        let has_ranges = self.app != Place::NoRanges;
        match self.flow {
            Flow::WebServer if has_ranges => (6, Some(self.app == Place::Inside)),
            Flow::WebServer | Flow::UserAgent if !has_ranges && self.identity_verified => (7, Some(true)),
            _ => (8, Some(in_profile)),
        }
    }

    fn restrictions(self, row: usize, allows: Option<bool>) -> Restrictions {
        if !self.continuous || allows == Some(false) {
            return Restrictions::No;
        }
        let is_bearer = matches!(self.flow, Flow::JwtBearer | Flow::SamlBearer | Flow::SamlSso);
        match row {
            4..=7 | 9 => Restrictions::Apply,
            // The document adds them to the settings that relax, and does not say what holds without ranges to relax.
            2 if self.relaxation != IpRelaxation::Enforce && !is_bearer => Restrictions::Unknown,
            _ => Restrictions::No,
        }
    }
}
