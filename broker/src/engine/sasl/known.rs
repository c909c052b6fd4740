//! By what a client is known.

use super::users::Users;
use crate::engine::delegation::DelegationTokens;

/// Names and passwords, and tokens that stand for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) users: &'a Users,
    pub(super) tokens: &'a DelegationTokens,
}
