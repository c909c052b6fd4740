//! The coordinator and the logs together, at virtual time.

mod bad_input;
mod coordinators;
mod epochs;
mod events;
mod processing;
mod random;
mod reading;
mod rules;
mod script;
mod simulation;
mod snapshots;
mod timeouts;
mod world;
mod write;

use script::check;
use world::World;
