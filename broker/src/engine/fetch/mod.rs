//! What Fetch remembers between requests.

mod session;
pub(crate) mod sessions;
