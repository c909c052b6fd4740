//! Members of groups, as cases drive them: requests may be held while others join, so each classic member has a connection.

mod classic;
mod consumer;

pub(super) use classic::{Classic, Join, stable};
pub(super) use consumer::{Consumer, settle};
