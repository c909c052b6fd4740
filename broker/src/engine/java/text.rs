//! Texts as Java sees them.

/// `String.trim`: everything up to the blank goes.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// Whether nothing is left of a text.
pub(crate) fn is_blank(text: &str) -> bool {
    trim(text).is_empty()
}
