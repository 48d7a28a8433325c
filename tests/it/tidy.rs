//! The repository keeps its own rules (ARCHITECTURE.md, invariants): what may be named where, and how files begin.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tokentrail::batch::Role;
use tokentrail::schema::Schemas;
use walkdir::WalkDir;

/// Where Rust files are.
const SOURCES: [&str; 5] = ["src", "tests", "benches", "examples", "fuzz"];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source file, by its path in the repository.
struct Source {
    path: String,
    text: String,
    /// Without comments and with empty string literals.
    code: String,
    /// What the string literals say.
    literals: Vec<String>,
}

/// The Rust files below some folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let paths = folders.iter().flat_map(|folder| files_below(&repository().join(folder)));
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Source::read(&path))
        .collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let is_kept = |name: &str| !name.starts_with('.') && name != "target";
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(|entry| entry.depth() == 0 || is_kept(&entry.file_name().to_string_lossy()));
    entries.map(Result::unwrap).filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let (code, literals) = code_and_literals(&text);
        let path = path.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/");
        Self { path, text, code, literals }
    }

    fn is_below(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Whether the code has these words, which may end in a sign (`println!`).
    fn says(&self, words: &str) -> bool {
        let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        self.code.match_indices(words).any(|(at, _)| {
            let (before, behind) = (&self.code[..at], &self.code[at + words.len()..]);
            let open_end = words.ends_with(|letter: char| !letter.is_alphanumeric() && letter != '_');
            !is_part(before.chars().next_back()) && (open_end || !is_part(behind.chars().next()))
        })
    }
}

/// Parts a Rust file into its code and the contents of its string literals; comments go. Good enough for this
/// repository, which has no block comments.
fn code_and_literals(text: &str) -> (String, Vec<String>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        code.push_str(&rest[..at]);
        rest = &rest[at..];
        let raw = code.ends_with('r') || code.ends_with('#');
        let length = match rest.as_bytes() {
            [b'/', b'/', ..] => rest.find('\n').unwrap_or(rest.len()),
            [b'"', ..] => {
                let hashes = code.len() - code.trim_end_matches('#').len();
                let end =
                    if raw { rest[1..].find(&format!("\"{}", "#".repeat(hashes))) } else { end_of_string(&rest[1..]) };
                let end = end.expect("a string ends");
                literals.push(rest[1..=end].to_owned());
                code.push_str("\"\"");
                end + 2
            }
            [b'\'', b'\\', _, b'\'', ..] => 4,
            [b'\'', b'"' | b'/', b'\'', ..] => 3,
            _ => {
                code.push_str(&rest[..1]);
                1
            }
        };
        rest = &rest[length..];
    }
    code.push_str(rest);
    (code, literals)
}

fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// No source of these says any of the words.
#[track_caller]
fn never(sources: &[Source], words: &[&str], why: &str) {
    let said: Vec<String> = sources
        .iter()
        .flat_map(|source| words.iter().filter(|word| source.says(word)).map(|word| format!("{}: {word}", source.path)))
        .collect();
    assert!(said.is_empty(), "{why}:\n{}", said.join("\n"));
}

#[test]
fn every_file_says_first_what_it_is() {
    for source in sources(&SOURCES) {
        assert!(source.text.starts_with("//! "), "{} begins with //!", source.path);
        assert!(!source.text.contains('\t'), "{} has tabs", source.path);
        assert!(source.text.lines().all(|line| line.trim_end() == line), "{} has blanks at line ends", source.path);
    }
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources(&["src"])
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > 420)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn polars_is_named_where_frames_are_small() {
    let mut others = sources(&["src"]);
    others.retain(|source| {
        !source.is_below(&["src/frame.rs", "src/patterns/", "src/memory.rs", "src/apps/", "src/investigate/"])
    });
    never(&others, &["polars"], "polars never sees a raw export");
}

#[test]
fn emitters_know_findings_only() {
    let mut emitters = sources(&["src/emit"]);
    emitters.push(Source::read(&repository().join("src/emit.rs")));
    never(&emitters, &["Batch", "batch", "ingest", "engine", "patterns", "TcpStream"], "emitters format findings");
}

#[test]
fn detectors_are_values() {
    never(&sources(&["src/detectors"]), &["for", "while", "loop", "fn", "if", "match", "let"], "a detector is a value");
}

/// Nor does the engine, beyond the schemas: detectors and patterns speak of roles.
#[test]
fn patterns_know_roles_only() {
    let schemas = Schemas::embedded().unwrap();
    let event_types: BTreeSet<&str> = schemas.iter().map(|schema| schema.event_type.as_str()).collect();
    let columns: BTreeSet<&str> =
        schemas.iter().flat_map(|schema| &schema.columns).map(|column| column.name.as_str()).collect();
    // Columns in lower case are words of plain English, such as `outcome`.
    let is_named = |literal: &str| {
        let is_column = columns.contains(literal) && literal.contains(|letter: char| letter.is_ascii_uppercase());
        is_column || event_types.iter().any(|event_type| literal.contains(event_type))
    };
    let mut watchers = sources(&["src/patterns", "src/detectors", "src/engine"]);
    watchers.extend(
        ["src/patterns.rs", "src/engine.rs", "src/detector.rs"].map(|path| Source::read(&repository().join(path))),
    );
    for source in &watchers {
        // A detector's own words to people may name a column of Salesforce's.
        let literals = source.literals.iter().filter(|_| !source.is_below(&["src/detectors/"]));
        let named: Vec<&String> = literals.filter(|literal| is_named(literal)).collect();
        assert!(named.is_empty(), "{}: {named:?}", source.path);
    }
    // A role may have the name of an object: that of whom a row is about.
    let is_role = |event_type: &&str| Role::ALL.iter().any(|role| format!("{role:?}") == *event_type);
    let others: Vec<&str> = event_types.into_iter().filter(|event_type| !is_role(event_type)).collect();
    never(&watchers, &others, "roles, not event types");
}

#[test]
fn the_library_is_silent_and_knows_no_clock() {
    let mut library = sources(&["src"]);
    library.retain(|source| !source.is_below(&["src/main.rs", "src/cli.rs", "src/cli/"]));
    let loud = ["print!", "println!", "eprint!", "eprintln!", "dbg!", "stdout", "stderr", "std::env", "env::var"];
    never(&library, &loud, "only the command line prints");
    never(
        &library,
        &["Utc::now", "Local::now", "RandomState", "Uuid::new_v4", "process::exit"],
        "the same result again",
    );
    // Delivery has patience.
    library.retain(|source| !source.is_below(&["src/deliver/"]));
    never(&library, &["SystemTime", "Instant", "rand", "fastrand", "thread_rng"], "nobody asks for the time");
}

#[test]
fn nothing_is_unsafe() {
    let (kernel, others): (Vec<Source>, Vec<Source>) =
        sources(&SOURCES).into_iter().partition(|source| source.path == "src/ingest/chunks.rs");
    never(&others, &["unsafe"], "no unsafe outside the kernel");
    let blocks = kernel[0].code.matches("unsafe {").count();
    assert_eq!(blocks, 4, "the call of the kernel, its two loads and its store");
    assert_eq!(kernel[0].text.matches("// SAFETY: ").count(), blocks, "each says why it is sound");
    let lints = fs::read_to_string(repository().join("Cargo.toml")).unwrap()
        + &Source::read(&repository().join("src/lib.rs")).text;
    assert!(lints.contains("unsafe_code"), "the lint unsafe_code is set");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for source in sources(&SOURCES) {
        assert!(!source.code.contains("#[allow(") && !source.code.contains("#![allow("), "{}", source.path);
        let expected = source.code.matches("#[expect(").count();
        assert!(source.code.matches("reason = \"\"").count() >= expected, "{}", source.path);
    }
}

/// Golden files of emitters are held against the emitters by their own test; of the others, a test speaks.
#[test]
fn every_golden_file_is_looked_at() {
    let tests: String = sources(&["tests"]).into_iter().map(|source| source.text).collect();
    for path in files_below(&repository().join("tests/it/golden")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("findings.") || tests.contains(&name), "{name} is left over");
    }
}

#[test]
fn the_documents_are_there() {
    for name in ["README.md", "ARCHITECTURE.md", "DESIGN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(text.starts_with("# "), "{name} has a title");
    }
    let changes = fs::read_to_string(repository().join("CHANGELOG.md")).unwrap();
    assert!(changes.contains("\n## Unreleased\n"), "a change that a user sees gets a sentence there");
}

/// The map names every file of the library, and no other.
#[test]
fn delivery_alone_connects() {
    let ways = ["ureq", "rustls", "TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs"];
    for source in sources(&["src"]).iter().filter(|source| !source.is_below(&["src/deliver/"])) {
        let found: Vec<&&str> = ways.iter().filter(|way| source.says(way)).collect();
        assert!(found.is_empty(), "{} names {found:?}", source.path);
    }
    let connecting = sources(&["src/deliver"]);
    assert!(connecting.iter().any(|source| source.says("ureq")), "the words are those that are used");
    for source in connecting {
        assert!(!source.says("disable_verification") && !source.says("dangerous"), "{}", source.path);
        let has_clock = source.says("disallowed_methods");
        assert!(!has_clock || source.path == "src/deliver/clock.rs", "{}", source.path);
    }
}

#[test]
fn the_map_shows_the_land() {
    let map = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let folded = map.replace(['{', '}', '`', ','], " ");
    let words: BTreeSet<&str> =
        folded.split_whitespace().map(|word| word.rsplit('/').next().unwrap().trim_end_matches(".rs")).collect();
    for source in sources(&["src"]) {
        let stem = Path::new(&source.path).file_stem().unwrap().to_str().unwrap();
        assert!(
            source.is_below(&["src/detectors/", "src/checks/"]) || words.contains(stem),
            "ARCHITECTURE.md does not show {}",
            source.path
        );
    }
}

#[test]
fn no_file_names_a_machine() {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/tm", "p/h/"),
        concat!("/Us", "ers/"),
    ];
    for path in files_below(repository()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for place in places {
            assert!(!text.contains(place), "{} names {place}", path.display());
        }
    }
}
