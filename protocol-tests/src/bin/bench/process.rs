//! A server in a process of its own, and what the kernel says of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Ends with this value.
pub(crate) struct Process {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: String,
}

impl Process {
    /// A fresh broker on free ports of the loopback interface.
    pub(crate) fn broker(program: &Path, options: &[&str]) -> Result<Self> {
        let ports = [
            "--listen=127.0.0.1:0",
            "--control=127.0.0.1:0",
            "--log=warn",
        ];
        Self::start(program, &[&ports, options].concat())
    }

    /// Starts a program and waits for its line `READY bootstrap=ADDRESS …`.
    pub(crate) fn start(program: &Path, options: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| program.display().to_string())?;
        let mut stdout = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line
            .split_whitespace()
            .find_map(|word| word.strip_prefix("bootstrap="))
            .with_context(|| format!("{} said {line:?}", program.display()))?
            .to_owned();
        Ok(Self {
            child,
            _stdout: stdout,
            address,
        })
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(self.child.id())
    }

    /// Resident memory.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.context("VmRSS")?.parse()?)
    }
}

/// CPU time so far of all threads of a process, in the program and in the kernel on its behalf.
pub(crate) fn cpu_of(pid: u32) -> Result<Duration> {
    let mut all = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
            continue;
        };
        let nanos = text.split_whitespace().next();
        all += Duration::from_nanos(nanos.context("time on a CPU")?.parse()?);
    }
    Ok(all)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
