//! A server in a process of its own, and what the kernel says of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Linux counts CPU time in these for every program, whatever the kernel's own tick is.
const TICK: Duration = Duration::from_millis(10);

/// Place of the user's ticks in `/proc/PID/stat`, counted after the program's name; the kernel's follow.
const USER_TICKS_AT: usize = 11;

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

    /// CPU time so far, in the program and in the kernel on its behalf.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("a name in parentheses")?;
        let ticks = fields
            .split_whitespace()
            .skip(USER_TICKS_AT)
            .take(2)
            .map(str::parse::<u32>)
            .sum::<Result<u32, _>>()?;
        Ok(TICK * ticks)
    }

    /// Resident memory.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.context("VmRSS")?.parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
