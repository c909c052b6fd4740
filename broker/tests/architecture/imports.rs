//! Which module imports from which, read from the sources.
//!
//! A path counts for the module that has what it names: a name that a module only hands on counts for the module that
//! it comes from. What is compiled for tests only does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::{code, sources};

/// The names from the root of the crate to something.
type Names = Vec<String>;

#[derive(Debug, Default)]
struct Module {
    /// What its code names, from the root of the crate.
    paths: BTreeSet<Names>,
    /// The names that it imports, and where they come from.
    imported: BTreeMap<String, Names>,
}

/// All modules, by their names from the root of the crate. The program's own ones stand beside the library's.
#[derive(Debug)]
pub(crate) struct Modules(BTreeMap<Names, Module>);

/// What stands in one folder: who imports from whom.
pub(crate) type Arrows = BTreeMap<String, BTreeSet<String>>;

impl Modules {
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = Vec::new();
        sources(root, &mut files);
        let mut texts = BTreeMap::new();
        let mut for_tests = BTreeSet::new();
        for file in files {
            let names = names_of(file.strip_prefix(root).unwrap());
            let (code, tests) = code::of(&fs::read_to_string(&file).unwrap());
            let child = |name| [names.clone(), vec![name]].concat();
            for_tests.extend(tests.into_iter().map(child));
            texts.insert(names, code);
        }
        texts.retain(|names, _| !for_tests.iter().any(|test| names.starts_with(test)));
        let known: BTreeSet<Names> = texts.keys().cloned().collect();
        let read = texts.into_iter().map(|(names, code)| {
            let module = Module::read(&names, &code, &known);
            (names, module)
        });
        let mut modules: BTreeMap<_, _> = read.collect();
        // By this name the program knows the library.
        modules.insert(vec!["lib".to_owned()], Module::default());
        Self(modules)
    }

    /// Who imports from whom in each folder.
    pub(crate) fn by_folder(&self) -> BTreeMap<Names, Arrows> {
        let mut folders: BTreeMap<Names, Arrows> = BTreeMap::new();
        for (from, module) in &self.0 {
            for path in &module.paths {
                let to = self.home(path, 0);
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                // What contains the other is no neighbour of it.
                if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
                    let folder = from.iter().take(common).cloned().collect();
                    let arrows = folders.entry(folder).or_default();
                    arrows.entry(a.clone()).or_default().insert(b.clone());
                }
            }
        }
        folders
    }

    /// What the file of a module itself imports, by the first name of each path.
    pub(crate) fn first_names(&self, module: &[&str]) -> BTreeSet<String> {
        let names: Names = module.iter().map(|name| (*name).to_owned()).collect();
        let paths = self.0.get(&names).map(|module| &module.paths);
        let firsts = paths.into_iter().flatten().map(|path| path.first());
        firsts.flatten().cloned().collect()
    }

    /// The module that has what a path names.
    fn home(&self, path: &[String], handed_on: usize) -> Names {
        let is_module =
            |length: &usize| path.get(..*length).is_some_and(|p| self.0.contains_key(p));
        let length = (0..=path.len()).take_while(is_module).last().unwrap_or(0);
        let (module, rest) = path.split_at(length);
        let origin = rest.split_first().and_then(|(name, behind)| {
            let origin = self.0.get(module)?.imported.get(name)?;
            (!origin.starts_with(path)).then(|| [origin, behind].concat())
        });
        match origin {
            Some(origin) if handed_on < 8 => self.home(&origin, handed_on + 1),
            _ => module.to_vec(),
        }
    }
}

fn names_of(file: &Path) -> Names {
    let file = file.with_extension("");
    let names = file.iter().map(|name| name.to_string_lossy().into_owned());
    let mut names: Names = names.collect();
    if names.last().is_some_and(|last| last == "mod") || names == ["lib"] {
        names.pop();
    }
    names
}

impl Module {
    fn read(own: &[String], code: &str, known: &BTreeSet<Names>) -> Self {
        let mut module = Self::default();
        let mut rest = code;
        while let Some((before, behind)) = rest.split_once("use ") {
            module.name_inline(own, before);
            let is_word = before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
            let (tree, after) = behind.split_once(';').unwrap_or((behind, ""));
            if is_word {
                rest = behind;
                continue;
            }
            for (path, name) in expand(&[], tree) {
                if let Some(path) = absolute(own, &path, known) {
                    module.imported.insert(name, path.clone());
                    module.paths.insert(path);
                }
            }
            rest = after;
        }
        module.name_inline(own, rest);
        module
    }

    /// Paths that the code names without importing them.
    fn name_inline(&mut self, own: &[String], code: &str) {
        let is_part = |part: char| part.is_alphanumeric() || "_:".contains(part);
        for word in code.split(|part| !is_part(part)) {
            let path: Names = word.split("::").map(str::to_owned).collect();
            let starts = path
                .first()
                .is_some_and(|first| RELATIVE.contains(&&**first));
            if starts && path.len() > 1 {
                self.paths.extend(absolute(own, &path, &BTreeSet::new()));
            }
        }
    }
}

const RELATIVE: [&str; 3] = ["crate", "super", "self"];

/// A path from the root of the crate; none if it leads to another crate.
fn absolute(own: &[String], path: &[String], known: &BTreeSet<Names>) -> Option<Names> {
    let (first, rest) = path.split_first()?;
    let base = match &**first {
        "crate" => Vec::new(),
        "self" => own.to_vec(),
        "super" => {
            let up = path.iter().take_while(|name| *name == "super").count();
            let base = own.get(..own.len().checked_sub(up)?)?;
            return Some([base, path.get(up..)?].concat());
        }
        "fauxka" => return Some([vec!["lib".to_owned()], rest.to_vec()].concat()),
        child => {
            // The program's modules lie beside it.
            let own = if own == ["main"] { &[] } else { own };
            let child = [own, &[child.to_owned()]].concat();
            return known.contains(&child).then(|| [&*child, rest].concat());
        }
    };
    Some([&*base, rest].concat())
}

/// The paths of a `use`, each with the name that it gives.
fn expand(before: &[String], tree: &str) -> Vec<(Names, String)> {
    let tree = tree.trim();
    let segments = |path: &str| {
        let names = path.split("::").map(|name| name.trim().to_owned());
        let own = names.filter(|name| !name.is_empty() && name != "*");
        [before.to_vec(), own.collect()].concat()
    };
    if let Some((head, list)) = tree.split_once('{') {
        let list = list.trim_end().strip_suffix('}').unwrap_or(list);
        let before = segments(head);
        return elements(list)
            .flat_map(|one| expand(&before, one))
            .collect();
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut path: Names = segments(path);
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let last = path.last().cloned().unwrap_or_default();
    let name = if name.is_empty() {
        last
    } else {
        name.trim().to_owned()
    };
    vec![(path, name)]
}

/// What commas outside of braces divide.
fn elements(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let parts = list.split(move |part| {
        depth += i32::from(part == '{') - i32::from(part == '}');
        part == ',' && depth == 0
    });
    parts.filter(|part| !part.trim().is_empty())
}

/// The modules of a folder that import from each other in a circle, each circle in one line.
pub(crate) fn circles(arrows: &Arrows) -> BTreeSet<Vec<String>> {
    let reached: BTreeMap<_, _> = arrows
        .keys()
        .map(|from| (from, reach(arrows, from)))
        .collect();
    let meets = |a: &String, b: &String| reached.get(a).is_some_and(|all| all.contains(b));
    let circle = |a: &String| {
        let others = arrows.keys().filter(|b| meets(a, b) && meets(b, a));
        others.cloned().collect::<Vec<_>>()
    };
    let all = arrows.keys().map(circle);
    all.filter(|circle| circle.len() > 1).collect()
}

fn reach(arrows: &Arrows, from: &String) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for to in arrows.get(next).into_iter().flatten() {
            if reached.insert(to.clone()) {
                open.push(to);
            }
        }
    }
    reached
}
