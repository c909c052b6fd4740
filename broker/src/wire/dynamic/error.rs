//! What does not fit into a message.

use std::fmt;

/// A value that a message has no place for, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct Misfit {
    /// `topics[2].name`; empty for the body itself.
    pub(crate) path: String,
    pub(crate) why: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.why)
        } else {
            write!(f, "{}: {}", self.path, self.why)
        }
    }
}

impl Misfit {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            why: why.into(),
        }
    }

    /// The same, seen from the struct around it.
    pub(super) fn in_field(mut self, name: &str) -> Self {
        let name = super::value::small_first(name);
        self.path = match self.path.chars().next() {
            None => name,
            Some('[') => format!("{name}{}", self.path),
            Some(_) => format!("{name}.{}", self.path),
        };
        self
    }

    /// The same, seen from the array around it.
    pub(super) fn in_element(mut self, index: usize) -> Self {
        self.path = match self.path.chars().next() {
            None | Some('[') => format!("[{index}]{}", self.path),
            Some(_) => format!("[{index}].{}", self.path),
        };
        self
    }
}
