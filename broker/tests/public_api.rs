//! What a reader of the library's documentation can count on, read from the sources: an example for every item, and a
//! blocking twin for every async function.
//!
//! `unreachable_pub` holds that `pub` alone means public, so what this test finds is what users of the crate see.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Async functions without a blocking twin, and why.
const ONLY_ASYNC: &[(&str, &str)] = &[(
    "embed/in_memory.rs",
    "a connection in memory needs the runtime that the cluster is on",
)];

/// A public item, and what stands before it.
#[derive(Debug)]
struct Item {
    /// From `src` on.
    file: String,
    line: usize,
    kind: String,
    name: String,
    is_async: bool,
    docs: String,
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The files of the library, by their path from `src` on.
fn sources() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    found.sort();
    let named = found.into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(&source).unwrap().display().to_string();
        (name.replace('\\', "/"), text)
    });
    // The program is no part of the library, and no build for its users has what benches measure or a fuzzer calls.
    let of_others = ["main.rs", "cli", "benching/", "fuzzing/"];
    named
        .filter(|(name, _)| !of_others.iter().any(|other| name.starts_with(other)))
        .collect()
}

/// The kind and name of the item that a line declares, if it is public.
fn declared(line: &str) -> Option<(String, String, bool)> {
    let mut words = line.trim_start().strip_prefix("pub ")?.split_whitespace();
    let (mut kind, mut is_async) = (words.next()?, false);
    while let "const" | "async" = kind {
        is_async |= kind == "async";
        let next = words.next()?;
        if !matches!(next, "fn" | "async") {
            // A constant, not a function of that kind.
            let name = next.trim_end_matches(':');
            return Some(("const".to_owned(), name.to_owned(), false));
        }
        kind = next;
    }
    if !matches!(kind, "fn" | "struct" | "enum" | "trait" | "type" | "union") {
        return None;
    }
    let name = words.next()?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &name[..end.unwrap_or(name.len())];
    // A macro's variable has none.
    (!name.is_empty()).then(|| (kind.to_owned(), name.to_owned(), is_async))
}

/// The public items of a file.
fn items(file: &str, text: &str) -> Vec<Item> {
    let (mut found, mut docs) = (Vec::new(), String::new());
    let mut in_attribute = false;
    for (line, number) in text.lines().zip(1..) {
        let code = line.trim();
        if let Some(words) = code.strip_prefix("///") {
            docs.push_str(words);
            docs.push('\n');
        } else if in_attribute || code.starts_with("#[") {
            in_attribute = !code.ends_with(']');
        } else {
            if let Some((kind, name, is_async)) = declared(line) {
                let docs = docs.clone();
                let file = file.to_owned();
                found.push(Item {
                    file,
                    line: number,
                    kind,
                    name,
                    is_async,
                    docs,
                });
            }
            docs.clear();
        }
    }
    found
}

fn public() -> Vec<Item> {
    let all = sources();
    let all = all.iter().flat_map(|(file, text)| items(file, text));
    let found: Vec<_> = all.collect();
    assert!(found.len() > 200, "only {} items", found.len());
    found
}

fn is_excepted(file: &str, exceptions: &[(&str, &str)]) -> bool {
    exceptions.iter().any(|(part, _)| file.starts_with(part))
}

#[test]
fn every_public_item_has_an_example() {
    let items = public();
    let bare = items.iter().filter(|item| !item.docs.contains("```"));
    let bare: Vec<_> = bare
        .map(|item| {
            format!(
                "src/{}:{}: {} {}",
                item.file, item.line, item.kind, item.name
            )
        })
        .collect();
    assert!(bare.is_empty(), "without an example:\n{}", bare.join("\n"));
}

/// The second column of a row whose first names this function.
fn twins_in_the_table(docs: &str) -> BTreeSet<(String, String)> {
    let rows = docs
        .lines()
        .filter(|line| line.trim_start().starts_with("| [`"));
    let cells = rows.map(|row| {
        let mut names = row.split("[`").skip(1);
        let mut name = || {
            let path = names.next().unwrap().split('`').next().unwrap();
            path.rsplit("::").next().unwrap().to_owned()
        };
        (name(), name())
    });
    cells.collect()
}

#[test]
fn async_functions_have_blocking_twins_and_the_table_names_them() {
    let items = public();
    let functions = items.iter().filter(|item| item.kind == "fn");
    let functions = functions.filter(|item| !is_excepted(&item.file, ONLY_ASYNC));
    let (asynchronous, others): (Vec<_>, Vec<_>) = functions.partition(|item| item.is_async);
    let twins: BTreeSet<_> = asynchronous
        .iter()
        .map(|item| (item.file.clone(), format!("{}_blocking", item.name)))
        .collect();
    let blocking: BTreeSet<_> = others
        .iter()
        .filter(|item| item.name.ends_with("_blocking"))
        .map(|item| (item.file.clone(), item.name.clone()))
        .collect();
    assert_eq!(twins, blocking);
    let broker = items
        .iter()
        .find(|item| item.kind == "struct" && item.name == "Broker");
    let listed = twins_in_the_table(&broker.unwrap().docs);
    let pairs: BTreeSet<_> = asynchronous
        .iter()
        .map(|item| (item.name.clone(), format!("{}_blocking", item.name)))
        .collect();
    assert_eq!(listed, pairs);
    assert!(pairs.len() > 10, "only {} pairs", pairs.len());
}
