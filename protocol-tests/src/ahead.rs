//! Cases that are recorded but that Fauxka is not expected to pass yet.

use crate::runner::{Finished, Outcome};

/// The lines of `ahead.txt`.
#[derive(Debug)]
pub struct Ahead {
    lines: Vec<&'static str>,
}

/// What `ahead.txt` lists.
#[must_use]
pub fn ahead() -> Ahead {
    Ahead::of(include_str!("../ahead.txt"))
}

impl Ahead {
    fn of(text: &'static str) -> Self {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        Self {
            lines: lines.filter(|line| !line.is_empty()).collect(),
        }
    }

    /// Whether a line stands for the case.
    #[must_use]
    pub fn lists(&self, id: &str) -> bool {
        self.lines.iter().any(|line| stands_for(line, id))
    }

    /// The lines that stand for none of these cases.
    pub fn unused<'a>(&'a self, ids: &'a [String]) -> impl Iterator<Item = &'static str> + 'a {
        self.lines
            .iter()
            .copied()
            .filter(|line| !ids.iter().any(|id| stands_for(line, id)))
    }

    /// Those that pass although they are listed, as text; nothing when there are none.
    #[must_use]
    pub fn overtaken(&self, finished: &[Finished]) -> String {
        let passed = finished
            .iter()
            .filter(|done| done.outcome == Outcome::Passed && self.lists(&done.case.id()));
        let ids: String = passed
            .map(|done| format!("  {}\n", done.case.id()))
            .collect();
        if ids.is_empty() {
            return ids;
        }
        format!("\npass, so remove them from ahead.txt:\n{ids}")
    }
}

fn stands_for(line: &str, id: &str) -> bool {
    line.strip_suffix('*')
        .map_or(line == id, |prefix| id.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_case_or_a_prefix() {
        let ahead = Ahead::of("# why\na/one\na/two* # both\n\n");
        for (id, listed) in [
            ("a/one", true),
            ("a/one_more", false),
            ("a/two", true),
            ("a/two_v3", true),
            ("a/three", false),
            ("# why", false),
        ] {
            assert_eq!(ahead.lists(id), listed, "{id}");
        }
    }

    #[test]
    fn a_line_without_a_case_is_told() {
        let ids = ["a/one".to_owned(), "a/two_v3".to_owned()];
        let ahead = Ahead::of("a/one\na/two*\na/four");
        assert_eq!(ahead.unused(&ids).collect::<Vec<_>>(), ["a/four"]);
    }
}
