//! The `fauxka` program.

fn main() {}
