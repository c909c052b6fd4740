//! The pages for readers: what they show of files is what these hold, all are in the table of contents, and every scenario is on the
//! two pages that list them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose pages are for readers.
const FOLDERS: &[&str] = &[
    "",
    "broker",
    "broker/docs",
    "fixtures",
    "protocol-tests",
    "protocol-tests/clients",
    "protocol-tests/clients/first",
    "protocol-tests/scenarios",
    "protocol-tests/suites",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Each page, and its text.
fn pages() -> Vec<(PathBuf, String)> {
    let files = FOLDERS
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    let pages = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut pages: Vec<_> = pages.collect();
    pages.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    pages.into_iter().map(read).collect()
}

/// What a page shows as a file is that file; `protocol-tests/clients/first_tests.py` runs it.
#[test]
fn files_are_shown_as_they_are() {
    let mut shown = BTreeSet::new();
    for (path, page) in pages() {
        for part in page.split("\n<!-- file: ").skip(1) {
            let (file, rest) = part.split_once(" -->\n```").unwrap();
            let (_, rest) = rest.split_once('\n').unwrap();
            let (block, _) = rest.split_once("```\n").unwrap();
            let text = fs::read_to_string(root().join(file)).unwrap();
            assert!(
                block == text,
                "{}: {file} differs; `make first BLESS=1` copies it",
                path.display()
            );
            shown.insert(file.to_owned());
        }
    }
    assert!(shown.len() >= 11, "{shown:?}");
}

/// Somebody who begins at the table of contents finds every page.
#[test]
fn every_page_is_in_the_contents() {
    let folder = root().join("broker/docs");
    let contents = fs::read_to_string(folder.join("README.md")).unwrap();
    for (path, _) in pages() {
        let name = path.file_name().unwrap().to_string_lossy();
        if path.parent() == Some(&folder) && name != "README.md" {
            assert!(contents.contains(&format!("]({name})")), "{name}");
        }
    }
}

#[test]
fn every_scenario_is_listed() {
    let folder = root().join("protocol-tests/scenarios");
    let mut scenarios = Vec::new();
    for (inside, ending) in [("", "py"), ("java", "java")] {
        for file in fs::read_dir(folder.join(inside)).unwrap() {
            let path = file.unwrap().path();
            let is_one = path
                .extension()
                .is_some_and(|extension| extension == ending)
                && !path.ends_with("run.py")
                && {
                    let text = fs::read_to_string(&path).unwrap();
                    text.contains("__main__") || text.contains("void main(")
                };
            if is_one {
                let name = path.file_name().unwrap().to_string_lossy();
                scenarios.push(Path::new(inside).join(name.as_ref()).display().to_string());
            }
        }
    }
    assert!(scenarios.len() > 40, "only {}", scenarios.len());
    for page in ["protocol-tests/scenarios/README.md", "broker/docs/guide.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for scenario in &scenarios {
            assert!(
                text.contains(&format!("{scenario})")),
                "{page} lacks {scenario}"
            );
        }
    }
}
