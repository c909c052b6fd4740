//! The direction of dependencies, as `ARCHITECTURE.md` states it, read from the sources.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source.join(folder), &mut files);
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
