//! `fauxka completions`, `fauxka man` and `fauxka openapi`: what shells, readers and generators need of the program.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_complete::env::Shells;

use super::Cli;

/// The variable by which a shell asks this program what there is to complete.
const VARIABLE: &str = "COMPLETE";

/// Answers a shell that asks what there is to complete, and ends then.
pub(crate) fn complete() {
    clap_complete::CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .complete();
}

/// Prints what a shell needs to ask this program.
pub(crate) fn print_completions(shell: clap_complete::Shell) -> Result<()> {
    let name = shell.to_string();
    let shells = Shells::builtins();
    let completer = shells
        .completer(&name)
        .with_context(|| format!("there are no completions for {name}"))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "fauxka", "fauxka", "fauxka", &mut script)?;
    io::stdout().write_all(&script)?;
    Ok(())
}

/// Prints the control port's OpenAPI document.
pub(crate) fn print_openapi() -> Result<()> {
    io::stdout().write_all(super::OPENAPI.as_bytes())?;
    Ok(())
}

/// Writes a page for each command.
pub(crate) fn write_man(folder: &Path) -> Result<()> {
    let cannot = || format!("cannot write to {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(cannot)
}
