//! The pages for readers: their links lead somewhere, and every scenario is on the two that list them.

use std::fs;
use std::path::{Path, PathBuf};

const PAGES: &[&str] = &[
    "README.md",
    "broker/README.md",
    "broker/ARCHITECTURE.md",
    "broker/SKIPPED.md",
    "broker/docs/control.md",
    "broker/docs/faults.md",
    "broker/docs/guide.md",
    "protocol-tests/README.md",
    "protocol-tests/clients/README.md",
    "protocol-tests/scenarios/README.md",
];

/// Pages that the library's documentation shows, where paths from the page lead nowhere.
const SHOWN_BY_RUSTDOC: &[&str] = &[
    "broker/docs/control.md",
    "broker/docs/faults.md",
    "broker/docs/guide.md",
];

/// Where the repository's files are on the web.
const REPOSITORY: &str = "https://github.com/fauxka/fauxka/blob/main/";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where a page's links lead.
fn all_links(page: &str) -> impl Iterator<Item = &str> {
    let links = page.split("](").skip(1);
    links.filter_map(|link| link.split(')').next())
}

/// Where a page's links lead, those to other sites and to parts of the page left out.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let links = all_links(page).filter(|link| !link.contains("://") && !link.starts_with('#'));
    links.filter_map(|link| link.split('#').next())
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for name in PAGES {
        let path = root().join(name);
        let page = fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            assert!(path.parent().unwrap().join(link).exists(), "{name}: {link}");
            count += 1;
        }
        for file in all_links(&page).filter_map(|link| link.strip_prefix(REPOSITORY)) {
            assert!(root().join(file).exists(), "{name}: {file}");
            count += 1;
        }
    }
    assert!(count > 90, "only {count} links");
}

/// What a heading is called in links to it.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn links_lead_somewhere_in_the_library_s_documentation() {
    let mut count = 0;
    for name in SHOWN_BY_RUSTDOC {
        let page = fs::read_to_string(root().join(name)).unwrap();
        let headings = page.lines().filter(|line| line.starts_with('#'));
        let anchors: Vec<_> = headings.map(anchor).collect();
        for link in all_links(&page) {
            let leads_somewhere = match link.strip_prefix('#') {
                Some(part) => anchors.iter().any(|anchor| anchor == part),
                None => link.starts_with("https://"),
            };
            assert!(leads_somewhere, "{name}: {link}");
            count += 1;
        }
    }
    assert!(count > 50, "only {count} links");
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
