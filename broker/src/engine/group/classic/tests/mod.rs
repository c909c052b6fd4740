//! The rules of the classic protocol, one script each.

mod joining;
mod leaving;
mod rejoining;
mod sessions;
mod sizes;
mod snapshots;
mod static_members;
mod syncing;

use crate::engine::group::script::check;
