//! Links in pages lead somewhere: for readers of the repository, of the packaged crate, and of rustdoc.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The repository's files on the web. The packaged crate and rustdoc reach by it what they do not hold.
const ON_THE_WEB: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// What the packaged crate holds.
const CRATE: &str = "broker";

/// Folders without pages of ours.
const LEFT_OUT: &[&str] = &["target", "node_modules"];

struct Page {
    /// From the root of the repository.
    path: PathBuf,
    text: String,
}

impl Page {
    /// The lines outside blocks of code.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut is_code = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
    }

    /// Where links in the text itself lead, `[text](here)`.
    fn inline(&self) -> Vec<&str> {
        let links = self.prose().flat_map(|line| line.split("](").skip(1));
        links.filter_map(|link| link.split(')').next()).collect()
    }

    /// Where a name stands for a link, `[name]: here`.
    fn named(&self) -> Vec<(&str, &str)> {
        let lines = self.prose().filter_map(|line| line.strip_prefix('['));
        lines.filter_map(|line| line.split_once("]: ")).collect()
    }

    fn links(&self) -> impl Iterator<Item = &str> {
        let named = self.named().into_iter().map(|(_, link)| link);
        self.inline().into_iter().chain(named)
    }

    /// What `#…` can lead to, as GitHub names headings.
    fn anchors(&self) -> BTreeSet<String> {
        let headings = self.prose().filter(|line| line.starts_with('#'));
        let texts = headings.map(|line| line.trim_start_matches('#').trim());
        texts.map(anchor).collect()
    }

    fn is_in_crate(&self) -> bool {
        self.path.starts_with(CRATE)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    });
    kept.collect()
}

/// The pages of a folder and the folders in it.
fn pages_in(folder: &Path, found: &mut Vec<Page>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = folder.join(&name);
        let is_ours = !LEFT_OUT.contains(&name.as_str()) && name != ".git";
        if is_ours && entry.file_type().unwrap().is_dir() {
            pages_in(&path, found);
        } else if is_ours && name.ends_with(".md") {
            let text = fs::read_to_string(entry.path()).unwrap();
            found.push(Page { path, text });
        }
    }
}

fn pages() -> Vec<Page> {
    let mut found = Vec::new();
    pages_in(Path::new(""), &mut found);
    assert!(found.len() > 20, "only {} pages", found.len());
    found
}

/// A path without `..` in it; none if it leads out of the repository.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let is_there = match part {
            Component::ParentDir => plain.pop(),
            Component::Normal(name) => {
                plain.push(name);
                true
            }
            Component::Prefix(_) | Component::RootDir | Component::CurDir => true,
        };
        if !is_there {
            return None;
        }
    }
    Some(plain)
}

/// What is wrong with a link for a reader of the repository or of the packaged crate.
fn fault(pages: &[Page], page: &Page, link: &str) -> Option<&'static str> {
    let (place, part) = link.split_once('#').unwrap_or((link, ""));
    let target = match place.strip_prefix(ON_THE_WEB) {
        Some(path) => PathBuf::from(path),
        None if place.contains("://") => return None,
        None if place.is_empty() => page.path.clone(),
        None => {
            let Some(target) = plain(&page.path.with_file_name(place)) else {
                return Some("leads out of the repository");
            };
            if page.is_in_crate() && !target.starts_with(CRATE) {
                return Some("leads out of the packaged crate; link to the repository instead");
            }
            target
        }
    };
    if !root().join(&target).exists() {
        return Some("leads nowhere");
    }
    let to = pages.iter().find(|page| page.path == target);
    let is_there = part.is_empty() || to.is_none_or(|to| to.anchors().contains(part));
    (!is_there).then_some("leads to no heading")
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut count = 0;
    let mut faults = Vec::new();
    for page in &pages {
        for link in page.links() {
            count += 1;
            let found = fault(&pages, page, link);
            faults.extend(found.map(|what| format!("{}: {link} {what}", page.path.display())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 150, "only {count} links");
}

/// A page within rustdoc has another address than its file. So its links to other pages have names, and the
/// module that includes it says where these lead.
#[test]
fn links_of_pages_in_rustdoc_are_named_and_given_there() {
    let library = fs::read_to_string(root().join("broker/src/lib.rs")).unwrap();
    let is_relative = |link: &str| !link.starts_with('#') && !link.contains("://");
    let mut count = 0;
    for page in pages() {
        let inside = page.path.strip_prefix(CRATE).map(Path::to_path_buf);
        let included = inside.map(|path| format!("include_str!(\"../{}\")", path.display()));
        if !included.is_ok_and(|line| library.contains(&line)) {
            continue;
        }
        let name = page.path.display();
        for link in page.inline() {
            assert!(!is_relative(link), "{name}: give {link} a name");
        }
        for (word, link) in page.named() {
            count += 1;
            let is_given = library.contains(&format!("//! [{word}]: "));
            assert!(
                !is_relative(link) || is_given,
                "{name}: lib.rs lacks [{word}]"
            );
        }
    }
    assert!(count > 3, "only {count} names");
}

#[test]
fn faults_are_found() {
    let page = |path: &str, text: &str| Page {
        path: path.into(),
        text: text.into(),
    };
    let pages = [page(
        "broker/README.md",
        "# One `two` (3)\n```\n# no heading\n```\n",
    )];
    let of = |link: &str| fault(&pages, &pages[0], link);
    assert_eq!(of("#one-two-3"), None);
    assert_eq!(of("docs/guide.md"), None);
    assert_eq!(of(&format!("{ON_THE_WEB}README.md")), None);
    assert_eq!(of("https://kafka.apache.org"), None);
    assert_eq!(of("#no-heading"), Some("leads to no heading"));
    assert_eq!(of("docs/nothing.md"), Some("leads nowhere"));
    assert_eq!(of(&format!("{ON_THE_WEB}nothing")), Some("leads nowhere"));
    assert_eq!(of("../../x"), Some("leads out of the repository"));
    let out = "leads out of the packaged crate; link to the repository instead";
    assert_eq!(of("../README.md"), Some(out));
}
