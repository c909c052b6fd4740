//! The load that librdkafka makes, in a process of its own: see `clients/rust/src/bin/load`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The program, once it was found.
#[derive(Debug)]
pub(crate) struct Librdkafka {
    pub(crate) program: PathBuf,
    pub(crate) version: String,
}

/// Records that librdkafka writes or reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Records<'a> {
    pub(crate) address: &'a str,
    pub(crate) topic: &'a str,
    pub(crate) partitions: usize,
    pub(crate) count: usize,
    pub(crate) bytes: usize,
    pub(crate) codec: &'static str,
    pub(crate) linger_ms: usize,
}

impl Records<'_> {
    /// Bytes of the values, in 10^9.
    pub(crate) fn gigabytes(&self) -> Result<f64> {
        let kilobytes = u32::try_from(self.count * self.bytes / 1000)?;
        Ok(f64::from(kilobytes) / 1e6)
    }
}

impl Librdkafka {
    /// # Errors
    /// When the program is not there or does not run.
    pub(crate) fn new(program: &Path) -> Result<Self> {
        let output = Command::new(program).arg("version").output();
        let output = output.with_context(|| format!("no load at {}", program.display()))?;
        let version = String::from_utf8(output.stdout)?.trim().to_owned();
        ensure!(output.status.success(), "{} failed", program.display());
        Ok(Self {
            program: program.to_owned(),
            version,
        })
    }

    /// What it measured.
    ///
    /// # Errors
    /// With what it says, when it fails.
    pub(crate) fn run(&self, what: &str, records: Records<'_>, more: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.program);
        command.arg(what);
        for (name, value) in [
            ("--bootstrap", records.address),
            ("--topic", records.topic),
            ("--partitions", &records.partitions.to_string()),
            ("--records", &records.count.to_string()),
            ("--record-bytes", &records.bytes.to_string()),
            ("--codec", records.codec),
            ("--linger-ms", &records.linger_ms.to_string()),
        ] {
            command.args([name, value]);
        }
        let output = command.args(more).stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or("nothing");
        ensure!(
            output.status.success(),
            "librdkafka's {what} failed: {said}"
        );
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// A number of what was measured.
pub(crate) fn number(measured: &Value, name: &str) -> Result<f64> {
    let number = measured.get(name).and_then(Value::as_f64);
    number.with_context(|| format!("no {name} in {measured}"))
}
