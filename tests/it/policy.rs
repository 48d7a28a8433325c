//! The table of IP policies: every cell against a golden file, each row by hand, and what unknown inputs may not do.

mod command;

use std::net::IpAddr;
use std::path::Path;

use tokentrail::apps::policy::{
    Flow, Input, Inputs, Login, Phase, Place, ROWS, Reason, Restrictions, Verdict, changes, decide, effective, place,
};
use tokentrail::configuration::{AppConfiguration, AppKind, IpRange, IpRelaxation, OrgSettings, Profile, Stated};

use IpRelaxation::{Enforce, EnforceRelaxRefresh, Relax, RelaxActivatedDevices};
use Phase::{InitialLogin, Refresh};

/// A login that is known in all, from outside of everything.
const STRANGER: Inputs = Inputs {
    relaxation: Some(Enforce),
    flow: Flow::WebServer,
    phase: Some(InitialLogin),
    profile: Place::Outside,
    app: Place::NoRanges,
    identity_verified: Some(false),
    continuous: Some(false),
};

/// An input's values, unknown last, and what each is called.
fn values(inputs: Inputs, input: Input) -> Vec<(Inputs, &'static str)> {
    let unknown = Inputs::UNKNOWN;
    let without = match input {
        Input::Relaxation => Inputs { relaxation: unknown.relaxation, ..inputs },
        Input::Flow => Inputs { flow: unknown.flow, ..inputs },
        Input::Phase => Inputs { phase: unknown.phase, ..inputs },
        Input::ProfileRanges => Inputs { profile: unknown.profile, ..inputs },
        Input::AppRanges => Inputs { app: unknown.app, ..inputs },
        Input::IdentityVerified => Inputs { identity_verified: unknown.identity_verified, ..inputs },
        Input::Continuous => Inputs { continuous: unknown.continuous, ..inputs },
    };
    let mut values = inputs.with_each(input);
    values.push((without, "unknown"));
    values
}

/// Every cell.
fn cells() -> Vec<Inputs> {
    Input::ALL.into_iter().fold(vec![Inputs::UNKNOWN], |cells, input| {
        cells.into_iter().flat_map(|cell| values(cell, input)).map(|(cell, _)| cell).collect()
    })
}

/// A cell with continuous enforcement on, off and unknown: it changes restrictions only.
fn leaf(cell: Inputs) -> String {
    let outcomes = [Some(true), Some(false), None].map(|continuous| decide(Inputs { continuous, ..cell }));
    let [on, off, unknown] = &outcomes;
    assert!(outcomes.iter().all(|outcome| outcome.verdict == on.verdict && outcome.rows == on.rows), "{cell:?}");
    let rows: Vec<String> = on.rows.iter().map(|row| row.number.to_string()).collect();
    let restricted = match (on.restrictions, off.restrictions, unknown.restrictions) {
        (Restrictions::No, Restrictions::No, Restrictions::No) => "",
        (Restrictions::Apply, Restrictions::No, Restrictions::Unknown) => "; restricted if continuous",
        (Restrictions::Unknown, Restrictions::No, Restrictions::Unknown) => "; perhaps restricted if continuous",
        other => panic!("{cell:?}: {other:?}"),
    };
    let verdict = match &on.verdict {
        Verdict::Unknown(Reason::NotKnown(inputs)) => {
            let inputs: Vec<&str> = inputs.iter().map(|input| short(*input)).collect();
            format!("unknown for {}", inputs.join(" + "))
        }
        Verdict::Unknown(Reason::NotInTable) => "not in the table".to_owned(),
        known => known.word().to_owned(),
    };
    format!("{verdict} [{}]{restricted}", rows.join(" "))
}

fn short(input: Input) -> &'static str {
    match input {
        Input::Relaxation => "relaxation",
        Input::Flow => "flow",
        Input::Phase => "phase",
        Input::ProfileRanges => "profile's ranges",
        Input::AppRanges => "app's ranges",
        Input::IdentityVerified => "identity verified",
        Input::Continuous => "continuous enforcement",
    }
}

/// The cells below some inputs as a tree: values that lead to the same stand on one line, and an input whose values all
/// lead to the same is left out.
fn tree(cell: Inputs, inputs: &[Input], with_unknown: bool) -> Vec<String> {
    let Some((input, rest)) = inputs.split_first() else { return vec![leaf(cell)] };
    let mut groups: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for (cell, name) in values(cell, *input).into_iter().filter(|(cell, _)| with_unknown || cell.knows(*input)) {
        let below = tree(cell, rest, with_unknown);
        match groups.iter_mut().find(|(_, lines)| *lines == below) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], below)),
        }
    }
    if let [(_, lines)] = groups.as_slice() {
        return lines.clone();
    }
    let lines = groups.into_iter().flat_map(|(names, lines)| {
        let head = format!("{}: {}", short(*input), names.join(" | "));
        match lines.as_slice() {
            [one] if !one.contains(" => ") => vec![format!("{head} => {one}")],
            _ => std::iter::once(head).chain(lines.iter().map(|line| format!("    {line}"))).collect(),
        }
    });
    lines.collect()
}

#[test]
fn every_cell_is_as_in_the_golden_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/policy.txt");
    let inputs = Input::ALL.into_iter().filter(|input| *input != Input::Continuous).collect::<Vec<_>>();
    let known = tree(Inputs::UNKNOWN, &inputs, false).join("\n");
    let all = tree(Inputs::UNKNOWN, &inputs, true).join("\n");
    let text = format!(
        "Every cell of the table, [rows] that decide; what is left out does not matter there. Restricted: cannot change the\n\
         password, register a verification method, open pages of a login flow. Written by the test\n\
         every_cell_is_as_in_the_golden_file.\n\n\
         1. All inputs known\n\n{known}\n\n\
         2. With unknown inputs: {} combinations; an unknown flow is one of OAuth's\n\n{all}\n",
        cells().len()
    );
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    assert!(golden == text, "the table has changed: UPDATE=1 writes it, read the difference");
}

#[track_caller]
fn row(inputs: Inputs, row: usize, verdict: &Verdict) {
    let outcome = decide(inputs);
    let rows: Vec<usize> = outcome.rows.iter().map(|row| row.number).collect();
    assert_eq!((rows, &outcome.verdict), (vec![row], verdict), "{inputs:?}");
}

#[test]
fn rows_are_numbered() {
    assert!(ROWS.iter().enumerate().all(|(place, row)| row.number == place + 1));
}

/// Note of the document: bearer flows always enforce, whatever the app says.
#[test]
fn row_1_bearer_flows_ask_the_profile_only() {
    for flow in [Flow::JwtBearer, Flow::SamlBearer] {
        for relaxation in [Enforce, EnforceRelaxRefresh, RelaxActivatedDevices, Relax] {
            for app in Place::KNOWN {
                let login = Inputs { flow, relaxation: Some(relaxation), app, continuous: Some(true), ..STRANGER };
                row(login, 1, &Verdict::Deny);
                row(Inputs { phase: Some(Refresh), identity_verified: Some(true), ..login }, 1, &Verdict::Deny);
                let inside = Inputs { profile: Place::Inside, ..login };
                row(inside, 1, &Verdict::Allow);
                assert_eq!(decide(inside).restrictions, Restrictions::No);
                row(Inputs { profile: Place::NoRanges, ..login }, 2, &Verdict::Allow);
            }
        }
    }
}

/// Note of the document: IP restrictions are enforced only when they're configured on a user's profile.
#[test]
fn row_2_without_ranges_there_is_nothing_to_enforce() {
    let login = Inputs { profile: Place::NoRanges, continuous: Some(true), ..STRANGER };
    row(login, 2, &Verdict::Allow);
    assert_eq!(decide(login).restrictions, Restrictions::No, "nothing is relaxed");
    let relaxed = decide(Inputs { relaxation: Some(Relax), ..login });
    assert_eq!((relaxed.verdict, relaxed.restrictions), (Verdict::Allow, Restrictions::Unknown));
    let all_else_unknown = decide(Inputs { profile: Place::NoRanges, ..Inputs::UNKNOWN });
    assert_eq!(all_else_unknown.verdict, Verdict::Allow);
}

#[test]
fn row_3_enforce_holds_at_logins_and_refreshes() {
    for phase in Phase::ALL {
        let login = Inputs { phase: Some(phase), continuous: Some(true), app: Place::Inside, ..STRANGER };
        row(login, 3, &Verdict::Deny);
        let inside = Inputs { profile: Place::Inside, ..login };
        row(inside, 3, &Verdict::Allow);
        assert_eq!(decide(inside).restrictions, Restrictions::No);
    }
}

#[test]
fn rows_4_and_5_relax_refreshes_and_not_logins() {
    let login = Inputs { relaxation: Some(EnforceRelaxRefresh), ..STRANGER };
    row(login, 4, &Verdict::Deny);
    row(Inputs { profile: Place::Inside, ..login }, 4, &Verdict::Allow);
    let refresh = Inputs { phase: Some(Refresh), ..login };
    row(refresh, 5, &Verdict::Allow);
    assert_eq!(decide(refresh).restrictions, Restrictions::No);
    assert_eq!(decide(Inputs { continuous: Some(true), ..refresh }).restrictions, Restrictions::Apply);
    assert_eq!(decide(Inputs { continuous: None, ..refresh }).restrictions, Restrictions::Unknown);
}

#[test]
fn row_6_an_app_with_ranges_lets_in_those_only() {
    let login = Inputs { relaxation: Some(RelaxActivatedDevices), app: Place::Outside, ..STRANGER };
    row(login, 6, &Verdict::Deny);
    row(Inputs { profile: Place::Inside, identity_verified: Some(true), ..login }, 6, &Verdict::Deny);
    row(Inputs { app: Place::Inside, ..login }, 6, &Verdict::Allow);
    row(Inputs { flow: Flow::UserAgent, identity_verified: Some(true), ..login }, 8, &Verdict::Deny);
}

#[test]
fn rows_7_and_8_an_app_without_ranges_asks_for_a_verified_identity() {
    let login = Inputs { relaxation: Some(RelaxActivatedDevices), continuous: Some(true), ..STRANGER };
    for flow in [Flow::WebServer, Flow::UserAgent] {
        row(Inputs { flow, ..login }, 8, &Verdict::Deny);
        let verified = Inputs { flow, identity_verified: Some(true), ..login };
        row(verified, 7, &Verdict::Allow);
        assert_eq!(decide(verified).restrictions, Restrictions::Apply);
    }
    for flow in [Flow::Device, Flow::ClientCredentials, Flow::UsernamePassword, Flow::TokenExchange] {
        row(Inputs { flow, identity_verified: Some(true), ..login }, 8, &Verdict::Deny);
        row(Inputs { flow, profile: Place::Inside, ..login }, 8, &Verdict::Allow);
    }
}

#[test]
fn row_9_relax_lets_everybody_in() {
    let login = Inputs { relaxation: Some(Relax), continuous: Some(true), ..STRANGER };
    row(login, 9, &Verdict::Allow);
    assert_eq!(decide(login).restrictions, Restrictions::Apply);
}

#[test]
fn row_10_single_sign_on_by_saml_is_not_decided() {
    let login = Inputs { flow: Flow::SamlSso, relaxation: Some(Relax), continuous: Some(true), ..STRANGER };
    row(login, 10, &Verdict::Unknown(Reason::NotInTable));
    row(Inputs { profile: Place::Inside, ..login }, 10, &Verdict::Allow);
}

/// What an unknown flow may turn out to be: one of OAuth's, and at a refresh one that gives refresh tokens.
fn may_be(inputs: Inputs) -> bool {
    let is_bearer = matches!(inputs.flow, Flow::JwtBearer | Flow::SamlBearer);
    inputs.flow != Flow::SamlSso && !(is_bearer && inputs.phase == Some(Refresh))
}

/// A definite verdict under an unknown input is the verdict under each of its values, and reasons name what matters.
#[test]
fn to_learn_more_never_turns_a_verdict() {
    for cell in cells() {
        let outcome = decide(cell);
        let definite = matches!(outcome.verdict, Verdict::Allow | Verdict::Deny);
        for input in Input::ALL.into_iter().filter(|input| !cell.knows(*input)) {
            let known = cell.with_each(input).into_iter().map(|(known, _)| known);
            for known in known.filter(|known| cell.knows(Input::Flow) || may_be(*known)) {
                let learned = decide(known);
                assert!(!definite || learned.verdict == outcome.verdict, "{cell:?} {known:?}");
                let is_told = outcome.restrictions != Restrictions::Unknown && learned.verdict != Verdict::Deny;
                assert!(!is_told || learned.restrictions == outcome.restrictions, "{cell:?} {known:?}");
                assert!(learned.rows.iter().all(|row| outcome.rows.contains(row)), "{cell:?} {known:?}");
            }
        }
        if let Verdict::Unknown(Reason::NotKnown(inputs)) = &outcome.verdict {
            assert!(!inputs.is_empty() && inputs.iter().all(|input| !cell.knows(*input)), "{cell:?}");
            assert!(!inputs.contains(&Input::Continuous), "it restricts, and decides nothing");
        }
        let other = Inputs { continuous: cell.continuous.map(|on| !on), ..cell };
        assert_eq!(decide(other).verdict, outcome.verdict, "{cell:?}");
    }
}

#[test]
fn an_unknown_input_is_named_where_it_matters_and_only_there() {
    let unsure = |inputs: Inputs| match decide(inputs).verdict {
        Verdict::Unknown(Reason::NotKnown(inputs)) => inputs,
        other => panic!("{other:?}"),
    };
    let login = Inputs { relaxation: Some(EnforceRelaxRefresh), phase: None, identity_verified: None, ..STRANGER };
    assert_eq!(unsure(login), [Input::Phase]);
    row(Inputs { flow: Flow::JwtBearer, relaxation: None, ..login }, 1, &Verdict::Deny);
    let device = Inputs { relaxation: Some(RelaxActivatedDevices), app: Place::Unknown, ..login };
    assert_eq!(unsure(device), [Input::AppRanges, Input::IdentityVerified]);
    let by_any_flow = Inputs { flow: Flow::Unknown, relaxation: Some(Relax), ..STRANGER };
    assert_eq!(unsure(by_any_flow), [Input::Flow], "a bearer flow would be refused");
    row(Inputs { phase: Some(Refresh), ..by_any_flow }, 9, &Verdict::Allow);
}

#[test]
fn changes_are_single_and_turn_the_verdict() {
    let change = |input: Input, to: &[&'static str]| (input, to.to_vec());
    let found: Vec<_> = changes(STRANGER).into_iter().map(|change| (change.input, change.to)).collect();
    assert_eq!(
        found,
        [change(Input::Relaxation, &["Relax IP restrictions"]), change(Input::ProfileRanges, &["no ranges", "inside"])]
    );
    let refresh = Inputs { relaxation: Some(EnforceRelaxRefresh), ..STRANGER };
    assert!(changes(refresh).iter().any(|change| change.input == Input::Phase && change.to == ["refresh"]));
}

fn range(start: &str, end: &str) -> IpRange {
    IpRange { start: start.parse().unwrap(), end: end.parse().unwrap() }
}

#[test]
fn addresses_are_inside_their_ends() {
    let ranges = [range("192.0.2.10", "192.0.2.20"), range("2001:db8::", "2001:db8::ff")];
    let of = |address: &str| place(Some(address.parse::<IpAddr>().unwrap()), &ranges);
    for inside in ["192.0.2.10", "192.0.2.20", "::ffff:192.0.2.15", "2001:db8::ff"] {
        assert_eq!(of(inside), Place::Inside, "{inside}");
    }
    for outside in ["192.0.2.9", "192.0.2.21", "2001:db8::100", "::"] {
        assert_eq!(of(outside), Place::Outside, "{outside}");
    }
    assert_eq!(place(None, &ranges), Place::Unknown);
    assert_eq!(place(None, &[]), Place::NoRanges);
}

#[test]
fn a_configured_app_is_judged_by_its_profile_and_organisation() {
    let mut app = AppConfiguration::unsaid(AppKind::ConnectedApp, "Ledger Sync");
    let mut org = OrgSettings::default();
    let office = Profile { login_ranges: vec![range("198.51.100.0", "198.51.100.255")], ..Profile::default() };
    let at = |address: &str, flow, phase| Login {
        address: Some(address.parse().unwrap()),
        flow,
        phase: Some(phase),
        identity_verified: None,
    };
    let stranger = at("203.0.113.7", Flow::WebServer, Refresh);
    let unsaid = effective(&app, Some(&office), &org, &stranger).verdict;
    let Verdict::Unknown(Reason::NotKnown(inputs)) = unsaid else { panic!("{unsaid:?}") };
    assert!(inputs.contains(&Input::Relaxation));
    app.ip_relaxation = Stated::Known(EnforceRelaxRefresh);
    org.continuous_enforcement = Stated::Known(true);
    let refreshed = effective(&app, Some(&office), &org, &stranger);
    assert_eq!((refreshed.verdict, refreshed.restrictions), (Verdict::Allow, Restrictions::Apply));
    let login = at("203.0.113.7", Flow::WebServer, InitialLogin);
    assert_eq!(effective(&app, Some(&office), &org, &login).verdict, Verdict::Deny);
    assert_eq!(effective(&app, Some(&Profile::default()), &org, &login).verdict, Verdict::Allow);
    let unknown = Verdict::Unknown(Reason::NotKnown(vec![Input::ProfileRanges]));
    assert_eq!(effective(&app, None, &org, &login).verdict, unknown);
    assert_eq!(effective(&app, Some(&office), &org, &Login { address: None, ..login }).verdict, unknown);
    app.ip_relaxation = Stated::Known(RelaxActivatedDevices);
    app.trusted_ranges = Stated::Known(vec![range("203.0.113.0", "203.0.113.255")]);
    assert_eq!(effective(&app, Some(&office), &org, &login).verdict, Verdict::Allow);
    app.ip_relaxation = Stated::Unknown("RELAXED".to_owned());
    assert!(matches!(effective(&app, Some(&office), &org, &login).verdict, Verdict::Unknown(_)));
}
