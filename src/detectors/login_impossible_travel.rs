//! Somebody logs in at two places that are too far apart for the time between.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-impossible-travel",
    version: 1,
    title: "Logins too far apart for the time between",
    family: Family::Network,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1078.004"],
    doc: include_str!("login_impossible_travel.md"),
    watch: Watch {
        tables: &[Table::Logins, Table::Places],
        matching: DONE,
        subject: &[Role::User],
        pattern: Pattern::Travel,
    },
    limits: &[
        Limit {
            name: "least-kilometres",
            value: 100,
            unit: Unit::Count,
            source: "project default: places of addresses are no better than that",
        },
        Limit {
            name: "kilometres-per-hour",
            value: 900,
            unit: Unit::Count,
            source: "Panther's rule for impossible travel: 900 km/h, the speed of an airliner",
        },
    ],
    sentence: "{user} logged in from {from network} and {minutes|minute} later from {to network}; the longest such way is \
               {kilometres} km.",
    next_step: "Ask {user} whether they used a VPN or a proxy then. If not, somebody else has logged in as {user}: end all \
                sessions, revoke the tokens and have the password changed.",
};
