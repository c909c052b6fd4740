//! The coordinator and the logs together, at virtual time.

mod coordinators;
mod epochs;
mod random;
mod rules;
mod script;
mod simulation;
mod timeouts;
mod world;

use script::check;
use world::World;
