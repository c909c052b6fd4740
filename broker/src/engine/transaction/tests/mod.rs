//! The coordinator and the logs together, at virtual time.

mod rules;
mod script;
mod timeouts;
mod world;

use script::check;
use world::World;
