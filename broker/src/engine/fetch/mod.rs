//! What Fetch remembers between requests.

pub(crate) mod sessions;
