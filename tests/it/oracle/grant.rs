//! Grant: what the register says of an app against all that the logs show of it, for each of the three questions.

use std::collections::{BTreeMap, BTreeSet};

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::{Pattern, Question};
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, ends, place_at_random};
use super::verdict::Verdict;
use super::{Case, FEW, START, Twin, detector};

const FACTS: &[&str] = &[
    "events",
    "all uses",
    "granted",
    "use",
    "needs",
    "scope",
    "would show as",
    "network",
    "addresses",
    "declared networks",
];
const NOT_THERE: &str = "not there";

/// Uses, and which scopes cover them; any one does. Nothing for those that prove nothing.
const USES: &[(&str, &[&str])] = &[
    ("REST Query", &["api", "full"]),
    ("Bulk Query", &["api", "full"]),
    ("SOAP Partner Query", &["api", "full"]),
    ("login: OAuth Refresh Token", &["refresh_token", "offline_access"]),
    ("login: OAuth Refresh Token for Hybrid Apps", &["refresh_token", "offline_access"]),
    ("login: OAuth User-Agent with ID Token", &["openid", "full"]),
    ("login: Remote Access 2.0", &[]),
    ("Something else", &[]),
];
/// Scopes whose use would show, and how.
const PROOFS: &[(&str, &str)] = &[
    ("api", "an API call"),
    ("offline_access", "a login by refresh token"),
    ("refresh_token", "a login by refresh token"),
];
/// Apps and their grants, by parameter names in the order of the alphabet; the register spells some of them otherwise.
const GRANTS: &[(&str, &[&str])] = &[
    ("a", &["api", "refresh_token"]),
    ("b", &["full", "openid"]),
    ("c", &["api", "full", "offline_access"]),
    ("d", &[]),
];
const REGISTER: &str = r#"
    [[app]]
    name = "a"
    principal = "integration"
    scopes = ["RefreshToken", "Api"]
    [[app]]
    name = "b"
    scopes = ["full", "openid"]
    [[app]]
    name = "c"
    principal = "person"
    scopes = ["api", "Full", "offline_access"]
    [[app]]
    name = "d"
    scopes = []
    [[app]]
    name = "e"
    networks = ["192.0.2.16/30", "2001:db8::1"]
"#;
/// Addresses, the network that each is told as, and whether the register has it; nothing for what is no address.
const ADDRESSES: &[(&str, &str, bool)] = &[
    ("192.0.2.15", "192.0.2.0/24", false),
    ("192.0.2.16", "192.0.2.0/24", true),
    ("192.0.2.19", "192.0.2.0/24", true),
    ("192.0.2.20", "192.0.2.0/24", false),
    ("198.51.100.1", "198.51.100.0/24", false),
    ("2001:db8::1", "2001:db8::/64", true),
    ("2001:db8::2", "2001:db8::/64", false),
    ("Salesforce.com IP", "", true),
];

#[test]
fn the_grant_questions_agree_with_their_oracles() {
    let register = register_of(REGISTER);
    let agrees = |name: &str, case: fn(&mut Random) -> Case| {
        Twin { name, cases: 2000, register: &register, facts: FACTS, case, oracle }.agrees();
    };
    agrees("outside grant", |random| case(Question::OutsideGrant, random));
    agrees("full granted", |random| case(Question::FullGranted, random));
    agrees("unused scope", |random| case(Question::Unused, random));
    agrees("elsewhere", |random| case(Question::Elsewhere, random));
}

/// A register as a file has it.
pub(crate) fn register_of(text: &str) -> Register {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("apps.toml");
    std::fs::write(&path, text).unwrap();
    Register::read(&path).unwrap()
}

fn case(question: Question, random: &mut Random) -> Case {
    let mut rows = Vec::new();
    let kinds = random.pick(&[USES, &USES[..3], &USES[3..]]);
    for app in [Some("a"), Some("b"), Some("c"), Some("d"), Some("e"), Some("f"), None] {
        let last_kind = random.pick(&[0, 2, 4, 6]);
        let count = random.pick(&[0, 0, 1, 4, 8]);
        for time in random.timeline(START.0, &[0, 1, DAY - 1, DAY, DAY + 1], count) {
            let used = kinds[random.below(kinds.len()).min(last_kind)].0;
            rows.push(
                Row::of(random.pick(&[Table::Calls, Table::Logins]))
                    .with(Role::Time, time)
                    .with_text(Role::App, app)
                    .with_text(Role::SourceIp, Some(random.pick(ADDRESSES).0))
                    .with_text(Role::Use, (!random.chance(10)).then_some(used)),
            );
        }
    }
    place_at_random(&mut rows, random);
    let since = Time(rows.first().map_or(START.0, Row::time) + random.within(-1..=1));
    let as_of = Time(START.0 + random.pick(&[2, 100]) * DAY);
    let (tables, matching, subject) =
        (&[Table::Calls, Table::Logins], Matching::Known(Role::App), &[Role::App] as &'static [Role]);
    let watch = Watch { tables, matching, subject, pattern: Pattern::Grant { question } };
    let limits = [("least-events", random.within(0..=4)), ("least-days", random.within(0..=4))];
    Case { detector: detector("grant", watch, &limits), rows, since, as_of, midnight: None }
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let Pattern::Grant { question } = case.detector.watch.pattern else { return Vec::new() };
    if question == Question::Elsewhere {
        return elsewhere(case);
    }
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| row.text(Role::Use).is_some()).collect();
    let mut verdicts = Vec::new();
    for (subject, rows) in by_subject(&rows, &[Role::App]) {
        let Some((app, granted)) = GRANTS.iter().find(|(app, _)| subject[0] == Some(app)) else { continue };
        let found = |rows: &[&Row], more: [&str; 4]| {
            let mut verdict = Verdict::on(&[(Role::App, Some(app))], rows);
            let mut of_uses: Vec<u64> = by_subject(rows, &[Role::Use]).values().flat_map(|rows| ends(rows)).collect();
            of_uses.sort_by_key(|record| rows.iter().position(|row| row.record == *record));
            of_uses.truncate(FEW);
            verdict.records = of_uses;
            let [used, needs, scope, shows] = more;
            verdict.with(&[
                &rows.len(),
                &uses_of(&all_of(app, case)),
                &granted.join(" "),
                &used,
                &needs,
                &scope,
                &shows,
                &NOT_THERE,
                &NOT_THERE,
                &NOT_THERE,
            ])
        };
        match question {
            Question::OutsideGrant => {
                for (used, needs) in outside(&rows, granted, case) {
                    let rows: Vec<&Row> =
                        rows.iter().filter(|row| row.text(Role::Use) == Some(used)).copied().collect();
                    verdicts.push(found(&rows, [used, &needs.join(" or "), NOT_THERE, NOT_THERE]));
                }
            }
            Question::FullGranted if granted.contains(&"full") && is_enough(&rows, case) => {
                verdicts.push(found(&rows, [NOT_THERE; 4]));
            }
            Question::FullGranted | Question::Elsewhere => {}
            Question::Unused => {
                for (scope, shows) in unused(&rows, granted, case) {
                    verdicts.push(found(&rows, [NOT_THERE, NOT_THERE, scope, shows]));
                }
            }
        }
    }
    verdicts
}

/// Each network outside the register's of which an address was used in the window, over all rows of such addresses.
fn elsewhere(case: &Case) -> Vec<Verdict> {
    let known = |row: &Row| ADDRESSES.iter().find(|(address, ..)| row.text(Role::SourceIp) == Some(address)).unwrap();
    let outside: Vec<&Row> =
        case.rows_in_sight().into_iter().filter(|row| row.text(Role::App) == Some("e") && !known(row).2).collect();
    let in_window = |address: &str| {
        outside.iter().any(|row| row.text(Role::SourceIp) == Some(address) && row.time() >= case.since.0)
    };
    let mut networks: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &outside {
        let (address, network, _) = known(row);
        if in_window(address) {
            networks.entry(network).or_default().push(row);
        }
    }
    let enough = networks.into_iter().filter(|(_, rows)| is_enough(rows, case));
    let verdict = |(network, rows): (&str, Vec<&Row>)| {
        let mut verdict = Verdict::on(&[(Role::App, Some("e"))], &rows);
        let mut marks: Vec<u64> = by_subject(&rows, &[Role::SourceIp]).values().flat_map(|rows| ends(rows)).collect();
        marks.sort_by_key(|record| rows.iter().position(|row| row.record == *record));
        marks.truncate(FEW);
        verdict.records = marks;
        let addresses: BTreeSet<&str> = rows.iter().filter_map(|row| row.text(Role::SourceIp)).collect();
        let addresses = addresses.into_iter().collect::<Vec<_>>().join(", ");
        let n = &NOT_THERE;
        verdict.with(&[&rows.len(), n, n, n, n, n, n, &network, &addresses, &"192.0.2.16/30, 2001:db8::1/128"])
    };
    enough.map(verdict).collect()
}

fn all_of<'c>(app: &str, case: &'c Case) -> Vec<&'c Row> {
    case.rows_in_sight().into_iter().filter(|row| row.text(Role::App) == Some(app)).collect()
}

fn is_enough<T>(things: &[T], case: &Case) -> bool {
    things.len() >= usize::try_from(case.limit("least-events")).unwrap()
}

fn uses_of(rows: &[&Row]) -> String {
    let uses: BTreeSet<&str> = rows.iter().filter_map(|row| row.text(Role::Use)).collect();
    uses.into_iter().collect::<Vec<_>>().join(", ")
}

/// Uses in the window that need what was not granted, and what they need.
fn outside(rows: &[&Row], granted: &[&str], case: &Case) -> Vec<(&'static str, &'static [&'static str])> {
    let is_outside = |(used, needs): &&(&str, &[&str])| {
        let times: Vec<i64> =
            rows.iter().filter(|row| row.text(Role::Use) == Some(used)).map(|row| row.time()).collect();
        !needs.is_empty()
            && !needs.iter().any(|scope| granted.contains(scope))
            && times.iter().any(|time| *time >= case.since.0)
            && is_enough(&times, case)
    };
    USES.iter().filter(is_outside).copied().collect()
}

/// Granted scopes that nothing in a long enough record needs.
fn unused(rows: &[&Row], granted: &[&str], case: &Case) -> Vec<(&'static str, &'static str)> {
    let is_long = rows[rows.len() - 1].time() - rows[0].time() >= case.limit("least-days") * DAY;
    if !is_long || !is_enough(rows, case) {
        return Vec::new();
    }
    let needs = |row: &&Row| USES.iter().find(|(used, _)| row.text(Role::Use) == Some(used)).map(|(_, needs)| *needs);
    let needed: BTreeSet<&str> = rows.iter().filter_map(needs).flatten().copied().collect();
    let can_show = |scope: &str| {
        // Silence proves nothing where no app's calls, or no app's logins, are in the exports at all.
        let others = case.rows_in_sight().into_iter().filter(|row| row.text(Role::App).is_some());
        let mut uses = others.filter_map(|row| row.text(Role::Use).map(|used| used.starts_with("login: ")));
        let is_exported = uses.any(|is_login| is_login != (scope == "api"));
        // People call through Salesforce's own mobile app without a trace.
        is_exported && (scope != "api" || rows[0].text(Role::App) == Some("a"))
    };
    let is_unused = |scope: &str| granted.contains(&scope) && !needed.contains(scope) && can_show(scope);
    PROOFS.iter().filter(|(scope, _)| is_unused(scope)).copied().collect()
}
