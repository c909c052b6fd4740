//! By what a client is known.

use super::aws::{Aws, Reached};
use super::oauth::Validator;
use super::users::Users;
use crate::engine::delegation::DelegationTokens;

/// Names and passwords, tokens that stand for them, AWS's keys, and what bearer tokens are checked by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) users: &'a Users,
    pub(super) tokens: &'a DelegationTokens,
    pub(super) aws: &'a Aws,
    /// Of tokens that are not AWS's; none if there are no such.
    pub(super) validator: Option<&'a Validator>,
    pub(super) reached: Reached<'a>,
}
