//! Reads the page of a detector or a check: its sections, and its scenarios as files, settings and expected findings.

use tokentrail::value::Time;

/// A scenario of a page.
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// File name and text of each export.
    pub(crate) exports: Vec<(String, String)>,
    pub(crate) apps: String,
    pub(crate) settings: String,
    /// File name and text of each list.
    pub(crate) lists: Vec<(String, String)>,
    /// File name and text of each table of networks.
    pub(crate) networks: Vec<(String, String)>,
    /// `name: value` lines: `since`, `as-of`, `zone`, `idle`.
    pub(crate) options: Vec<(String, String)>,
    /// Path and text of each file of metadata.
    pub(crate) metadata: Vec<(String, String)>,
    /// What is expected: findings, or answers.
    pub(crate) findings: String,
    /// Where the text of the expectation is in the page.
    pub(crate) place: std::ops::Range<usize>,
}

/// The headings of a page, in their order.
pub(crate) fn headings(page: &str) -> Vec<&str> {
    page.lines().filter_map(|line| line.strip_prefix("## ")).filter(|name| !name.starts_with("Scenario: ")).collect()
}

/// The scenarios of a page, in their order.
pub(crate) fn scenarios(page: &str) -> Vec<Scenario> {
    let starts: Vec<usize> = page.match_indices("\n## Scenario: ").map(|(at, _)| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([page.len()]);
    starts.iter().zip(ends).map(|(start, end)| scenario(page, *start, end)).collect()
}

fn scenario(page: &str, start: usize, end: usize) -> Scenario {
    let name = page[start..end].lines().next().unwrap().trim_start_matches("## Scenario: ").to_owned();
    let mut scenario = Scenario {
        name,
        exports: Vec::new(),
        apps: String::new(),
        settings: String::new(),
        lists: Vec::new(),
        networks: Vec::new(),
        options: Vec::new(),
        metadata: Vec::new(),
        findings: String::new(),
        place: 0..0,
    };
    let mut at = start;
    while let Some(fence) = page[at..end].find("\n```").map(|found| at + found + 1) {
        let line_end = page[fence..end].find('\n').map_or(end, |found| fence + found + 1);
        let close = page[line_end - 1..end].find("\n```").map(|found| line_end + found).expect("a fence is closed");
        let text = &page[line_end..close];
        match page[fence + 3..line_end].trim() {
            "findings" | "answers" => {
                text.clone_into(&mut scenario.findings);
                scenario.place = line_end..close;
            }
            "toml apps" => text.clone_into(&mut scenario.apps),
            "toml settings" => text.clone_into(&mut scenario.settings),
            info if info.starts_with("list ") => {
                scenario.lists.push((info["list ".len()..].to_owned(), text.to_owned()));
            }
            info if info.starts_with("networks ") => {
                scenario.networks.push((info["networks ".len()..].to_owned(), text.to_owned()));
            }
            info if info.starts_with("xml ") => {
                scenario.metadata.push((info["xml ".len()..].to_owned(), text.to_owned()));
            }
            "options" => scenario.options = text.lines().map(option).collect(),
            info => {
                let number = scenario.exports.len() + 1;
                let format = info.split(' ').next().unwrap();
                let event_type = info.split(' ').nth(1).unwrap_or("export");
                scenario.exports.push((format!("{number}-{event_type}.{format}"), repeated(text)));
            }
        }
        at = close + 4;
    }
    scenario
}

fn option(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').expect("an option is `name: value`");
    (name.trim().to_owned(), value.trim().to_owned())
}

/// A line that begins with `*20 +6h ` stands for 20 lines, the time in the first cell six hours later in each.
fn repeated(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix('*') else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let mut words = rest.splitn(3, ' ');
        let times: i64 = words.next().unwrap().parse().unwrap();
        let step = micros(words.next().unwrap().trim_start_matches('+'));
        let (first, cells) = words.next().unwrap().split_once(',').unwrap();
        let first = Time::parse(first.as_bytes(), None).unwrap();
        for time in (0..times).map(|number| Time(first.0 + number * step)) {
            out.extend([&time.to_string(), ",", cells, "\n"]);
        }
    }
    out
}

fn micros(step: &str) -> i64 {
    let (number, unit) = step.split_at(step.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => panic!("a step ends in s, m, h or d: {step}"),
    };
    number.parse::<i64>().unwrap() * seconds * 1_000_000
}
