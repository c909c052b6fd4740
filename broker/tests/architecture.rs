//! What `ARCHITECTURE.md` states of the sources, read from them: the direction of dependencies, the parts of the engine,
//! and which files a request passes.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "architecture/code.rs"]
mod code;
#[path = "architecture/imports.rs"]
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use imports::Modules;

/// A folder and what its files must not name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "engine",
        &[
            "crate::server",
            "crate::embed",
            "crate::control",
            "kafka_protocol",
            "tokio",
            "std::net",
            "Instant::now",
            "SystemTime",
            ".await",
        ],
    ),
    (
        "wire",
        &[
            "crate::engine",
            "crate::server",
            "crate::embed",
            "tokio",
            "std::net",
        ],
    ),
    (
        "server",
        &["crate::embed", "crate::control", "kafka_protocol"],
    ),
    ("embed", &["kafka_protocol"]),
];

/// Circles of modules that there are: the folder, the modules, and why they are not opened. Take out of the list what
/// you open, and do not add to it.
const CIRCLES: &[(&str, &str, &str)] = &[
    (
        "embed/fault",
        "bytes rule stage",
        "a rule leads to its stage or to bytes, and each of these back to the rule",
    ),
    (
        "engine",
        "changes cluster commands context coordinators endpoints fault group handlers housekeeping input \
         inspect invariants journal log log_dirs origin outbox passage quota reassignment replica reset room sasl settings \
         share snapshot state state_log state_topic topics transaction voters",
        "each adds methods to the state or the engine, and calls those of others",
    ),
    (
        "engine/fault",
        "keep leave throttle",
        "the steps of a plan for an answer, and where it waits between them",
    ),
    (
        "engine/recording",
        "carried head",
        "a recording's head has what the cluster carried into it, written as the head is",
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Lines of code that name what the folder must not.
fn offences(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    sources(&source().join(folder), &mut files);
    assert!(!files.is_empty(), "no sources in {folder}");
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(name) = forbidden.iter().find(|name| code.contains(**name)) {
                found.push(format!("{}:{}: {name}", file.display(), number + 1));
            }
        }
    }
    found
}

/// Where the engine joins its two parts; only here the passage and the engine may be named.
const JOINTS: &[&str] = &[
    "commands/commits.rs",
    "commands/heartbeats.rs",
    "commands/mod.rs",
    "commands/produce.rs",
    "commands/producers.rs",
    "commands/rules.rs",
    "commands/topic.rs",
    "deadlines.rs",
    "invariants.rs",
    "mod.rs",
    "origin/commits.rs",
    "origin/mod.rs",
    "recording/carried.rs",
    "recording/head.rs",
    "recording/rerun.rs",
    "recording/serve.rs",
    "reset.rs",
    "snapshot/restore.rs",
];

/// A file's code: without comments, and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a file holds nothing but tests, or what they need.
fn is_test(file: &str) -> bool {
    let tests = [
        "tests/",
        "tests.rs",
        "testing.rs",
        "testing/",
        "group/script/",
        "group/simulation",
        "recorded_codecs.rs",
    ];
    tests.iter().any(|test| file.contains(test))
}

const fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether code has a name as a whole word.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[test]
fn the_state_knows_nothing_of_the_passage() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    let mut files = Vec::new();
    sources(&engine, &mut files);
    let mut found = Vec::new();
    let mut joints = 0;
    for path in files {
        let file = path.strip_prefix(&engine).unwrap().to_str().unwrap();
        if file.starts_with("passage/") || is_test(file) {
            continue;
        }
        let code = code(&path).replace("base64::Engine", "");
        let named = ["Passage", "passage", "Engine"];
        let named: Vec<_> = named.iter().filter(|name| names(&code, name)).collect();
        if JOINTS.contains(&file) {
            assert!(!named.is_empty(), "{file} joins nothing: strike it out");
            joints += 1;
        } else if !named.is_empty() {
            found.push(format!("{file} names {named:?}"));
        }
    }
    assert_eq!(joints, JOINTS.len(), "a file is listed that is not there");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A file on a path, as `ARCHITECTURE.md` lists it: how far it is indented, and by what it is entered.
struct Station {
    depth: usize,
    file: String,
    entry: String,
}

impl Station {
    fn code(&self) -> String {
        code(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src")
                .join(&self.file),
        )
    }
}

/// The paths of `ARCHITECTURE.md`: their names, how many files each may have, and the files.
fn paths() -> Vec<(String, usize, Vec<Station>)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, page) = page.split_once("## Files on the way").unwrap();
    let page = page.split("\n## ").next().unwrap();
    let mut paths = Vec::new();
    for section in page.split("\n### ").skip(1) {
        let (title, list) = section.split_once('\n').unwrap();
        let (name, budget) = title.split_once(", at most ").unwrap();
        let stations = list
            .lines()
            .filter(|line| line.trim_start().starts_with("- "));
        let stations = stations.map(|line| {
            let mut quoted = line.split('`').skip(1).step_by(2);
            Station {
                depth: line.len() - line.trim_start().len(),
                file: quoted.next().unwrap().to_owned(),
                entry: quoted.next().unwrap().to_owned(),
            }
        });
        paths.push((name.to_owned(), budget.parse().unwrap(), stations.collect()));
    }
    paths
}

/// Whether code goes on with this, to the end of the word.
fn calls_by(code: &str, way: &str) -> bool {
    let mut found = code.match_indices(way);
    found.any(|(at, _)| !code[at + way.len()..].starts_with(is_part))
}

/// Says what is not so of a file that another one hands on to.
fn check_station(from: Option<&Station>, to: &Station) -> Result<(), String> {
    let Station { file, entry, .. } = to;
    let code = to.code();
    let is_type = entry.starts_with(char::is_uppercase);
    let defines = ["fn", "struct", "enum"];
    let defines = defines.map(|kind| format!("{kind} {entry}"));
    if !defines.iter().any(|definition| names(&code, definition)) {
        return Err(format!("{file} does not define {entry}"));
    }
    let Some(from) = from else {
        return Ok(());
    };
    let calls = from.code();
    let ways = [format!(".{entry}"), format!("::{entry}")];
    let is_called = ways.iter().any(|way| calls_by(&calls, way));
    if is_called || (is_type && names(&calls, entry)) {
        return Ok(());
    }
    Err(format!("{} does not hand on to {entry}", from.file))
}

#[test]
fn requests_go_the_way_that_is_written_down() {
    let mut wrong = Vec::new();
    let paths = paths();
    assert_eq!(paths.len(), 5);
    for (name, budget, stations) in &paths {
        let files: BTreeSet<_> = stations.iter().map(|station| &station.file).collect();
        let count = files.len();
        if count > *budget {
            wrong.push(format!("{name} passes {count} files, more than {budget}"));
        }
        for (at, station) in stations.iter().enumerate() {
            let mut before = stations[..at].iter().rev();
            let from = before.find(|before| before.depth < station.depth);
            assert!(
                from.is_some() || at == 0,
                "{name}: {} comes from nowhere",
                station.file
            );
            wrong.extend(
                check_station(from, station)
                    .map_err(|why| format!("{name}: {why}"))
                    .err(),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn dependencies(features: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", "fauxka", "-e", "normal", "--prefix", "none"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn folders_depend_in_one_direction() {
    let found: Vec<_> = FORBIDDEN
        .iter()
        .flat_map(|(folder, forbidden)| offences(folder, forbidden))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_modules_of_a_folder_depend_on_each_other() {
    let folders = Modules::read(&source()).by_folder();
    let found: BTreeSet<(String, Vec<String>)> = folders
        .iter()
        .flat_map(|(folder, arrows)| {
            let circles = imports::circles(arrows).into_iter();
            circles.map(|circle| (folder.join("/"), circle))
        })
        .collect();
    let owned = |names: &str| names.split_whitespace().map(str::to_owned).collect();
    let listed = CIRCLES
        .iter()
        .map(|(folder, names, _)| ((*folder).to_owned(), owned(names)))
        .collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "modules that need each other: {new:?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "take these out of the list: {gone:?}");
}

/// The drawing at the head of the page has an arrow for each import, and no other.
#[test]
fn the_drawing_of_modules_is_what_they_import() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let page = fs::read_to_string(page).unwrap();
    let drawing = page.split("```").nth(1).unwrap();
    let name = |name: &str| {
        let name = name.trim().trim_end_matches('/');
        name.trim_end_matches(".rs").to_owned()
    };
    let mut drawn = BTreeMap::new();
    for (from, to) in drawing.lines().filter_map(|line| line.split_once("──►")) {
        let to = to.trim_start().split("  ").next().unwrap_or_default();
        let to: BTreeSet<String> = to.split(',').map(name).collect();
        drawn.insert(name(from), to);
    }
    let modules = Modules::read(&source());
    let mut imported = modules.by_folder().remove(&Vec::new()).unwrap();
    // The library's modules for its readers stand in its own file.
    let mut of_library = modules.first_names(&[]);
    of_library.retain(|name| source().join(name).is_dir());
    imported.insert("lib".to_owned(), of_library);
    assert_eq!(drawn, imported);
}

#[test]
fn only_the_server_needs_a_runtime() {
    assert!(dependencies(&[]).contains("tokio v"));
    let bare = dependencies(&["--no-default-features"]);
    for runtime in ["tokio v", "axum v", "mio v", "clap v"] {
        assert!(!bare.contains(runtime), "{runtime} in:\n{bare}");
    }
}

#[test]
fn no_c_library_is_linked() {
    // These only declare system calls.
    let allowed = ["linux-raw-sys", "windows-sys"];
    let all = dependencies(&[]);
    let bound: Vec<_> = all
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| name.ends_with("-sys") && !allowed.contains(name))
        .collect();
    assert!(bound.is_empty(), "{bound:?}");
}
