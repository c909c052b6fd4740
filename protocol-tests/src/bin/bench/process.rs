//! A server in a process of its own, and what the kernel says of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Ticks of the kernel's figures for programs, in a second.
const TICKS: f64 = 100.0;

/// What every broker is started with: free ports of the loopback interface, and no line for each connection.
pub(crate) const BROKER: [&str; 3] = [
    "--listen=127.0.0.1:0",
    "--control=127.0.0.1:0",
    "--log=warn",
];

/// Ends with this value.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    _stdout: Option<BufReader<ChildStdout>>,
    /// Where it listens.
    pub(crate) address: String,
}

impl Process {
    /// A fresh broker on free ports of the loopback interface.
    pub(crate) fn broker(program: &Path, options: &[&str]) -> Result<Self> {
        Self::start(program, &[&BROKER, options].concat())
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
            _stdout: Some(stdout),
            address,
        })
    }

    /// Starts a program that is to listen at an address, and does not wait until it does.
    pub(crate) fn at(address: &str, words: &[String]) -> Result<Self> {
        let (program, words) = words.split_first().context("a program")?;
        let child = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| program.clone())?;
        Ok(Self {
            child,
            _stdout: None,
            address: address.to_owned(),
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(self.pid())
    }

    /// Resident memory.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        resident_kib(self.pid())
    }
}

/// Resident memory of a process.
pub(crate) fn resident_kib(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("VmRSS")?.parse()?)
}

/// How long ago a process was started, to a hundredth of a second.
pub(crate) fn age(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the program's name, which may hold anything, the 20th field: in ticks since the machine's start.
    let (_, fields) = stat.rsplit_once(')').context("a name")?;
    let ticks = fields.split_whitespace().nth(19).context("a start")?;
    let uptime = fs::read_to_string("/proc/uptime")?;
    let up: f64 = uptime
        .split_whitespace()
        .next()
        .context("uptime")?
        .parse()?;
    Ok(Duration::from_secs_f64(
        (up - ticks.parse::<f64>()? / TICKS).max(0.0),
    ))
}

/// The process of this machine that listens on an address's port.
pub(crate) fn listening_on(address: &str) -> Option<u32> {
    let port: u16 = address.rsplit_once(':')?.1.parse().ok()?;
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let tables: String = tables.into_iter().flatten().collect();
    let socket = tables.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_there = fields.get(1)?.ends_with(&format!(":{port:04X}"));
        // 0A is LISTEN.
        let listens = *fields.get(3)? == "0A";
        (is_there && listens).then(|| format!("socket:[{}]", fields.get(9).unwrap_or(&"")))
    })?;
    let mut processes = fs::read_dir("/proc").ok()?.flatten();
    processes.find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let mut files = fs::read_dir(process.path().join("fd")).ok()?.flatten();
        let has = files
            .any(|file| fs::read_link(file.path()).is_ok_and(|to| to.to_string_lossy() == socket));
        has.then_some(pid)
    })
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
